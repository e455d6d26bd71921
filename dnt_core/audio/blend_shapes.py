r"""ARKit's blend shapes, as face trackers and sound-to-face programs write them, → expression numbers of the
built-in face, each row at its time.

Live Link Face: a CSV whose ``Timecode`` is hours:minutes:seconds:frame.part. Audio2Face: a CSV whose
``timeCode`` is in seconds, or JSON (:mod:`~dnt_core.audio.blend_shape_json`). A phone that is warm leaves
frames out, and other programs those without a face, so rows go by their times, or else by the numbers of
their frames, where these make sense.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dnt_core.audio.blend_shape_json import table_of_json
from dnt_core.plain_files import read_json

MOST = 3.0  # shapes lie in [0, 1], exaggerated ones a little above; percent lie far above
_TIMES = re.compile("time(code|stamp)?(s|sec|seconds|ms|us|ns)?|seconds")  # letters of a column's name
_UNITS = (1.0, 1e3, 1e6, 1e9)  # of a second: the one that makes a rate of a recording
_COUNTS = re.compile("frame(id|number|index|idx|count)?")
_TIMECODE = re.compile(r"(\d+):(\d+):(\d+)[:;](\d+(?:\.\d+)?)")
_RATES = (10.0, 130.0)  # frames per second of such recordings
_APART = 0.1  # share by which two rates are not the same one


class ShapeTable(NamedTuple):
    r"""A recording.

    Attributes:
        numbers: (T, 64) expression numbers of the built-in face.
        seconds: (T,) of each row since the beginning, None where the file does not say.
        fps: rows per second, None where the file does not say.
        note: what to say of it, or "".
    """

    numbers: np.ndarray
    seconds: np.ndarray | None
    fps: float | None
    note: str = ""


def plain_name(name: str) -> str:
    r"""A shape's name in lower case: ``blendShapes.MouthSmile_L`` → ``mouthsmileleft``."""
    name = name.strip().lower().rpartition(".")[2]
    name = re.sub("_(l|r)$", lambda side: {"l": "left", "r": "right"}[side[1]], name)
    return name.replace("_", "")


def plain_names(head: list[str]) -> list[str]:
    r"""The names of a table's columns, each :func:`plain_name`, without what stands before all shapes, as in
    ``bs_jawOpen``.
    """
    names = list(map(plain_name, head))
    if "jawopen" not in names:
        before = next((name.removesuffix("jawopen") for name in names if name.endswith("jawopen")), "")
        names = [name.removeprefix(before) for name in names]
    return names


def shapes_of_cells(
    head: list[str], rows: list[list[str]], fps: float | None, said: float | None = None
) -> ShapeTable:
    r"""A table with a shape per column.

    Args:
        head: names of the columns, see :func:`plain_names`.
        rows: as many cells each; one without numbers is a frame without a face, and is passed over.
        fps: rows per second, if somebody said so.
        said: rows per second that the file says.

    Raises:
        ValueError: shapes far outside of [0, 1], times or a file's rate that do not go with ``fps``.
    """
    mouth = [place for place, name in enumerate(head) if name.startswith(("jaw", "mouth"))]
    kept = [k for k, row in enumerate(rows) if any(row[place].strip() for place in mouth)]
    values = np.array([[float(rows[k][place] or "nan") for place in mouth] for k in kept])
    numbers = _expression([head[place] for place in mouth], values.reshape(len(kept), len(mouth)))
    if said is not None:
        _agree(said, fps)
    times, rate = None, fps or said
    letters = [re.sub("[^a-z]", "", name) for name in head]
    if (column := _named(letters, _TIMES)) is not None and len(rows) > 1:
        times, found = _times([row[column] for row in rows], rate)
        rate = rate or found
    if times is None and rate is not None:
        column = _named(letters, _COUNTS)
        counted = None if column is None else _counted([row[column] for row in rows])
        times = (np.arange(len(rows)) if counted is None else counted) / rate
    if times is None or not kept:
        return ShapeTable(numbers, None, rate)
    times = times[kept]
    note = ""
    if rate is not None and times[0] > 2 / rate:
        note = f"the lips begin at {times[0]:.2f} s, as their file says; until then the mouth is held"
    return ShapeTable(numbers, times, rate, note)


def shapes_of_json(path: Path, fps: float | None = None) -> ShapeTable:
    r"""Blend shapes in JSON, see :mod:`~dnt_core.audio.blend_shape_json`.

    Args:
        path: of the .json.
        fps: rows per second, if somebody said so.

    Raises:
        ValueError: another JSON, or what :func:`shapes_of_cells` refuses.
    """
    head, rows, said = table_of_json(read_json(path, object))
    return shapes_of_cells(plain_names(head), rows, fps, said)


def _named(letters: list[str], wanted: re.Pattern) -> int | None:
    return next((place for place, name in enumerate(letters) if wanted.fullmatch(name)), None)


def _counted(cells: list[str]) -> np.ndarray | None:
    r"""Rows of frames' numbers from 0 or 1; None where these do not count one by one."""
    try:
        numbers = np.array([float(cell) for cell in cells])
    except ValueError:
        return None
    steps = np.diff(numbers)
    if not len(steps) or not (steps >= 1).all() or (numbers % 1).any() or np.median(steps) != 1:
        return None
    return numbers - min(1, numbers[0])


def _times(cells: list[str], fps: float | None) -> tuple[np.ndarray | None, float | None]:
    r"""Seconds of each row and the rate that they go by; None where they make no sense."""
    found = [_TIMECODE.fullmatch(cell.strip()) for cell in cells]
    if not all(found):
        try:
            seconds = np.array([float(cell) for cell in cells])
        except ValueError:
            return None, None
        step = max(float(np.median(np.diff(seconds))), 1e-9)
        unit = next((unit for unit in _UNITS if _RATES[0] <= unit / step <= _RATES[1]), 1.0)
        return _checked(seconds / unit, unit / step, fps)
    parts = np.array([[float(part) for part in match.groups()] for match in found if match])
    whole, frames = parts[:, :3] @ [3600.0, 60.0, 1.0], parts[:, 3]
    counted = float(np.floor(frames.max())) + 1  # of whole seconds the last frame is among them
    if whole[-1] - whole[0] < 2:
        counted = fps or 0.0
    times, rate = _checked(whole + frames / max(counted, 1.0), counted, fps)
    return None if times is None else times - times[0], rate


def _checked(seconds: np.ndarray, rate: float, fps: float | None) -> tuple[np.ndarray | None, float | None]:
    r"""Times since the recording's beginning: as they are, unless they count from before, as clocks do."""
    steps = np.diff(seconds)
    sound = _RATES[0] <= rate <= _RATES[1] and bool((steps > 0).all())
    if not sound or abs(float(np.median(steps)) * rate - 1) > 2 * _APART:
        return None, None
    _agree(rate, fps)
    begun = 2 / rate < seconds[0] < seconds[-1] - seconds[0]
    return seconds if begun else seconds - seconds[0], rate


def _agree(rate: float, fps: float | None) -> None:
    if fps is not None and abs(fps / rate - 1) > _APART:
        raise ValueError(f"its times count {rate:.4g} frames per second, and {fps:g} were given")


def _expression(names: list[str], values: np.ndarray) -> np.ndarray:
    r"""The built-in model's movements bear ARKit's names, but for the side: mouthSmile_L, mouthSmileLeft."""
    from dnt_core.face3d.procedural.bases import movements_to_expression
    from dnt_core.face3d.procedural.movements import MOVEMENTS

    if "jawopen" not in names:
        raise ValueError("expected ARKit's blend shapes by name, with jawOpen among them")
    known = {plain_name(name): (column, name) for column, name in enumerate(MOVEMENTS)}
    if 2 * len(others := [name for name in names if name not in known]) > len(names):
        raise ValueError(
            f"{len(others)} of its {len(names)} shapes of jaw and mouth are not ARKit's, such as {others[0]}"
        )
    weights = np.zeros((len(values), len(MOVEMENTS)))
    for plain, (column, name) in known.items():
        if plain in names:
            weights[:, column] = values[:, names.index(plain)]
            most = np.abs(weights[:, column]).max(initial=0)
            if most > MOST:
                raise ValueError(f"its {name} reaches {most:g}, expected 0 to 1; divide percent by 100")
    return movements_to_expression(weights)
