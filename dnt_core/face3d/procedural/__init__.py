r"""The procedural face model: the built-in stand-in for BFM, with the same 257 numbers, annulus and units.

Everything is a function on the flat domain (:mod:`.flat_domain`), so that any mesh resolution samples the
same face.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from dnt_core.cache.built_once import built_once

if TYPE_CHECKING:
    from ..morphable_model import MorphableModel

FULL = 35_709  # vertices; the paper's and the Basel family's
PART = 4096  # vertices that are computed at once


@lru_cache(maxsize=4)
def build_procedural_model(n_vertices: int = FULL) -> MorphableModel:
    r"""The procedural :class:`MorphableModel` with about ``n_vertices`` vertices (float32, CPU).

    Bases are exactly orthogonal at the full 35,709 (within the 0.1 % to which the count is met); any other
    count samples the same continuous fields, so coefficients mean the same face at every resolution.

    Raises:
        ValueError: fewer than 400 vertices.
    """
    import torch

    from ..morphable_model import MorphableModel

    buffers = {key: torch.from_numpy(array) for key, array in _model_arrays(n_vertices).items()}
    return MorphableModel.of_buffers(f"procedural:{n_vertices}", buffers)


@built_once("face3d/procedural", "face3d/morphable_model.py", "face3d/topology.py")
def _model_arrays(n_vertices: int) -> dict[str, np.ndarray]:
    r"""All buffers of the model, checked by its constructor."""
    # only whoever builds the face needs what builds it: these import SciPy and numba
    import torch

    from ..morphable_model import MorphableModel
    from . import bases, flat_domain, vertex_colors
    from .annulus_mesh import triangulate

    flat, triangles, landmarks = triangulate(n_vertices)

    def tensor(fields: Callable[[np.ndarray], np.ndarray]) -> torch.Tensor:
        # part by part: what a whole mesh takes on the way is hundreds of megabytes
        parts = np.array_split(flat, -(-len(flat) // PART))
        return torch.from_numpy(np.concatenate([fields(part).astype(np.float32) for part in parts]))

    model = MorphableModel(
        mean_shape=tensor(bases.mean_position),
        identity_basis=tensor(bases.identity_basis),
        expression_basis=tensor(bases.expression_basis),
        mean_color=tensor(vertex_colors.mean_color),
        texture_basis=tensor(bases.texture_basis),
        triangles=torch.as_tensor(triangles),
        uv=tensor(flat_domain.flat_to_uv),
        landmark_indices=torch.as_tensor(landmarks),
        name=f"procedural:{n_vertices}",
    )
    return {key: buffer.numpy() for key, buffer in model.named_buffers()}
