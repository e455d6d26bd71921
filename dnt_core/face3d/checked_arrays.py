r"""Arrays of a face model as tensors, or one sentence that says which one is wrong and how."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from dnt_core.arguments import as_tensor


def real_array(name: str, value: Any, shape: tuple[int, ...]) -> Tensor:
    r"""A floating tensor of a shape, finite and in one piece.

    Args:
        name: of the model and the array, for the message.
        value: anything that torch takes for a tensor; whole numbers become floating ones.
        shape: that it must have, of one row or more.

    Raises:
        ValueError: another shape, or numbers that are not finite.
    """
    value = as_tensor(value)
    value = value if value.is_floating_point() else value.to(torch.get_default_dtype())
    if tuple(value.shape) != shape or shape[0] == 0:
        raise ValueError(f"{name} has shape {tuple(value.shape)}, expected {shape}")
    if not torch.isfinite(value).all():
        raise ValueError(f"{name} holds numbers that are not finite")
    return value.contiguous()


def vertex_ids(name: str, value: Any, shape: tuple[int | None, ...], n_vertices: int) -> Tensor:
    r"""Vertex ids from 0 as an int64 tensor.

    Args:
        name: of the model and the array, for the message.
        value: anything that torch takes for a tensor of whole numbers.
        shape: that it must have; None: any length.
        n_vertices: of the mesh.

    Raises:
        ValueError: another shape, nothing in it, floating numbers, or an id out of range.
    """
    value = as_tensor(value)
    fits = value.ndim == len(shape) and all(s in (None, k) for s, k in zip(shape, value.shape, strict=False))
    if not fits or value.numel() == 0:
        expected = tuple("any" if s is None else s for s in shape)
        raise ValueError(f"{name} has shape {tuple(value.shape)}, expected {expected}")
    if value.is_floating_point():
        raise ValueError(f"{name} must be integer vertex ids, got {value.dtype}")
    low, high = int(value.min()), int(value.max())
    if low < 0 or high >= n_vertices:
        raise ValueError(f"{name} holds vertex ids {low} to {high}, expected 0 to {n_vertices - 1}")
    return value.to(torch.int64).contiguous()
