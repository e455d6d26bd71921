r"""Voices whose sounds are known in time: espeak-ng's, the actor's own, and (for judging alone) flite's.

Each gives a waveform and :class:`~dnt_core.actor.speech.Segment` s, from which the actor's mouth model tells
how the mouth stands at every moment.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dnt_core.actor.speech import Segment, Sentence, Voice, mouth_movements, synthesize
from dnt_core.actor.speech.phonemes import PHONEMES, SILENCE
from dnt_core.actor.speech.timing import SHORTEST_LIP_CLOSURE
from dnt_core.audio.espeak import SpokenText, speak
from dnt_core.audio.ipa import from_ipa
from dnt_core.clips.sound import read_audio

FLITE_VOICES = ("slt", "rms", "awb", "kal16", "kal")  # three of statistics, two of diphones, one at 8 kHz
_VOICED_RELEASE = 0.012  # s from the opening of a b, d, g to the next sound
_SHORTEST_PAUSE = 0.07  # s
_LONGEST_CLOSURE = 0.12  # s; a longer silence before a stop is a pause


@dataclass(frozen=True, eq=False)
class Spoken:
    r"""A sound and what is said in it.

    Args:
        waveform: (N,) float32 in [-1, 1], 16 kHz.
        segments: sounds in time without gaps, silence first and last.
        name: who speaks, for records.
    """

    waveform: np.ndarray
    segments: tuple[Segment, ...]
    name: str

    def stretched(self, factor: float, waveform: np.ndarray) -> Spoken:
        r"""The same with all times multiplied, and another waveform."""
        moved = (
            replace(s, start=factor * s.start, end=factor * s.end,
                    release=None if s.release is None else factor * s.release)
            for s in self.segments
        )  # fmt: skip
        return Spoken(waveform, tuple(moved), self.name)

    def mouth(self, fps: float, frames: int):
        r"""The actor's mouth for these sounds: see :func:`~dnt_core.actor.speech.mouth_movements`."""
        return mouth_movements(self, fps, frames)  # it asks for the segments alone


def from_espeak(text: str, language: str, variant: str, **settings: int) -> Spoken:
    r"""A text in one of espeak-ng's voices; arguments of :func:`~dnt_core.audio.espeak.speak`."""
    said = speak(text, language, variant, **settings)
    return Spoken(said.waveform, espeak_segments(said), f"espeak:{language}+{variant}")


def espeak_segments(said: SpokenText) -> tuple[Segment, ...]:
    r"""The sounds of espeak-ng in the actor's terms.

    espeak-ng marks a voiceless stop where it is released. The silence before that mark is its closure and is
    taken from its predecessor; after a pause, the pause's end.
    """
    pieces = []  # symbol, start, end, stress
    for ipa, start, end in said.phonemes:
        symbols, stress = from_ipa(ipa)
        # a mark alone, or the short gap that espeak-ng puts beside a trill, belongs to its predecessor
        if not symbols and pieces and (ipa or end - start < _SHORTEST_PAUSE):
            pieces[-1][2] = end
            continue
        names = symbols or (SILENCE,)
        edges = np.linspace(start, end, len(names) + 1)
        pieces += [[n, a, b, stress] for n, a, b in zip(names, edges[:-1], edges[1:], strict=True)]
    segments: list[Segment] = []
    for symbol, start, end, stress in pieces:
        phoneme, release = PHONEMES[symbol], None
        if phoneme.kind in ("stop", "affricate"):
            if phoneme.voiced:
                release = max(start + 0.3 * (end - start), end - _VOICED_RELEASE)
            else:
                release = start
                start = _closure_start(said.silences, release, segments)
                segments = _shortened(segments, start)
        # of two vowels written as one, each carries the stress
        segments.append(Segment(symbol, start, end, stress if phoneme.is_vowel else 0, release))
    return with_silence_around(segments, said.waveform.size / 16000)


def _closure_start(silences, release: float, before: list[Segment]) -> float:
    quiet = next((a for a, b in silences if a < release and abs(b - release) < 0.012), release)
    start = max(quiet, release - _LONGEST_CLOSURE)
    start = min(start, release - SHORTEST_LIP_CLOSURE)  # as the actor: every p is seen
    earliest = before[-1].start + 0.01 if before else 0.0
    return max(min(start, release - 0.01), earliest)


def _shortened(segments: list[Segment], end: float) -> list[Segment]:
    if not segments:
        return segments
    last = segments[-1]
    release = None if last.release is None else min(last.release, end)
    return [*segments[:-1], replace(last, end=end, release=release)]


def with_silence_around(segments: list[Segment], duration: float) -> tuple[Segment, ...]:
    merged: list[Segment] = []
    for s in segments:
        if merged and s.symbol == SILENCE == merged[-1].symbol:
            merged[-1] = replace(merged[-1], end=s.end)
        else:
            merged.append(s)
    if merged[0].symbol != SILENCE:
        merged.insert(0, Segment(SILENCE, min(0.0, merged[0].start - 0.02), merged[0].start))
    if merged[-1].symbol != SILENCE:
        merged.append(Segment(SILENCE, merged[-1].end, max(duration, merged[-1].end + 0.02)))
    return tuple(merged)


def from_actor(
    sentence: Sentence, voice: Voice, seed: int, expression: str = "neutral", intensity: float = 0.0
) -> Spoken:
    r"""A sentence by the actor's synthesiser; arguments of :func:`~dnt_core.actor.speech.synthesize`."""
    speech = synthesize(sentence, seed, voice, expression, intensity)
    return Spoken(speech.waveform, speech.segments, f"actor:{voice.f0:.0f}Hz")


def arpabet_sentence(text: str, language: str = "en-us") -> Sentence:
    r"""Any English text for the actor's synthesiser, transcribed by espeak-ng.

    A pause is lost: the synthesiser makes none within a sentence.
    """
    tokens = []
    for ipa, _, _ in speak(text, language).phonemes:
        symbols, stress = from_ipa(ipa)
        tokens += [f"{s}{stress}" if PHONEMES[s].is_vowel else s for s in symbols]
    # the rules of duration want words; every stressed vowel begins one with the consonant before it
    words, k = [[]], 0
    for k, token in enumerate(tokens):
        onset = k + 1 < len(tokens) and tokens[k + 1][-1] in "12" and not token[-1].isdigit()
        if onset and len(words[-1]) > 1:
            words.append([])
        words[-1].append(token)
    return Sentence(text, " | ".join(" ".join(word) for word in words if word))


def flite_available() -> bool:
    r"""Whether Debian's ``flite`` is installed."""
    return shutil.which("flite") is not None


def from_flite(text: str, voice: str) -> Spoken:
    r"""A text in one of flite's voices, built from recordings of people; only ever for judging.

    Raises:
        OSError: flite is not installed or fails.
    """
    if not flite_available():
        raise OSError("flite is not installed; on Debian: apt-get install flite")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        done = subprocess.run(
            ["flite", "-voice", voice, "-psdur", "-t", text, "-o", str(path)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode or not path.exists():
            raise OSError(f"flite failed for voice {voice!r}: {done.stderr.strip()[:200]}")
        waveform = read_audio(path)
    return Spoken(waveform, flite_segments(done.stdout), f"flite:{voice}")


FLITE_NAMES = {"pau": SILENCE, "ax": "AH", "axr": "ER", "ix": "IH", "el": "L", "em": "M", "en": "N",
               "dx": "D", "nx": "N", "hv": "HH", "ux": "UW"}  # fmt: skip


def release_at_end(symbol: str, start: float, end: float, share: float = 0.4) -> float | None:
    r"""When a stop that is closure and release in one is released, s: as long before its end as the actor's
    synthesiser makes a release, but no more than ``share`` of the sound; None for other sounds."""
    phoneme = PHONEMES[symbol]
    if phoneme.kind not in ("stop", "affricate"):
        return None
    return end - min(phoneme.release / 1000.0, share * (end - start))


def flite_segments(printed: str) -> tuple[Segment, ...]:
    r"""What ``flite -psdur`` prints ("pau:0.220 m:0.291 …", the ends in s) as the actor's segments.

    A stop is closure and release in one; the release is put at its end, as long as the actor's synthesiser
    makes it, but no more than 40 % of the sound.
    """
    segments, start = [], 0.0
    for name, number in re.findall(r"([a-z]+):([\d.]+)", printed):
        end = float(number)
        symbol = FLITE_NAMES.get(name, name.upper())
        if symbol not in PHONEMES:
            raise ValueError(f"flite printed the sound {name!r}, which has no counterpart here")
        if end > start:
            stressed = PHONEMES[symbol].is_vowel and name != "ax"
            segments.append(Segment(symbol, start, end, int(stressed), release_at_end(symbol, start, end)))
        start = max(start, end)
    return with_silence_around(segments, start)
