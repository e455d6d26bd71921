r"""Diagrams of the teeth submodule and the neural renderer; sizes are those of a pass through the network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import torch
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from dnt_core.ciec import C
from dnt_core.networks.generator import Generator, example_inputs
from dnt_core.networks.unet import UNet
from dnt_core.plotting.style import bare, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, QUIET, DOWN, UP, CODE = "#333333", "#8A8A8A", "#3A6EA5", "#3E9B76", "#D98032"

LEFT, RIGHT, STEP, HALF = 3.95, 10.15, 0.3, 0.85  # where the blocks of the finest level stand

Shape = tuple[int, int, int]  # channels, height, width


def unet_shapes(unet: UNet, run: Callable[[], Any]) -> dict[str, list[Shape]]:
    r"""What the blocks of a U-Net give while ``run`` passes something through it.

    Returns:
        ``down``, finest first, from the top block on; ``bottom``, one; ``up``, finest first.
    """
    found: dict[str, list[Shape]] = {"down": [], "bottom": [], "up": []}
    blocks = [(b, "down") for b in (unet.top, *unet.down)] + [(unet.bottom, "bottom")]
    blocks += [(b, "up") for b in unet.up]
    hooks = [
        block.register_forward_hook(lambda _, __, out, part=part: found[part].append(tuple(out.shape[1:])))
        for block, part in blocks
    ]
    try:
        with torch.no_grad():
            run()
    finally:
        for hook in hooks:
            hook.remove()
    found["up"].reverse()  # it is passed from the coarsest level on
    return found


def teeth_diagram(generator: Generator, image_size: int) -> Axes:
    r"""The teeth submodule of a generator for pictures of ``image_size`` px.

    Raises:
        ValueError: a generator without teeth submodule.
    """
    if generator.teeth is None:
        raise ValueError("this generator has no teeth submodule")
    shapes = unet_shapes(generator.teeth.unet, lambda: _run(generator, image_size))
    size = shapes["down"][0][1:]
    channels = generator.config.texture_channels
    sources = [
        f"sampled texture\n{_shape((channels, *size))}",
        f"face and mouth hole\n{_shape((2, *size))}",
    ]
    result = f"teeth features\n{_shape(shapes['up'][0])}"
    code = f"CIEC, {C} numbers\n→ {generator.config.code_size}, at every pixel"
    adds = generator.teeth.unet.adds
    return _draw(shapes, sources, [result], adds, code, "The teeth submodule: a U-Net on the mouth's window")


def renderer_diagram(generator: Generator, image_size: int) -> Axes:
    r"""The neural renderer of a generator for pictures of ``image_size`` px."""
    shapes = unet_shapes(generator.renderer.unet, lambda: _run(generator, image_size))
    channels = {name: weight.shape[1] for name, weight in generator.renderer.stem.weight.items()}
    side = tuple(generator.renderer.shrink * x for x in shapes["down"][0][1:])
    named = {name: "sampled texture" if name == "texture" else f"{name} features" for name in channels}
    sources = [f"{named[name]}\n{_shape((n, *side))}" for name, n in channels.items()]
    results = [f"colour F\n{_shape((3, *side))}", f"attention mask α\n{_shape((1, *side))}"]
    adds, detail = generator.renderer.unet.adds, generator.renderer.widths[1]
    past = f"{detail} channels of the first convolution go past the U-Net to the last convolution"
    past = past if detail else ""
    title = "The neural renderer: a U-Net on the face's window"
    return _draw(shapes, sources, results, adds, "", title, past)


def _run(generator: Generator, image_size: int) -> None:
    generator(example_inputs(image_size), torch.zeros(1, C))


def _shape(shape: Sequence[int]) -> str:
    channels, height, width = shape
    return f"{channels} × {height} × {width}"


def _draw(
    shapes: dict[str, list[Shape]], sources: Sequence[str], results: Sequence[str], adds: bool, code: str,
    title: str, past: str = "",
) -> Axes:  # fmt: skip
    levels = len(shapes["down"])
    ax = new_axes((10.4, 1.2 + 0.72 * levels))
    bare(ax)
    ax.set(xlim=(0, 14.1), ylim=(-0.55, levels + 0.45), title=title)
    top, across = levels - 0.5, "added" if adds else "concatenated"
    for k, text in enumerate(sources):
        _text_box(ax, 1.15, top - 0.85 * k, text)
        _arrow(ax, (2.15, top - 0.85 * k), (LEFT - HALF, top))
    for k, text in enumerate(results):
        _text_box(ax, 12.95, top - 0.85 * k, text)
        _arrow(ax, (RIGHT + HALF, top), (11.95, top - 0.85 * k))
    for level, shape in enumerate(shapes["down"]):
        y, left, right = top - level, LEFT + STEP * level, RIGHT - STEP * level
        _block(ax, left, y, shape, DOWN)
        if level + 1 < levels:
            _arrow(ax, (left + 0.1, y - 0.26), (left + 0.1 + STEP, y - 0.74))
            _block(ax, right, y, shapes["up"][level], UP)
            _arrow(ax, (left + HALF, y), (right - HALF, y), dashed=True)
            ax.text((left + right) / 2, y + 0.09, across, ha="center", fontsize=7.5, color=QUIET)
        if 0 < level < levels - 1:
            _arrow(ax, (right - 0.1, y + 0.26), (right - 0.1 + STEP, y + 0.74))
    middle = (LEFT + RIGHT) / 2
    _block(ax, middle, 0.5, shapes["bottom"][0], UP)
    _arrow(ax, (LEFT + STEP * (levels - 1) + HALF, 0.5), (middle - HALF, 0.5))
    _arrow(ax, (middle + HALF, 0.5), (RIGHT - STEP * (levels - 2) - 0.3, 1.24))
    if code:
        _text_box(ax, 1.15, -0.05, code, CODE)
        ax.plot([2.15, middle], [-0.05, -0.05], color=CODE, lw=1.1)
        _arrow(ax, (middle, -0.05), (middle, 0.24), color=CODE)
    if past:
        first, last, above = LEFT - HALF - 0.25, RIGHT + HALF + 0.25, top + 0.4
        ax.plot([first, first, last], [top, above, above], color=CODE, lw=1.1)
        _arrow(ax, (last, above), (last, top), color=CODE)
        ax.text(middle, above + 0.06, past, ha="center", fontsize=7.5, color=CODE)
    return ax


def _block(ax: Axes, x: float, y: float, shape: Shape, color: str) -> None:
    ax.add_patch(Rectangle((x - HALF, y - 0.26), 2 * HALF, 0.52, fc=color, ec="none", zorder=3))
    ax.text(x, y, _shape(shape), ha="center", va="center", color="white", fontsize=8, zorder=4)


def _text_box(ax: Axes, x: float, y: float, text: str, color: str = INK) -> None:
    style = "round,pad=0,rounding_size=0.08"
    ax.add_patch(FancyBboxPatch((x - 1.0, y - 0.36), 2.0, 0.72, boxstyle=style, fc="white", ec=color, lw=1))
    ax.text(x, y, text, ha="center", va="center", fontsize=7.6, color=color)


def _arrow(ax: Axes, start, end, dashed: bool = False, color: str = "#666666") -> None:
    look = {"arrowstyle": "-|>", "mutation_scale": 8, "lw": 1.1, "color": color, "zorder": 2}
    look["linestyle"] = "--" if dashed else "-"
    ax.add_patch(FancyArrowPatch(start, end, shrinkA=0, shrinkB=0, **look))
