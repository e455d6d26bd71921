r"""Blend shapes in JSON → a table with a shape per column, whichever program wrote it.

Audio2Face: ``facsNames``, ``weightMat``, ``exportFps``. The data set BEAT, and programs that follow it:
``names`` and ``frames``, each with ``weights`` and a ``time``. MediaPipe: a list of frames, each a list of
``categoryName`` and ``score``. Others: a list of frames, each with a value per name.
"""

from __future__ import annotations

import re
from typing import Any

NAMES = ("facsNames", "names")
FRAMES = ("weightMat", "frames")
RATES = ("exportFps", "fps", "frameRate", "frame_rate")
INSIDE = ("weights", "blendshapes", "faceblendshapes", "categories", "shapes", "values")
DEEPEST = 4  # lists and dictionaries in a frame
CATEGORY, SCORE = ("categoryName", "category_name", "name", "shapeKey"), ("score", "value", "weight")


def table_of_json(held: Any) -> tuple[list[str], list[list[str]], float | None]:
    r"""Names of the columns, cells as text ("" where a frame has none), and frames per second if it says so.

    Args:
        held: what the file holds.

    Raises:
        ValueError: no frames in it, or a frame with another number of weights than there are names.
    """
    names, frames, fps = None, held, None
    if isinstance(held, dict):
        about = {**(held["metadata"] if isinstance(held.get("metadata"), dict) else {}), **held}
        names = next((about[key] for key in NAMES if isinstance(about.get(key), list)), None)
        frames = next((held[key] for key in FRAMES if isinstance(held.get(key), list)), None)
        rates = (about[key] for key in RATES if _is_number(about.get(key)))
        fps = next((float(rate) for rate in rates if rate > 0), None)
    if not isinstance(frames, list):
        raise ValueError(
            "expected Audio2Face's facsNames and weightMat in it, or frames with ARKit's blend shapes by name"
        )
    rows = [_values(number, frame, names) for number, frame in enumerate(frames)]
    head = list(dict.fromkeys(name for row in rows for name in row))
    return head, [[str(row[name]) if name in row else "" for name in head] for row in rows], fps


def _values(number: int, frame: Any, names: list | None, deep: int = 0) -> dict[str, float]:
    r"""Name → value of a frame; of several faces the first one's."""
    if deep > DEEPEST:
        return {}
    if isinstance(frame, dict):
        own = {str(name): value for name, value in frame.items() if _is_number(value)}
        inside = (value for name, value in frame.items() if re.sub("[^a-z]", "", name.lower()) in INSIDE)
        return own | _values(number, next(inside, None), names, deep + 1)
    if not isinstance(frame, list) or not frame:
        return {}
    if all(map(_is_number, frame)) and names is not None:
        if len(frame) != len(names):
            raise ValueError(
                f"frame {number} holds {len(frame)} weights, expected a number for each of {len(names)} names"
            )
        return dict(zip(map(str, names), frame, strict=True))
    scores = [entry for entry in frame if isinstance(entry, dict) and _first(entry, CATEGORY) is not None]
    if scores:
        pairs = [(_first(entry, CATEGORY), _first(entry, SCORE)) for entry in scores]
        return {str(name): value for name, value in pairs if _is_number(value)}
    return _values(number, frame[0], names, deep + 1)


def _first(entry: dict, keys: tuple[str, ...]) -> Any:
    return next((entry[key] for key in keys if key in entry), None)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
