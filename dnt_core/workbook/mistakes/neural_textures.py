r"""Common wrong answers to the exercises of notebook 04, dynamic neural textures."""

from __future__ import annotations

import numpy as np
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


def _clip_means(values, clips, draws):
    return np.array([values[clips == clip].mean() for clip in range(clips.max() + 1)])[draws].mean(1)


def _frames_of(values, clips, draws):
    return [np.concatenate([values[clips == clip] for clip in drawn]).mean() for drawn in draws]


def _follow(film, drawn, ends=(14, 18), centred=True, slope=False):
    one, other = (np.linalg.norm(lips[:, ends[0]] - lips[:, ends[1]], axis=-1) for lips in (film, drawn))
    if centred:
        one, other = one - one.mean(), other - other.mean()
    return (one * other).sum() / ((one**2).sum() if slope else np.sqrt((one**2).sum() * (other**2).sum()))


def _ratio(picture, color, background):
    return (picture / color).mean(0)


def _one_minus(picture, color, background):
    step = color - background
    return 1 - ((picture - background) * step).sum(0) / step.square().sum(0)


def _along_color(picture, color, background):
    return ((picture - background) * color).sum(0) / color.square().sum(0)


mix_textures: Mistakes = {
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

clip_bootstrap: Mistakes = {
    "You took the numbers of clips for numbers of frames. A draw brings all frames of its clips.": (
        lambda values, clips, draws: np.percentile(values[draws].mean(1), (2.5, 97.5))
    ),
    "You averaged the clips' means. The claim is about the mean over frames, so long clips count more.": (
        lambda *inputs: np.percentile(_clip_means(*inputs), (2.5, 97.5))
    ),
    "Between these ends lie 90 % of the means. For 95 %, leave out 2.5 % on either side.": (
        lambda *inputs: np.percentile(_frames_of(*inputs), (5, 95))
    ),
}

lips_follow: Mistakes = {
    "You did not subtract the means. Then two mouths that are open, and no more, agree as well.": (
        lambda film, drawn: _follow(film, drawn, centred=False)
    ),
    "You compared the places of all landmarks. They are alike even where the lips do not move.": (
        lambda film, drawn: np.corrcoef(film.ravel(), drawn.ravel())[0, 1]
    ),
    "This is the slope: how far the lips open, and not how closely they follow. Divide by both lengths.": (
        lambda film, drawn: _follow(film, drawn, slope=True)
    ),
    "This is the width of the mouth, between its corners. The opening lies between landmarks 14 and 18.": (
        lambda film, drawn: _follow(film, drawn, ends=(0, 6))
    ),
}

attention_of: Mistakes = {
    "You divided the picture by the colour. That forgets the background's share.": _ratio,
    "This is 1 − α, the background's share.": _one_minus,
    "You divided by the colour's square. α is a share of the step from background to colour.": _along_color,
}
