r"""One labelled clip, and something that is wrong with a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dnt_core.ciec import EXPRESSIONS, LEVEL_INTENSITY, encode, level_to_intensity

VIEWS = ("down", "front", "left_30", "left_60", "right_30", "right_60", "top")
LEVELS = tuple(LEVEL_INTENSITY)  # 1, 2, 3
CELLS = tuple((name, level) for name in EXPRESSIONS for level in LEVELS if name != "neutral" or level == 1)


def as_level(text: str) -> int | float:
    r"""``"2"`` → 2, ``"1.5"`` → 1.5: filmed levels are whole, the actor's between them are not."""
    level = float(text)
    return int(level) if level.is_integer() else level


def is_cell(expression: str, level: int | float) -> bool:
    r"""Whether MEAD films this cell, or the actor could: between two filmed levels, not neutral."""
    between = not isinstance(level, int) and 0.0 < level < LEVELS[-1] and expression != "neutral"
    return (expression, level) in CELLS or between


@dataclass(frozen=True)
class Clip:
    r"""A video of one sentence said with one expression at one level, and the files that go with it.

    ``audio`` and ``face_cache`` are None where there is no usable file. Numbers do not correspond across
    expressions: clip 003 of "happy" and clip 003 of "sad" say different sentences.

    Args:
        actor: folder name, such as "M003".
        view: the camera, one of :data:`VIEWS`.
        expression: one of ``EXPRESSIONS``.
        level: MEAD's 1, 2 or 3; a fraction for films of other intensities.
        number: of the clip within its folder, from 1.
        video: the mp4.
        audio: its sound, or None.
        face_cache: its ``.face3d.npz``, or None.
        bad_audio: the sound file that is there and damaged, and what is wrong with it; "" where none is.

    Examples:
        >>> from dnt_core.live.default_clip import default_clip
        >>> video = default_clip("M003", 128)  # one of the shipped clips
        >>> clip = dnt_core.scan(video.parents[5])[0]
        >>> clip.actor, clip.expression, clip.level
        ('M003', 'neutral', 1)
    """

    actor: str
    view: str
    expression: str
    level: int | float
    number: int
    video: Path
    audio: Path | None = None
    face_cache: Path | None = None
    bad_audio: str = ""

    @property
    def name(self) -> str:
        r"""Unique within a folder, such as ``M003/front/happy/level_2/014``."""
        return f"{self.actor}/{self.view}/{self.expression}/level_{self.level}/{self.number:03d}"

    @property
    def take(self) -> tuple[str, str, int | float, int]:
        r"""Actor, expression, level, number: the same for all cameras that filmed this sentence."""
        return self.actor, self.expression, self.level, self.number

    @property
    def type_index(self) -> int:
        r"""Index of the expression in ``EXPRESSIONS``."""
        return EXPRESSIONS.index(self.expression)

    @property
    def intensity(self) -> float:
        r"""0.33, 0.67 or 1 for levels 1–3 (section 3.1), level / 3 between them; 0 for neutral."""
        return 0.0 if self.expression == "neutral" else level_to_intensity(self.level)

    @property
    def ciec(self) -> np.ndarray:
        r"""The clip's CIEC vector, (7,) float32."""
        return np.asarray(encode(self.expression, np.array(self.intensity, dtype=np.float32)))


@dataclass(frozen=True)
class Problem:
    r"""Something wrong with one file: ``reason`` is "kind: details"; ``left_out``: it cost a clip.

    Args:
        path: the file or folder.
        reason: "kind: details".
        left_out: whether it cost a clip.
    """

    path: Path
    reason: str
    left_out: bool = True

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"

    @property
    def kind(self) -> str:
        return self.reason.partition(":")[0]
