r"""The "set approximation" the paper argues against: a neural texture for every expression and level."""

from __future__ import annotations

import torch
from torch import Tensor

from dnt_core.ciec import LEVEL_INTENSITY, C
from dnt_core.networks.neural_texture import NeuralTexture


class TextureSet(NeuralTexture):
    r"""A texture for each of seven expressions at each filmed intensity, and the neutral one (section 3.3).

    Memory grows with every intensity; between two of them the texture jumps to the nearest ("nearest"), or is
    mixed from the two neighbours ("blend").

    Args:
        size: T, texels along each side.
        channels: N, of which the first three may be supervised as RGB.
        intensities: ascending, in (0, 1].
        between: "nearest" or "blend".
        basis_size: texels along the textures' sides; None: T. K is 7 × number of intensities.
        seed: of the small noise that the texels start with.

    Raises:
        ValueError: an unknown ``between``, intensities that do not ascend within (0, 1].
    """

    def __init__(
        self, size: int, channels: int = 16, intensities: tuple[float, ...] = tuple(LEVEL_INTENSITY.values()),
        between: str = "nearest", basis_size: int | None = None, seed: int = 0,
    ) -> None:  # fmt: skip
        if between not in ("nearest", "blend"):
            raise ValueError(f"between is {between!r}; expected 'nearest' or 'blend'")
        knots = (0.0, *intensities)
        if len(knots) < 2 or knots[-1] > 1 or any(b <= a for a, b in zip(knots, knots[1:], strict=False)):
            raise ValueError(f"intensities {intensities} must ascend within (0, 1]")
        super().__init__(size, channels, C * len(intensities), basis_size, seed)
        self.between = between
        self.register_buffer("knots", torch.tensor(knots), persistent=False)

    def weights(self, ciec: Tensor) -> Tensor:
        r"""CIEC (B, 7) → (B, 7 · intensities): where in the set each expression stands.

        Args:
            ciec: E, (B, 7).
        """
        knots = self.knots.to(ciec)
        value = ciec.clamp(0, float(knots[-1]))[..., None]  # (B, 7, 1)
        if self.between == "nearest":
            nearest = (value - knots).abs().argmin(-1)
            chosen = torch.nn.functional.one_hot(nearest, len(knots)).to(ciec)  # (B, 7, 1 + levels)
        else:  # a hat over each knot, 1 on it and 0 on its neighbours
            left = torch.cat([knots[:1] - 1, knots[:-1]])
            right = torch.cat([knots[1:], knots[-1:] + 1])
            rising, falling = (value - left) / (knots - left), (right - value) / (right - knots)
            chosen = torch.minimum(rising, falling).clamp(min=0)
        return chosen[..., 1:].flatten(1)  # the knot at 0 is the neutral texture
