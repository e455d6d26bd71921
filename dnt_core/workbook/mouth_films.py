r"""A film of the mouth alone, drawn with and without the teeth submodule, side by side and with the sound."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from dnt_core.ciec import encode
from dnt_core.clips import provenance_record, write_video
from dnt_core.networks.mouth_window import cut_window, mouth_window
from dnt_core.plotting import to_display

if TYPE_CHECKING:
    from dnt_core.live import LiveFace

SHOWN = (0.25, 0.375)  # height and width of what is shown, in sides of the picture
LARGER = 3  # times, so that teeth can be seen


@torch.inference_mode()
def teeth_pair(face: LiveFace, frame: int, ciec: Tensor) -> tuple[Tensor, Tensor]:
    r"""The mouth of one frame without and with the teeth's features, each (3, h, w) in [0, 1].

    Args:
        face: a live face whose generator has a teeth submodule. frame: of its clip. ciec: (1, 7).
    """
    inputs = face.scene.inputs(frame)
    size = tuple(4 * round(share * face.size / 4) for share in SHOWN)
    window = mouth_window(inputs.mouth_box, size)
    pictures = (
        face.generator.steps(inputs, ciec, with_teeth=kept).rendered(inputs.background).image
        for kept in (False, True)
    )
    without, with_teeth = (cut_window(picture, window, size)[0] for picture in pictures)
    return without, with_teeth


def teeth_film(
    face: LiveFace, expression: str, intensity: float, out: str | os.PathLike,
    frames: Sequence[int] | None = None,
) -> Path:  # fmt: skip
    r"""Writes :func:`teeth_pair` over a clip, left without and right with the teeth's features.

    Args:
        expression, intensity: the same in all frames.
        out: the mp4, with the visible mark, the record and the clip's sound.
        frames: consecutive ones; None: all.
    """
    frames = range(face.n_frames) if frames is None else frames
    ciec = encode(expression, torch.tensor([float(intensity)]))
    pictures = (_side_by_side(*teeth_pair(face, frame, ciec)) for frame in frames)
    samples, rate = face.audio or (None, 16_000)
    if samples is not None:
        first, last = (round(rate * k / face.fps) for k in (frames[0], frames[-1] + 1))
        samples = np.asarray(samples[first:last], np.float32).clip(-1, 1)
    asked = f"{expression} {intensity:g}"
    record = provenance_record("dnt_core.workbook", expression=asked, **face.provenance)
    return write_video(out, pictures, face.fps, samples, rate, provenance=record)


def _side_by_side(left: Tensor, right: Tensor) -> np.ndarray:
    both = F.interpolate(torch.stack([left, right]), scale_factor=LARGER, mode="bicubic").clamp(0, 1)
    gap = torch.ones(3, both.shape[-2], 8)
    return to_display(torch.cat([both[0], gap, both[1]], -1))
