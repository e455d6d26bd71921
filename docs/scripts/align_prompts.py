r"""People's recordings from Debian, with their phones in time, for ``dnt train lips --recordings``.

People speak Asterisk's prompts, and Debian packages their texts, too. pocketsphinx aligns the two. espeak-ng
transcribes words that its dictionary does not have, and other languages than English. Each prompt becomes a
sound at 16 kHz and a TextGrid in a folder of its speaker.

    apt-get install espeak-ng asterisk-core-sounds-{en,fr,it}-g722
    apt-get download asterisk-core-sounds-{en,fr,it}     # they hold the texts; they need no installation
    for deb in asterisk-core-sounds-*.deb; do dpkg -x $deb texts; done
    pip install "dnt-core[voices,recordings]" pocketsphinx==5.1.1
    python docs/scripts/align_prompts.py --texts texts --out people
    dnt train lips --shards 22 --steps 1800 --recordings people --start FILE
"""

from __future__ import annotations

import argparse
import gzip
import re
import tempfile
from pathlib import Path

import av
import numpy as np
from praatio import textgrid
from praatio.utilities.constants import Interval
from tqdm.auto import tqdm

from dnt_core.audio.espeak import speak
from dnt_core.audio.ipa import from_ipa
from dnt_core.clips.sound import SAMPLE_RATE, write_audio

SOUNDS = Path("/usr/share/asterisk/sounds")
SPEAKERS = {"en": "en_US_f_Allison", "fr": "fr_CA_f_June", "it": "it_IT_m_Carlo"}
LEAST_SCORE = -38.0  # acoustic score per frame below which text and sound hardly agree
_PAD = SAMPLE_RATE // 5  # samples of faint noise on both sides, since the aligner wants a pause there
_SILENT = {"SIL", "+NSN+", "+SPN+", "+BREATH+"}
_FRAME = 0.01  # s, of pocketsphinx

Phones = list[tuple[str, float, float]]


def prompts(language: str, texts: Path) -> list[tuple[str, Path, str]]:
    r"""Name, sound and text of each prompt of a speaker."""
    package = f"asterisk-core-sounds-{language}"
    listed = texts / "usr/share/doc" / package / f"core-sounds-{language}.txt.gz"
    found = []
    for line in gzip.open(listed, "rt", encoding="utf-8", errors="ignore"):
        if match := re.match(r"([\w/.-]+):\s*(.+)", line):
            sound = SOUNDS / SPEAKERS[language] / f"{match[1]}.g722"
            said = re.sub(r"[\[(<].*?[\])>]", "", match[2]).strip()  # (remarks)
            said = re.sub(r"\s*/\s*.*$", "", said).replace("’", "'")  # one of two wordings
            if sound.exists() and len(said) > 3:
                found.append((match[1].replace("/", "_"), sound, said))
    return found


def read_g722(path: Path) -> np.ndarray:
    r"""(N,) float32 at 16 kHz; the files have no header."""
    resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE)
    with av.open(str(path), format="g722") as held:
        parts = [f.to_ndarray()[0] for frame in held.decode(audio=0) for f in resampler.resample(frame)]
    return np.concatenate([np.zeros(0, np.float32), *parts]).astype(np.float32)


def words(text: str, language: str, dictionary: dict[str, list[str]]) -> list[list[str]]:
    r"""The words of a text, each as its pronunciations in ARPAbet."""
    if language != "en":
        return [[word] for word in _transcribed(text, language)]
    found: list[list[str]] = []
    for word in re.findall(r"[A-Za-z']+|\d+", text):
        known = dictionary.get(word.lower().strip("'"))
        found += [known] if known else [[said] for said in _transcribed(word, "en-us")]
    return found


def _transcribed(text: str, language: str) -> list[str]:
    try:
        phonemes = speak(text, language, "").phonemes
    except ValueError:  # nothing in it can be read
        return []
    made: list[list[str]] = [[]]
    for ipa, _, _ in phonemes:
        symbols = from_ipa(ipa)[0]
        if not symbols and not ipa:
            made.append([])
        made[-1] += [s for s in symbols if s != "SIL"]
    return [" ".join(word) for word in made if word]


def _decoder(entries: list[tuple[str, str]]):
    from pocketsphinx import Decoder

    with tempfile.NamedTemporaryFile("w", suffix=".dict") as file:
        file.writelines(f"{name} {phones}\n" for name, phones in entries)
        file.flush()
        return Decoder(
            lm=None, dict=file.name, samprate=SAMPLE_RATE, loglevel="FATAL",
            beam=1e-80, wbeam=1e-60, pbeam=1e-80,
        )  # fmt: skip


def _hear(decoder, raw: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(raw, False, True)
    decoder.end_utt()


def align(sound: np.ndarray, said: list[list[str]]) -> tuple[Phones, float] | None:
    r"""The phones in time and their mean score per frame; None where text and sound do not go together."""
    raw = (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()
    entries = [(f"w{k}" + f"({j + 1})" * (j > 0), p) for k, w in enumerate(said) for j, p in enumerate(w)]
    decoder = _decoder(entries)
    decoder.set_align_text(" ".join(f"w{k}" for k in range(len(said))))
    _hear(decoder, raw)
    if decoder.hyp() is None:
        return None
    chosen = [dict(entries)[g.word] for g in decoder.seg() if g.word in dict(entries)]
    decoder.set_alignment()
    try:
        _hear(decoder, raw)
        aligned = decoder.get_alignment()
    except RuntimeError:  # its second pass finds no way: then each phone as a word
        return _by_phones(raw, " ".join(chosen).split())
    if aligned is None:
        return None
    return _scored([(p.name, p.start, p.start + p.duration, p.score) for word in aligned for p in word])


def _by_phones(raw: bytes, phones: list[str]) -> tuple[Phones, float] | None:
    decoder = _decoder([(f"p{k}", p) for k, p in enumerate(phones)])
    decoder.set_align_text(" ".join(f"p{k}" for k in range(len(phones))))
    _hear(decoder, raw)
    if decoder.hyp() is None:
        return None
    names = {f"p{k}": p for k, p in enumerate(phones)}
    return _scored(
        [(names.get(g.word, "SIL"), g.start_frame, g.end_frame + 1, g.ascore)
         for g in decoder.seg() if g.end_frame >= g.start_frame]
    )  # fmt: skip


def _scored(rows: list[tuple[str, int, int, float]]) -> tuple[Phones, float]:
    said = [(b - a, score) for name, a, b, score in rows if name not in _SILENT]
    mean = sum(score for _, score in said) / max(sum(n for n, _ in said), 1)
    return [(name, a * _FRAME, b * _FRAME) for name, a, b, _ in rows], mean


def _within(phones: Phones, seconds: float) -> Phones:
    """The sounds without the pad."""
    shift = _PAD / SAMPLE_RATE
    return [
        (p, max(a - shift, 0.0), min(b - shift, seconds))
        for p, a, b in phones
        if p not in _SILENT and b > shift and a < seconds + shift - 0.005
    ]


def write(folder: Path, name: str, sound: np.ndarray, phones: Phones) -> None:
    r"""A sound and its TextGrid."""
    seconds = sound.size / SAMPLE_RATE
    entries = [Interval(a, b, p) for p, a, b in phones]
    folder.mkdir(parents=True, exist_ok=True)
    write_audio(folder / f"{name}.wav", sound, SAMPLE_RATE)
    grid = textgrid.Textgrid()
    grid.addTier(textgrid.IntervalTier("phones", entries, 0.0, seconds))
    grid.save(str(folder / f"{name}.TextGrid"), format="long_textgrid", includeBlankSpaces=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--languages", nargs="+", choices=SPEAKERS, default=list(SPEAKERS))
    chosen = parser.parse_args()
    from pocketsphinx import get_model_path

    dictionary: dict[str, list[str]] = {}
    for line in (Path(get_model_path()) / "en-us/cmudict-en-us.dict").read_text().splitlines():
        word, *phones = line.split()
        dictionary.setdefault(re.sub(r"\(\d+\)$", "", word), []).append(" ".join(phones))
    for language in chosen.languages:
        for name, path, text in tqdm(prompts(language, chosen.texts), desc=language):
            sound = read_g722(path)
            said = words(text, language, dictionary)
            if not SAMPLE_RATE / 2 <= sound.size <= 60 * SAMPLE_RATE or not said:
                continue
            sound *= 0.7 / max(float(np.abs(sound).max()), 1e-3)
            generator = np.random.default_rng(0)
            padded = np.pad(sound, _PAD) + 3e-4 * generator.standard_normal(sound.size + 2 * _PAD)
            got = align(padded, said)
            if got is None or got[1] < LEAST_SCORE:
                continue
            phones = _within(got[0], sound.size / SAMPLE_RATE)
            write(chosen.out / SPEAKERS[language], name, sound, phones)


if __name__ == "__main__":
    main()
