r"""The procedural face model: the built-in stand-in for BFM, with the same 257 numbers, annulus and units.

Everything is a function on the flat domain (:mod:`.flat_domain`), so that any mesh resolution samples the
same face.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from dnt_core.cache.built_once import built_once

if TYPE_CHECKING:
    from ..morphable_model import MorphableModel

FULL = 35_709  # vertices; the paper's and the Basel family's


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

    def tensor(array) -> torch.Tensor:
        return torch.as_tensor(array, dtype=torch.float32)

    model = MorphableModel(
        mean_shape=tensor(bases.mean_position(flat)),
        identity_basis=tensor(bases.identity_basis(flat)),
        expression_basis=tensor(bases.expression_basis(flat)),
        mean_color=tensor(vertex_colors.mean_color(flat)),
        texture_basis=tensor(bases.texture_basis(flat)),
        triangles=torch.as_tensor(triangles),
        uv=tensor(flat_domain.flat_to_uv(flat)),
        landmark_indices=torch.as_tensor(landmarks),
        name=f"procedural:{n_vertices}",
    )
    return {key: buffer.numpy() for key, buffer in model.named_buffers()}
