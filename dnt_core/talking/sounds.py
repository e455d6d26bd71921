r"""What is heard: a sound file, samples in memory, or a text that is spoken."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from dnt_core.arguments import check_no_file
from dnt_core.audio.lip_motion import QUIETEST, SHORTEST
from dnt_core.clips.held_level import HeldLevel
from dnt_core.clips.sound import AAC_RATES, check_samples
from dnt_core.clips.sound_blocks import hear

_HIGH_VOICE = 160.0  # Hz


class Sound(Protocol):
    r"""Mono sound that can be read as often as one likes, a block at a time.

    Attributes:
        rate: Hz. samples: how many. seconds: how long. peak: the loudest sample's size. level: how loud it
        is, clicks aside. offset: the samples' mean. note: what to say of it, or "".
    """

    @property
    def note(self) -> str: ...

    @property
    def rate(self) -> int: ...

    @property
    def samples(self) -> int: ...

    @property
    def peak(self) -> float: ...

    @property
    def level(self) -> float: ...

    @property
    def offset(self) -> float: ...

    @property
    def seconds(self) -> float: ...

    def blocks(self) -> Iterator[np.ndarray]:
        r"""(n,) float32 in [-1, 1], one after the other."""
        ...


@dataclass(frozen=True, eq=False)
class SampleSound:
    r"""A :class:`Sound` in memory.

    Args:
        waveform: (N,) floating in [-1, 1], mono.
        rate: Hz, one that AAC has.
    """

    waveform: np.ndarray
    rate: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "waveform", check_samples(self.waveform, "the sound"))
        if self.rate not in AAC_RATES:
            raise ValueError(f"the sample rate is {self.rate!r} Hz; expected one of {AAC_RATES}")
        object.__setattr__(self, "rate", int(self.rate))  # 16000.0 is a rate, too

    @property
    def samples(self) -> int:
        return len(self.waveform)

    @property
    def seconds(self) -> float:
        return self.samples / self.rate

    @property
    def peak(self) -> float:
        return float(np.abs(self.waveform).max())

    @property
    def level(self) -> float:
        held = HeldLevel(self.rate)
        held.add(self.waveform)
        return held.value

    @property
    def offset(self) -> float:
        return float(self.waveform.mean(dtype=np.float64))

    @property
    def note(self) -> str:
        return ""

    def blocks(self) -> Iterator[np.ndarray]:
        r"""The sound in blocks of a quarter of a second, (n,) floating in [-1, 1]."""
        step = self.rate // 4
        for start in range(0, self.samples, step):
            yield self.waveform[start : start + step]


def open_sound(path: str | os.PathLike) -> Sound:
    r"""A file's sound, heard once and found fit to be spoken to.

    Args:
        path: any file PyAV reads, also a video; any rate, any channels, of any length.

    Raises:
        ValueError: (:class:`~dnt_core.clips.ClipError`) no such file, no sound in it, truncated, NaN, silent
            or too short.
    """
    return check_sound(hear(path), str(path))


def check_sound(sound: Sound, name: str) -> Sound:
    r"""The sound itself, or a ValueError that says why no lips can follow it."""
    if sound.seconds < SHORTEST:
        lasts = int(sound.seconds * 1000) / 1000  # .19998 s are not .2
        raise ValueError(f"{name} lasts {lasts:g} s; expected at least {SHORTEST:g} s of sound")
    if sound.peak < QUIETEST:
        level = f"at {20 * np.log10(sound.peak):.0f} dB" if sound.peak > 0 else "without any level"
        note = sound.note and f"; {sound.note}"
        raise ValueError(f"{name} is silent: its loudest sample is {level}, so there is nothing to say{note}")
    return sound


def spoken_text(text: str, actor: str = "M003", language: str | None = None) -> tuple[Sound, object | None]:
    r"""A text as sound: in the actor's own voice where it knows the sentence, else through espeak-ng.

    The same arguments give the same samples.

    Args:
        text: words; with ``language=None`` most of their letters are Latin.
        actor: one of the built-in people, for the sentences of :data:`dnt_core.actor.speech.SENTENCES`;
            espeak-ng speaks for a woman in a woman's voice.
        language: an espeak-ng language such as "de", in which the text is read; None: English.

    Returns:
        The sound, and what moves the lips of a known sentence exactly, or None.

    Raises:
        ValueError: an empty text, the name of a file in its place, an unknown language, or another script
            without a language. OSError: espeak-ng is needed, and not installed.
    """
    if not _words(text):
        raise ValueError(f"the text {text!r} has no words in it")
    check_no_file(text, "the text")
    if language is None and _other_script(text):
        raise ValueError(
            f"the text {text[:40]!r} is not in Latin letters, and English would only name each "
            "letter; give its language, such as ru, cmn (Chinese), ja, ko, ar, hi or el"
        )
    if language is None and (known := _known_speech(text, actor)) is not None:
        from dnt_core.talking.lips import SpeechLips

        return SampleSound(known.waveform, known.sample_rate), SpeechLips(known)
    from dnt_core.audio.espeak import EspeakMissing, begin_anew, speak

    try:
        begin_anew()  # espeak-ng remembers what it said before, and another sound is another film
        return SampleSound(speak(text, language or "en-us", _variant(actor)).waveform, 16_000), None
    except EspeakMissing as error:
        from dnt_core.actor.speech import SENTENCES

        raise EspeakMissing(
            f"{error}; without it {actor} says only the sentences that it knows, such as "
            f"{SENTENCES[0].text!r}"
        ) from error


def sound_key(sound: Sound) -> str:
    r"""A name made of all samples: the same for the same sound."""
    name = hashlib.sha256(f"{sound.rate} {sound.samples}".encode())
    if isinstance(sound, SampleSound):
        name.update(sound.waveform.tobytes())
    else:
        name.update(file_key(sound.path).encode())
    return name.hexdigest()


def file_key(path: Path) -> str:
    r"""SHA-256 of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _known_speech(text: str, actor: str):
    """The actor's speech, or None where it is not one of its sentences or not one of the people."""
    from dnt_core.actor import PEOPLE
    from dnt_core.actor.people import get_person
    from dnt_core.actor.speech import PHRASES, SENTENCES, synthesize

    wanted = _words(text)
    found = next((s for s in (*SENTENCES, *PHRASES) if _words(s.text) == wanted), None)
    return None if found is None or actor not in PEOPLE else synthesize(found, 0, get_person(actor).voice)


def _variant(actor: str) -> str:
    """Of espeak-ng's voices, one as high as the actor's."""
    from dnt_core.actor import PEOPLE

    return "f3" if actor in PEOPLE and PEOPLE[actor].voice.f0 > _HIGH_VOICE else ""


def _other_script(text: str) -> bool:
    """Whether most letters are no Latin ones."""
    letters = [letter for letter in text[:1000] if letter.isalpha()]
    latin = sum(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    return 2 * latin < len(letters)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", str(text).lower().replace("'", "").replace("’", ""))
