r"""ARKit's blend shapes, as face trackers and sound-to-face programs write them, → expression numbers of the
built-in face, each row at its time.

Live Link Face: a CSV whose ``Timecode`` is hours:minutes:seconds:frame.part. Audio2Face: a CSV whose
``timeCode`` is in seconds, or a JSON with ``facsNames``, ``weightMat`` and ``exportFps``. A phone that is
warm leaves frames out, so rows go by their times where these make sense.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dnt_core.plain_files import read_json

MOST = 3.0  # shapes lie in [0, 1], exaggerated ones a little above; percent lie far above
_TIMES = ("timecode", "time", "timestamp")
_TIMECODE = re.compile(r"(\d+):(\d+):(\d+)[:;](\d+(?:\.\d+)?)")
_RATES = (10.0, 130.0)  # frames per second of such recordings
_APART = 0.1  # share by which two rates are not the same one


class ShapeTable(NamedTuple):
    r"""A recording.

    Attributes:
        numbers: (T, 64) expression numbers of the built-in face.
        seconds: (T,) of each row since the first, None where the file does not say.
        fps: rows per second, None where the file does not say.
    """

    numbers: np.ndarray
    seconds: np.ndarray | None
    fps: float | None


def plain_name(name: str) -> str:
    r"""A shape's name in lower case: ``blendShapes.MouthSmile_L`` → ``mouthsmileleft``."""
    name = name.strip().lower().rpartition(".")[2]
    name = re.sub("_(l|r)$", lambda side: {"l": "left", "r": "right"}[side[1]], name)
    return name.replace("_", "")


def shapes_of_cells(head: list[str], rows: list[list[str]], fps: float | None) -> ShapeTable:
    r"""A table with a shape per column.

    Args:
        head: names of the columns, see :func:`plain_name`.
        rows: as many cells each; one without numbers is a frame without a face, and is passed over.
        fps: rows per second, if somebody said so.

    Raises:
        ValueError: shapes far outside of [0, 1], times that do not go with ``fps``.
    """
    mouth = [place for place, name in enumerate(head) if name.startswith(("jaw", "mouth"))]
    kept = [k for k, row in enumerate(rows) if any(row[place].strip() for place in mouth)]
    values = np.array([[float(rows[k][place]) for place in mouth] for k in kept]).reshape(-1, len(mouth))
    column = next((head.index(name) for name in _TIMES if name in head), None)
    times, said = None, None
    if column is not None and len(rows) > 1:
        times, said = _times([row[column] for row in rows], fps)
    if times is None and (rate := fps or said) is not None:
        times = np.arange(len(rows)) / rate
    numbers = _expression([head[place] for place in mouth], values)
    return ShapeTable(numbers, None if times is None else times[kept], fps or said)


def shapes_of_json(path: Path) -> ShapeTable:
    r"""Audio2Face's export of blend shapes.

    Args:
        path: of the .json.

    Raises:
        ValueError: another JSON, or shapes far outside of [0, 1].
    """
    held = read_json(path)
    names, rows, fps = held.get("facsNames"), held.get("weightMat"), held.get("exportFps")
    if not isinstance(names, list) or not isinstance(rows, list):
        raise ValueError("expected Audio2Face's facsNames and weightMat in it")
    wrong = next((k for k, row in enumerate(rows) if np.shape(row) != (len(names),)), None)
    if wrong is not None:
        raise ValueError(
            f"frame {wrong} of its weightMat does not hold a number for each of {len(names)} names"
        )
    values = np.array(rows, float).reshape(len(rows), len(names))
    numbers = _expression([plain_name(str(name)) for name in names], values)
    fps = float(fps) if isinstance(fps, int | float) and fps > 0 else None
    return ShapeTable(numbers, None, fps)


def _times(cells: list[str], fps: float | None) -> tuple[np.ndarray | None, float | None]:
    r"""Seconds since the first row and the rate that they go by; None where they make no sense."""
    found = [_TIMECODE.fullmatch(cell.strip()) for cell in cells]
    if not all(found):
        try:
            seconds = np.array([float(cell) for cell in cells])
        except ValueError:
            return None, None
        rate = 1 / max(float(np.median(np.diff(seconds))), 1e-9)
        return _checked(seconds, rate, fps)
    parts = np.array([[float(part) for part in match.groups()] for match in found if match])
    whole, frames = parts[:, :3] @ [3600.0, 60.0, 1.0], parts[:, 3]
    counted = float(np.floor(frames.max())) + 1  # of whole seconds the last frame is among them
    if whole[-1] - whole[0] < 2:
        counted = fps or 0.0
    return _checked(whole + frames / max(counted, 1.0), counted, fps)


def _checked(seconds: np.ndarray, rate: float, fps: float | None) -> tuple[np.ndarray | None, float | None]:
    steps = np.diff(seconds)
    sound = _RATES[0] <= rate <= _RATES[1] and bool((steps > 0).all())
    if not sound or abs(float(np.median(steps)) * rate - 1) > 2 * _APART:
        return None, None
    if fps is not None and abs(fps / rate - 1) > _APART:
        raise ValueError(f"its times count {rate:.4g} frames per second, and {fps:g} were given")
    return seconds - seconds[0], rate


def _expression(names: list[str], values: np.ndarray) -> np.ndarray:
    r"""The built-in model's movements bear ARKit's names, but for the side: mouthSmile_L, mouthSmileLeft."""
    from dnt_core.face3d.procedural.bases import movements_to_expression
    from dnt_core.face3d.procedural.movements import MOVEMENTS

    if "jawopen" not in names:
        raise ValueError("expected ARKit's blend shapes by name, with jawOpen among them")
    weights = np.zeros((len(values), len(MOVEMENTS)))
    for column, name in enumerate(MOVEMENTS):
        if name.startswith(("jaw", "mouth")) and plain_name(name) in names:
            weights[:, column] = values[:, names.index(plain_name(name))]
            most = np.abs(weights[:, column]).max(initial=0)
            if most > MOST:
                raise ValueError(f"its {name} reaches {most:g}, expected 0 to 1; divide percent by 100")
    return movements_to_expression(weights)
