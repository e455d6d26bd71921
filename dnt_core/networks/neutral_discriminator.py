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
        condition_dim: how many further numbers it is told about where the face comes from (7: the CIEC of
            the frame that f_d was given); 0: none, as in the paper.
    """

    def __init__(self, hidden: tuple[int, ...] = (256, 256), condition_dim: int = 0) -> None:
        super().__init__()
        self.hidden, self.condition_dim = tuple(hidden), condition_dim
        self.layers = fully_connected(N_EXPRESSION + condition_dim, 1, self.hidden)

    def forward(self, expression: Tensor, condition: Tensor | None = None) -> Tensor:
        r"""β (..., 64), and what is told (..., condition_dim) → logit (...).

        Args:
            expression: β (..., 64).
            condition: (..., condition_dim) what is told beside it, or None.

        Raises:
            ValueError: something is told to a discriminator that takes nothing, or the reverse.
        """
        if (condition is None) != (self.condition_dim == 0):
            given = "none" if condition is None else "some"
            raise ValueError(f"this discriminator is told {self.condition_dim} numbers, got {given}")
        if condition is not None:
            expression = torch.cat([expression, 2.0 * condition], dim=-1)
        return self.layers(expression).squeeze(-1)
