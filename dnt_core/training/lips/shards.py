r"""Training data in shards: each a file that depends on its number alone, so that several processes can make
them and a stopped run goes on with those that are missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dnt_core.actor.speech import PHRASES, SENTENCES, Segment, Sentence, Voice
from dnt_core.actor.speech.phonemes import PHONEMES, SILENCE
from dnt_core.atomic_write import atomic_path
from dnt_core.audio.espeak import begin_anew
from dnt_core.audio.mel import BANDS, COLUMNS_PER_SECOND, MAX_VALUE, log_mel
from dnt_core.audio.mouth_movements import LIP_MOVEMENTS
from dnt_core.ciec import EXPRESSIONS
from dnt_core.clips.sound import SAMPLE_RATE
from dnt_core.training.lips.augmentation import music, noise, recorded, resampled
from dnt_core.training.lips.festival import VOICES as FESTIVAL
from dnt_core.training.lips.festival import festival_voices, from_festival
from dnt_core.training.lips.spoken import Spoken, arpabet_sentence, from_actor, from_espeak
from dnt_core.training.lips.texts import ENGLISH, OTHER_LANGUAGES, english_text, made_up_text
from dnt_core.training.step_training import data_key

SECONDS = 8  # of one item
COLUMNS = SECONDS * COLUMNS_PER_SECOND
ITEMS, RECORDINGS = 40, 3  # items in a shard, recordings of each item
STEPS = 255 / (2 * MAX_VALUE)  # a mel value is kept in steps of 0.4 dB
SYMBOLS = tuple(PHONEMES)

#: Of the actor's sentences these are in no training.
HELD_OUT_ACTOR = (*SENTENCES[8:], *PHRASES[6:])
_ACTOR_SENTENCES = (*SENTENCES[:8], *PHRASES[:6])
#: Voice variants of espeak-ng that are in no training.
HELD_OUT_VARIANTS = (
    "f4",
    "m7",
    "klatt4",
    "Annie",
    "belinda",
    "michel",
    "steph2",
    "Reed",
    "edward2",
    "grandma",
)
VARIANTS = (
    "", "", "m1", "m2", "m3", "m4", "m5", "m6", "m8", "f1", "f2", "f3", "f5", "klatt", "klatt2", "klatt3",
    "klatt5", "klatt6", "croak", "whisper", "Alex", "Alicia", "Andrea", "Andy", "Denis", "Diogo", "Gene",
    "Gene2", "Henrique", "Hugo", "Jacky", "Lee", "Marco", "Mario", "Michael", "Mike", "Mr serious",
    "Nguyen", "adam", "anika", "antonio", "aunty", "benjamin", "boris", "caleb", "david", "ed", "edward",
    "gustave", "ian", "iven", "iven2", "iven3", "john", "kaukovalta", "linda", "marcelo", "max", "miguel",
    "mike2", "norbert", "pablo", "paul", "pedro", "quincy", "rob", "robert", "sandro", "shelby", "steph",
    "steph3", "travis", "victor", "zac", "grandpa",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Shard:
    r"""Items of 8 s each, in columns of 12.5 ms.

    Attributes:
        mel: (items, recordings, COLUMNS, 80) uint8, Wav2Lip's log-mel in steps of ``1 / STEPS`` from -4.
        movements: (items, COLUMNS, 11) float16, :data:`LIP_MOVEMENTS`.
        closed: (items, COLUMNS) bool, frames in which p, b or m holds the lips shut.
        symbol: (items, COLUMNS) uint8, index into :data:`SYMBOLS` of the sound at that moment.
    """

    mel: np.ndarray
    movements: np.ndarray
    closed: np.ndarray
    symbol: np.ndarray


def shard(
    number: int,
    folder: Path,
    items: int = ITEMS,
    recordings: int = RECORDINGS,
    people: tuple[str, ...] | None = None,
) -> Shard:
    r"""A shard from its file, or made and written there.

    Args:
        number: >= 0, the seed of all in it.
        folder: of the files.
        items: in the shard.
        recordings: of each item.
        people: Festival's voices to use; None: those that are installed.
    """
    people = festival_voices() if people is None else people
    path = Path(folder) / f"shard_{number:04d}_{items}x{recordings}_{len(people)}.npz"
    return _kept(path, lambda: make_shard(number, items, recordings, people))


def recorded_shard(number: int, folder: Path, speakers: Sequence[Sequence[Spoken]]) -> Shard:
    r"""A shard of people's own recordings from its file, or made and written there.

    Args:
        number: >= 0, the seed of all in it.
        folder: of the files.
        speakers: of :func:`~dnt_core.training.lips.recordings.read_recordings`.
    """
    clips = [clip for said in speakers for clip in said]
    marks = np.frombuffer(repr([clip.segments for clip in clips]).encode(), np.uint8)
    key = data_key(marks, *(clip.waveform for clip in clips))
    path = Path(folder) / f"shard_{number:04d}_{ITEMS}x{RECORDINGS}_{key}.npz"

    def item(generator: np.random.Generator) -> Spoken:
        say = _one_of(speakers[int(generator.integers(len(speakers)))], generator)
        return joined(say, SECONDS, generator)

    return _kept(path, lambda: _filled(number, ITEMS, RECORDINGS, item))


def _kept(path: Path, make: Callable[[], Shard]) -> Shard:
    if not path.exists():
        made = make()
        with atomic_path(path) as part:
            np.savez(part, **vars(made))
        return made
    with np.load(path, allow_pickle=False) as kept:
        return Shard(**{name: kept[name] for name in ("mel", "movements", "closed", "symbol")})


def make_shard(number: int, items: int, recordings: int, people: tuple[str, ...] = ()) -> Shard:
    r"""Speaks and records the items of a shard; arguments of :func:`shard`."""
    begin_anew(number)
    said = _by_people(np.random.default_rng([number, 21]), people)
    return _filled(number, items, recordings, lambda generator: training_item(generator, said))


def _filled(number: int, items: int, recordings: int, item: Callable[[np.random.Generator], Spoken]) -> Shard:
    mel = np.zeros((items, recordings, COLUMNS, BANDS), np.uint8)
    movements = np.zeros((items, COLUMNS, len(LIP_MOVEMENTS)), np.float16)
    closed, symbol = np.zeros((items, COLUMNS), bool), np.zeros((items, COLUMNS), np.uint8)
    for i in range(items):
        generator = np.random.default_rng([number, i, 20])
        spoken = item(generator)
        mouth = spoken.mouth(COLUMNS_PER_SECOND, COLUMNS)
        movements[i] = np.stack([mouth[name] for name in LIP_MOVEMENTS], axis=1)
        closed[i] = mouth.closed
        symbol[i] = symbols_at(spoken.segments, np.arange(COLUMNS) / COLUMNS_PER_SECOND)
        for r in range(recordings):
            heard = recorded(spoken.waveform, generator, clean=generator.random() < 0.15)
            mel[i, r] = quantised(log_mel(heard).T[:COLUMNS])
    return Shard(mel, movements, closed, symbol)


def quantised(mel: np.ndarray) -> np.ndarray:
    r"""Log-mel values in [-4, 4] as uint8."""
    return np.round((mel + MAX_VALUE) * STEPS).astype(np.uint8)


def symbols_at(segments: tuple[Segment, ...], times: np.ndarray) -> np.ndarray:
    r"""Index into :data:`SYMBOLS` of the sound at each time (T,); silence outside."""
    starts = np.array([s.start for s in segments])
    which = np.clip(np.searchsorted(starts, times, side="right") - 1, 0, len(segments) - 1)
    index = np.array([SYMBOLS.index(s.symbol) for s in segments], np.uint8)[which]
    index[times >= segments[-1].end] = SYMBOLS.index(SILENCE)
    return index


def training_item(generator: np.random.Generator, by_people: Sequence[Sequence[Spoken]] = ()) -> Spoken:
    r"""8 s of one voice, pauses between its sentences; one item in twenty has no voice at all.

    Args:
        generator: decides everything.
        by_people: sentences of Festival's voices, one list per voice; none: espeak-ng speaks in their place.
    """
    kind = generator.random()
    if kind < 0.05:
        n = SECONDS * SAMPLE_RATE
        sound = (music if generator.random() < 0.6 else noise)(n, generator)
        return Spoken(sound.astype(np.float32), (Segment(SILENCE, 0.0, float(SECONDS)),), "no voice")
    if kind < 0.20:
        say = _actor_voice(generator)
    elif kind < 0.60 or not by_people:
        say = _espeak_voice(generator)
    else:
        say = _one_of(by_people[int(generator.integers(len(by_people)))], generator)
    return joined(say, SECONDS, generator)


def _by_people(generator: np.random.Generator, voices: tuple[str, ...]) -> list[list[Spoken]]:
    """Ten sentences each of five of Festival's voices, English ones more often."""
    if not voices:
        return []
    weight = np.array([4.0 if FESTIVAL[v][0] == "en" else 1.0 for v in voices])
    drawn = generator.choice(voices, 5, p=weight / weight.sum())
    return [said for said in (from_festival(str(voice), 10, generator) for voice in drawn) if said]


def _one_of(said: Sequence[Spoken], generator: np.random.Generator) -> Callable[[], Spoken]:
    factor = float(generator.uniform(0.8, 1.25))

    def say() -> Spoken:
        spoken = said[int(generator.integers(len(said)))]
        waveform, true = resampled(spoken.waveform, factor)
        return spoken.stretched(true, waveform)

    return say


def joined(say: Callable[[], Spoken], seconds: float, generator: np.random.Generator) -> Spoken:
    r"""Sentences of one voice one after another, pauses between them, cut at ``seconds``."""
    waveforms, segments, at = [], [], 0.0
    while at < seconds:
        pause = float(
            generator.choice([0.0, 0.1, 0.3, 0.8], p=[0.3, 0.3, 0.3, 0.1]) * generator.uniform(0.5, 1.5)
        )
        spoken = say()
        n = round(pause * SAMPLE_RATE)
        waveforms += [np.zeros(n, np.float32), spoken.waveform]
        at += n / SAMPLE_RATE
        segments += [_moved(s, at) for s in spoken.segments]
        at += spoken.waveform.size / SAMPLE_RATE
    waveform = np.concatenate(waveforms)[: round(seconds * SAMPLE_RATE)]
    return Spoken(waveform, tuple(_without_overlap(segments)), spoken.name)


def _moved(segment: Segment, by: float) -> Segment:
    release = None if segment.release is None else segment.release + by
    return Segment(segment.symbol, segment.start + by, segment.end + by, segment.stress, release)


def _without_overlap(segments: list[Segment]) -> list[Segment]:
    """Silences of neighbouring sentences made one."""
    merged: list[Segment] = []
    for s in segments:
        if merged and s.symbol == SILENCE == merged[-1].symbol:
            merged[-1] = Segment(SILENCE, merged[-1].start, max(s.end, merged[-1].end))
        else:
            merged.append(s)
    for k in range(len(merged) - 1):  # a silence fills the gap to its successor
        if merged[k].symbol == SILENCE:
            merged[k] = Segment(SILENCE, merged[k].start, merged[k + 1].start)
    return merged


def _espeak_voice(generator: np.random.Generator) -> Callable[[], Spoken]:
    english = generator.random() < 0.5
    language = str(generator.choice(ENGLISH if english else OTHER_LANGUAGES))
    variant = str(generator.choice(VARIANTS))
    settings = dict(
        speed=int(generator.integers(110, 240)), pitch=int(generator.integers(5, 95)),
        liveliness=int(generator.integers(10, 95)),
    )  # fmt: skip
    factor = float(generator.uniform(0.88, 1.14))

    def say() -> Spoken:
        for _ in range(20):
            text = english_text(generator) if english else made_up_text(language, generator)
            try:
                spoken = from_espeak(text, language, variant, **settings)
            except ValueError:  # made-up words that the language cannot read
                continue
            waveform, true = resampled(spoken.waveform, factor)
            return spoken.stretched(true, waveform)
        raise ValueError(f"espeak-ng reads none of twenty texts in {language!r}")

    return say


def _actor_voice(generator: np.random.Generator) -> Callable[[], Spoken]:
    f0 = float(np.exp(generator.uniform(np.log(75.0), np.log(330.0))))
    scale = float(np.clip(1.0 + 0.22 * np.log2(f0 / 120.0) + generator.normal(0, 0.05), 0.82, 1.38))
    voice = Voice(
        f0=f0, formant_scale=scale, breathiness=float(generator.uniform(0.01, 0.35)),
        f0_range=float(generator.uniform(0.4, 1.8)), jitter=float(generator.uniform(0.002, 0.015)),
        rate=float(generator.uniform(0.75, 1.35)),
    )  # fmt: skip
    expression = str(generator.choice(EXPRESSIONS))

    def say() -> Spoken:
        if generator.random() < 0.25:
            sentence: Sentence = _ACTOR_SENTENCES[int(generator.integers(len(_ACTOR_SENTENCES)))]
        else:
            sentence = arpabet_sentence(english_text(generator))
        intensity = 0.0 if generator.random() < 0.4 else float(generator.uniform(0.2, 1.0))
        return from_actor(sentence, voice, int(generator.integers(2**31)), expression, intensity)

    return say
