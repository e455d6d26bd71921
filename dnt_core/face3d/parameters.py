r"""The 257 numbers that describe one frame of a face: {alpha, beta, delta, gamma, p} of section 3.1."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import reduce
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from dnt_core.arguments import as_tensor, check_type, whole_number

SIZES = {"identity": 80, "expression": 64, "texture": 80, "illumination": 27, "pose": 6}
N_PARAMETERS = sum(SIZES.values())  # 257
STORAGE_COLUMNS = {  # where each part lies in a vector of "storage" order, see FaceParameters
    "identity": slice(0, 80),
    "expression": slice(80, 144),
    "texture": slice(144, 224),
    "angles": slice(224, 227),
    "illumination": slice(227, 254),
    "translation": slice(254, 257),
}

Order = Literal["paper", "storage"]


@dataclass(frozen=True, eq=False)
class FaceParameters:
    r"""One face per frame: the 257 coefficients of the paper's section 3.1, split by meaning.

    Every field is a tensor (..., n); the leading batch shapes broadcast against each other, so a whole
    clip can share one identity. Fields of several types take the widest one (float64 beside float32).
    The container is immutable: :meth:`replace` makes a changed copy.

    Args:
        identity: alpha, (..., 80), about N(0, 1) over people.
        expression: beta, (..., 64), about N(0, 1).
        texture: delta, (..., 80), skin colour coefficients, about N(0, 1) over people.
        illumination: gamma, (..., 27), spherical harmonics: 3 colours (R, G, B) of 9 bands each, *before* the
            constant +0.8 on band 0 that :func:`~dnt_core.face3d.spherical_harmonics_shading` adds.
        pose: p, (..., 6): angles about x, y, z in radians, then the translation x, y, z in decimetres.

    Raises:
        ValueError: a field has the wrong last size, or the batch shapes do not broadcast.
        TypeError: a field is not a floating point tensor, or not on the device of the others.

    Two orders of the flat vector exist and both have 257 numbers, so nothing but the name tells them apart:

    * ``"paper"``: alpha, beta, delta, gamma, p, as the paper writes them;
    * ``"storage"``: alpha, beta, delta, angles, gamma, translation, as the Deep3DFaceRecon and WM3DR families
      put them into files. Face caches (``NNN.face3d.npz``) are in storage order.

    Examples:
        >>> face = dnt_core.FaceParameters.zeros(2)
        >>> face.to_vector("paper").shape
        torch.Size([2, 257])
    """

    identity: Tensor
    expression: Tensor
    texture: Tensor
    illumination: Tensor
    pose: Tensor

    def __post_init__(self) -> None:
        parts = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, Tensor) or not value.is_floating_point():
                kind = value.dtype if isinstance(value, Tensor) else type(value).__name__
                raise TypeError(f"{field.name} must be a floating point tensor, got {kind}")
            if value.ndim == 0 or value.shape[-1] != SIZES[field.name]:
                raise ValueError(
                    f"{field.name} has shape {tuple(value.shape)}, expected (..., {SIZES[field.name]})"
                )
            parts[field.name] = value
        if len(devices := {str(value.device) for value in parts.values()}) > 1:
            raise TypeError(f"fields on {' and '.join(sorted(devices))} make no face; expected one device")
        widest = reduce(torch.promote_types, (value.dtype for value in parts.values()))
        batch = _batch_shape(parts)
        for name, value in parts.items():
            object.__setattr__(self, name, value.to(widest).expand(*batch, SIZES[name]))

    # ---- making ----

    @classmethod
    def zeros(
        cls, *batch_shape: int, dtype: torch.dtype | None = None, device: torch.device | str | None = None
    ) -> FaceParameters:
        r"""The mean face, straight on, in white light of 0.8: all 257 numbers zero.

        Args:
            batch_shape: leading sizes, as ints or as one tuple; none gives a single unbatched face.
            dtype: of the tensors; None: torch's default.
            device: of the tensors; None: torch's default.
        """
        if len(batch_shape) == 1 and isinstance(batch_shape[0], Sequence):
            batch_shape = tuple(batch_shape[0])
        batch_shape = tuple(whole_number(size, "batch size", least=0) for size in batch_shape)
        return cls(**{n: torch.zeros(*batch_shape, k, dtype=dtype, device=device) for n, k in SIZES.items()})

    @classmethod
    def from_vector(cls, vector: Tensor | np.ndarray, order: Order) -> FaceParameters:
        r"""Split a flat vector (..., 257), tensor or array, written in the given order (see the class).

        Args:
            vector: (..., 257) floating.
            order: "paper" or "storage", see the class.

        Raises:
            TypeError: the numbers are not floating point.
            ValueError: the last size is not 257, or the order is unknown.
        """
        _check_order(order)
        vector = as_tensor(vector)
        if vector.ndim == 0 or vector.shape[-1] != N_PARAMETERS:
            raise ValueError(f"expected a vector (..., {N_PARAMETERS}), got shape {tuple(vector.shape)}")
        if order == "paper":
            return cls(*vector.split(list(SIZES.values()), dim=-1))
        parts = {name: vector[..., columns] for name, columns in STORAGE_COLUMNS.items()}
        pose = torch.cat([parts.pop("angles"), parts.pop("translation")], dim=-1)
        return cls(**parts, pose=pose)

    @classmethod
    def stack(cls, items: Iterable[FaceParameters], dim: int = 0) -> FaceParameters:
        r"""Put faces of equal batch shape side by side along a new batch dimension (``dim`` >= 0).

        Args:
            items: faces of one batch shape, at least one.
            dim: where the new dimension stands, from 0.

        Raises:
            ValueError: no faces, different batch shapes, or a ``dim`` beyond them.
        """
        return cls._join(torch.stack, items, dim)

    @classmethod
    def cat(cls, items: Iterable[FaceParameters], dim: int = 0) -> FaceParameters:
        r"""Concatenate along an existing batch dimension (``dim`` >= 0).

        Args:
            items: faces whose batch shapes differ at most in ``dim``.
            dim: the batch dimension along which they are joined, from 0.

        Raises:
            ValueError: no faces, batch shapes that differ elsewhere, or a ``dim`` that they do not have.
        """
        return cls._join(torch.cat, items, dim)

    @classmethod
    def _join(cls, join, items: Iterable[FaceParameters], dim: int) -> FaceParameters:
        items = list(items)
        if not items:
            raise ValueError("nothing to join: the sequence of FaceParameters is empty")
        if dim < 0:
            raise ValueError(f"dim counts batch dimensions from the front, expected >= 0, got {dim}")
        shapes = sorted({tuple(item.batch_shape) for item in items})
        rest = {shape if join is torch.stack else shape[:dim] + shape[dim + 1 :] for shape in shapes}
        if len(rest) > 1 or any(dim >= len(shape) + (join is torch.stack) for shape in shapes):
            found = " and ".join(map(str, shapes))
            raise ValueError(f"faces of batch shape {found} cannot be joined along dimension {dim}")
        return cls(**{name: join([getattr(item, name) for item in items], dim=dim) for name in SIZES})

    # ---- reading ----

    @property
    def batch_shape(self) -> torch.Size:
        return self.identity.shape[:-1]

    @property
    def angles(self) -> Tensor:
        r"""Rotation about x, y, z in radians, (..., 3).

        Positive x nods down, positive y turns to image right, positive z tilts counter-clockwise in the
        image.
        """
        return self.pose[..., :3]

    @property
    def translation(self) -> Tensor:
        r"""Translation x, y, z in decimetres, (..., 3)."""
        return self.pose[..., 3:]

    @property
    def dtype(self) -> torch.dtype:
        return self.identity.dtype

    @property
    def device(self) -> torch.device:
        return self.identity.device

    def to_vector(self, order: Order) -> Tensor:
        r"""The flat vector (..., 257) in the given order; the inverse of :meth:`from_vector`.

        Args:
            order: "paper" or "storage", see the class.

        Raises:
            ValueError: the order is unknown.
        """
        _check_order(order)
        start = [self.identity, self.expression, self.texture]
        if order == "paper":
            return torch.cat([*start, self.illumination, self.pose], dim=-1)
        return torch.cat([*start, self.angles, self.illumination, self.translation], dim=-1)

    def numpy(self, order: Order) -> np.ndarray:
        r"""The flat vector as a detached array (..., 257) in the given order; files have "storage".

        Args:
            order: "paper" or "storage", see the class.

        Raises:
            ValueError: the order is unknown.
        """
        vector = self.to_vector(order).detach().cpu()
        return (vector.float() if vector.dtype == torch.bfloat16 else vector).numpy()  # NumPy has no bfloat16

    # ---- changing ----

    def replace(self, **changes: Tensor) -> FaceParameters:
        r"""A copy with some fields changed; ``angles`` and ``translation`` may be given in place of ``pose``.

        Batch shapes broadcast: replacing the expression of one face by (T, 64) gives T faces.

        Args:
            changes: field → its new value (..., its size), or ``angles`` (..., 3) and ``translation`` (...,
                3).

        Raises:
            TypeError: a value that is no floating point tensor, such as an array.
            ValueError: ``pose`` together with ``angles`` or ``translation``, a field that there is not, a
                wrong last size, or batch shapes that do not broadcast.
        """
        angles, translation = changes.pop("angles", None), changes.pop("translation", None)
        if angles is not None or translation is not None:
            if "pose" in changes:
                raise ValueError("give either pose or angles/translation, not both")
            changes["pose"] = _pose(
                self.angles if angles is None else angles,
                self.translation if translation is None else translation,
            )
        unknown = sorted(set(changes) - set(SIZES))
        if unknown:
            raise ValueError(
                f"unknown field {unknown[0]!r}, expected {', '.join(SIZES)}, angles or translation"
            )
        kept = {name: getattr(self, name) for name in SIZES if name not in changes}
        return FaceParameters(**kept, **changes)

    def to(self, *args, **kwargs) -> FaceParameters:
        r"""Move or cast every field, with the arguments of :meth:`torch.Tensor.to`.

        Args:
            args: a dtype, a device or a tensor.
            kwargs: ``dtype``, ``device`` and ``non_blocking``.
        """
        return FaceParameters(**{name: getattr(self, name).to(*args, **kwargs) for name in SIZES})

    def detach(self) -> FaceParameters:
        r"""The same numbers without their history of gradients."""
        return FaceParameters(**{name: getattr(self, name).detach() for name in SIZES})

    def __getitem__(self, index) -> FaceParameters:
        r"""Index the batch dimensions, never the coefficients: ``clip[10:20]``, ``batch[mask]``."""
        if not self.batch_shape:
            raise IndexError("an unbatched FaceParameters cannot be indexed")
        index = index if isinstance(index, tuple) else (index,)
        if not any(part is Ellipsis for part in index):
            index = (*index, Ellipsis)
        return FaceParameters(**{name: getattr(self, name)[(*index, slice(None))] for name in SIZES})

    def __len__(self) -> int:
        if not self.batch_shape:
            raise TypeError("an unbatched FaceParameters has no length")
        return self.batch_shape[0]

    def __repr__(self) -> str:
        return f"FaceParameters({tuple(self.batch_shape)}, dtype={self.dtype}, device={self.device})"


def _pose(angles: Tensor, translation: Tensor) -> Tensor:
    """p (..., 6) of its halves, (..., 3) each."""
    halves = {"angles": angles, "translation": translation}
    for name, half in halves.items():
        check_type(half, Tensor, name, "a floating point tensor")
        if half.shape[-1:] != (3,):
            raise ValueError(f"{name} has shape {tuple(half.shape)}, expected (..., 3)")
    batch = _batch_shape(halves)
    return torch.cat([half.expand(*batch, 3) for half in halves.values()], dim=-1)


def _batch_shape(parts: dict[str, Tensor]) -> tuple[int, ...]:
    shapes = {name: tuple(value.shape[:-1]) for name, value in parts.items()}
    try:
        return np.broadcast_shapes(*shapes.values())  # torch's imports sympy, half a second
    except ValueError as error:
        raise ValueError(f"batch shapes do not broadcast: {shapes}") from error


def _check_order(order: str) -> None:
    if order not in ("paper", "storage"):
        raise ValueError(f"unknown order {order!r}, expected 'paper' or 'storage'")
