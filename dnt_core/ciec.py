r"""The continuous-intensity expression code (CIEC) of section 3.1 and figure 1.

One number for each of seven expression types, at most one of them non-zero, its value the intensity in
[0, 1]; the zero vector is the neutral face. ``encode`` / ``decode`` go between (type, intensity) and vectors;
a CIEC that changes over time is in ``ciec_path``.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import index as as_index
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from dnt_core.arguments import as_tensor, shown

if TYPE_CHECKING:
    from torch import Tensor

V = TypeVar("V")

EXPRESSIONS = ("angry", "contempt", "disgusted", "fear", "happy", "sad", "surprised", "neutral")
CIEC_TYPES = EXPRESSIONS[:7]  # the C = 7 entries of the vector; neutral is the zero vector
LEVEL_INTENSITY: dict[float, float] = {1: 0.33, 2: 0.67, 3: 1.0}  # MEAD's filmed levels, section 3.1

C = len(CIEC_TYPES)
NEUTRAL = EXPRESSIONS.index("neutral")


def level_to_intensity(level: float) -> float:
    r"""Intensity of a level in [0, 3]: the paper's 0.33, 0.67, 1 for the filmed levels, level / 3 for others.

    Raises ValueError when ``level`` is not a finite number in [0, 3].
    """
    if not np.isfinite(level) or not 0 <= level <= 3:
        raise ValueError(f"level {level!r} is not in [0, 3] (MEAD films levels 1, 2 and 3)")
    return LEVEL_INTENSITY.get(level, level / 3)


def intensity_to_level(intensity: float) -> float:
    r"""Level in [0, 3] of an intensity in [0, 1], the inverse of :func:`level_to_intensity`."""
    check_intensity(intensity)
    return next(
        (float(n) for n, x in LEVEL_INTENSITY.items() if abs(x - intensity) < 1e-6), 3.0 * float(intensity)
    )


def check_intensity(value: float, what: str = "intensity") -> float:
    r"""``value`` as a float if it is in [0, 1]; else a ValueError that begins with ``what``."""
    if not np.isfinite(value) or not 0 <= value <= 1:
        raise ValueError(f"{what} {float(value):.8g} is not in [0, 1]")
    return float(value)


def expression_named(name: str) -> str:
    r"""The one of ``EXPRESSIONS`` that a name in any case means; ValueError names an unknown one."""
    meant = str(name).strip().lower()
    if meant not in EXPRESSIONS:
        raise ValueError(f"unknown expression {name!r}: expected one of {', '.join(EXPRESSIONS)}")
    return meant


def type_index(expression: str | int) -> int:
    r"""Index 0 … 7 in ``EXPRESSIONS`` (7 is neutral) of a name, see :func:`expression_named`; or an index
    itself, whatever it is. TypeError where it is neither."""
    if isinstance(expression, str):
        return EXPRESSIONS.index(expression_named(expression))
    try:
        if isinstance(expression, bool):  # a mask is no index, though Python counts True as 1
            raise TypeError
        return as_index(expression)
    except TypeError:
        wanted = "names or integer indices into EXPRESSIONS"
        raise TypeError(f"types must be {wanted}, got {shown(expression)}") from None


def encode(
    types: str | int | Sequence[str | int] | np.ndarray | Tensor,
    intensity: float | Sequence[float] | np.ndarray | Tensor,
) -> np.ndarray | Tensor:
    r"""CIEC vectors of expressions and intensities (section 3.1).

    Args:
        types: an expression's name in any case, a sequence of names, or integer indices into
            ``EXPRESSIONS``, (...).
        intensity: number, tensor or array in [0, 1], shape (...), broadcast against ``types``.

    Returns:
        (..., 7): a numpy array if ``intensity`` is one, or if ``types`` is one and ``intensity`` is no
        tensor; else a torch tensor on the device and in the floating dtype of ``intensity`` (default dtype
        for plain numbers).

    Raises:
        TypeError: types or intensities of another kind.
        ValueError: unknown type, intensity outside [0, 1] or not finite, a neutral face with an intensity,
            shapes that do not broadcast.

    Examples:
        >>> dnt_core.encode("happy", 0.5).tolist()
        [0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0]
    """
    import torch  # here, so that names and levels can be had without waiting for torch

    use_numpy = isinstance(intensity, np.ndarray) or (
        isinstance(types, np.ndarray) and not isinstance(intensity, torch.Tensor)
    )
    try:
        value = as_tensor(intensity)
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(f"intensity must be real numbers in [0, 1], got {shown(intensity)}") from None
    if value.is_complex():
        raise TypeError(f"intensity must be real numbers in [0, 1], got dtype {value.dtype}")
    if not value.is_floating_point():
        value = value.to(torch.get_default_dtype())
    if not isinstance(types, torch.Tensor):
        names = types if isinstance(types, np.ndarray) else np.asarray(types, dtype=object)
        types = np.reshape([type_index(name) for name in names.ravel().tolist()], names.shape).astype(
            np.int64
        )
    index = torch.as_tensor(types, device=value.device)
    if index.is_floating_point() or index.is_complex() or index.dtype == torch.bool:
        raise TypeError(f"types must be names or integer indices into EXPRESSIONS, got dtype {index.dtype}")
    try:
        index, value = torch.broadcast_tensors(index.long(), value)
    except RuntimeError:
        shapes = f"{tuple(index.shape)} and intensities of shape {tuple(value.shape)}"
        raise ValueError(f"types of shape {shapes} do not broadcast against each other") from None
    if index.numel() and not (0 <= int(index.min()) and int(index.max()) < len(EXPRESSIONS)):
        raise ValueError(
            f"expression index must be in 0 … {NEUTRAL}, got {int(index.min())} … {int(index.max())}"
        )
    one_hot = torch.nn.functional.one_hot(index, len(EXPRESSIONS)).to(value.dtype)  # (..., 8)
    vectors = one_hot[..., :C] * value[..., None]  # (..., 7)
    bad = ~torch.isfinite(value) | (value < 0) | (value > 1)
    if bad.any():
        raise ValueError(f"intensity {float(value[bad][0]):.8g} is not in [0, 1]")
    if ((index == NEUTRAL) & (value != 0)).any():
        raise ValueError(
            f"neutral has no intensity: expected 0, got {float(value[index == NEUTRAL].max()):g}"
        )
    return vectors.numpy() if use_numpy else vectors


def validate(vectors: V, *, name: str = "CIEC") -> V:
    r"""Return ``vectors`` (..., 7) unchanged, or raise a ValueError that says which vector is wrong and how.

    A CIEC has seven finite entries in [0, 1], at most one of them non-zero.
    """
    array = _to_numpy(vectors)
    if array.ndim == 0 or array.shape[-1] != C:
        raise ValueError(
            f"{name} must have {C} entries in its last dimension, got shape {tuple(array.shape)}"
        )
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name} must hold real numbers, got dtype {array.dtype}")
    rows = array.reshape(-1, C)
    finite = np.isfinite(rows)
    bad = ~finite.all(1) | (rows < 0).any(1) | (rows > 1).any(1) | ((rows != 0).sum(1) > 1)
    if not bad.any():
        return vectors
    first = int(np.flatnonzero(bad)[0])
    row = rows[first]
    where = (
        name
        if array.ndim == 1
        else f"{name}[{', '.join(map(str, np.unravel_index(first, array.shape[:-1])))}]"
    )
    for label, wrong, rule in (
        ("not finite", ~finite[first], "every entry is a number in [0, 1]"),
        ("outside [0, 1]", (row < 0) | (row > 1), "every entry is in [0, 1]"),
        ("all non-zero", row != 0, "at most one entry is non-zero"),
    ):
        entries = ", ".join(f"{CIEC_TYPES[i]}={row[i]:g}" for i in np.flatnonzero(wrong))
        if entries and (label != "all non-zero" or wrong.sum() > 1):
            raise ValueError(f"{where} is not a CIEC: {entries} {label}, but {rule}")
    raise AssertionError("unreachable")


def decode(vector: Sequence[float] | np.ndarray | Tensor) -> tuple[str, float]:
    r"""(type, intensity) of one CIEC vector (7,); the zero vector is ("neutral", 0.0). Validates.

    Args:
        vector: (7,) in [0, 1], at most one entry above 0.

    Raises:
        ValueError: another shape, two entries above 0, a number outside [0, 1].

    Examples:
        >>> dnt_core.decode([0, 0, 0, 0, 0.5, 0, 0])
        ('happy', 0.5)
    """
    array = _to_numpy(validate(vector))
    if array.ndim != 1:
        raise ValueError(f"decode takes one CIEC of shape (7,), got {tuple(array.shape)}; use decode_batch")
    return (CIEC_TYPES[int(array.argmax())], float(array.max())) if array.any() else ("neutral", 0.0)


def decode_batch(
    vectors: Sequence | np.ndarray | Tensor,
) -> tuple[np.ndarray | Tensor, np.ndarray | Tensor]:
    r"""Type indices into ``EXPRESSIONS`` (...) and intensities (...) of CIEC vectors (..., 7), tensors from
    tensors, arrays from arrays. Validates."""
    validate(vectors)
    if isinstance(vectors, (np.ndarray, list, tuple)):
        array = np.asarray(vectors)
        return np.where(array.any(-1), array.argmax(-1), NEUTRAL), array.max(-1)
    tensor = cast("Tensor", vectors)
    index = tensor.argmax(-1)
    return index.masked_fill((tensor == 0).all(-1), NEUTRAL), tensor.amax(-1)


def _to_numpy(vectors: Any) -> np.ndarray:
    if hasattr(vectors, "detach"):
        held = vectors.detach().cpu()
        if str(held.dtype) == "torch.bfloat16":  # NumPy has none; torch is not imported here
            held = held.float()
        return held.numpy()
    try:
        return np.asarray(vectors)
    except ValueError:  # rows of different lengths
        raise ValueError(f"CIEC vectors must have {C} entries each, got {vectors!r:.80}") from None
