r"""A folder of numbered pictures, as ``ffmpeg`` and video editors write them: what a film can be made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.media_reading import open_reading
from dnt_core.clips.media_suffixes import is_picture


def in_words_and_numbers(path: Path) -> list[str | int]:
    r"""A key to sort by that puts ``frame_2`` before ``frame_10``."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", str(path))]


def pictures_in(folder: Path) -> list[Path]:
    r"""The pictures of a folder, those of the kind that is there most, in the order of their numbers."""
    kinds: dict[str, list[Path]] = {}
    for path in folder.iterdir():
        if is_picture(path):
            kinds.setdefault(path.suffix.lower(), []).append(path)
    return sorted(max(kinds.values(), key=len, default=[]), key=in_words_and_numbers)


def read_pictures(pictures: list[Path]) -> Iterator[np.ndarray]:
    r"""(H, W, 3) uint8 RGB of each, upright.

    Args:
        pictures: of one size.

    Raises:
        ClipError: one that cannot be read, or is of another size than the first.
    """
    size = None
    for path in pictures:
        with open_reading(path, hdr=True) as reading:
            rgb = next(reading.frames(lambda whole: whole))
        size = size or rgb.shape
        if rgb.shape != size:
            raise ClipError(
                f"{path} is a picture of {rgb.shape[1]}x{rgb.shape[0]} px, {pictures[0].name} one of "
                f"{size[1]}x{size[0]}; expected one size"
            )
        yield rgb


def left_out(pictures: list[Path]) -> str:
    r"""What to say of numbers without a picture, or ""."""
    found = [re.findall(r"\d+", path.stem) for path in pictures]
    numbers = [int(digits[-1]) for digits in found if digits]
    missing = numbers[-1] - numbers[0] + 1 - len(numbers) if len(set(numbers)) == len(pictures) else 0
    return f"{missing} number{'s' * (missing > 1)} without a picture left out" if missing > 0 else ""
