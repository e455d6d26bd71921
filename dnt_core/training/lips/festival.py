r"""Festival's voices, made of recordings of people, where Debian's packages of them are installed.

They are an optional help for the training: with them it hears true consonants. ``kal`` and ``slt`` are left
out, since flite's voices of those names are what the lips are judged by.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import unicodedata
from functools import cache
from pathlib import Path

import numpy as np

from dnt_core.actor.speech import Segment
from dnt_core.actor.speech.phonemes import PHONEMES, SILENCE
from dnt_core.audio.ipa import from_ipa
from dnt_core.clips.sound import read_audio
from dnt_core.training.lips.spoken import FLITE_NAMES, Spoken, release_at_end, with_silence_around
from dnt_core.training.lips.texts import english_text, made_up_text

# voice → language of the made-up words, encoding; Debian: festvox-kdlpc16k, -italp16k, -itapc16k, -czech-*,
# -ru, -suopuhe-lj, -suopuhe-mv, -ca-ona-hts
VOICES = {
    "ked_diphone": ("en", "ascii"), "lp_diphone": ("it", "iso-8859-1"), "pc_diphone": ("it", "iso-8859-1"),
    "czech_ph": ("cs", "iso-8859-2"), "czech_krb": ("cs", "iso-8859-2"), "czech_machac": ("cs", "iso-8859-2"),
    "czech_dita": ("cs", "iso-8859-2"), "suo_fi_lj_diphone": ("fi", "ascii"),
    "hy_fi_mv_diphone": ("fi", "ascii"),
    "upc_ca_ona_hts": ("es", "ascii"), "msu_ru_nsh_clunits": ("ru", "utf-8"),
}  # fmt: skip
_PAUSES = {"#", "_", "pau", "##", "sp", "sil", "ssil", "h#"}
_SAMPA = {
    "E": "EH", "O": "AO", "S": "SH", "Z": "ZH", "J": "N", "L": "L", "N": "NG", "T": "TH", "D": "DH",
    "tS": "CH",
    "dZ": "JH", "ts": "TS", "dz": "DZ", "rr": "L", "@": "AH", "ax": "AH", "s~": "SH", "z~": "ZH", "c": "TS",
    "c~": "CH", "t~": "T", "d~": "D", "n~": "N", "r~": "ZH", "ch": "HH", "dz~": "JH", "au": "AW", "ou": "OW",
    "eu": "EH", "ax1": "AH", "nf": "M", "uax": "AH",
}  # fmt: skip
_RUSSIAN = {
    "aa": "AA", "a": "AH", "ay": "IH", "oo": "AO", "ee": "EH", "e": "EH", "ii": "IY", "i": "IY", "uu": "UW",
    "u": "UH", "yy": "IH", "y": "IH", "ch": "CH", "sch": "SH", "sh": "SH", "zh": "ZH", "h": "HH", "c": "TS",
    "hh": "HH", "j": "Y", "ae": "EH", "ur": "UW", "ar": "AH",
}  # fmt: skip


@cache
def festival_voices() -> tuple[str, ...]:
    r"""Those of :data:`VOICES` that are installed."""
    if shutil.which("festival") is None:
        return ()
    done = subprocess.run(
        ["festival", "-b", "(print (voice.list))"], capture_output=True, text=True, check=False
    )
    return tuple(v for v in VOICES if re.search(rf"\b{v}\b", done.stdout))


def from_festival(voice: str, count: int, generator: np.random.Generator) -> list[Spoken]:
    r"""Sentences of chance by one voice.

    Args:
        voice: one of :func:`festival_voices`.
        count: sentences to try; one that fails is left out.
        generator: decides words, speed and melody.
    """
    language, encoding = VOICES[voice]
    slower = generator.uniform(0.8, 1.3)
    texts = [
        english_text(generator) if language == "en" else made_up_text(language, generator)
        for _ in range(count)
    ]
    with tempfile.TemporaryDirectory() as folder:
        lines = [f"(voice_{voice})", f"(Parameter.set 'Duration_Stretch {slower:.3f})"]
        for k, text in enumerate(texts):
            plain = _writable(text, encoding).replace('"', "")
            lines += [
                f'(unwind-protect (begin (set! u (utt.synth (Utterance Text "{plain}")))',
                f'(utt.save.wave u "{folder}/{k}.wav" (quote riff))',
                f'(utt.save.segs u "{folder}/{k}.seg")) nil)',
            ]
        script = Path(folder) / "say.scm"
        script.write_bytes("\n".join(lines).encode(encoding, "ignore"))
        subprocess.run(["festival", "-b", str(script)], capture_output=True, check=False, timeout=300)
        made = []
        for k in range(count):
            sound, marks = Path(folder) / f"{k}.wav", Path(folder) / f"{k}.seg"
            if sound.exists() and marks.exists():
                segments = festival_segments(marks.read_text("latin-1"), language)
                if len(segments) > 3:
                    made.append(Spoken(read_audio(sound), segments, f"festival:{voice}"))
    return made


def _writable(text: str, encoding: str) -> str:
    if encoding != "ascii":
        return text
    return unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode()


def festival_segments(printed: str, language: str) -> tuple[Segment, ...]:
    r"""A label file (end in s, a number, a name per line, after a line "#") as the actor's segments."""
    segments: list[Segment] = []
    start, last_name = 0.0, ""
    for line in printed.splitlines():
        fields = line.split()
        if len(fields) != 3:
            continue
        end, name = float(fields[0]), fields[2]
        if end <= start:
            continue
        symbols = _symbols(name, language)
        # a long stop is written twice: its closure, then closure and release
        if name == last_name and PHONEMES[symbols[0]].kind in ("stop", "affricate") and segments:
            start = segments.pop().start
        edges = np.linspace(start, end, len(symbols) + 1)
        for symbol, a, b in zip(symbols, edges[:-1], edges[1:], strict=True):
            release = release_at_end(symbol, a, b, 0.35)
            segments.append(Segment(symbol, float(a), float(b), int(PHONEMES[symbol].is_vowel), release))
        start, last_name = end, name
    return with_silence_around(segments, start) if segments else ()


def _symbols(name: str, language: str) -> tuple[str, ...]:
    if name in _PAUSES:
        return (SILENCE,)
    if language == "en":
        return (FLITE_NAMES.get(name, name.upper()),)
    if language == "ru":
        found = _RUSSIAN.get(name)
        if found is None:
            found = (from_ipa(name[0])[0] or (SILENCE,))[0]
    else:
        plain = name.rstrip("12:") or name
        found = _SAMPA.get(plain)
        if found is None:
            found = (from_ipa(plain[0])[0] or (SILENCE,))[0]
    return {"TS": ("T", "S"), "DZ": ("D", "Z")}.get(found, (found,))
