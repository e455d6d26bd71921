r"""The continuous-intensity expression code (CIEC) of section 3.1 and figure 1: one number for each of seven expression
types, at most one of them non-zero, its value the intensity in [0, 1]; the zero vector is the neutral face.

``encode`` / ``decode`` go between (type, intensity) and vectors, ``CIECPath`` is a CIEC that changes over time, and
``parse_path`` / ``format_path`` are its small text form, ``"happy:0→1→0, sad:0→0.8"``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

EXPRESSIONS = ("angry", "contempt", "disgusted", "fear", "happy", "sad", "surprised", "neutral")
CIEC_TYPES = EXPRESSIONS[:7]  # the C = 7 entries of the vector; neutral is the zero vector
LEVEL_INTENSITY = {1: 0.33, 2: 0.67, 3: 1.0}  # MEAD's filmed levels, section 3.1

C = len(CIEC_TYPES)
NEUTRAL = EXPRESSIONS.index("neutral")


# --- levels -----------------------------------------------------------------------------------------------------------


def level_to_intensity(level: float) -> float:
    r"""Intensity of a level in [0, 3]: the paper's 0.33, 0.67, 1 for the filmed levels, level / 3 for any other.

    Raises ValueError when ``level`` is not a finite number in [0, 3].
    """
    if not np.isfinite(level) or not 0 <= level <= 3:
        raise ValueError(f"level {level!r} is not in [0, 3] (MEAD films levels 1, 2 and 3)")
    return LEVEL_INTENSITY.get(level, level / 3)


def intensity_to_level(intensity: float) -> float:
    r"""Level in [0, 3] of an intensity in [0, 1], the inverse of :func:`level_to_intensity`."""
    _check_intensity(intensity)
    return next(
        (float(n) for n, x in LEVEL_INTENSITY.items() if abs(x - intensity) < 1e-6), 3.0 * float(intensity)
    )


# --- vectors ----------------------------------------------------------------------------------------------------------


def type_index(expression: str) -> int:
    r"""Index 0 … 7 of an expression in ``EXPRESSIONS`` (7 is neutral); ValueError names an unknown one."""
    try:
        return EXPRESSIONS.index(expression)
    except ValueError:
        known = ", ".join(EXPRESSIONS)
        raise ValueError(f"unknown expression {expression!r}: expected one of {known}") from None


def encode(types, intensity):
    r"""CIEC vectors of expressions and intensities (section 3.1).

    Args:
        types: an expression's name, a sequence of names, or integer indices into ``EXPRESSIONS``, shape (...).
        intensity: number, tensor or array in [0, 1], shape (...), broadcast against ``types``.

    Returns:
        (..., 7): a numpy array if ``intensity`` or ``types`` is one, else a torch tensor on the device and in the
        floating dtype of ``intensity`` (default dtype for plain numbers).

    Raises:
        ValueError: unknown type, intensity outside [0, 1] or not finite, a neutral face with an intensity.
    """
    import torch  # here, so that names and levels can be had without waiting for torch

    use_numpy = isinstance(intensity, np.ndarray) or isinstance(types, np.ndarray)
    if isinstance(types, str):
        types = type_index(types)
    elif not isinstance(types, (torch.Tensor, np.ndarray, int, np.integer)):
        types = [type_index(t) if isinstance(t, str) else int(t) for t in types]
    elif isinstance(types, np.ndarray) and types.dtype.kind in "UO":
        types = np.reshape([type_index(str(t)) for t in types.ravel()], types.shape).astype(np.int64)
    value = torch.as_tensor(intensity)
    if not value.is_floating_point():
        value = value.to(torch.get_default_dtype())
    index = torch.as_tensor(types, device=value.device)
    if index.is_floating_point():
        raise ValueError(f"types must be names or integer indices into EXPRESSIONS, got dtype {index.dtype}")
    index, value = torch.broadcast_tensors(index.long(), value)
    if index.numel() and not (0 <= int(index.min()) and int(index.max()) < len(EXPRESSIONS)):
        raise ValueError(
            f"expression index must be in 0 … {NEUTRAL}, got {int(index.min())} … {int(index.max())}"
        )
    one_hot = torch.nn.functional.one_hot(index, len(EXPRESSIONS)).to(value.dtype)  # (..., 8)
    vectors = one_hot[..., :C] * value[..., None]  # (..., 7)
    bad = ~torch.isfinite(value) | (value < 0) | (value > 1)
    if bad.any():
        raise ValueError(f"intensity {float(value[bad][0]):g} is not in [0, 1]")
    if ((index == NEUTRAL) & (value != 0)).any():
        raise ValueError(
            f"neutral has no intensity: expected 0, got {float(value[index == NEUTRAL].max()):g}"
        )
    return vectors.numpy() if use_numpy else vectors


def validate(vectors, *, name: str = "CIEC"):
    r"""Return ``vectors`` (..., 7) unchanged, or raise a ValueError that says which vector is wrong and how.

    A CIEC has seven finite entries in [0, 1], at most one of them non-zero.
    """
    array = _to_numpy(vectors)
    if array.ndim == 0 or array.shape[-1] != C:
        raise ValueError(
            f"{name} must have {C} entries in its last dimension, got shape {tuple(array.shape)}"
        )
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name} must hold real numbers, got dtype {array.dtype}")
    rows = array.reshape(-1, C)
    finite = np.isfinite(rows)
    bad = ~finite.all(1) | (rows < 0).any(1) | (rows > 1).any(1) | ((rows != 0).sum(1) > 1)
    if not bad.any():
        return vectors
    first = int(np.flatnonzero(bad)[0])
    row = rows[first]
    where = (
        name
        if array.ndim == 1
        else f"{name}[{', '.join(map(str, np.unravel_index(first, array.shape[:-1])))}]"
    )
    for label, wrong, rule in (
        ("not finite", ~finite[first], "every entry is a number in [0, 1]"),
        ("outside [0, 1]", (row < 0) | (row > 1), "every entry is in [0, 1]"),
        ("all non-zero", row != 0, "at most one entry is non-zero"),
    ):
        entries = ", ".join(f"{CIEC_TYPES[i]}={row[i]:g}" for i in np.flatnonzero(wrong))
        if entries and (label != "all non-zero" or wrong.sum() > 1):
            raise ValueError(f"{where} is not a CIEC: {entries} {label}, but {rule}")
    raise AssertionError("unreachable")


def decode(vector) -> tuple[str, float]:
    r"""(type, intensity) of one CIEC vector (7,); the zero vector is ("neutral", 0.0). Validates."""
    array = _to_numpy(validate(vector))
    if array.ndim != 1:
        raise ValueError(f"decode takes one CIEC of shape (7,), got {tuple(array.shape)}; use decode_batch")
    return (CIEC_TYPES[int(array.argmax())], float(array.max())) if array.any() else ("neutral", 0.0)


def decode_batch(vectors):
    r"""Type indices into ``EXPRESSIONS`` (...) and intensities (...) of CIEC vectors (..., 7), tensors from tensors,
    arrays from arrays. Validates."""
    validate(vectors)
    if isinstance(vectors, (np.ndarray, list, tuple)):
        array = np.asarray(vectors)
        return np.where(array.any(-1), array.argmax(-1), NEUTRAL), array.max(-1)
    index = vectors.argmax(-1)
    return index.masked_fill((vectors == 0).all(-1), NEUTRAL), vectors.amax(-1)


def _to_numpy(vectors) -> np.ndarray:
    return vectors.detach().cpu().numpy() if hasattr(vectors, "detach") else np.asarray(vectors)


def _check_intensity(value: float, what: str = "intensity") -> float:
    if not np.isfinite(value) or not 0 <= value <= 1:
        raise ValueError(f"{what} {float(value):g} is not in [0, 1]")
    return float(value)


# --- paths over time --------------------------------------------------------------------------------------------------


class KeyPoint(NamedTuple):
    r"""At ``time`` (seconds, or a fraction of the clip, as the path says) the face is ``type`` at ``intensity``."""

    time: float
    type: str
    intensity: float


@dataclass(frozen=True)
class CIECPath:
    r"""A CIEC over time, linear between key-points, whose type changes only at zero intensity (figure 1).

    Args:
        key_points: (time, type, intensity) triples in order of time; what a timeline widget edits. Between two
            key-points of different types one must have intensity zero; the interval belongs to the other's type. The
            path stores the points in a canonical form, where each type's run starts and ends with its own point.
        in_seconds: times are seconds from the clip's start; else fractions in [0, 1] of its length.

    Before its first and after its last key-point the path holds their values.

    Raises:
        ValueError: no points, unordered or negative times, a fraction above 1, an unknown type, an intensity outside
            [0, 1], a neutral point with an intensity, a jump, or a change of type at non-zero intensity.
    """

    key_points: tuple[KeyPoint, ...]
    in_seconds: bool = False

    def __post_init__(self):
        points = [KeyPoint(round(float(t), 9), str(e), float(x)) for t, e, x in self.key_points]
        if not points:
            raise ValueError("a CIEC path needs at least one key-point (time, type, intensity)")
        for p in points:
            type_index(p.type)
            _check_intensity(p.intensity, f"key-point {p.type} at time {p.time:g}: intensity")
            if p.type == "neutral" and p.intensity:
                raise ValueError(
                    f"key-point at time {p.time:g}: neutral has no intensity, got {p.intensity:g}"
                )
            if not np.isfinite(p.time) or p.time < 0 or (not self.in_seconds and p.time > 1 + 1e-9):
                unit = "seconds ≥ 0" if self.in_seconds else "a fraction of the clip in [0, 1]"
                raise ValueError(f"key-point {p.type}={p.intensity:g}: time {p.time!r} is not {unit}")
        object.__setattr__(self, "key_points", tuple(_canonical(points)))

    def vectors(self, n_frames: int, fps: float | None = None) -> np.ndarray:
        r"""CIEC of each frame, (n_frames, 7) float32.

        A path in seconds needs ``fps`` and is read at i / fps. A path in fractions is stretched over the clip: its
        first value falls on the first frame and its last value on the last.
        """
        if n_frames < 1:
            raise ValueError(f"n_frames must be at least 1, got {n_frames}")
        if self.in_seconds:
            if fps is None or not fps > 0:
                raise ValueError(f"this path's times are seconds, so fps > 0 is needed, got {fps!r}")
            return self.at(np.arange(n_frames) / fps)
        return self.at(np.arange(n_frames) / max(n_frames - 1, 1))

    def at(self, time, duration: float | None = None) -> np.ndarray:
        r"""CIEC (..., 7) float32 at ``time`` (...), in the path's own unit; with ``duration`` [s] of the clip, in
        seconds whatever the path's unit."""
        if duration is not None and not duration > 0:
            raise ValueError(f"duration must be positive seconds, got {duration!r}")
        time = np.asarray(time, dtype=float)
        if duration is not None and not self.in_seconds:
            time = time / duration
        knots = np.array([p.time for p in self.key_points])
        values = np.zeros((len(knots), len(EXPRESSIONS)))  # (K, 8), the neutral column stays zero
        for row, p in zip(values, self.key_points, strict=True):
            row[type_index(p.type)] = p.intensity
        columns = [np.interp(time, knots, values[:, c]) for c in range(C)]
        return np.stack(columns, axis=-1).astype(np.float32)  # (..., 7)

    def __str__(self) -> str:
        return format_path(self)


def constant_path(expression: str, intensity: float) -> CIECPath:
    r"""The path that holds one type at one intensity for the whole clip."""
    return CIECPath((KeyPoint(0.0, expression, intensity), KeyPoint(1.0, expression, intensity)))


def _canonical(points: Sequence[KeyPoint]) -> Iterable[KeyPoint]:
    r"""Refuse jumps and changes of type at non-zero intensity; close and open each type's run with its own zero."""
    runs = [[points[0]]]
    for a, b in pairwise(points):
        if b.time < a.time:
            raise ValueError(f"key-points must be in order of time, but {b.time:g} follows {a.time:g}")
        if a.type != b.type and a.intensity and b.intensity:
            raise ValueError(
                f"the type changes from {a.type} at {a.intensity:g} to {b.type} at {b.intensity:g}, but a CIEC may "
                f"change its type only at zero intensity"
            )
        if a.time == b.time and a.intensity != b.intensity:
            hint = f" (end {a.type} with →0)" if a.type != b.type and a.intensity else ""
            raise ValueError(
                f"the path jumps from {a.type} at {a.intensity:g} to {b.type} at {b.intensity:g} at time {a.time:g}; "
                f"it must be continuous and change its type only at zero intensity{hint}"
            )
        if a.type == b.type:
            if a != b:
                runs[-1].append(b)
        elif a.intensity:  # falls to zero at b's time
            runs[-1].append(KeyPoint(b.time, a.type, 0.0))
            runs.append([b])
        else:  # b's type rises from zero at a's time
            runs.append([KeyPoint(a.time, b.type, 0.0)] + ([b] if b.time > a.time else []))
    long = [run for run in runs if len(run) > 1] or [runs[-1]]  # a run of one point takes no time
    return [p for run in long for p in run]


# --- text -------------------------------------------------------------------------------------------------------------

_ARROW = re.compile(r"→|->")
_POINT = re.compile(r"^(?P<x>[^@]+?)(?:@\s*(?P<t>[^%s]+?)\s*(?P<unit>%|s|))?$")
_EXAMPLE = 'expected e.g. "happy:0→1→0, sad:0→0.8"'


def parse_path(text: str) -> CIECPath:
    r"""Read a path from text such as ``"happy:0→1→0, sad:0→0.8"`` (``->`` does for ``→``).

    Without times every arrow takes the same share of the clip and a lone value (``"sad:0.5"``) is held for one share.
    With times at every value, ``"happy:0@0s→1@0.5s→0@2s"`` is in seconds and ``"happy:0@0%→1@100%"`` in per cent of
    the clip. ValueError, one sentence, for anything else.
    """
    raw: list[tuple[str, list[tuple[float, float | None]]]] = []
    units = set()
    for part in str(text).split(","):
        expression, colon, values = part.partition(":")
        expression = expression.strip()
        if not colon or not expression:
            raise ValueError(
                f"{part.strip()!r} in the expression path {text!r} has no 'type:values'; {_EXAMPLE}"
            )
        type_index(expression)
        points = []
        for item in _ARROW.split(values):
            match = _POINT.match(item.strip())
            try:
                x = float(match["x"])
                t = None if match["t"] is None else float(match["t"])
            except (TypeError, ValueError):
                raise ValueError(
                    f"{item.strip()!r} in the expression path {text!r} is no intensity; {_EXAMPLE}"
                ) from None
            units.add(None if t is None else (match["unit"] or "s"))
            points.append((x, t))
        raw.append((expression, points))
    if len(units) > 1:
        raise ValueError(
            f"the expression path {text!r} must give times to all values in one unit, or to none"
        )
    unit = units.pop()
    if unit:
        scale = 100.0 if unit == "%" else 1.0
        points = [KeyPoint(t / scale, e, x) for e, values in raw for x, t in values]
        return CIECPath(tuple(points), in_seconds=unit == "s")
    runs = [(e, values * 2 if len(values) == 1 else values) for e, values in raw]
    shares = sum(len(values) - 1 for _, values in runs)
    points, k = [], 0
    for e, values in runs:
        points += [KeyPoint((k + j) / shares, e, x) for j, (x, _) in enumerate(values)]
        k += len(values) - 1
    return CIECPath(tuple(points))


def format_path(path: CIECPath) -> str:
    r"""Text of a path such that ``parse_path(format_path(path)) == path``; times are left out where they are the
    equal shares that ``parse_path`` assumes."""
    runs: list[list[KeyPoint]] = []
    for p in path.key_points:
        if runs and runs[-1][-1].type == p.type:
            runs[-1].append(p)
        else:
            runs.append([p])
    plain = ", ".join(f"{run[0].type}:{'→'.join(_number(p.intensity) for p in run)}" for run in runs)
    if not path.in_seconds and parse_path(plain) == path:
        held = [run for run in runs if len(run) == 2 and run[0].intensity == run[1].intensity]
        return ", ".join(
            f"{run[0].type}:{'→'.join(_number(p.intensity) for p in (run[:1] if run in held else run))}"
            for run in runs
        )
    unit, scale = ("s", 1.0) if path.in_seconds else ("%", 100.0)
    return ", ".join(
        f"{run[0].type}:{'→'.join(f'{_number(p.intensity)}@{_number(round(p.time * scale, 7 if unit == '%' else 9))}{unit}' for p in run)}"
        for run in runs
    )


def _number(x: float) -> str:
    return repr(int(x)) if x == int(x) else repr(float(x))
