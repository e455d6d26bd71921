r"""How a mood sounds: melody, loudness and voice quality, never the timing."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from dnt_core.ciec import EXPRESSIONS, check_intensity, type_index

from .sentences import Sentence
from .timing import Segment
from .voice import Voice


@dataclass(frozen=True)
class Prosody:
    r"""What a mood changes in a voice; the defaults are the neutral voice.

    Args:
        pitch: semitones against the speaker's mean; higher: a higher voice.
        melody: width of the melody against neutral, 1 = as neutral, 0 = monotone.
        final: semitones the voice moves over the last part of the phrase; positive: it rises.
        level_db: dB against neutral speech; higher: louder.
        tilt_db: dB by which the glottal source falls at 3 kHz beyond its pulse's own slope; higher: duller.
        breathiness: added to the voice's own, in its unit.
        open_quotient: share of a glottal cycle in which the folds are open; lower: more pressed.
        jitter: added to the voice's own.
        tremor: semitones of a 6.5 Hz tremor.
        creak: 0..1; alternate cycles longer and weaker.
        formants: factor on all formants; above 1: lips spread.
    """

    pitch: float = 0.0
    melody: float = 1.0
    final: float = -2.5
    level_db: float = 0.0
    tilt_db: float = 7.0
    breathiness: float = 0.0
    open_quotient: float = 0.6
    jitter: float = 0.0
    tremor: float = 0.0
    creak: float = 0.0
    formants: float = 1.0


# At intensity 1; the directions are those reviews of emotional speech agree on (Scherer 2003; Juslin & Laukka
# 2003).
PROSODY = {
    "angry": Prosody(
        pitch=3.5, melody=1.5, final=-4, level_db=8, tilt_db=0, open_quotient=0.45, jitter=0.006
    ),
    "contempt": Prosody(
        pitch=-1.0, melody=0.6, final=-5.0, level_db=-1.5, tilt_db=8, open_quotient=0.57, creak=0.1
    ),
    "disgusted": Prosody(
        pitch=-2.5,
        melody=0.8,
        final=-4,
        level_db=-0.5,
        tilt_db=9,
        open_quotient=0.5,
        jitter=0.006,
        creak=0.6,
        formants=0.99,
    ),
    "fear": Prosody(
        pitch=6.0, melody=0.9, final=1.0, level_db=1, tilt_db=7, breathiness=0.25, jitter=0.01, tremor=0.6
    ),
    "happy": Prosody(pitch=4.0, melody=1.7, final=-1, level_db=3.5, tilt_db=4.5, formants=1.03),
    "sad": Prosody(
        pitch=-2.5, melody=0.35, final=-2, level_db=-7, tilt_db=13, breathiness=0.2, open_quotient=0.68
    ),
    "surprised": Prosody(pitch=5.0, melody=1.9, final=6, level_db=3, tilt_db=5, breathiness=0.08),
    "neutral": Prosody(),
}


def prosody_of(expression: str, intensity: float) -> Prosody:
    r"""The voice of a mood, linear between neutral (0) and the full mood (1).

    Args:
        expression: one of the eight types.
        intensity: 0..1.

    Raises:
        ValueError: an unknown type, or an intensity outside [0, 1].
    """
    check_intensity(intensity)
    neutral, full = Prosody(), PROSODY[EXPRESSIONS[type_index(expression)]]
    return Prosody(
        **{
            f.name: (1 - intensity) * getattr(neutral, f.name) + intensity * getattr(full, f.name)
            for f in fields(Prosody)
        }
    )


def pitch_contour(
    segments: tuple[Segment, ...],
    sentence: Sentence,
    voice: Voice,
    prosody: Prosody,
    times: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    r"""The melody: declination, an accent on every stressed vowel, the phrase's final movement, tremor.

    Superposition in semitones, after Fujisaki: $s(t) = s_0 + m\,(d(t) + \sum_k a_k(t)) + e(t) +
    \text{tremor}$.

    Args:
        segments: the sentence in time.
        sentence: what is said; a question rises.
        voice: whose voice.
        prosody: of which mood.
        times: (N,) s.
        rng: source of the small differences between accents.

    Returns:
        Fundamental frequency in Hz, (N,).
    """
    spoken = [s for s in segments if s.phoneme.kind != "silence"]
    start, end = spoken[0].start, spoken[-1].end
    progress = np.clip((times - start) / (end - start), 0.0, 1.0)
    melody = 1.6 - 3.2 * progress  # declination, semitones
    accents = [s for s in spoken if s.phoneme.is_vowel and s.stress]
    for k, vowel in enumerate(accents):
        height = (
            {1: 2.6, 2: 1.2}[vowel.stress] * (1 + 0.15 * rng.standard_normal()) * (1.2 if k == 0 else 1.0)
        )
        centre = vowel.start + 0.4 * vowel.duration
        melody = melody + height * np.exp(-0.5 * ((times - centre) / 0.085) ** 2)
    nuclei = [s for s in spoken if s.phoneme.is_vowel]
    last = accents[-1] if accents else (nuclei[-1] if nuclei else spoken[-1])
    turn = last.start + 0.3 * last.duration
    into_end = np.clip((times - turn) / max(end - turn, 0.05), 0.0, 1.0)
    final = prosody.final + (6.0 if sentence.is_question else 0.0)
    ending = final * into_end**2 * (3 - 2 * into_end)
    knots = np.arange(0.0, times[-1] + 0.2, 0.1)
    flutter = np.interp(times, knots, rng.normal(0.0, 0.12, knots.size))
    tremor = prosody.tremor * np.sin(2 * np.pi * 6.5 * times + rng.uniform(0, 2 * np.pi))
    semitones = prosody.pitch + prosody.melody * voice.f0_range * melody + ending + flutter + tremor
    return voice.f0 * 2.0 ** (semitones / 12.0)
