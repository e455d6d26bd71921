r"""What the lips are judged by: sentences, voices and a language that no training heard."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dnt_core.actor.speech import VOICES, Voice
from dnt_core.audio.espeak import begin_anew, espeak_available
from dnt_core.ciec import EXPRESSIONS
from dnt_core.training.lips.augmentation import by_telephone, in_a_room, noise, resampled
from dnt_core.training.lips.shards import HELD_OUT_ACTOR, HELD_OUT_VARIANTS
from dnt_core.training.lips.spoken import FLITE_VOICES, Spoken, from_actor, from_espeak, from_flite
from dnt_core.training.lips.texts import GERMAN_SENTENCES, HELD_OUT_LANGUAGE, HELD_OUT_SENTENCES


def actor_clips(moods: bool = True) -> list[Spoken]:
    r"""The actor's held-out sentences in the three people's voices, neutral and in every mood at 0.67."""
    kinds = [("neutral", 0.0)] + [(e, 0.67) for e in EXPRESSIONS if e != "neutral"] * moods
    return [
        from_actor(sentence, voice, 1000 + k, *kinds[(k + v) % len(kinds)])
        for k, sentence in enumerate(HELD_OUT_ACTOR)
        for v, voice in enumerate((*VOICES.values(), Voice(f0=160.0, formant_scale=1.08)))
    ]


def espeak_clips() -> list[Spoken]:
    r"""Held-out English sentences in espeak-ng's held-out voices."""
    begin_anew()
    made = []
    for k, sentence in enumerate(HELD_OUT_SENTENCES):
        for v in range(2):
            variant = HELD_OUT_VARIANTS[(2 * k + v) % len(HELD_OUT_VARIANTS)]
            language = ("en-us", "en")[v]
            made.append(from_espeak(sentence, language, variant, speed=150 + 10 * (k % 5), pitch=20 + 4 * k))
    return made


def german_clips() -> list[Spoken]:
    r"""German sentences in espeak-ng's held-out voices."""
    begin_anew()
    return [
        from_espeak(
            s, HELD_OUT_LANGUAGE, HELD_OUT_VARIANTS[k % len(HELD_OUT_VARIANTS)], speed=150, pitch=30 + 3 * k
        )
        for k, s in enumerate(GERMAN_SENTENCES)
    ]


def voices_beside(clips: list[Spoken]) -> dict[str, tuple[list[Spoken], int]]:
    r"""Voices beside the actor's: espeak-ng's, or without it the actor's own, deeper and higher.

    Args:
        clips: of :func:`actor_clips`, four voices per sentence.

    Returns:
        name → clips, sentence by sentence, and how many voices say each sentence.
    """
    if espeak_available():
        return {"espeak-ng, English": (espeak_clips(), 2), "espeak-ng, German": (german_clips(), 1)}
    found = {}
    for kind in ("low", "high"):
        moved, sounds = rerecorded(clips, kind)
        heard = [replace(clip, waveform=sound) for clip, sound in zip(moved, sounds, strict=True)]
        found[f"the actor, {kind}"] = (heard, 4)
    return found


def flite_clips(voices: tuple[str, ...] = FLITE_VOICES) -> list[Spoken]:
    r"""Held-out English sentences in flite's voices, which are built from recordings of people."""
    return [from_flite(sentence, voice) for voice in voices for sentence in HELD_OUT_SENTENCES]


def rerecorded(clips: list[Spoken], kind: str) -> tuple[list[Spoken], list[np.ndarray]]:
    r"""The same clips as something else would hear them.

    Args:
        clips: to record again.
        kind: "quiet" (-30 dB), "loud" (clipped), "noise" (pink, 10 dB below), "room", "telephone", "low" and
            "high" (pitch and formants by a factor 0.84 and 1.22).

    Returns:
        The clips, in time with the sounds, and the sounds.
    """
    generator = np.random.default_rng(5)
    kept, sounds = [], []
    for clip in clips:
        x = clip.waveform
        if kind in ("low", "high"):
            moved, factor = resampled(x, 1 / (0.84 if kind == "low" else 1.22))
            clip = clip.stretched(factor, moved)
            x = moved
        elif kind == "quiet":
            x = x * 10.0 ** (-30.0 / 20.0)
        elif kind == "loud":
            x = np.clip(6.0 * x, -1.0, 1.0)
        elif kind == "noise":
            x = x + np.sqrt(np.mean(x**2)) * 10.0 ** (-10.0 / 20.0) * noise(x.size, generator)
        elif kind == "room":
            x = in_a_room(x, generator)
        elif kind == "telephone":
            x = by_telephone(x)
        else:
            raise ValueError(f"unknown kind of recording {kind!r}")
        kept.append(clip)
        sounds.append(np.clip(x, -1.0, 1.0).astype(np.float32))
    return kept, sounds
