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


def _distances(lips, sound, sign: int = 1, wrap: bool = False, mean=torch.mean):
    found = []
    for shift in range(-15, 16):
        partner = sound.roll(-sign * shift, 0)  # the vector that stands ``shift`` places later
        kept = slice(None) if wrap else slice(max(0, -sign * shift), min(len(lips), len(lips) - sign * shift))
        found.append(mean((lips - partner)[kept].norm(dim=1)))
    return torch.stack(found)


shift_distances: Mistakes = {
    "You took the sound earlier where it should be taken later: the curve is turned round.": (
        lambda lips, sound: _distances(lips, sound, sign=-1)
    ),
    "The end of the sound came back at its beginning. Leave out vectors that have no partner.": (
        lambda lips, sound: _distances(lips, sound, wrap=True)
    ),
    "You summed the distances. At a large shift there are fewer pairs, so take their mean.": (
        lambda lips, sound: _distances(lips, sound, mean=torch.sum)
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

interval_of_trainings: Mistakes = {
    "You drew clips, but in each draw all trainings stay the same.": lambda leads, clips, trainings: (
        np.percentile(leads.mean(0)[clips].mean(1), (2.5, 97.5))
    ),
    "You drew trainings, but in each draw all clips stay the same.": lambda leads, clips, trainings: (
        np.percentile(leads.mean(1)[trainings].mean(1), (2.5, 97.5))
    ),
    "You cut off 5 % on each side. That leaves 90 % inside.": lambda leads, clips, trainings: np.percentile(
        leads[trainings[:, :, None], clips[:, None, :]].mean((1, 2)), (5, 95)
    ),
}

worse_video: Mistakes = {
    "This video is not worse than ours to the eye. A film that is moved a little, or is nearly the film, "
    "leads rightly. Where it trails, that metric is misled. Spoil something that everybody sees.": (
        lambda film, ours: film
    ),
    "This video does not lead ours in the metric that you named. Leave more of the film in it.": (
        lambda film, ours: torch.zeros_like(film)
    ),
    "This video does not lead ours, and it is not worse either. It is too much like ours.": (
        lambda film, ours: ours
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
