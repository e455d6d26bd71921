r"""Flicker: what moves from frame to frame that does not move in the film.

Pictures one by one hide it: each may be near its frame, one too light and the next too dark. How it misleads:
a frozen picture flickers by no more than the film moves, which is little in a face that is silent; so read it
beside PSNR, and beside the value of a frozen frame.
"""

from __future__ import annotations

import torch
from torch import Tensor

from dnt_core.rendering.precision import check_unit_range, single_or_wider

GREY_LEVELS = 255.0


def flicker(pictures: Tensor, film: Tensor, mask: Tensor) -> Tensor:
    r"""Mean over the face of \|(Î_{t+1} − Î_t) − (I_{t+1} − I_t)\|.

    Args:
        pictures: (T, 3, H, W) in [0, 1], consecutive frames.
        film: likewise, the truth.
        mask: (T, 1, H, W), 1 where it counts; a pixel counts from t to t + 1 if it does in either.

    Returns:
        (T - 1,) in grey levels of 0 to 255; NaN where the mask is empty.

    Raises:
        TypeError: pictures of whole numbers, whose differences would wrap around.
        ValueError: shapes that do not fit each other, fewer than two frames, a film of 0 to 255.
    """
    if not (pictures.is_floating_point() and film.is_floating_point()):
        raise TypeError(f"flicker takes pictures in [0, 1], got {pictures.dtype} and {film.dtype}")
    if (
        pictures.ndim != 4
        or pictures.shape != film.shape
        or len(pictures) < 2
        or mask.shape != pictures[:, :1].shape
    ):
        raise ValueError(
            f"expected pictures and film of one shape (T, 3, H, W) with T ≥ 2 and a mask (T, 1, H, W), got "
            f"{tuple(pictures.shape)}, {tuple(film.shape)} and {tuple(mask.shape)}"
        )
    check_unit_range("frames of the film", film)
    error = single_or_wider(pictures) - single_or_wider(film)  # a picture's sums overflow in half precision
    counts = torch.maximum(mask[1:], mask[:-1]).to(error.dtype)
    change = (error.diff(dim=0).abs() * counts).sum((1, 2, 3))
    return GREY_LEVELS * change / (3 * counts.sum((1, 2, 3)))
