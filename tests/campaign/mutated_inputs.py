r"""Damaged files given to every reader: each must end in a result, or in one sentence that names the file.

A child process reads, so that a hang, a crash and memory can be told; its parent waits and counts.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import resource
import shutil
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.campaign.mutations import mutate

HANG_SECONDS, MEMORY_MB = 10.0, 2048
_PATIENCE = 45.0  # s of the clock until a child that does not answer is ended; other work slows it down
#: cases whose readers may write: the notebook's twin, SQLite's own pages
_WRITES = {"notebook.ipynb", "notebook.py", "answers.sqlite"}
#: classes that say what the library found, not what the package says; their sentence names no file
_RAW = {"UnicodeDecodeError", "JSONDecodeError", "BadZipFile", "SafetensorError"}


@dataclass
class Outcome:
    r"""What became of the inputs: how many were read and refused, and each fault with its seed."""

    inputs: int = 0
    counts: dict[str, Counter] = field(default_factory=dict)
    faults: list[dict] = field(default_factory=list)
    worst_seconds: float = 0.0
    peak_mb: float = 0.0

    def add(self, case: str, seed: str, verdict: str, detail: str, damage: str) -> None:
        self.counts.setdefault(case, Counter())[verdict] += 1
        if verdict not in ("read", "refused"):
            self.faults.append(
                {"case": case, "seed": seed, "fault": verdict, "damage": damage, "detail": detail}
            )

    def totals(self) -> dict[str, int]:
        return dict(sum(self.counts.values(), Counter()))

    def as_json(self) -> dict:
        counts = {case: dict(counter) for case, counter in self.counts.items()}
        return {**vars(self), "counts": counts, "totals": self.totals()}


def try_one(case: str, path: Path, seed: str) -> list[tuple[str, str, str]]:
    r"""Damages the file, reads it with each of its readers and puts it back: (verdict, detail, damage)."""
    from tests.campaign.readers import readers_of

    whole = path.read_bytes()
    damage, data = mutate(whole, seed)
    folder = path.parent
    before = {p: _digest(p) for p in folder.iterdir() if p.is_file() and p != path}
    results = []
    try:
        for reader in readers_of(case, path):
            path.write_bytes(data)
            results.append((*_read(reader, path), damage))
            if case not in _WRITES:
                changed = [p.name for p, digest in before.items() if not p.exists() or _digest(p) != digest]
                if changed or not path.exists() or path.read_bytes() != data:
                    results.append(("file lost", f"changed: {changed or path.name}", damage))
    finally:
        path.write_bytes(whole)
    return results


def _read(reader: Callable[[Path], object], path: Path) -> tuple[str, str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader(path)
        return "read", ""
    except (ValueError, OSError) as error:
        said = str(error)
        names = {path.name, path.stem, path.parent.name, path.with_suffix(".py").name}
        raw = type(error).__name__ in _RAW
        if raw or "Traceback" in said or not any(name in said for name in names):
            last = traceback.extract_tb(error.__traceback__)[-1]
            where = [f for f in traceback.extract_tb(error.__traceback__) if "dnt_core" in f.filename]
            here = where[-1] if where else last
            return "no file named", f"{type(error).__name__}: {said[:200]} ({here.filename}:{here.lineno})"
        return "refused", said[:300]
    except MemoryError as error:
        return "memory", _where(error)
    except Exception as error:  # what the campaign looks for
        return "traceback", _where(error)


def _where(error: Exception) -> str:
    ours = [f for f in traceback.extract_tb(error.__traceback__) if "dnt_core" in f.filename]
    here = (ours or traceback.extract_tb(error.__traceback__))[-1]
    return f"{type(error).__name__}: {str(error)[:200]} ({here.filename}:{here.lineno})"


def _digest(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def _work(pipe, limit: int, files: dict[str, Path]) -> None:
    import torch

    from tests.campaign.readers import readers_of

    for case, path in files.items():
        readers_of(case, path)  # imports, which are no part of an input's time

    torch.set_num_threads(1)
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    while (job := pipe.recv()) is not None:
        begun = time.process_time()
        results = try_one(*job)
        pipe.send(
            (results, time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        )


def run_inputs(
    count: int,
    seed: int = 0,
    only: Sequence[str] = (),
    tell: Callable[[str], None] = lambda line: None,
) -> Outcome:
    r"""Damages files and reads them.

    Args:
        count: inputs in all, spread evenly over the kinds of file.
        seed: of the damage. only: kinds of file; all by default.
        tell: is given a line at each fault and each hundred inputs.
    """
    from tests.campaign.good_files import write_good_files

    context, outcome = multiprocessing.get_context("spawn"), Outcome()
    with tempfile.TemporaryDirectory(prefix="dnt_campaign_") as folder:
        files = write_good_files(Path(folder) / "good")
        cases = [case for case in files if not only or case in only]
        process = pipe = None
        for number in range(count):
            case = cases[number % len(cases)]
            if process is None:
                pipe, end = context.Pipe()
                process = context.Process(target=_work, args=(end, 6 << 30, files), daemon=True)
                process.start()
                end.close()
                wait = 4 * _PATIENCE  # imports, too
            job = (case, files[case], f"{seed}/{number}/{case}")
            outcome.inputs += 1
            died = ""
            try:
                pipe.send(job)
                if pipe.poll(wait):
                    results, seconds, peak = pipe.recv()
                    outcome.worst_seconds = max(outcome.worst_seconds, seconds)
                    if seconds > HANG_SECONDS:
                        died = f"hang: {seconds:.0f} s"
                    outcome.peak_mb = max(outcome.peak_mb, peak)
                    for verdict, detail, damage in results:
                        outcome.add(case, job[2], verdict, detail, damage)
                        if verdict not in ("read", "refused"):
                            tell(f"{verdict}: {case} {job[2]} {damage}: {detail}")
                    if peak > MEMORY_MB:
                        died = f"memory: {peak:.0f} MB"
                else:
                    died = f"hang: above {wait:.0f} s"
            except (EOFError, OSError):
                process.join(5)
                died = f"crash: exit {process.exitcode}"
            wait = _PATIENCE
            if died:
                outcome.add(case, job[2], died.partition(":")[0], died, "")
                tell(f"{died}: {case} {job[2]}")
                process.kill()
                process.join()
                process = None
                shutil.rmtree(Path(folder) / "good")  # whatever it left half written
                files = write_good_files(Path(folder) / "good")
            if (number + 1) % 100 == 0:
                tell(f"{number + 1} of {count} inputs: {outcome.totals()}")
        if process is not None:
            pipe.send(None)
            process.join(10)
    return outcome
