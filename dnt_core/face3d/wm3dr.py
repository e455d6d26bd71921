r"""WM3DR reconstructs the same 257 numbers before another camera; here its pose is translated."""

from __future__ import annotations

import torch
from torch import Tensor

from dnt_core.face3d.camera import REFERENCE_SIZE, PerspectiveCamera
from dnt_core.face3d.parameters import FaceParameters

INPUT_SIZE = 512  # px: the square image the network sees
STRIDE = 8  # px of that image in one cell of the heat map
CELLS = INPUT_SIZE // STRIDE  # 64
FOCAL = 1015.0  # px of that image, where Deep3DFaceRecon means px of a 224 px image

# The principal point at the middle of the square: 112 from the edge of 224, so 111.5 from the first pixel's
# centre.
WM3DR_CAMERA = PerspectiveCamera(
    image_size=INPUT_SIZE, focal=FOCAL * REFERENCE_SIZE / INPUT_SIZE, center=(REFERENCE_SIZE - 1) / 2
)


def wm3dr_to_deep3d(vector: Tensor, cell: Tensor | int) -> FaceParameters:
    r"""A vector gathered at a peak of WM3DR's heat map, with its pose in this package's convention.

    WM3DR writes the translation (a, b, c) relative to the cell: with cx = (cell mod 64 + 0.5) 8 and
    cy = (cell div 64 + 0.5) 8 the face stands at the camera depth c + 10, in front of the pixel (cx + a, cy -
    b). Here that is

    ::

        t = ((c + 10)(a + cx - 256) / 1015, (c + 10)(b + 256 - cy) / 1015, -c)

    Angles, identity, expression, texture and illumination are the same numbers in both.

    Args:
        vector: (..., 257) in storage order.
        cell: index of the peak in the flattened 64 x 64 heat map, row by row; int or (...,) integer tensor.

    Returns:
        :class:`FaceParameters` to be seen by :data:`WM3DR_CAMERA`, which spans the whole 512 px square (or,
        with another ``image_size``, the square frame at that size). The default camera has a narrower view:
        see :func:`~dnt_core.face3d.crop_pose.crop_pose` before caching parameters of a crop.

    Raises:
        ValueError: the vector is not (..., 257), or a cell lies outside the heat map.
    """
    read = FaceParameters.from_vector(vector, order="storage")
    cell = torch.as_tensor(cell, device=read.device)
    if cell.is_floating_point() or (cell < 0).any() or (cell >= CELLS**2).any():
        raise ValueError(f"cell must be an index from 0 to {CELLS**2 - 1}, got {cell.tolist()}")
    cx = ((cell % CELLS).to(read.dtype) + 0.5) * STRIDE
    cy = ((cell // CELLS).to(read.dtype) + 0.5) * STRIDE
    a, b, c = read.translation.unbind(-1)
    middle, depth = INPUT_SIZE / 2, c + WM3DR_CAMERA.distance
    x, y = depth * (a + cx - middle) / FOCAL, depth * (b + middle - cy) / FOCAL
    return read.replace(translation=torch.stack([x, y, -c.expand_as(x)], dim=-1))
