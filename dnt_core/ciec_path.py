r"""A CIEC over time (section 3.1, figure 1): a path of key-points whose type changes only at zero intensity.

``parse_path`` and ``format_path`` read and write its small text form, ``"happy:0→1→0, sad:0→0.8"``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from numbers import Real
from typing import NamedTuple

import numpy as np

from dnt_core.arguments import check_type, whole_number
from dnt_core.ciec import CIEC_TYPES, EXPRESSIONS, check_intensity, expression_named, type_index


class KeyPoint(NamedTuple):
    r"""At ``time`` (seconds or a fraction of the clip, as the path says) ``type`` has ``intensity``."""

    time: float
    type: str
    intensity: float


@dataclass(frozen=True)
class CIECPath:
    r"""A CIEC over time, linear between key-points, whose type changes only at zero intensity (figure 1).

    Args:
        key_points: (time, type, intensity) triples in order of time; what a timeline widget edits. Between
            two key-points of different types one must have intensity zero; the interval belongs to the
            other's type. They are stored in a canonical form, where each type's run starts and ends with a
            point of its own.
        in_seconds: times are seconds from the clip's start; else fractions in [0, 1] of its length.

    Before its first and after its last key-point the path holds their values.

    Raises:
        ValueError: no points, unordered or negative times, a fraction above 1, an unknown type, an intensity
            outside [0, 1], a neutral point with an intensity, a jump, or a change of type away from zero.

    Examples:
        >>> path = dnt_core.parse_path("happy:0→1")
        >>> path.vectors(n_frames=3)[:, dnt_core.CIEC_TYPES.index("happy")].tolist()
        [0.0, 0.5, 1.0]
    """

    key_points: tuple[KeyPoint, ...]
    in_seconds: bool = False

    def __post_init__(self):
        try:
            points = [KeyPoint(round(float(t), 9), str(e), float(x)) for t, e, x in self.key_points]
        except (TypeError, ValueError):
            wanted = "(time, type, intensity) triples such as (0.5, 'happy', 1.0)"
            raise ValueError(f"key-points must be {wanted}, got {self.key_points!r:.80}") from None
        if not points:
            raise ValueError("a CIEC path needs at least one key-point (time, type, intensity)")
        points = [p._replace(type=expression_named(p.type)) for p in points]
        for p in points:
            check_intensity(p.intensity, f"key-point {p.type} at time {p.time:g}: intensity")
            if p.type == "neutral" and p.intensity:
                raise ValueError(
                    f"key-point at time {p.time:g}: neutral has no intensity, got {p.intensity:g}"
                )
            if not np.isfinite(p.time) or p.time < 0 or (not self.in_seconds and p.time > 1 + 1e-9):
                unit = "seconds ≥ 0" if self.in_seconds else "a fraction of the clip in [0, 1]"
                raise ValueError(f"key-point {p.type}={p.intensity:g}: time {p.time:g} is not {unit}")
        object.__setattr__(self, "key_points", tuple(_canonical(points)))

    def vectors(self, n_frames: int, fps: float | None = None) -> np.ndarray:
        r"""CIEC of each frame, (n_frames, 7) float32.

        A path in seconds needs ``fps`` and is read at i / fps. A path in fractions is stretched over the
        clip: its first value falls on the first frame and its last value on the last.

        Args:
            n_frames: T, at least 1.
            fps: frames per second, above 0; a path in seconds needs it, one in fractions does not.

        Raises:
            TypeError: a number of frames that is not whole.
            ValueError: no frame, or a path in seconds without an ``fps`` above 0.
        """
        n_frames = whole_number(n_frames, "n_frames")
        if self.in_seconds:
            if not isinstance(fps, Real) or not 0 < fps < np.inf:
                raise ValueError(f"this path's times are seconds, so fps > 0 is needed, got {fps!r}")
            return self.at(np.arange(n_frames) / fps)
        return self.at(np.arange(n_frames) / max(n_frames - 1, 1))

    def at(self, time: float | Sequence[float] | np.ndarray, duration: float | None = None) -> np.ndarray:
        r"""CIEC (..., 7) float32 at ``time`` (...), which is in the path's own unit, or in seconds whatever
        the path's unit when the clip's ``duration`` [s] is given.

        Args:
            time: (...) moments, in the path's own unit, or in seconds where ``duration`` is given.
            duration: length of the clip in seconds, above 0; None: ``time`` is in the path's own unit.

        Raises:
            ValueError: a duration that is no positive number of seconds, a time that is not finite.
        """
        if duration is not None and not duration > 0:
            raise ValueError(f"duration must be positive seconds, got {duration!r}")
        time = np.asarray(time, dtype=float)
        if not np.isfinite(time).all():
            raise ValueError("time holds NaN or infinity, expected moments of the clip")
        if duration is not None and not self.in_seconds:
            time = time / duration
        knots = np.array([p.time for p in self.key_points])
        values = np.zeros((len(knots), len(EXPRESSIONS)))  # (K, 8), the neutral column stays zero
        for row, p in zip(values, self.key_points, strict=True):
            row[type_index(p.type)] = p.intensity
        columns = [np.interp(time, knots, values[:, c]) for c in range(len(CIEC_TYPES))]
        return np.stack(columns, axis=-1).astype(np.float32)  # (..., 7)

    def check_within(self, duration: float, whose: str) -> None:
        r"""A path in seconds must not go on after the end.

        Args:
            duration: when the end is, in seconds.
            whose: end it is, in words such as "the clip".

        Raises:
            ValueError: it goes on; the sentence says both times.
        """
        end = self.key_points[-1].time
        if self.in_seconds and end > duration + 1e-6:
            raise ValueError(f"the path ends at {end:g} s, {whose} at {round(float(duration), 2):g} s")

    def __str__(self) -> str:
        return format_path(self)


def _canonical(points: Sequence[KeyPoint]) -> Iterable[KeyPoint]:
    r"""Refuse jumps and changes of type at non-zero intensity; close and open each type's run with a zero."""
    runs = [[points[0]]]
    for a, b in pairwise(points):
        if b.time < a.time:
            raise ValueError(f"key-points must be in order of time, but {b.time:g} follows {a.time:g}")
        if a.type != b.type and a.intensity and b.intensity:
            raise ValueError(
                f"the type changes from {a.type} at {a.intensity:g} to {b.type} at {b.intensity:g}, but a "
                f"CIEC may change its type only at zero intensity"
            )
        if a.time == b.time and a.intensity != b.intensity:
            hint = f" (end {a.type} with →0)" if a.type != b.type and a.intensity else ""
            raise ValueError(
                f"the path jumps from {a.type} at {a.intensity:g} to {b.type} at {b.intensity:g} at time "
                f"{a.time:g}; it must be continuous and change its type only at zero intensity{hint}"
            )
        if a.type == b.type:
            runs[-1].append(b)
        elif a.intensity:  # falls to zero at b's time
            runs[-1].append(KeyPoint(b.time, a.type, 0.0))
            runs.append([b])
        else:  # b's type rises from zero at a's time
            runs.append([KeyPoint(a.time, b.type, 0.0)] + ([b] if b.time > a.time else []))
    longer = [run for run in runs if run[-1].time > run[0].time] or [runs[-1]]  # the others take no time
    return [p for p, _ in groupby(p for run in longer for p in run)]  # equal neighbours are one point


_ARROW = re.compile(r"→|->")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_EXAMPLE = (
    'expected e.g. "happy:0->1->0, sad:0->0.8" or, with times, "happy:0@0s->1@0.5s" or "happy:0@0%->1@50%"'
)


def parse_path(text: str) -> CIECPath:
    r"""Read a path from text such as ``"happy:0→1→0, sad:0→0.8"`` (``->`` does for ``→``).

    Without times every arrow takes the same share of the clip and a lone value (``"sad:0.5"``) is held for
    one share. With times at every value, ``"happy:0@0s→1@0.5s→0@2s"`` is in seconds and
    ``"happy:0@0%→1@100%"`` in per cent of the clip.

    Args:
        text: expressions with their intensities in [0, 1], separated by commas; names in any case.

    Raises:
        ValueError: anything else; one sentence.

    Examples:
        >>> path = dnt_core.parse_path("happy:0→1→0, sad:0→0.8")
        >>> dnt_core.decode(path.vectors(n_frames=7)[2])
        ('happy', 1.0)
    """
    whole = f"the expression path {str(text)!r}"

    def number(written: str, item: str, what: str) -> float:
        if not _NUMBER.fullmatch(written):
            raise ValueError(f"{item!r} in {whole} is no {what}; {_EXAMPLE}")
        return float(written)

    raw: list[tuple[str, list[tuple[float, float | None]]]] = []
    units = set()
    for part in filter(str.strip, str(text).split(",")):
        expression, colon, values = part.partition(":")
        if not colon or not expression.strip():
            raise ValueError(f"{part.strip()!r} in {whole} has no 'type:values'; {_EXAMPLE}")
        expression, points = expression_named(expression.strip()), []
        for item in map(str.strip, _ARROW.split(values)):
            value, at, time = map(str.strip, item.partition("@"))
            x, t = number(value, item, "intensity"), None
            if at:
                unit = time[-1:] if time[-1:] in ("%", "s") else ""
                t = number(time.removesuffix(unit).strip(), time or item, "time")
            units.add(unit or "s" if at else None)
            points.append((x, t))
        raw.append((expression, points))
    if not raw:
        raise ValueError(f"{whole} holds no expression; {_EXAMPLE}")
    if len(units) > 1:
        raise ValueError(f"{whole} must give times to all values in one unit, or to none")
    unit = units.pop()
    if unit:
        scale = 100.0 if unit == "%" else 1.0
        points = [KeyPoint(t / scale, e, x) for e, values in raw for x, t in values if t is not None]
        return CIECPath(tuple(points), in_seconds=unit == "s")
    runs = [(e, values * 2 if len(values) == 1 else values) for e, values in raw]
    shares = sum(len(values) - 1 for _, values in runs)
    points, k = [], 0
    for e, values in runs:
        points += [KeyPoint((k + j) / shares, e, x) for j, (x, _) in enumerate(values)]
        k += len(values) - 1
    return CIECPath(tuple(points))


def format_path(path: CIECPath) -> str:
    r"""Text of a path such that ``parse_path(format_path(path)) == path``; times are left out where they are
    the equal shares that ``parse_path`` assumes.

    Args:
        path: a CIEC over time.

    Examples:
        >>> dnt_core.format_path(dnt_core.parse_path("happy:0 -> 1 -> 0"))
        'happy:0→1→0'
    """
    check_type(path, CIECPath, "path", "a CIECPath")
    runs = [list(run) for _, run in groupby(path.key_points, key=lambda p: p.type)]

    def text(write) -> str:
        return ", ".join(f"{run[0].type}:{'→'.join(write(run))}" for run in runs)

    def values(run):
        held = len(run) == 2 and run[0].intensity == run[1].intensity
        return [_number(p.intensity) for p in (run[:1] if held else run)]

    if not path.in_seconds and parse_path(text(values)) == path:
        return text(values)
    unit, scale = ("s", 1.0) if path.in_seconds else ("%", 100.0)
    return text(
        lambda run: [f"{_number(p.intensity)}@{_number(round(p.time * scale, 9))}{unit}" for p in run]
    )


def _number(x: float) -> str:
    return repr(int(x)) if x == int(x) else repr(float(x))
