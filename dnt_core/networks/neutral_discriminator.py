r"""The discriminator of equation 2: are these 64 numbers a neutral face that somebody really made?"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from dnt_core.networks.decoupling_network import N_EXPRESSION, fully_connected


class NeutralDiscriminator(nn.Module):
    r"""D (section 3.4): 64 expression numbers → one logit; D(F) = sigmoid(logit) is its belief that F is a
    real neutral face.

    Args:
        hidden: widths of the hidden layers; higher: finer differences are seen, and training clips
            remembered.
        told: how many further numbers it is told about where the face comes from (7: the CIEC of the frame
            that f_d was given); 0: none, as in the paper.
    """

    def __init__(self, hidden: tuple[int, ...] = (256, 256), told: int = 0) -> None:
        super().__init__()
        self.hidden, self.told = tuple(hidden), told
        self.layers = fully_connected(N_EXPRESSION + told, 1, self.hidden)

    def forward(self, expression: Tensor, told: Tensor | None = None) -> Tensor:
        r"""β (..., 64), and what is told (..., told) → logit (...).

        Raises:
            ValueError: something is told to a discriminator that takes nothing, or the reverse.
        """
        if (told is None) != (self.told == 0):
            raise ValueError(
                f"this discriminator is told {self.told} numbers, got {'none' if told is None else 'some'}"
            )
        if told is not None:
            expression = torch.cat([expression, 2.0 * told], dim=-1)
        return self.layers(expression).squeeze(-1)
