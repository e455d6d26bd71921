r"""A diagram of a fully connected network, drawn from the network itself: depth and width as in the code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

from dnt_core.plotting.style import bare, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BOX = {"boxstyle": "round,pad=0.35", "lw": 1.0}


def layer_widths(network: nn.Module) -> list[int]:
    r"""Numbers that go in, width of each hidden layer, numbers that come out.

    Raises:
        ValueError: the network's linear layers are not a chain.
    """
    linear = [module for module in network.modules() if isinstance(module, nn.Linear)]
    if not linear or any(a.out_features != b.in_features for a, b in zip(linear, linear[1:], strict=False)):
        raise ValueError(f"{type(network).__name__} is no chain of linear layers")
    return [linear[0].in_features, *(layer.out_features for layer in linear)]


def layer_diagram(
    network: nn.Module,
    takes: str,
    gives: str,
    title: str = "",
    skip: str = "",
    ax: Axes | None = None,
) -> Axes:
    r"""Boxes for a network's layers from left to right, with their widths and activations.

    Args:
        network: a chain of linear layers. takes, gives: what goes in and out, in words.
        skip: written on an arrow past all layers, such as "+ F"; empty: no such arrow.
    """
    widths = layer_widths(network)
    between = next((m for m in network.modules() if isinstance(m, (nn.ReLU, nn.LeakyReLU))), None)
    slope = getattr(between, "negative_slope", 0.0)
    named = f"leaky ReLU, slope {slope:g}" if slope else "ReLU"
    ax = ax or new_axes((7.6, 1.5))
    bare(ax)
    ax.set(xlim=(-0.6, len(widths) - 0.4), ylim=(-0.9, 0.95))
    for place, width in enumerate(widths):
        end = place in (0, len(widths) - 1)
        text = f"{takes if place == 0 else gives}\n{width}" if end else f"hidden\n{width}"
        color = "#EDEDED" if end else "#DCE8F3"
        ax.text(
            place, 0, text, ha="center", va="center", fontsize=9, bbox={**_BOX, "fc": color, "ec": "#7A7A7A"}
        )
        if place:
            ax.annotate(
                "", (place - 0.27, 0), (place - 0.73, 0), arrowprops={"arrowstyle": "->", "color": "#7A7A7A"}
            )
            after = "" if end else f",\n{named}"
            ax.text(
                place - 0.5, -0.42, f"linear{after}", ha="center", va="top", fontsize=7.5, color="#555555"
            )
    if skip:
        bend = {"arrowstyle": "->", "color": "#B5652B", "connectionstyle": "arc3,rad=-0.18", "lw": 1.3}
        ax.annotate("", (len(widths) - 1, 0.32), (0, 0.32), arrowprops=bend)
        ax.text((len(widths) - 1) / 2, 0.86, skip, ha="center", va="center", fontsize=9, color="#B5652B")
    if title:
        ax.set_title(title)
    return ax
