r"""What all neural textures share: a neutral texture plus a weighted sum of texture bases (section 3.3)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dnt_core.ciec import C
from dnt_core.rendering.seen_texels import look_up_seen
from dnt_core.rendering.uv_map import sample_texture

NOISE = 0.01  # standard deviation of untrained texels


class NeuralTexture(nn.Module):
    r"""T(E) = T₀ + Σₖ wₖ(E) Tₖ; how the weights come from the CIEC is what the kinds differ in.

    This class itself is the static texture: no bases, T₀ whatever the expression.

    Args:
        size: T, texels along each side.
        channels: N, of which the first three may be supervised as RGB.
        bases: K, how many textures are blended.
        basis_size: texels along the bases' sides, doubled up bilinearly to T when smaller; expressions
            change a face more smoothly than its skin does. Default T.
        seed: of the small noise the texels start with; never left uninitialised.

    Raises:
        ValueError: sizes that do not go together.
    """

    def __init__(
        self, size: int, channels: int = 16, bases: int = 0, basis_size: int | None = None, seed: int = 0
    ) -> None:
        super().__init__()
        self.size, self.channels, self.n_bases = size, channels, bases
        basis_size = basis_size or size
        if min(size, basis_size) < 2 or channels < 3:
            raise ValueError(
                f"a neural texture needs 2 texels a side and 3 channels, got {size}, {basis_size}, {channels}"
            )
        generator = torch.Generator().manual_seed(seed)
        self.neutral = nn.Parameter(NOISE * torch.randn(channels, size, size, generator=generator))
        shape = (bases, channels, basis_size, basis_size)
        self.basis = nn.Parameter(NOISE * torch.randn(shape, generator=generator)) if bases else None

    def weights(self, ciec: Tensor) -> Tensor:
        r"""CIEC (B, 7) → weights of the bases (B, K).

        Args:
            ciec: E, (B, 7).
        """
        return ciec.new_zeros(len(ciec), 0)

    def weights_along_axes(self, steps: int) -> Tensor:
        r"""Weights (7, steps + 1, K) on the seven ways from neutral to full intensity, in equal steps.

        Args:
            steps: intervals between neutral and full intensity, at least 1.
        """
        intensity = torch.linspace(0, 1, steps + 1, device=self.neutral.device)
        ways = torch.eye(C, device=intensity.device)[:, None] * intensity[:, None]  # (7, steps + 1, 7)
        return self.weights(ways.flatten(0, 1)).unflatten(0, (C, steps + 1))

    def full_bases(self) -> Tensor:
        r"""The bases at the texture's own size, (K, N, T, T)."""
        if self.basis is None:
            return self.neutral.new_zeros(0, *self.neutral.shape)
        return self._full_size(self.basis)

    def forward(self, ciec: Tensor) -> Tensor:
        r"""CIEC (B, 7) → textures (B, N, T, T), row 0 at v = 1.

        Args:
            ciec: E, (B, 7).
        """
        blended = self.neutral.expand(len(ciec), -1, -1, -1)
        if self.basis is None:
            return blended
        return blended + self._full_size(self._change(ciec))

    def _change(self, ciec: Tensor) -> Tensor:
        """Σₖ wₖ(E) Tₖ at the bases' size, (B, N, t, t)."""
        weights = self.weights(ciec).to(self.basis)
        return (weights @ self.basis.flatten(1)).unflatten(1, self.basis.shape[1:])

    def _full_size(self, texture: Tensor) -> Tensor:
        if texture.shape[-1] == self.size:
            return texture
        return F.interpolate(texture, size=(self.size, self.size), mode="bilinear", align_corners=False)

    def sample(self, ciec: Tensor, uv_map: Tensor, mask: Tensor | None = None) -> Tensor:
        r"""The texture put onto the face: (B, 7), (B, 2, H, W), (B, 1, H, W) → (B, N, H, W).

        On a processor only the texels that the face shows are blended and looked up, which takes a fifth of
        the time that whole textures take, and gives the same numbers to rounding.

        Args:
            ciec: E, (B, 7).
            uv_map: (B, 2, H, W) in [0, 1], v up.
            mask: (B, 1, H, W), 1 on the face; None: everywhere.
        """
        enlarged = self.basis is None or self.basis.shape[-1] <= self.size
        if uv_map.is_cpu and self.neutral.is_cpu and enlarged and not uv_map.requires_grad:
            return self._sample_seen(ciec, uv_map, mask)
        return sample_texture(self(ciec), uv_map, mask)

    def _sample_seen(self, ciec: Tensor, uv_map: Tensor, mask: Tensor | None) -> Tensor:
        table = self.neutral.permute(1, 2, 0)[None]  # (1, T, T, N)
        change = None if self.basis is None else self._change(ciec).permute(0, 2, 3, 1)  # (B, t, t, N)
        if change is not None and change.shape == (len(ciec), *table.shape[1:]):
            table, change = table + change, None
        return look_up_seen(table, change, uv_map, mask)

    def sample_bases(self, uv_map: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        r"""The neutral texture and each basis put onto one face.

        Looking up is linear in the texture, so for a fixed pose only this sum is left to do when the CIEC
        moves: ``sample(E) = neutral + weights(E) @ bases``.

        Args:
            uv_map: (1, 2, H, W).
            mask: (1, 1, H, W) or None.

        Returns:
            neutral (N, H, W) and bases (K, N, H, W).

        Raises:
            ValueError: more than one UV map.
        """
        if len(uv_map) != 1:
            raise ValueError(f"the bases are folded for one pose at a time, got {len(uv_map)} UV maps")
        together = torch.cat([self.neutral[None], self.full_bases()])  # (1 + K, N, T, T)
        flat = together.flatten(0, 1)[None]  # one look-up serves all: they stand as channels
        sampled = sample_texture(flat, uv_map, mask)[0].unflatten(0, together.shape[:2])
        return sampled[0], sampled[1:]

    @torch.no_grad()
    def set_color(self, texture: Tensor) -> None:
        r"""Starts T₀'s first three channels at colours (3, T', T') in [0, 1], say a mean unwrapped frame.

        Args:
            texture: (3, T', T') RGB in [0, 1].

        Raises:
            ValueError: another shape.
        """
        if texture.ndim != 3 or texture.shape[0] != 3:
            raise ValueError(f"texture has shape {tuple(texture.shape)}; expected (3, T, T)")
        resized = F.interpolate(
            texture[None], (self.size, self.size), mode="bilinear", align_corners=False, antialias=True
        )
        self.neutral[:3] = resized[0].to(self.neutral)


class StaticTexture(NeuralTexture):
    r"""The ablation "w/o DNT" of section 5.5: one neural texture for every expression.

    Args:
        size: T, texels along each side.
        channels: N, of which the first three may be supervised as RGB.
        seed: of the small noise that the texels start with.
    """

    def __init__(self, size: int, channels: int = 16, seed: int = 0) -> None:
        super().__init__(size, channels, 0, None, seed)
