r"""Pictures of a generator: figure 5, what each of its parts makes, its ghosts."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor, nn

from dnt_core.ciec import CIEC_TYPES, encode, level_to_intensity
from dnt_core.networks.dynamic_texture import DynamicTexture
from dnt_core.networks.folded_pose import FoldedPose
from dnt_core.networks.generator import FrameInputs, Generator
from dnt_core.networks.mouth_window import cut_window, paste_window
from dnt_core.plotting import contact_sheet
from dnt_core.rendering.uv_map import sample_texture
from dnt_core.studies.dynamic_texture.ghost_truth import JudgedGhost
from dnt_core.studies.dynamic_texture.sweep import LEVELS


@torch.no_grad()
def figure5(generator: Generator, frame: FrameInputs, levels: Sequence[float] = LEVELS) -> list[list[Tensor]]:
    r"""Figure 5: one frame (B = 1) with every expression (rows, neutral last) at every level (columns).

    Neutral has one level; its row repeats the same picture, as the paper's "8 types × 6 levels" does.

    Returns:
        8 rows of (3, S, S) RGB in [0, 1].
    """
    pose = FoldedPose(generator, frame)
    asked = torch.tensor([level_to_intensity(level) for level in levels])
    rows = [list(pose(encode(name, asked)).image) for name in CIEC_TYPES]
    neutral = pose(torch.zeros(1, len(CIEC_TYPES))).image[0]
    return [*rows, [neutral] * len(levels)]


def bend_between(asked: np.ndarray, mix: np.ndarray, knots: Sequence[float]) -> float:
    r"""How far curves are from straight lines between knots, as a share of how far they go at all.

    Args:
        asked: (N,) ascending. mix: (N, K), a curve a column. knots: where the lines meet, within ``asked``.
    """
    lines = [np.interp(asked, knots, np.interp(knots, asked, curve)) for curve in mix.T]
    return float(np.abs(mix - np.stack(lines, 1)).max() / np.ptp(mix, axis=0).max())


def weights_on_the_way(texture: DynamicTexture, expression: str) -> tuple[Tensor, Tensor]:
    r"""Intensities (N,) from 0 to 1 and the transcoding network's weights there, (N, K)."""
    asked = torch.linspace(0, 1, 33)
    with torch.no_grad():
        return asked, texture.weights(encode(expression, asked))


class _GivenTexture(nn.Module):
    r"""A texture (N, T, T) that is the same for every E."""

    texture: Tensor

    def __init__(self, texture: Tensor) -> None:
        super().__init__()
        self.register_buffer("texture", texture)

    def sample(self, ciec: Tensor, uv_map: Tensor, mask: Tensor) -> Tensor:
        textures = self.texture.expand(len(uv_map), *self.texture.shape)
        return sample_texture(textures, uv_map, mask)


@torch.no_grad()
def drawn_with(generator: Generator, frame: FrameInputs, texture: Tensor, ciec: Tensor) -> Tensor:
    r"""The picture of a frame (B = 1) with a texture of one's own in the place of T(E).

    Args:
        generator: whose teeth and renderer draw.
        frame: background and geometry of one frame.
        texture: (N, T, T), as many channels as the generator's.
        ciec: E, (1, 7), which the teeth are still given.

    Returns:
        (1, 3, S, S) RGB.
    """
    other = copy.copy(generator)
    other._modules = {**generator._modules, "texture": _GivenTexture(texture)}  # the rest is shared
    return other(frame, ciec).image


@torch.no_grad()
def parts_of_a_frame(generator: Generator, frame: FrameInputs, ciec: Tensor) -> dict[str, Tensor]:
    r"""What goes in and what comes out of a frame (B = 1), by name: each (3, S, S) or (1, S, S) in [0, 1]."""
    made = generator(frame, ciec)
    pictures = {
        "background B": frame.background,
        "texture, sampled": made.texture_color.clamp(0, 1),
        "colour F": made.color,
        "attention α": made.attention,
        "picture I": made.image,
    }
    return {name: picture[0] for name, picture in pictures.items()}


@torch.no_grad()
def teeth_pictures(
    generator: Generator, frame: FrameInputs, ciec: Tensor, filmed: Tensor
) -> dict[str, Tensor]:
    r"""The mouth window of a frame (B = 1), step by step: each (3, h, w) in [0, 1].

    "features" are the first three that the teeth submodule makes, each stretched to its own range; "without
    them" is the picture the renderer makes when they are set to zero; ``filmed`` (1, 3, S, S) is the truth.

    Raises:
        ValueError: a generator without teeth submodule.
    """
    if generator.teeth is None:
        raise ValueError("this generator has no teeth submodule")
    steps, without = (generator.steps(frame, ciec, with_teeth=kept) for kept in (True, False))
    (patch, place), window = steps.teeth, steps.window
    features = paste_window(patch, place, window.size)
    shown = {
        "texture, with hole": steps.texture_color.clamp(0, 1),
        "features": _stretched(features[:, :3]),
        "without them": window.cut(without.rendered(frame.background).image),
        "picture I": window.cut(steps.rendered(frame.background).image),
        "filmed": window.cut(filmed),
    }
    size = generator.teeth.window_size(window.size)
    return {name: cut_window(p, place, size)[0] for name, p in shown.items()}


def _stretched(features: Tensor) -> Tensor:
    low, high = features.amin((-2, -1), keepdim=True), features.amax((-2, -1), keepdim=True)
    return (features - low) / (high - low).clamp(min=1e-6)


def ghost_sheet(ghosts: Sequence[JudgedGhost]) -> Axes:
    r"""The mouths of ghosts: as filmed, as drawn and as acted, with the errors of the lips in mm above them.

    Args:
        ghosts: at least one, of :func:`~dnt_core.studies.dynamic_texture.ghost_truth.judge_ghosts`.
    """
    size = ghosts[0].pictures.shape[-1]
    rows, columns = (slice(round(a * size), round(b * size)) for a, b in ((0.5, 0.82), (0.28, 0.72)))
    sheet = list(zip(*(ghost.pictures[..., rows, columns] for ghost in ghosts), strict=True))
    above = [f"{g.expression}\n{g.source}\n{g.lips_off:.1f} · {g.reader_error:.1f}" for g in ghosts]
    ax = contact_sheet(sheet, ["filmed mouth", "drawn", "acted"], above)
    drawn, acted, moved = np.mean([(g.lips_off, g.reader_error, g.actor_moved) for g in ghosts], axis=0)
    title = f"Error of the lips: {drawn:.1f} mm drawn, {acted:.1f} mm acted;\n"
    title += f"the actor moves his lips by {moved:.1f} mm"
    ax.set_title(title, pad=48)
    return ax
