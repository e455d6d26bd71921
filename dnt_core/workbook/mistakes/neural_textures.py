r"""Common wrong answers to the exercises of notebook 04, dynamic neural textures."""

from __future__ import annotations

import torch

from dnt_core.workbook.mistakes.kinds import Mistakes

KNOTS = (0.0, 0.33, 0.67, 1.0)


def _faded(textures, intensity, swapped=False, even=False):
    knots = (0.0, 1 / 3, 2 / 3, 1.0) if even else KNOTS
    upper = next(i for i in (1, 2, 3) if intensity <= knots[i])
    share = (intensity - knots[upper - 1]) / (knots[upper] - knots[upper - 1])
    return torch.lerp(textures[upper - 1], textures[upper], 1 - share if swapped else share)


def _nearest(textures, intensity):
    return textures[min(range(4), key=lambda k: abs(KNOTS[k] - intensity))]


def _ends_only(textures, intensity):
    return torch.lerp(textures[0], textures[3], intensity)


def _trained(make, ciecs, wanted, steps, forget=False, before=False, stale=False):
    texture, errors = make(), []
    optimizer = torch.optim.Adam(texture.parameters(), lr=0.02)
    for _ in range(steps):
        if not forget:
            optimizer.zero_grad()
        error = (texture(ciecs) - wanted).square().mean()
        error.backward()
        if not stale:
            optimizer.step()
        with torch.no_grad():
            errors.append(float(error if before else (texture(ciecs) - wanted).square().mean()))
    return errors


def _ratio(picture, color, background):
    return (picture / color).mean(0)


def _one_minus(picture, color, background):
    step = color - background
    return 1 - ((picture - background) * step).sum(0) / step.square().sum(0)


def _along_color(picture, color, background):
    return ((picture - background) * color).sum(0) / color.square().sum(0)


cross_fade: Mistakes = {
    "You took the nearest texture. Between two known intensities both neighbours have a share.": _nearest,
    "The two shares are exchanged: close to the upper neighbour, the upper one should count more.": (
        lambda textures, intensity: _faded(textures, intensity, swapped=True)
    ),
    "You faded between neutral and full intensity only. The two textures between them are known as well.": (
        _ends_only
    ),
}

train_texture: Mistakes = {
    "The gradients of all steps add up. Set them to zero before each step.": (
        lambda *inputs: _trained(*inputs, forget=True)
    ),
    "You noted the error from before each step. The exercise asks for the one after it.": (
        lambda *inputs: _trained(*inputs, before=True)
    ),
    "Nothing was learnt: after backward() the optimizer has to take its step.": (
        lambda *inputs: _trained(*inputs, stale=True)
    ),
}

attention_of: Mistakes = {
    "You divided the picture by the colour. That forgets the background's share.": _ratio,
    "This is 1 − α, the background's share.": _one_minus,
    "You divided by the colour's square. α is a share of the step from background to colour.": _along_color,
}
