r"""The actor's clips as 257 numbers a frame, without a picture or a sound: hundreds of clips in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dnt_core.actor.actor_config import ActorConfig
from dnt_core.actor.people import PEOPLE
from dnt_core.actor.performance import perform
from dnt_core.actor.speech import SENTENCES, Sentence, Speech, mouth_movements, synthesize, unsounded
from dnt_core.ciec import EXPRESSIONS
from dnt_core.clips.clip import CELLS, Clip
from dnt_core.clips.expression_frames import ExpressionFrames, frames_from_caches
from dnt_core.clips.face_cache import FaceCache


@dataclass(frozen=True, eq=False)
class ParameterClip:
    r"""One clip that was acted and never filmed.

    Attributes:
        clip: its labels; the paths in it name no files.
        cache: the 257 numbers a frame as reconstructed, the true ones, the speech's and the intensity.
        sentence: what is said.
        closed: (T,) bool, frames in which p, b or m holds the lips shut.
    """

    clip: Clip
    cache: FaceCache
    sentence: str
    closed: np.ndarray


def parameter_clips(
    actors: Sequence[str] = tuple(PEOPLE),
    clips_per_cell: int = 30,
    neutral_clips: int = 40,
    fps: float = 30.0,
    seed: int = 0,
    knobs: ActorConfig = ActorConfig(),  # noqa: B008 (frozen)
    sentences: Sequence[Sentence] = SENTENCES,
    face_model: str = "procedural",
) -> list[ParameterClip]:
    r"""Act all 22 cells of MEAD's table for each actor, as many clips as MEAD has by default.

    Args:
        clips_per_cell: clips for each (expression, level); neutral_clips: for the one neutral cell.
        seed: everything random comes from it; each clip has a stream of its own, so that asking for more
            clips leaves those there were as they are.
        sentences: what may be said; clip numbers do not correspond across expressions.
        face_model: written into the caches.

    Raises:
        ValueError: fewer than one clip a cell, an unknown actor.
    """
    if clips_per_cell < 1 or neutral_clips < 1:
        raise ValueError(f"every cell needs a clip, got {clips_per_cell} and {neutral_clips} neutral ones")
    made = []
    for actor in actors:
        for expression, level in CELLS:
            for number in range(1, (neutral_clips if expression == "neutral" else clips_per_cell) + 1):
                clip = _labels(actor, expression, level, number)
                made.append(_act(clip, _stream(seed, clip), fps, knobs, sentences, face_model))
    return made


def clip_speech(clip: Clip, seed: int = 0) -> Speech:
    r"""The sound of one clip of :func:`parameter_clips`, in step with its frames.

    Args:
        clip: as :func:`parameter_clips` labels it. seed: as it was there.
    """
    generator = _stream(seed, clip)
    sentence = SENTENCES[int(generator.integers(len(SENTENCES)))]
    voice = PEOPLE[clip.actor].voice
    return synthesize(sentence, int(generator.integers(2**31)), voice, clip.expression, clip.intensity)


def _stream(seed: int, clip: Clip) -> np.random.Generator:
    numbers = (seed, list(clip.actor.encode()), EXPRESSIONS.index(clip.expression), clip.level, clip.number)
    return np.random.default_rng(np.hstack(numbers))


def _labels(actor: str, expression: str, level: int, number: int) -> Clip:
    path = Path(actor) / "video" / "front" / expression / f"level_{level}" / f"{number:03d}.mp4"
    return Clip(actor, "front", expression, level, number, path)


def _act(clip, generator, fps, knobs, sentences, face_model) -> ParameterClip:
    sentence = sentences[int(generator.integers(len(sentences)))]
    speech = _unsounded(sentence, clip, int(generator.integers(2**31)))
    n_frames = speech.n_frames(fps)
    acted = perform(
        clip.actor,
        clip.expression,
        clip.intensity,
        speech,
        fps,
        n_frames,
        int(generator.integers(2**31)),
        knobs,
    )
    cache = FaceCache(
        parameters=acted.storage_vectors(reconstructed=True), fps=fps, face_model=face_model, source="actor",
        truth_parameters=acted.storage_vectors(reconstructed=False),
        speech_expression=acted.speech_expression, truth_intensity=acted.intensity,
    )  # fmt: skip
    return ParameterClip(clip, cache, sentence.text, mouth_movements(speech, fps, n_frames).closed)


def _unsounded(sentence: Sentence, clip: Clip, seed: int) -> Speech:
    r"""The sentence with its sounds in time and a silent waveform: the mouth needs no more."""
    voice = PEOPLE[clip.actor].voice if clip.actor in PEOPLE else None
    if voice is None:
        raise ValueError(f"no built-in actor is called {clip.actor!r}; there are {', '.join(PEOPLE)}")
    return unsounded(sentence, seed, voice, clip.expression, clip.intensity)


def acted_frames(**options) -> ExpressionFrames:
    r"""The frames of :func:`parameter_clips` (same options), as the trainings and studies take them."""
    acted = parameter_clips(**options)
    return frames_from_caches(
        [a.clip for a in acted],
        [a.cache for a in acted],
        [a.sentence for a in acted],
        [a.closed for a in acted],
    )
