r"""The actor acts a shot again with another expression: the same speech, head and light, so a true picture of
what the generator is asked for, also where no clip shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from dnt_core.actor import FilmConfig, FilmRenderer, get_person
from dnt_core.actor.film_config import Shot, shot_seed
from dnt_core.actor.filming import truth
from dnt_core.actor.performance import Performance, perform
from dnt_core.actor.speech import unsounded
from dnt_core.clips.pixel_format import resize_rgb
from dnt_core.face3d.morphable_model import MOUTH


@dataclass(frozen=True)
class Acted:
    r"""Some frames of a performance.

    Attributes:
        pictures: (T, 3, S, S) RGB in [0, 1].
        lips: (T, 20, 2) the true mouth landmarks, column and row in px.
    """

    pictures: Tensor
    lips: np.ndarray


def act_again(plan: FilmConfig, shot: Shot, expression: str, intensity: float) -> Performance:
    r"""The shot's words, movements of the head and light with another expression.

    Args:
        expression: one of ``EXPRESSIONS``. intensity: [0, 1].
    """
    voice, seed = get_person(shot.actor).voice, shot_seed(plan, shot)
    speech = unsounded(plan.sentence(shot.number), plan.seed, voice, shot.expression, shot.intensity)
    length = (speech, plan.fps, plan.n_frames, seed, plan.knobs)
    own = perform(shot.actor, shot.expression, shot.intensity, *length)
    other = perform(shot.actor, expression, intensity, *length)
    return replace(other, pose=own.pose)  # an expression also bears the head in its own way


def draw_again(
    plan: FilmConfig, shot: Shot, frames: Sequence[int], expression: str, intensity: float,
    image_size: int | None = None,
) -> Acted:  # fmt: skip
    r"""Some frames of :func:`act_again`.

    Args:
        image_size: S px; None: that of the film.
    """
    size = image_size or plan.image_size
    performance = act_again(plan, shot, expression, intensity)
    renderer = FilmRenderer(plan.image_size)
    pictures = np.stack([resize_rgb(renderer.frame(performance, i), (size, size)) for i in frames])
    lips = truth(performance, plan.image_size).landmarks[list(frames)][:, MOUTH]
    scaled = (lips + 0.5) * (size / plan.image_size) - 0.5
    return Acted(torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255, scaled)
