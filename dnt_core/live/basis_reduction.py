r"""Fewer bases to blend: all expressions' weights lie in a space of fewer dimensions than there are bases.

Blending K folded bases is reading them from memory, which takes a tenth of a picture's time. A trained
texture uses little of the room it has: seven ways that hardly bend, from a neutral that is not the zero of
its weights.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from dnt_core.networks.neural_texture import NeuralTexture

TOLERANCE = 1e-3  # of what the bases change, in root mean square over expressions, texels and channels
STEPS = 64  # on each way from neutral to full intensity


class BasisReduction(NamedTuple):
    r"""``weights(E) @ bases ≈ (weights(E) @ onto) @ (back @ bases)`` for all E.

    Attributes:
        onto: (K, R). back: (R, K), R ≤ K.
    """

    onto: Tensor
    back: Tensor


@torch.no_grad()
def reduce_bases(texture: NeuralTexture, tolerance: float = TOLERANCE) -> BasisReduction | None:
    r"""As few as change the texture by no more than ``tolerance``; None for a texture without bases."""
    if texture.basis is None:
        return None
    weights = texture.weights_along_axes(STEPS).flatten(0, 1).double()  # (M, K)
    bases = texture.basis.flatten(1).double()
    values, vectors = torch.linalg.eigh(bases @ bases.T / bases.shape[1])
    root = vectors * values.clamp(min=0).sqrt()  # (K, K): root @ root.T are the bases' scalar products
    _, sizes, directions = torch.linalg.svd(weights @ root, full_matrices=False)
    left_out = sizes.square().flip(0).cumsum(0).flip(0).sqrt()  # by leaving out the k-th and all after it
    kept = max(1, int((left_out > tolerance * left_out[0]).sum()))
    onto = root @ directions[:kept].T
    back = torch.linalg.lstsq(weights @ onto, weights, driver="gelsd").solution
    return BasisReduction(onto.to(texture.basis), back.to(texture.basis))
