r"""Which notebook starts next when several run side by side, and how long the rest will take."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

FIRST = "00"  # what a student looks at first is done first
#: Profile → number → seconds on one core, for the order and a first guess of the time that is left.
EXPECTED = {
    "quick": {
        "00": 26.0,
        "01": 16.0,
        "02": 96.0,
        "03": 53.0,
        "04": 137.0,
        "05": 18.0,
        "06": 30.0,
        "07": 27.0,
        "08": 24.0,
    },
    "laptop": {
        "00": 40.0,
        "01": 60.0,
        "02": 2400.0,
        "03": 840.0,
        "04": 450.0,
        "05": 150.0,
        "06": 210.0,
        "07": 90.0,
        "08": 90.0,
    },
}
UNKNOWN = 90.0
#: Seconds at the expected speed, counted beside what was measured: the first notebook of a fresh clone
#: builds faces and compiles kernels, and is several times slower than the rest will be.
TRUSTED = 120.0


def expected_seconds(notebooks: Sequence[str], report: Path, profile: str = "quick") -> dict[str, float]:
    r"""Stem → seconds: what an earlier run into the same folder took, else :data:`EXPECTED`.

    Args:
        notebooks: stems. report: the ``report.json`` of an earlier run; it may be missing. profile: by name.
    """
    known = EXPECTED.get(profile, EXPECTED["quick"])
    guess = {name: known.get(name[:2], UNKNOWN) for name in notebooks}
    try:
        for outcome in json.loads(report.read_text(encoding="utf-8"))["notebooks"]:
            if outcome["name"] in guess and outcome["error"] is None:
                guess[outcome["name"]] = float(outcome["seconds"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return guess


def next_notebook(
    waiting: Sequence[str], running: Collection[str], filming: Collection[str], film_is_there: bool,
    expected: Mapping[str, float], side_by_side: bool,
) -> str | None:  # fmt: skip
    r"""The notebook to start now: the first of the series, then the longest; None: wait for another to end.

    Args:
        waiting, running: stems, in the series' order.
        filming: those that film the actor into one shared folder. Until one of them has ended
            (``film_is_there``), only one of them runs.
        side_by_side: False keeps the series' order.
    """
    free = [n for n in waiting if film_is_there or n not in filming or not filming & set(running)]
    if not free:
        return None
    if not side_by_side or free[0].startswith(FIRST):
        return free[0]
    return max(free, key=lambda name: expected[name])


class TimeLeft:
    r"""How long a series will still take, learning from the notebooks that have ended."""

    def __init__(self, expected: Mapping[str, float], jobs: int) -> None:
        self.expected, self.jobs = dict(expected), jobs
        self.started: dict[str, float] = {}
        self.took: dict[str, float] = {}

    def start(self, name: str) -> None:
        r"""A notebook starts now."""
        self.started[name] = time.monotonic()

    def end(self, name: str) -> None:
        r"""A notebook has ended; one that never started was found finished, and says nothing about speed."""
        if name in self.started:
            self.took[name] = time.monotonic() - self.started.pop(name)
        else:
            self.expected.pop(name, None)

    def in_words(self) -> str:
        r"""What is left, as "about 3 min left"; a notebook that takes longer than was expected does not say
        how long it will still take, and then it is "at least" so long."""
        slower, now = self._slower(), time.monotonic()
        late = any(now - began > slower * self.expected[name] for name, began in self.started.items())
        return f"{'at least' if late else 'about'} {in_minutes(self.seconds())} left"

    def _slower(self) -> float:
        planned = sum(self.expected[name] for name in self.took)
        return min(max((sum(self.took.values()) + TRUSTED) / (planned + TRUSTED), 0.2), 10.0)

    def seconds(self) -> float:
        r"""The seconds that are left, at least 1."""
        slower = self._slower()
        now, left = time.monotonic(), []
        for name in self.expected.keys() - self.took.keys():
            ran = now - self.started[name] if name in self.started else 0.0
            left.append(max(slower * self.expected[name] - ran, 0.1 * ran))
        return max([1.0, sum(left) / self.jobs, *left])


def in_minutes(seconds: float) -> str:
    r"""Seconds in words.

    >>> in_minutes(40), in_minutes(200)
    ('40 s', '3 min')
    """
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
