r"""``kill -9`` at random moments of every command that writes, until it has run to its end.

Each attempt is a fork of this process, which has its imports behind it, so that the moments fall into the
work itself. What a command starts (kernels, workers) dies with it.
"""

from __future__ import annotations

import gc
import os
import random
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.campaign.commands import COMMANDS, import_all, run_quietly
from tests.campaign.comparing import compare, faults_of

_LONGEST = 240.0  # s until a run that is not killed counts as hanging
_KILLS_IN_A_ROW = 6  # then the run is left to end


def run_kills(
    count: int, seed: int = 0, only: Sequence[str] = (), tell: Callable[[str], None] = lambda line: None
) -> dict:
    r"""Kills commands.

    Args:
        count: kills in all, spread evenly over the commands.
        seed: of the moments. only: commands; all by default.

    Returns:
        per command: kills, runs carried to their end, seconds of an undisturbed run; and every fault.
    """
    import_all()
    gc.collect()
    gc.freeze()  # what is there now is not collected in forks: threads that its end waits for are not there
    names = [name for name in COMMANDS if not only or name in only]
    report: dict = {"commands": {}, "faults": []}
    for number, name in enumerate(names):
        share = count // len(names) + (number < count % len(names))
        if share:
            report["commands"][name] = _kill_one(name, share, f"{seed}/{name}", report["faults"], tell)
            tell(f"{name}: {report['commands'][name]}")
    report["kills"] = sum(c["kills"] for c in report["commands"].values())
    return report


def _kill_one(name: str, count: int, seed: str, faults: list, tell: Callable[[str], None]) -> dict:
    draw, done, runs = random.Random(seed), 0, 0

    def fault(what: str) -> None:
        faults.append({"command": name, "seed": seed, "kills_before": done, "fault": what})
        tell(f"fault: {name} after {done} kills: {what}")

    with tempfile.TemporaryDirectory(prefix="dnt_kills_") as root:
        home = Path(root)
        if said := run_apart(lambda: COMMANDS[name].prepare(home / "prepared"))[1]:
            fault(f"cannot be prepared: {said}")
            return {"kills": 0, "runs": 0, "seconds": 0.0}
        _copy(home / "prepared", home / "warm")
        said = run_apart(lambda: run_quietly(name, home / "warm"))[1]  # kernels compiled, faces built
        _copy(home / "prepared", home / "whole")
        begun = time.monotonic()
        said = said or run_apart(lambda: run_quietly(name, home / "whole"))[1]
        seconds = time.monotonic() - begun
        if said:
            fault(f"does not run undisturbed: {said}")
            return {"kills": 0, "runs": 0, "seconds": round(seconds, 2)}
        while done < count:
            work = home / f"work_{runs}"
            _copy(home / "prepared", work)
            in_a_row = 0
            while True:
                last = in_a_row >= _KILLS_IN_A_ROW or done >= count
                after = None if last else draw.uniform(0, seconds)
                ended, said = run_apart(lambda work=work: run_quietly(name, work), after)
                if not ended:
                    done, in_a_row = done + 1, in_a_row + 1
                    tell(f"{name}: killed {done} of {count}, after {after:.2f} s")
                if half := run_apart(lambda work=work: faults_of(work))[1]:
                    fault(f"half a file under its name: {half}")
                if ended:
                    if said:
                        fault(f"does not go on: {said}")
                    elif other := compare_apart(name, work, home / "whole"):
                        fault(f"another result: {other}")
                    runs += 1
                    break
    return {"kills": done, "runs": runs, "seconds": round(seconds, 2)}


def compare_apart(name: str, work: Path, whole: Path) -> str:
    r"""What differs, or "". In a fork, too: decoders that this process has used would hang the next ones."""
    command = COMMANDS[name]
    return run_apart(lambda: compare(work, whole, command.outputs, command.random_names))[1]


def run_apart(work: Callable[[], None], kill_after: float | None = None) -> tuple[bool, str]:
    r"""Runs ``work`` in a fork; (False, "") if it was killed, else (True, what went wrong in it)."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        os.setsid()  # what it starts is killed with it
        said = ""
        try:
            work()
        except BaseException as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            said = f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"
        os.write(write, said.encode()[:2000])
        os._exit(0)
    os.close(write)
    deadline = time.monotonic() + (_LONGEST if kill_after is None else kill_after)
    while True:
        if os.waitpid(child, os.WNOHANG)[0]:
            with os.fdopen(read, "rb") as pipe:
                return True, pipe.read().decode(errors="replace")
        if time.monotonic() >= deadline:
            try:
                os.killpg(child, signal.SIGKILL)
            except ProcessLookupError:  # it has not come to setsid yet
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os.close(read)
            return (False, "") if kill_after is not None else (True, f"hangs for {_LONGEST:.0f} s")
        time.sleep(0.002)


def _copy(source: Path, target: Path) -> None:
    import shutil

    shutil.copytree(source, target)
