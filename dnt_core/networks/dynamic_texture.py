r"""The dynamic neural texture: from the CIEC to a texture, continuously (section 3.3)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from dnt_core.ciec import C
from dnt_core.networks.neural_texture import NeuralTexture
from dnt_core.own_torch import seeded


class TranscodingNetwork(nn.Module):
    r"""Fully connected: CIEC (B, 7) → weights of the texture bases (B, K).

    All layers have biases, so the zero CIEC has weights of its own. Between them tanh, which is smooth
    and never steeper than 1: intensities that were never filmed lie on a smooth curve between those that
    were.

    Args:
        bases: K.
        hidden: widths of the hidden layers.
        seed: of the initial weights.
    """

    def __init__(self, bases: int, hidden: tuple[int, ...] = (64, 64), seed: int = 0) -> None:
        super().__init__()
        sizes = (C, *hidden, bases)
        with seeded(seed):
            self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:], strict=False))

    def forward(self, ciec: Tensor) -> Tensor:
        r"""(B, 7) in [0, 1] → (B, K).

        Args:
            ciec: E, (B, 7), in [0, 1].
        """
        code = ciec.to(self.layers[0].weight)
        for layer in self.layers[:-1]:
            code = torch.tanh(layer(code))
        return self.layers[-1](code)

    @torch.no_grad()
    def lipschitz_bound(self) -> float:
        r"""Product of the layers' largest singular values."""
        norms = [torch.linalg.matrix_norm(layer.weight.cpu().double(), 2) for layer in self.layers]
        return float(torch.stack(norms).prod())


class DynamicTexture(NeuralTexture):
    r"""T(E) = T₀ + Σₖ wₖ(E) Tₖ with w from the transcoding network; together one fully connected network.

    Args:
        size: T, texels along each side.
        channels: N, of which the first three may be supervised as RGB.
        bases: K, at least 1; higher: more shades of expression, slower.
        basis_size: texels along the bases' sides; None: T.
        hidden: widths of the transcoding network's hidden layers.
        seed: of the small noise that the texels start with.

    Raises:
        ValueError: no basis.
    """

    def __init__(
        self, size: int, channels: int = 16, bases: int = 16, basis_size: int | None = None,
        hidden: tuple[int, ...] = (64, 64), seed: int = 0,
    ) -> None:  # fmt: skip
        if bases < 1:
            raise ValueError(f"a dynamic texture needs at least one basis, got {bases}")
        super().__init__(size, channels, bases, basis_size, seed)
        self.transcoder = TranscodingNetwork(bases, hidden, seed)

    def weights(self, ciec: Tensor) -> Tensor:
        r"""CIEC (B, 7) → (B, K).

        Args:
            ciec: E, (B, 7).
        """
        return self.transcoder(ciec)

    @torch.no_grad()
    def lipschitz_bound(self) -> float:
        r"""L with ‖T(E) − T(E′)‖ ≤ L ‖E − E′‖ for all E, E′: in root mean square a texel and channel.

        The transcoder's bound times the largest singular value of the bases as a K-row matrix: a
        certificate that the texture follows the expression continuously. ``measured_slope`` says how steep
        it really gets.
        """
        gram = self._gram()
        largest = torch.linalg.eigvalsh(gram)[-1].clamp(min=0).sqrt()
        return self.transcoder.lipschitz_bound() * float(largest)

    @torch.no_grad()
    def measured_slope(self, steps: int = 64) -> float:
        r"""Steepest change of the texture on the seven ways from neutral to full intensity, in that unit.

        Args:
            steps: each way is walked in so many equal steps.
        """
        change = self.weights_along_axes(steps).cpu().double().diff(dim=1) * steps
        return float((change @ self._gram() * change).sum(-1).clamp(min=0).sqrt().max())

    def _gram(self) -> Tensor:
        """(K, K) float64 on the CPU: scalar products of the bases, averaged over texels and channels."""
        bases = self.full_bases().flatten(1).cpu().double()
        return bases @ bases.T / bases.shape[1]
