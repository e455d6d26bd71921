r"""When each sound starts and ends: duration rules after Klatt (1979)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from .phonemes import PHONEMES, SILENCE, Phoneme
from .sentences import PHRASES, SENTENCES, Sentence

SHORTEST_LIP_CLOSURE = 0.045  # s: longer than a frame at 25 fps, so that every p, b, m is seen closed


@dataclass(frozen=True)
class Segment:
    r"""One sound in time.

    Args:
        symbol: ARPAbet without stress, ``SIL`` for silence.
        start: s.
        end: s.
        stress: 0, 1 or 2; consonants have their syllable's vowel's.
        release: s at which a stop or affricate opens, None for others.
    """

    symbol: str
    start: float
    end: float
    stress: int = 0
    release: float | None = None

    @property
    def phoneme(self) -> Phoneme:
        r"""The sound's entry in the inventory."""
        return PHONEMES[self.symbol]

    @property
    def duration(self) -> float:
        r"""Seconds."""
        return self.end - self.start

    @property
    def lip_closure(self) -> tuple[float, float] | None:
        r"""(start, end) in s of the time in which the lips must be closed, None where they need not be."""
        if not self.phoneme.is_bilabial_closure:
            return None
        return self.start, self.end if self.release is None else self.release


def segment_sentence(sentence: Sentence, seed: int, rate: float = 1.0) -> tuple[Segment, ...]:
    r"""Lays a sentence out in time.

    Klatt's rule: $D = D_{min} + (D_{inh} - D_{min}) \prod_k p_k$, the factors $p_k$ coming from the sound's
    place in its syllable, word and phrase; a few percent of chance on top, from the seed. The mood is no
    argument: one sentence and seed has one timing.

    Args:
        sentence: what is said.
        seed: of the small deviations, >= 0.
        rate: speaking rate, higher: faster.

    Returns:
        Segments that follow each other without a gap, silence first and last, starting at 0.

    Raises:
        ValueError: a negative seed.
    """
    if seed < 0:
        raise ValueError(f"seed is {seed}, expected an integer >= 0")
    rng = np.random.default_rng([seed, 11])
    words = sentence.words
    segments = [Segment(SILENCE, 0.0, sentence.lead_in)]
    for w, word in enumerate(words):
        for i in range(len(word)):
            chance = float(np.clip(1 + 0.04 * rng.standard_normal(), 0.9, 1.1)) / rate
            segments.append(_next_segment(segments[-1].end, word, i, w == len(words) - 1, chance))
    end = segments[-1].end
    return (*segments, Segment(SILENCE, end, end + sentence.lead_out))


@cache
def _lengths() -> dict[Sentence, float]:
    """Seconds of every sentence and phrase."""
    return {s: segment_sentence(s, 0, 1.0)[-1].end for s in (*SENTENCES, *PHRASES)}


def sentences_within(seconds: float) -> tuple[Sentence, ...]:
    r"""Those of `SENTENCES` and `PHRASES` that fit a given time, silences included, whatever the seed.

    Args:
        seconds: the time there is; the phrases last about 0.7 to 1 s, the sentences 2 to 3 s.

    Raises:
        ValueError: not even the shortest fits.
    """
    margin = 1.04  # the seed's deviations average out over a sentence
    lengths = _lengths()
    fitting = tuple(s for s, length in lengths.items() if margin * length <= seconds)
    if not fitting:
        raise ValueError(
            f"no sentence fits {seconds:g} s, expected at least {margin * min(lengths.values()):.2f} s"
        )
    return fitting


def _next_segment(start, word, i, last_word, scale):
    symbol, phoneme = word[i][0], PHONEMES[word[i][0]]
    vowels = [k for k, (s, _) in enumerate(word) if PHONEMES[s].is_vowel]
    # a consonant belongs to the next vowel of its word, or else to the last one
    nucleus = next((k for k in vowels if k >= i), vowels[-1] if vowels else i)
    stress = word[nucleus][1]
    factor, minimum = _shortening(word, i, nucleus, vowels, stress, last_word), phoneme.minimum
    if phoneme.is_vowel and stress == 0:
        minimum *= 0.6
    duration = (minimum + max(phoneme.inherent - minimum, 0.0) * factor) * scale / 1000.0
    if phoneme.is_bilabial_closure:
        duration = max(duration, SHORTEST_LIP_CLOSURE)
    release = None
    if phoneme.kind in ("stop", "affricate"):
        release = start + duration
        duration += _release(phoneme, word, i, stress) * scale / 1000.0
    return Segment(symbol, start, start + duration, stress, release)


def _shortening(word, i, nucleus, vowels, stress, last_word):
    final_syllable = not vowels or nucleus == vowels[-1]
    factor = 1.0
    if PHONEMES[word[i][0]].is_vowel:
        factor *= (1.1 if last_word else 0.75) if final_syllable else 0.6
        factor *= 0.85 if len(vowels) > 1 else 1.0
        factor *= {0: 0.55, 1: 1.0, 2: 0.8}[stress]
        after = PHONEMES[word[i + 1][0]] if i + 1 < len(word) else None
        if after is None:
            factor *= 1.15
        elif after.kind == "fricative" and after.voiced:
            factor *= 1.25
        elif after.kind == "stop":
            factor *= 1.15 if after.voiced else 0.75
        elif after.kind == "nasal":
            factor *= 0.9
        return factor
    factor *= 1.0 if i == 0 else 0.85
    factor *= 1.0 if stress else 0.75
    neighbours = [word[k][0] for k in (i - 1, i + 1) if 0 <= k < len(word)]
    factor *= 0.75 ** sum(not PHONEMES[s].is_vowel for s in neighbours)
    return factor * (1.35 if last_word and vowels and i > vowels[-1] else 1.0)


def _release(phoneme, word, i, stress):
    if phoneme.kind == "affricate":
        return phoneme.release
    after_s = i > 0 and word[i - 1][0] == "S"
    into_vowel = i + 1 < len(word) and PHONEMES[word[i + 1][0]].kind in ("vowel", "liquid", "glide")
    if phoneme.voiced:
        return phoneme.release
    if into_vowel and not after_s:
        return phoneme.release * (1.0 if stress else 0.6)  # aspirated
    return 18.0  # unaspirated, or a released stop before a consonant or pause
