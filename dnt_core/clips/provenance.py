r"""What made a video: a record inside the file, and a visible "SYNTHETIC" mark in a corner of the picture.

Peers' systems leave neither on what they generate. Here both are the default of ``write_video``. Footage that
goes on to training (the built-in actor's clips) leaves out the mark, which a classifier would read, and keeps
the record.
"""

from __future__ import annotations

import json
import os
from functools import lru_cache
from typing import Any

import numpy as np

from dnt_core.arguments import shown
from dnt_core.clips.media_file import open_media

SCHEMA = "dnt-provenance/1"
MARK_TEXT = "SYNTHETIC"

_LETTERS = {  # 5 × 7 pixels, one string a row
    "S": (" ####", "#    ", "#    ", " ### ", "    #", "    #", "#### "),
    "Y": ("#   #", "#   #", " # # ", "  #  ", "  #  ", "  #  ", "  #  "),
    "N": ("#   #", "##  #", "##  #", "# # #", "#  ##", "#  ##", "#   #"),
    "T": ("#####", "  #  ", "  #  ", "  #  ", "  #  ", "  #  ", "  #  "),
    "H": ("#   #", "#   #", "#   #", "#####", "#   #", "#   #", "#   #"),
    "E": ("#####", "#    ", "#    ", "#### ", "#    ", "#    ", "#####"),
    "I": ("#####", "  #  ", "  #  ", "  #  ", "  #  ", "  #  ", "#####"),
    "C": (" ####", "#    ", "#    ", "#    ", "#    ", "#    ", " ####"),
}


def provenance_record(made_by: str = "dnt_core", **details: Any) -> dict[str, Any]:
    r"""The record that goes into a file: ``schema``, ``synthetic: true``, ``made_by``, then ``details``.

    There is no time of day in it, so that the same input gives the same bytes. Details must be JSON values
    (numbers, strings, lists, dicts): model, seed, actor, expression, knobs, consent ….

    Args:
        made_by: name of the program.
        details: further keys of the record.

    Raises:
        ValueError: a detail called ``schema`` or ``synthetic``, which are not the caller's to say.
    """
    if taken := sorted({"schema", "synthetic"} & set(details)):
        raise ValueError(f"a provenance record says {taken[0]!r} itself; give that detail another name")
    return {"schema": SCHEMA, "synthetic": True, "made_by": made_by, **details}


def mark_frame(frame: np.ndarray) -> np.ndarray:
    r"""Burns "SYNTHETIC" into the lower right corner of a frame (H, W, 3) uint8; returns a copy.

    White letters on a darkened plate, so that it is legible on any picture; about a quarter of the width, at
    least 7 pixels high.

    Args:
        frame: (H, W, 3) uint8 RGB, at least 59 × 13 px.

    Raises:
        ValueError: another shape or type, or a frame too small for legible letters (below 59 × 13 px).
    """
    if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8:
        raise ValueError(f"a frame must be (H, W, 3) uint8 RGB, got {frame.shape} {frame.dtype}")
    ink = _mark_ink(*frame.shape[:2])
    marked, (height, width) = frame.copy(), ink.shape
    corner = marked[-1 - height : -1, -1 - width : -1]
    corner[:] = np.where(ink[..., None], 245, corner // 3)
    return marked


@lru_cache(maxsize=4)
def _mark_ink(height: int, width: int) -> np.ndarray:
    r"""The text's pixels on its plate, for a frame of such a size, bool."""
    rows = [" ".join(_LETTERS[letter][row] for letter in MARK_TEXT) for row in range(7)]
    ink = np.array([[pixel == "#" for pixel in row] for row in rows])  # (7, 53), a column between letters
    if width < ink.shape[1] + 6 or height < ink.shape[0] + 6:
        raise ValueError(
            f"a frame of {width}x{height} pixels is too small for the visible mark (at least "
            f"{ink.shape[1] + 6}x{ink.shape[0] + 6}); write it larger, or leave the mark out"
        )
    scale = max(1, round(0.25 * width / ink.shape[1]))
    scale = min(
        scale, (width - 1) // (ink.shape[1] + 4), (height - 1) // (ink.shape[0] + 4)
    )  # with its plate
    return np.pad(ink.repeat(scale, 0).repeat(scale, 1), 2 * scale if scale > 1 else 2)


def to_comment(record: dict[str, Any]) -> str:
    r"""The record as one line of JSON with sorted keys, for the file's ``comment`` metadata."""
    if not _is_record(record):
        raise ValueError(f"a provenance record comes from provenance_record(...), got {shown(record)}")
    try:
        return json.dumps(record, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise ValueError(f"a provenance record must hold JSON values only: {error}") from error


def read_provenance(path: str | os.PathLike) -> dict[str, Any] | None:
    r"""The record a media file carries in its ``comment``, or None if it carries none.

    Args:
        path: of a film (.mp4).

    Returns:
        ``schema``, ``synthetic``, ``made_by`` and what the maker noted, such as ``expression``, ``weights``
        and ``clip``; None without a record of this package.

    Raises:
        ClipError: the file cannot be opened.
    """
    with open_media(path) as container:
        comment = container.metadata.get("comment", "")
    try:
        record = json.loads(comment)
    except json.JSONDecodeError:
        return None
    return record if _is_record(record) else None


def _is_record(value: object) -> bool:
    return isinstance(value, dict) and str(value.get("schema", "")).startswith("dnt-provenance/")
