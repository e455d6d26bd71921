r"""Common wrong answers to the exercises of notebook 06, ablation and metrics."""

from __future__ import annotations

import math

import numpy as np
import torch

from dnt_core.workbook.mistakes.kinds import Mistakes


def _centred(mouths, axes: int | tuple[int, ...] = 1):
    return mouths - mouths.mean(axes, keepdim=True)


mouth_distance: Mistakes = {
    "You did not centre the mouths. LMD does not depend on where a mouth lies.": lambda film, drawn: (
        (film - drawn).norm(dim=-1).mean()
    ),
    "You centred on the mean of the whole clip. Each frame has a mean of its own.": lambda film, drawn: (
        (_centred(film, (0, 1)) - _centred(drawn, (0, 1))).norm(dim=-1).mean()
    ),
    "You summed over the 20 landmarks. The formula divides by P, too.": lambda film, drawn: (
        (_centred(film) - _centred(drawn)).norm(dim=-1).sum(1).mean()
    ),
    "You took the mean over columns and rows. A distance is the length of both together.": (
        lambda film, drawn: (_centred(film) - _centred(drawn)).abs().mean()
    ),
    "You took the root of the mean square. LMD takes the mean of the lengths.": lambda film, drawn: (
        (_centred(film) - _centred(drawn)).square().sum(-1).mean().sqrt()
    ),
}

confidence: Mistakes = {
    "You took the mean of the distances. A few bad offsets move it; the median stays.": lambda distances: (
        distances.mean() - distances.min()
    ),
    "The sign is turned round: the right offset has the smallest distance.": lambda distances: (
        distances.min() - distances.median()
    ),
    "You took the largest distance. It says how bad the worst offset is, not how the others are.": (
        lambda distances: distances.max() - distances.min()
    ),
}

moved: Mistakes = {
    "You rolled the picture round: its last column came back as the first one.": lambda frames: torch.roll(
        frames, 1, -1
    ),
    "You moved it to the left: each pixel took the value of its right neighbour.": lambda frames: torch.cat(
        [frames[..., 1:], frames[..., -1:]], -1
    ),
    "You moved it down. The last axis goes along a row, the one before it from row to row.": lambda frames: (
        torch.cat([frames[..., :1, :], frames[..., :-1, :]], -2)
    ),
}

constant_mouth: Mistakes = {
    "You forgot to centre the mouths. LMD does not depend on where a mouth lies.": lambda landmarks: (
        landmarks.mean(0)
    ),
    "You centred each mouth on its first landmark, a corner. LMD takes the mean of all 20.": (
        lambda landmarks: (landmarks - landmarks[:, :1]).mean(0)
    ),
}

interval_of: Mistakes = {
    "These are the percentiles of the clips. The question is how much their mean varies from draw to draw.": (
        lambda differences, draws: np.percentile(differences, (2.5, 97.5))
    ),
    "You cut off 5 % on each side. That leaves 90 % inside.": lambda differences, draws: np.percentile(
        differences[draws].mean(1), (5, 95)
    ),
    "You averaged over the draws. Average over the clips of each draw.": lambda differences, draws: (
        np.percentile(differences[draws].mean(0), (2.5, 97.5))
    ),
}

unbeaten: Mistakes = {
    "These are the methods that are beaten. The others were asked for.": lambda ms, psnr: [
        any(t < time and p > quality for t, p in zip(ms, psnr, strict=True))
        for time, quality in zip(ms, psnr, strict=True)
    ],
    "You let a method beat another one that it leads in one of the two. It must lead in both.": (
        lambda ms, psnr: [
            not any(t < time or p > quality for t, p in zip(ms, psnr, strict=True))
            for time, quality in zip(ms, psnr, strict=True)
        ]
    ),
    "You kept the fastest and the best alone. A method between them may be beaten by neither.": (
        lambda ms, psnr: [
            time == min(ms) or quality == max(psnr) for time, quality in zip(ms, psnr, strict=True)
        ]
    ),
}

verdict_of: Mistakes = {
    "You let one method that ours leads decide. The claim must hold against each method.": lambda leads: max(
        (low > 0) - (high < 0) for low, high in leads
    ),
    "You looked at the middle of the interval. It always lies on one side; the ends decide.": lambda leads: (
        min(1 if low + high > 0 else -1 for low, high in leads)
    ),
    "You took the first method alone. A claim may be about several.": lambda leads: (
        (leads[0][0] > 0) - (leads[0][1] < 0)
    ),
    "You multiplied the signs. Two leads below zero would make a claim that holds.": lambda leads: math.prod(
        (low > 0) - (high < 0) for low, high in leads
    ),
}


def _far(one, other):
    return (one - other).abs().mean()


way_back: Mistakes = {
    "The way back began at the first faces. It begins at the changed ones.": lambda g, faces, own, other: (
        _far(g(faces, other), faces),
        _far(g(faces, own), faces),
    ),
    "On the way back you asked for the other expression again. Ask for the faces' own.": (
        lambda g, faces, own, other: (
            _far(g(faces, other), faces),
            _far(g(g(faces, other), other), faces),
        )
    ),
    "You compared the way back with the changed faces. The first faces are what should come back.": (
        lambda g, faces, own, other: (
            _far(g(faces, other), faces),
            _far(g(g(faces, other), own), g(faces, other)),
        )
    ),
}
