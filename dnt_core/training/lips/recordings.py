r"""People's own recordings whose sounds an aligner has put in time, as the Montreal Forced Aligner does.

A folder holds sounds and, of the same name, Praat TextGrids with a tier of phones (ARPAbet or IPA) or label
files (HTK's or Festival's). As in that aligner's corpora, a folder inside is a speaker.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from dnt_core.actor.speech import Segment
from dnt_core.actor.speech.phonemes import PHONEMES, SILENCE
from dnt_core.audio.ipa import from_ipa
from dnt_core.clips.media_suffixes import SOUND_SUFFIXES
from dnt_core.clips.sound import SAMPLE_RATE, read_audio
from dnt_core.training.lips.spoken import FLITE_NAMES, Spoken, release_at_end, with_silence_around

MARKS = (".textgrid", ".lab")
_PAUSES = {
    "",
    "sil",
    "sp",
    "ssil",
    "pau",
    "h#",
    "#",
    "_",
    "<eps>",
    "<sil>",
    "<p:>",
    "(...)",
    "<s>",
    "</s>",
    "+nsn+",
}
_UNKNOWN = {"spn", "oov", "<unk>"}  # what an aligner calls a word that its dictionary does not have
_LATE = 0.1  # s by which phones may end after their sound

Interval = tuple[str, float, float]  # label, start and end in s


def read_recordings(
    folder: Path, longest: float, tell: Callable[[str], object] = print
) -> dict[str, list[Spoken]]:
    r"""Speaker → what is said, in pieces that are cut at pauses.

    Args:
        folder: looked through with all folders in it; times without a sound are left out, and so is a
            recording in which the aligner did not know a word ("spn").
        longest: s of a piece.
        tell: is given a line for each that is left out.

    Raises:
        FileNotFoundError: no such folder.
        OSError: TextGrids, and praatio is not installed.
        ValueError: nothing that can be used, a tier or a label that is not understood, times that do not fit
            the sound.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}")
    files = sorted(f for f in folder.rglob("*") if f.is_file())
    sounds: dict[str, list[Path]] = {}
    for f in files:
        if f.suffix.lower() in SOUND_SUFFIXES:
            sounds.setdefault(f.stem, []).append(f)
    speakers: dict[str, list[Spoken]] = {}
    read = set()
    for marks in (f for suffix in MARKS for f in files if f.suffix.lower() == suffix):
        sound = _sound_of(marks, sounds.get(marks.stem, []))
        if sound in read:  # a .lab beside a TextGrid is its text
            continue
        if sound is None:
            tell(f"left out: {marks}, since no sound, or more than one, has its name")
            continue
        read.add(sound)
        intervals = read_intervals(marks)
        if not intervals or any(label.lower() in _UNKNOWN for label, _, _ in intervals):
            unknown = "a word in it is not in the aligner's dictionary"
            tell(f"left out: {marks}, since {unknown if intervals else 'it holds no phones in time'}")
            continue
        waveform = read_audio(sound)
        end, seconds = max(b for _, _, b in intervals), waveform.size / SAMPLE_RATE
        if end > seconds + _LATE:
            raise ValueError(
                f"the phones of {marks} end at {end:.2f} s, but {sound.name} lasts {seconds:.2f} s"
            )
        speaker = sound.parent.relative_to(folder).as_posix() if sound.parent != folder else folder.name
        try:
            spoken = Spoken(waveform, segments_of(intervals, seconds), f"{folder.name}/{speaker}")
        except ValueError as error:
            raise ValueError(f"{marks}: {error}") from error
        speakers.setdefault(speaker, []).extend(cut(spoken, longest))
    speakers = {name: said for name, said in sorted(speakers.items()) if said}
    if not speakers:
        raise ValueError(
            f"{folder} holds no recording with phones: a sound and a TextGrid or .lab file of the same name"
        )
    return speakers


def _sound_of(marks: Path, named: list[Path]) -> Path | None:
    """Beside the marks, or the one of that speaker and name: an aligner may write to a folder of its own."""
    speakers = [s for s in named if s.parent.name == marks.parent.name]
    for found in ([s for s in named if s.parent == marks.parent][:1], speakers, named):
        if len(found) == 1:
            return found[0]
    return None


def read_intervals(path: Path) -> list[Interval]:
    r"""The phones of a TextGrid or a label file; none where a ``.lab`` is a text, as that aligner's input is.

    Raises:
        OSError, ValueError: as :func:`read_recordings`.
    """
    return _of_text_grid(path) if path.suffix.lower() == ".textgrid" else _of_labels(path)


def _of_text_grid(path: Path) -> list[Interval]:
    try:
        from praatio import textgrid
        from praatio.utilities.constants import Interval as Phone
        from praatio.utilities.errors import PraatioException
    except ModuleNotFoundError as error:
        raise OSError('reading TextGrids needs praatio: pip install "dnt-core[recordings]"') from error
    try:
        grid = textgrid.openTextgrid(str(path), includeEmptyIntervals=True, duplicateNamesMode="rename")
    except (PraatioException, ValueError, IndexError, KeyError, OSError) as error:
        raise ValueError(f"{path} cannot be read as a TextGrid") from error
    # "phones", or "speaker - phones" of several speakers; praatio adds _2 to a second of the same name
    tiers = [n for n in grid.tierNames if re.search(r"(^|- )phone(me)?s?(_\d+)?$", n.strip(), re.IGNORECASE)]
    if len(tiers) != 1:
        raise ValueError(
            f"{path} has {len(tiers)} tiers called phones among {', '.join(grid.tierNames)}; expected one, "
            "of one speaker"
        )
    tier = grid.getTier(tiers[0])
    if not isinstance(tier, textgrid.IntervalTier):
        raise ValueError(f"the tier {tiers[0]} of {path} holds points, expected intervals")
    return [(e.label.strip(), float(e.start), float(e.end)) for e in tier.entries if isinstance(e, Phone)]


_HTK = re.compile(r"(\d+)\s+(\d+)\s+(\S+)")  # start and end in 100 ns
_FESTIVAL = re.compile(r"(\d*\.?\d+)\s+\d+\s+(\S+)")  # end in s, a number


def _of_labels(path: Path) -> list[Interval]:
    lines = path.read_text("utf-8", errors="replace").splitlines()
    if "#" in (line.strip() for line in lines):  # Festival's header ends so
        ends = [m for line in lines if (m := _FESTIVAL.match(line.strip()))]
        starts = [0.0, *(float(m[1]) for m in ends)]
        return [(m[2], start, float(m[1])) for start, m in zip(starts, ends, strict=False)]
    marks = [m for line in lines if (m := _HTK.match(line.strip()))]
    return [(_in_context(m[3]), int(m[1]) / 1e7, int(m[2]) / 1e7) for m in marks]


def _in_context(label: str) -> str:
    """The middle of "l-m+r"; of anything else, itself."""
    middle = re.search(r"-([^-+]+)\+", label)
    return middle[1] if middle else label


def segments_of(intervals: Iterable[Interval], seconds: float) -> tuple[Segment, ...]:
    r"""An aligner's phones as the actor's segments; gaps are silence.

    A stop is closure and release in one; the release is put at its end, as in
    :func:`~dnt_core.training.lips.spoken.flite_segments`.

    Args:
        intervals: (label, start, end) in s; in ARPAbet if one has capitals or all are of it, else in IPA.
        seconds: length of the sound.

    Raises:
        ValueError: a label that is neither, or times that run backwards.
    """
    intervals = [(label.strip(), a, b) for label, a, b in intervals]
    said = [label for label, _, _ in intervals if label.lower() not in _PAUSES]
    arpabet = any(label.isupper() for label in said) or all(_arpabet(label) for label in said)
    segments: list[Segment] = []
    at = 0.0
    for label, start, end in intervals:
        if end <= start or start < at - 1e-3:
            raise ValueError(
                f"the phone {label!r} is from {start:.3f} to {end:.3f} s, after one until {at:.3f} s"
            )
        symbols, stress = _symbols(label, arpabet)
        if start > at + 1e-3:
            segments.append(Segment(SILENCE, at, start))
        edges = np.linspace(max(start, at), end, len(symbols) + 1)
        for symbol, a, b in zip(symbols, edges[:-1], edges[1:], strict=True):
            a, b = float(a), float(b)
            stressed = stress if PHONEMES[symbol].is_vowel else 0
            segments.append(Segment(symbol, a, b, stressed, release_at_end(symbol, a, b)))
        at = end
    return with_silence_around([*segments, Segment(SILENCE, at, max(seconds, at + 0.02))], seconds)


def cut(spoken: Spoken, longest: float, pause: float = 0.1) -> list[Spoken]:
    r"""A recording in pieces of at most ``longest`` s, cut in the middle of pauses where there are some.

    Args:
        spoken: the recording.
        longest: s; longer than any sound in it.
        pause: s of silence that may be cut.
    """
    total = spoken.waveform.size / SAMPLE_RATE
    pauses = [(s.start + s.end) / 2 for s in spoken.segments if s.symbol == SILENCE and s.duration >= pause]
    starts = [s.start for s in spoken.segments]
    pieces, at = [], 0.0
    while at < total - 0.05:
        end = min(total, at + longest)
        if end < total:  # at the last pause before the end, or else between two sounds
            for places in (pauses, starts):
                k = bisect(places, end)
                if k and places[k - 1] > at + longest / 4:
                    end = places[k - 1]
                    break
        inside = [s for s in spoken.segments if s.end > at and s.start < end]
        moved = [
            replace(
                s, start=max(s.start, at) - at, end=min(s.end, end) - at,
                release=None if s.release is None else min(max(s.release, at), end) - at,
            )
            for s in inside
        ]  # fmt: skip
        if any(s.symbol != SILENCE for s in moved):
            sound = spoken.waveform[round(at * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
            pieces.append(Spoken(sound, with_silence_around(moved, end - at), spoken.name))
        at = end
    return pieces


def _arpabet(label: str) -> str | None:
    plain = label.rstrip("012").lower()
    symbol = FLITE_NAMES.get(plain, plain.upper())
    return symbol if symbol in PHONEMES else None


def _symbols(label: str, arpabet: bool) -> tuple[tuple[str, ...], int]:
    if label.lower() in _PAUSES:
        return (SILENCE,), 0
    if arpabet and (symbol := _arpabet(label)):
        return (symbol,), 0 if label.endswith("0") or label == "ax" else 1
    symbols, stress = ((), 0) if arpabet else from_ipa(label)
    if not symbols and not set(label) <= set("ʔʡʼ'ː"):
        raise ValueError(f"the label {label!r} is no sound of ARPAbet or IPA")
    return symbols or (SILENCE,), stress
