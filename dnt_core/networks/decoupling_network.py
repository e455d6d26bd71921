r"""The decoupling network f_d (section 3.4): any expression in, a neutral one with the same lips out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from dnt_core.arguments import check_fits, check_type, whole_number
from dnt_core.face3d.parameters import SIZES, FaceParameters

N_EXPRESSION = SIZES["expression"]  # 64


def fully_connected(n_in: int, n_out: int, hidden: tuple[int, ...]) -> nn.Sequential:
    r"""Linear layers with leaky ReLUs between them: n_in → hidden… → n_out, nothing after the last."""
    layers: list[nn.Module] = []
    for a, b in zip((n_in, *hidden), hidden, strict=False):
        layers += [nn.Linear(a, b), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Linear((n_in, *hidden)[-1], n_out))


class DecouplingNetwork(nn.Module):
    r"""f_d: R⁶⁴ → R⁶⁴, fully connected, on the expression component alone (section 3.4).

    f_d(F) = F + MLP(F), and the MLP's last layer starts at zero, so that an untrained network changes
    nothing: training starts from a face whose lips are right (equation 4 is 0) and neutral faces untouched
    (equation 3 is 0), and has only equation 2 to work on. The paper states neither depth nor width.

    Args:
        hidden: widths of the hidden layers.
        residual: learn the change (default) or the face itself.

    Raises:
        TypeError: ``hidden`` is no sequence of whole numbers.
        ValueError: a width below 1.

    Examples:
        >>> import torch
        >>> network = dnt_core.DecouplingNetwork(hidden=(32,))
        >>> network(torch.zeros(5, 64)).shape
        torch.Size([5, 64])
    """

    def __init__(self, hidden: tuple[int, ...] = (256, 256), residual: bool = True) -> None:
        super().__init__()
        check_type(hidden, Sequence, "hidden", "widths such as (256, 256)")
        self.hidden = tuple(whole_number(width, "hidden width") for width in hidden)
        self.residual = residual
        self.layers = fully_connected(N_EXPRESSION, N_EXPRESSION, self.hidden)
        if residual:
            last = cast(nn.Linear, self.layers[-1])
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def forward(self, expression: Tensor) -> Tensor:
        r"""β (..., 64) → neutral β (..., 64).

        Args:
            expression: β (..., 64), about N(0, 1).

        Raises:
            TypeError: no tensor, or one of another dtype than the network's.
            ValueError: the last size is not 64.
        """
        check_type(expression, Tensor, "expression", f"a tensor (..., {N_EXPRESSION})")
        check_fits(expression, self, "expression")
        if expression.shape[-1] != N_EXPRESSION:
            raise ValueError(
                f"expected expression numbers (..., {N_EXPRESSION}), got shape {tuple(expression.shape)}"
            )
        change = self.layers(expression)
        return expression + change if self.residual else change

    def decouple(self, parameters: FaceParameters, blend: float = 1.0) -> FaceParameters:
        r"""The same face, neutral; identity, texture, light and pose are the very same tensors.

        Args:
            parameters: the 257 numbers, any batch shape.
            blend: 0 returns the expression F as it is, 1 f_d(F); between, the straight line between the two,
                and beyond [0, 1] the same line goes on.

        Raises:
            TypeError: no :class:`FaceParameters`, or of another dtype than the network's.
        """
        check_type(parameters, FaceParameters, "parameters", "FaceParameters")
        before = parameters.expression
        return parameters.replace(expression=torch.lerp(before, self(before), blend))
