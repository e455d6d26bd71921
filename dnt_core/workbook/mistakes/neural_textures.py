r"""Common wrong answers to the exercises of notebook 04, dynamic neural textures."""

from __future__ import annotations

import numpy as np
import torch

from dnt_core.rendering.uv_map import sample_texture
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


def _texture(texture, ciecs, tanh=True, last_tanh=False, base=True):
    *hidden, last = texture.transcoder.layers
    for layer in hidden:
        ciecs = torch.tanh(layer(ciecs)) if tanh else layer(ciecs)
    weights = torch.tanh(last(ciecs)) if last_tanh else last(ciecs)
    return base * texture.neutral + torch.einsum("bk,knij->bnij", weights, texture.basis)


def _painted(textures, uv_map, mask, background, sigmoid=True, masked=True, swapped=False):
    sampled = sample_texture(textures, uv_map)
    alpha = torch.sigmoid(sampled[:, 3:]) if sigmoid else sampled[:, 3:]
    alpha = mask * alpha if masked else alpha
    alpha = 1 - alpha if swapped else alpha
    return alpha * sampled[:, :3] + (1 - alpha) * background


def _fitted(model, loss_of, steps, rate, forget=False, stale=False, anew=False, late=False):
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=rate), []
    for step in range(steps):
        if anew:
            optimizer = torch.optim.Adam(model.parameters(), lr=rate)
        if not forget:
            optimizer.zero_grad()
        loss = loss_of(model, step)
        loss.backward()
        if not stale:
            optimizer.step()
        losses.append(float(loss_of(model, step).detach() if late else loss.detach()))
    return losses


def _differences(drawn, filmed):
    return drawn - filmed, drawn.diff(dim=-1) - filmed.diff(dim=-1), drawn.diff(dim=-2) - filmed.diff(dim=-2)


def _clip_means(values, clips, draws):
    return np.array([values[clips == clip].mean() for clip in range(clips.max() + 1)])[draws].mean(1)


def _frames_of(values, clips, draws):
    return [np.concatenate([values[clips == clip] for clip in drawn]).mean() for drawn in draws]


def _follow(film, drawn, ends=(14, 18), centred=True, slope=False):
    one, other = (np.linalg.norm(lips[:, ends[0]] - lips[:, ends[1]], axis=-1) for lips in (film, drawn))
    if centred:
        one, other = one - one.mean(), other - other.mean()
    return (one * other).sum() / ((one**2).sum() if slope else np.sqrt((one**2).sum() * (other**2).sum()))


mix_textures: Mistakes = {
    "You took the nearest texture. Between two known intensities both neighbours have a share.": _nearest,
    "The two shares are exchanged: close to the upper neighbour, the upper one should count more.": (
        lambda textures, intensity: _faded(textures, intensity, swapped=True)
    ),
    "You faded between neutral and full intensity only. The two textures between them are known as well.": (
        _ends_only
    ),
}

texture_of: Mistakes = {
    "Without tanh the network is linear: twice the intensity would change the weights twice as much.": (
        lambda *inputs: _texture(*inputs, tanh=False)
    ),
    "tanh stands between the layers only. After the last one it would confine the weights to ±1.": (
        lambda *inputs: _texture(*inputs, last_tanh=True)
    ),
    "T₀ is missing: it is added whatever E is.": lambda *inputs: _texture(*inputs, base=False),
}

painted: Mistakes = {
    "The fourth channel is z, any number. α is its sigmoid.": lambda *inputs: _painted(
        *inputs, sigmoid=False
    ),
    "The mask is missing. Off the face there is no texture, so α has to be 0 there.": (
        lambda *inputs: _painted(*inputs, masked=False)
    ),
    "F and B are exchanged: α is the share of F.": lambda *inputs: _painted(*inputs, swapped=True),
}

pixel_loss: Mistakes = {
    "These are squares. The bar means the mean absolute value.": (
        lambda *inputs: sum(d.square().mean() for d in _differences(*inputs))
    ),
    "You took |d| first and then its differences. A change of sign between neighbours is lost so.": (
        lambda drawn, filmed: sum(
            part.abs().mean() for part in _differences((drawn - filmed).abs(), torch.zeros_like(drawn))
        )
    ),
    "This compares colours only. The differences between neighbours are missing.": (
        lambda drawn, filmed: (drawn - filmed).abs().mean()
    ),
    "One direction is missing: neighbours lie to the right and below.": (
        lambda *inputs: sum(d.abs().mean() for d in _differences(*inputs)[:2])
    ),
}

fit: Mistakes = {
    "The gradients of all steps add up. Set them to zero before each step.": (
        lambda *inputs: _fitted(*inputs, forget=True)
    ),
    "Nothing was learnt: after backward() the optimizer has to take its step.": (
        lambda *inputs: _fitted(*inputs, stale=True)
    ),
    "A new Adam in every step forgets its running means. Make it once, before the loop.": (
        lambda *inputs: _fitted(*inputs, anew=True)
    ),
    "You noted the loss after each step. The exercise asks for the one at its start.": (
        lambda *inputs: _fitted(*inputs, late=True)
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
