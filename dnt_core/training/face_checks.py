r"""Whether a clip's 257 numbers put a face into its pictures, asked before hours of training."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch

from dnt_core.clips import FaceCache
from dnt_core.face3d import MorphableModel, PerspectiveCamera

SIZE = (0.2, 5.0)  # of the mean face: how large identity and expression can make a face
LEAST = 2  # frames with a face: one to learn from, one to test on
SPAN = (0.02, 10.0)  # of the image's side: what the landmarks of a face in a picture can span


@torch.no_grad()
def face_problem(model: MorphableModel, cache: FaceCache) -> str | None:
    r"""What makes a clip's faces useless, in words; None where nothing does.

    A face is between a fifth and five times as large as the model's mean face and lies in front of the
    camera; its 68 landmarks span between a fiftieth and ten times the image's side, and some of them lie in
    the image. Frames in which no face was found are not looked at; two others are the least to learn from.

    Args:
        model: the face model that the cache's numbers belong to.
        cache: of the clip, T frames.
    """
    seen = torch.from_numpy(cache.has_face)
    if int(seen.sum()) < LEAST:
        return f"{int(seen.sum())} of {len(seen)} frames have one, expected at least {LEAST}"
    for wrong, said in _wrong(model, cache):
        if (seen & wrong).any():
            return said(seen & wrong)
    return None


@torch.no_grad()
def drawable_frames(model: MorphableModel, cache: FaceCache) -> np.ndarray:
    r"""(T,) bool: frames with a face that is where a camera could see it, as :func:`face_problem` asks.

    Args:
        model: the face model that the cache's numbers belong to.
        cache: of the clip, T frames.
    """
    seen = torch.from_numpy(cache.has_face)
    for wrong, _ in _wrong(model, cache):
        seen = seen & ~wrong
    return seen.numpy()


Wrong = tuple[torch.Tensor, Callable[[torch.Tensor], str]]


def _wrong(model: MorphableModel, cache: FaceCache) -> Iterator[Wrong]:
    r"""What can be wrong with a face: in which frames it is, (T,) bool, and what to say of some of them."""
    camera = PerspectiveCamera()
    posed = model.posed_landmarks(cache.face_parameters())  # (T, 68, 3)
    size = _extent(posed) / _extent(model.landmarks(model.mean_shape))
    yield (
        (size < SIZE[0]) | (size > SIZE[1]),
        lambda frames: (
            f"identity or expression make the face {_first(size, frames):.3g} times as large as the mean in "
            f"{_frames(frames)}"
        ),
    )
    column, row, depth = camera.project(posed).unbind(-1)  # (T, 68)
    yield (depth <= 0).any(-1), lambda frames: f"the face lies behind the camera in {_frames(frames)}"
    span = _extent(torch.stack([column, row], dim=-1)) / camera.image_size
    yield (
        (span < SPAN[0]) | (span > SPAN[1]),
        lambda frames: (
            f"the face spans {_first(span, frames):.3g} times the picture's side in {_frames(frames)}"
        ),
    )
    inside = (column > -0.5) & (column < camera.image_size) & (row > -0.5) & (row < camera.image_size)
    yield ~inside.any(-1), lambda frames: f"the face lies outside the picture in {_frames(frames)}"


def _first(values: torch.Tensor, frames: torch.Tensor) -> float:
    return float(values[frames.nonzero()[0, 0]])


def _extent(points: torch.Tensor) -> torch.Tensor:
    """(..., N, D) → (...): the longest side of the box around the points."""
    return (points.amax(-2) - points.amin(-2)).amax(-1)


def _frames(which: torch.Tensor) -> str:
    first, count = int(which.nonzero()[0, 0]), int(which.sum())
    return f"{count} of {len(which)} frames, first in frame {first}"
