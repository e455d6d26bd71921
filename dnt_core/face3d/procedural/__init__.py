r"""The procedural face model: the built-in stand-in for BFM, with the same 257 numbers, annulus and units.

Everything is a function on the flat domain (:mod:`.flat_domain`), so that any mesh resolution samples the
same face.
"""

from __future__ import annotations

from functools import lru_cache

import torch

from ..morphable_model import MorphableModel
from . import bases, flat_domain, vertex_colors
from .annulus_mesh import triangulate

FULL = bases.REFERENCE_VERTICES


@lru_cache(maxsize=4)
def build_procedural_model(n_vertices: int = FULL) -> MorphableModel:
    r"""The procedural :class:`MorphableModel` with about ``n_vertices`` vertices (float32, CPU).

    Bases are exactly orthogonal at the full 35,709 (within the 0.1 % to which the count is met); any other
    count samples the same continuous fields, so coefficients mean the same face at every resolution.

    Raises:
        ValueError: fewer than 400 vertices.
    """
    flat, triangles, landmarks = triangulate(n_vertices)

    def tensor(array) -> torch.Tensor:
        return torch.as_tensor(array, dtype=torch.float32)

    return MorphableModel(
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
