r"""Lips kept? Distances in millimetres, and the mouth's opening and width over time."""

from __future__ import annotations

import torch
from torch import Tensor

from dnt_core.face3d.morphable_model import MOUTH
from dnt_core.rendering.precision import exact_dtype

MM = 100.0  # millimetres in a decimetre
_UPPER, _LOWER = 62 - MOUTH.start, 66 - MOUTH.start  # middle of the inner lips
_RIGHT, _LEFT = 48 - MOUTH.start, 54 - MOUTH.start  # corners
CLOSED_MM = 1.0  # lips that part less than this, against rest or the speech alone, count as closed


def lip_error_mm(before: Tensor, after: Tensor) -> Tensor:
    r"""(..., 20, 3) dm twice → (...) mean distance of the mouth landmarks in mm."""
    return (before - after).norm(dim=-1).mean(-1) * MM


def lip_opening_mm(mouth: Tensor) -> Tensor:
    r"""(..., 20, 3) dm → (...) how far the inner lips' middles (landmarks 62, 66) are apart, in mm."""
    return (mouth[..., _UPPER, 1] - mouth[..., _LOWER, 1]) * MM


def lip_width_mm(mouth: Tensor) -> Tensor:
    r"""(..., 20, 3) dm → (...) distance of the mouth's corners (landmarks 48, 54) in mm."""
    return (mouth[..., _RIGHT, :] - mouth[..., _LEFT, :]).norm(dim=-1) * MM


def correlation_over_time(before: Tensor, after: Tensor, clip: Tensor) -> float:
    r"""Pearson's correlation of two curves, clip by clip, averaged over clips; a curve that never moves
    counts 0.

    Args:
        before, after: (N,) one number a frame. clip: (N,) which clip each frame belongs to.
    """
    values = [correlation(before[clip == number], after[clip == number]) for number in clip.unique()]
    return float(torch.stack(values).mean())


def correlation(a: Tensor, b: Tensor) -> Tensor:
    r"""(N,) twice → () Pearson's correlation, in double where there is one; 0 where one curve never moves."""
    a, b = (curve.to(exact_dtype(curve.device)) for curve in (a, b))
    a, b = a - a.mean(), b - b.mean()
    size = a.norm() * b.norm()
    return a @ b / size if size > 1e-9 else a.new_zeros(())


def closures_kept(opening: Tensor, reference: Tensor, closed: Tensor) -> float:
    r"""Share of the frames of p, b and m in which the lips part by less than 1 mm more than they should.

    Args:
        opening: (N,) mm, of the face in question. reference: (N,) mm, of the speech alone.
        closed: (N,) bool, frames of closure; there must be some.
    """
    if not closed.any():
        raise ValueError("no frame of p, b or m among them")
    kept = opening[closed] <= reference[closed] + CLOSED_MM
    return float(kept.to(exact_dtype(kept.device)).mean())
