r"""LMD: how far the mouth's landmarks of a generated face lie from the real one's (section 5.3).

.. math:: \text{LMD} = \frac{1}{T P} \sum_t \sum_p \lVert l_{t,p} - \hat l_{t,p} \rVert_2

over the P = 20 mouth landmarks, both sets centred on their own mean in each frame, so that the position of
the mouth does not count. Public implementations differ by the factor P, and in pixels the number grows with
the picture: a value without its convention and size cannot be compared.

How it misleads: a mouth that never moves scores well on speech that moves little; a smaller picture gives a
smaller number; and a mouth that lags by two frames cannot be told from one of the wrong shape.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from dnt_core.arguments import as_tensor
from dnt_core.face3d.morphable_model import MOUTH
from dnt_core.rendering.precision import exact_dtype

N_MOUTH = MOUTH.stop - MOUTH.start  # P = 20
N_LANDMARKS = 68
REPORTED_SIZE = 256  # px: the side of the picture that distances are quoted for
MM = 100.0  # millimetres in a decimetre

Convention = Literal["mean", "sum"]


def landmark_distance_px(
    real: Tensor,
    generated: Tensor,
    image_size: float,
    reported_size: float = REPORTED_SIZE,
    convention: Convention = "mean",
) -> Tensor:
    r"""LMD in pixels of a picture of a stated size.

    Args:
        real: (T, 68, 2) or (T, 20, 2), column and row in px of a square picture of side ``image_size``.
        generated: as ``real``, of the same frames.
        image_size: side in px of the picture that the landmarks were measured in.
        reported_size: side in px of the picture that the result is meant for.
        convention: "mean" divides by P (the formula above), "sum" does not and is 20 times as large.

    Returns:
        () the mean over the frames, in px at ``reported_size``.

    Raises:
        ValueError: other shapes, no frames, NaN, a size that is not positive, an unknown convention, shares
            of the picture's side in place of px.
    """
    if not 0 < image_size < math.inf or not 0 < reported_size < math.inf:
        raise ValueError(f"picture sizes must be positive px, got {image_size} and {reported_size}")
    reach = float(as_tensor(real).abs().max()) if len(real) else 0.0
    if 0 < reach <= 1 < image_size:
        raise ValueError(
            f"real landmarks lie within {reach:.3g} px; expected px of a picture of {image_size:g} px, not "
            "shares of its side"
        )
    return _distance(real, generated, 2, convention) * (reported_size / image_size)


def landmark_distance_mm(real: Tensor, generated: Tensor, convention: Convention = "mean") -> Tensor:
    r"""LMD in millimetres, of landmarks on the face model before its pose; no picture size enters.

    Args:
        real: (T, 68, 3) or (T, 20, 3) in decimetres.
        generated: as ``real``, of the same frames.
        convention: "mean" divides by P, "sum" does not and is 20 times as large.

    Returns:
        () the mean over the frames, in mm.

    Raises:
        ValueError: other shapes, no frames, NaN, an unknown convention.
    """
    return _distance(real, generated, 3, convention) * MM


def _distance(real: Tensor, generated: Tensor, axes: int, convention: str) -> Tensor:
    if convention not in ("mean", "sum"):
        raise ValueError(f"convention must be 'mean' or 'sum', got {convention!r}")
    a, b = (_mouth(points, axes, name) for points, name in ((real, "real"), (generated, "generated")))
    if len(a) != len(b):
        raise ValueError(f"real has {len(a)} frames and generated {len(b)}, expected the same frames")
    a, b = a - a.mean(1, keepdim=True), b - b.mean(1, keepdim=True)
    distances = (a - b).norm(dim=-1)  # (T, 20)
    return (distances.mean(1) if convention == "mean" else distances.sum(1)).mean()


def _mouth(points: Tensor, axes: int, name: str) -> Tensor:
    points = as_tensor(points)
    sizes = (N_LANDMARKS, N_MOUTH)
    if points.ndim != 3 or points.shape[1] not in sizes or points.shape[2] != axes or not len(points):
        raise ValueError(
            f"{name} landmarks must be (T, {N_LANDMARKS} or {N_MOUTH}, {axes}) with T > 0, "
            f"got {tuple(points.shape)}"
        )
    if not torch.isfinite(points).all():
        raise ValueError(f"{name} landmarks hold NaN or infinity")
    mouth = points if points.shape[1] == N_MOUTH else points[:, MOUTH]
    return mouth.to(exact_dtype(mouth.device))
