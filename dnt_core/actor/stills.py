r"""One moment of the built-in actor, acted and drawn on the spot: what a still picture or a slider shows."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dnt_core.actor import FilmRenderer, Performance
    from dnt_core.actor.scanned_actor import ScannedActor
    from dnt_core.actor.speech import Sentence
    from dnt_core.face3d import FaceParameters, MorphableModel

SECONDS, FPS = 1.0, 30.0
HEAD_MOTION, LIGHT_VARIATION, VARIATION = 0.4, 0.0, 0.0  # stills side by side differ in what is asked for


def _sentence() -> Sentence:
    from dnt_core.actor.speech import sentences_within

    return sentences_within(SECONDS)[0]


@lru_cache(maxsize=64)
def still_performance(person: str, expression: str, intensity: float, speech: float) -> Performance:
    r"""What the actor does in these pictures; arguments as for :func:`actor_still`."""
    from dnt_core.actor import ActorConfig, get_person, perform
    from dnt_core.actor.speech import unsounded

    said = unsounded(_sentence(), 0, get_person(person).voice, expression, intensity)
    knobs = ActorConfig(
        speech=speech, head_motion=HEAD_MOTION, light_variation=LIGHT_VARIATION, variation=VARIATION
    )
    return perform(person, expression, intensity, said, FPS, round(SECONDS * FPS), 0, knobs)


@lru_cache(maxsize=4)
def _renderer(image_size: int, scanned: bool = False) -> FilmRenderer | ScannedActor:
    if scanned:
        from dnt_core.actor.scanned_actor import ScannedActor

        return ScannedActor(image_size)
    from dnt_core.actor import FilmRenderer

    return FilmRenderer(image_size)


def actor_still(
    person: str,
    expression: str,
    intensity: float,
    image_size: int,
    moment: float = 0.0,
    speech: float = 0.0,
) -> np.ndarray:
    r"""A picture of the built-in actor, the same for the same arguments.

    Args:
        person: a name of ``dnt_core.actor.PEOPLE``, or "ICT": ICT-FaceKit's head, where its folder is given.
        expression: one of ``EXPRESSIONS``.
        intensity: [0, 1]. Higher: the face shows more of the expression.
        image_size: side S in px.
        moment: [0, 1], when in the sentence.
        speech: ≥ 0. Higher: the lips articulate more strongly; 0 keeps the actor silent.

    Returns:
        (S, S, 3) uint8 RGB.

    Raises:
        ValueError: an unknown person or expression, a number outside its range.
        FileNotFoundError: "ICT", and no ICT-FaceKit here.
    """
    from dnt_core.actor.film_config import PLAYED_BY, SCANNED

    scanned = person == SCANNED
    who = PLAYED_BY if scanned else person
    performance = still_performance(who, expression, float(intensity), float(speech))
    return _renderer(image_size, scanned).frame(performance, _frame(performance, moment))


def actor_numbers(
    person: str, expression: str, intensity: float, moment: float = 0.0, speech: float = 0.0
) -> FaceParameters:
    r"""The true 257 numbers, unbatched, of the picture :func:`actor_still` draws for the same arguments."""
    import torch

    from dnt_core.face3d import FaceParameters

    performance = still_performance(person, expression, float(intensity), float(speech))
    vectors = torch.from_numpy(performance.storage_vectors(reconstructed=False))
    return FaceParameters.from_vector(vectors, order="storage")[_frame(performance, moment)]


def landmarks_left_out(person: str, expression: str, intensity: float, model: MorphableModel) -> np.ndarray:
    r"""How far each landmark moves in these pictures beyond what the 64 numbers of the expression say.

    Args:
        person, expression, intensity: as for :func:`actor_still`.
        model: the procedural face model, of any resolution.

    Returns:
        (68,) mm.
    """
    from dnt_core.face3d.procedural.bases import movements_to_expression

    acted = still_performance(person, expression, float(intensity), 0.0)
    basis = model.expression_basis[model.landmark_indices].double().numpy()  # (68, 3, 64) dm
    return 100 * np.linalg.norm(basis @ movements_to_expression(acted.film_weights[:1])[0], axis=-1)


def actor_sound(person: str, expression: str, intensity: float) -> np.ndarray:
    r"""What the actor says in these pictures: (N,) float32 in [-1, 1], 16 kHz, one second."""
    from dnt_core.actor import get_person
    from dnt_core.actor.speech import synthesize

    said = synthesize(_sentence(), 0, get_person(person).voice, expression, intensity)
    return said.fitted(FPS, round(SECONDS * FPS)).waveform


def _frame(performance: Performance, moment: float) -> int:
    if not 0 <= moment <= 1:
        raise ValueError(f"moment must lie in [0, 1], got {moment}")
    return round(moment * (len(performance) - 1))


def actor_clip(
    person: str, expression: str, intensity: float, image_size: int, out: str | os.PathLike,
    seconds: float = SECONDS,
) -> Path:  # fmt: skip
    r"""A short film of the built-in actor with its sound, the visible mark and the record; to look at.

    Args:
        person, expression, intensity: as for :func:`actor_still`. image_size: even, px.
        out: the mp4. seconds: its length; a sentence that fits is said.
    """
    from dnt_core.actor import FilmConfig, FilmRenderer
    from dnt_core.actor.film_config import Shot
    from dnt_core.actor.filming import act
    from dnt_core.clips import provenance_record, write_video

    plan = FilmConfig(actors=(person,), seconds=seconds, fps=FPS, image_size=image_size)
    performance, sound = act(plan, Shot(person, expression, "0", float(intensity), 1))
    renderer = FilmRenderer(image_size)
    frames = (renderer.frame(performance, i) for i in range(plan.n_frames))
    record = provenance_record("dnt_core.actor", actor=person, expression=expression, intensity=intensity)
    return write_video(out, frames, FPS, sound, provenance=record)
