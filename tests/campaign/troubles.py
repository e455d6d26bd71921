r"""A full disk, a folder that may only be read, one that is taken away, a clock that jumps: in the middle of
every command that writes.

Each must end in a sentence (``OSError``, ``ValueError``) or go through; no half file may stand under its
name, and once the trouble is over the same command goes on to the result of an undisturbed run.
"""

from __future__ import annotations

import ctypes
import os
import random
import resource
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.campaign.commands import COMMANDS, import_all, run_quietly
from tests.campaign.comparing import faults_of
from tests.campaign.kills import compare_apart, run_apart

TROUBLES = ("full disk", "read-only folder", "removed folder", "jumping clock")
_SENTENCES = ("OSError", "ValueError", "FileNotFoundError", "PermissionError", "ClipError", "TrackError")


def run_troubles(
    seed: int = 0,
    only: Sequence[str] = (),
    rounds: int = 1,
    tell: Callable[[str], None] = lambda line: None,
) -> dict:
    r"""Every trouble in every command.

    Returns:
        per command and trouble how it ended: "a sentence", "went through" or a fault; and every fault.
    """
    import_all()
    report: dict = {"ends": {}, "faults": []}
    for name in (n for n in COMMANDS if not only or n in only):
        with tempfile.TemporaryDirectory(prefix="dnt_troubles_") as root:
            home = Path(root)
            run_apart(lambda name=name, home=home: COMMANDS[name].prepare(home / "prepared"))
            shutil.copytree(home / "prepared", home / "whole")
            begun = time.monotonic()
            run_apart(lambda name=name, home=home: run_quietly(name, home / "whole"))
            seconds = time.monotonic() - begun
            largest = max((p.stat().st_size for p in (home / "whole").rglob("*") if p.is_file()), default=1)
            for trouble in TROUBLES:
                for n in range(rounds):
                    draw = random.Random(f"{seed}/{name}/{trouble}/{n}")
                    ended, faults = _one(name, trouble, home, draw, seconds, largest)
                    report["ends"].setdefault(name, {}).setdefault(trouble, []).append(ended)
                    for fault in faults:
                        report["faults"].append({"command": name, "trouble": trouble, "fault": fault})
                        tell(f"fault: {name}, {trouble}: {fault}")
            tell(f"{name}: {report['ends'][name]}")
    return report


def _one(name, trouble, home, draw, seconds, largest) -> tuple[str, list[str]]:
    work = home / f"work_{draw.randrange(1 << 32):08x}"
    shutil.copytree(home / "prepared", work)
    moment = draw.uniform(0, seconds)
    limit = round(draw.uniform(0.02, 0.9) * largest)

    def disturbed() -> None:
        if trouble == "full disk":
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        elif trouble == "read-only folder":
            give_up_rights()
            _set_writable(work, False)
        elif trouble == "removed folder":
            threading.Timer(moment, shutil.rmtree, (work,), {"ignore_errors": True}).start()
        else:
            _jumping_clock(moment, draw.choice((-1, 1)) * draw.choice((3600, 86400 * 400)))
        run_quietly(name, work)

    _, said = run_apart(disturbed)
    faults = []
    if work.exists():
        _set_writable(work, True)
        if half := run_apart(lambda: faults_of(work))[1]:
            faults.append(f"half a file under its name: {half}")
    if said and said.partition(":")[0] not in _SENTENCES:
        faults.append(f"no sentence: {said}")
    if trouble == "removed folder":
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(home / "prepared", work)
    _, again = run_apart(lambda: run_quietly(name, work))
    if again:
        faults.append(f"does not go on: {again}")
    elif other := compare_apart(name, work, home / "whole"):
        faults.append(f"another result: {other}")
    return said or "went through", faults


def give_up_rights() -> None:
    r"""From here on file permissions hold for this process, also where it is root's (Linux alone)."""

    class Header(ctypes.Structure):
        _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))

    none = (ctypes.c_uint32 * 6)()
    if os.geteuid() == 0 and ctypes.CDLL(None).capset(ctypes.byref(Header(0x20080522, 0)), none) != 0:
        raise OSError("cannot give up root's rights")


def _set_writable(folder: Path, writable: bool) -> None:
    for path in (folder, *(p for p in folder.rglob("*") if p.is_dir())):
        path.chmod(0o755 if writable else 0o555)


def _jumping_clock(after: float, jump: float) -> None:
    r"""``time.time`` jumps, and so do the dates of files that were there; the steady clock does not."""
    real, begun = time.time, time.monotonic()
    time.time = lambda: real() + (jump if time.monotonic() - begun > after else 0.0)
