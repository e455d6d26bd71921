r"""When each sound of a recording begins and ends, found from its English text, where ``pocketsphinx`` is
installed.

The mouth that these times give correlates with the one of the times that flite itself prints by 0.98 for its
voices slt, rms and awb, without a lag.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec

import numpy as np

from dnt_core.actor.speech import Segment
from dnt_core.actor.speech.phonemes import PHONEMES, SILENCE
from dnt_core.training.lips.spoken import Spoken, with_silence_around

_STEPS = 100  # a second
_LATEST_RELEASE = 0.4  # of a stop, closure and release together


def can_align() -> bool:
    r"""Whether pocketsphinx, which holds a model of English and a dictionary, is installed."""
    return find_spec("pocketsphinx") is not None


def aligned(waveform: np.ndarray, text: str, name: str) -> Spoken:
    r"""A recording with the times of its sounds.

    Args:
        waveform: (N,) float32 in [-1, 1], 16 kHz.
        text: the English words that are said, all of them.
        name: who speaks, for records.

    Raises:
        ValueError: a word that the dictionary lacks, or a sound that does not fit the words.
    """
    decoder = _decoder()
    words = re.sub(r"[^a-z' ]+", " ", text.lower()).split()
    if unknown := [word for word in words if decoder.lookup_word(word) is None]:
        raise ValueError(f"the aligner's dictionary lacks {', '.join(unknown)}")
    samples = (np.clip(waveform, -1, 1) * 32767).astype(np.int16).tobytes()
    try:
        decoder.set_align_text(" ".join(words))
        _hear(decoder, samples)
        if decoder.hyp() is None:
            raise ValueError(f"the words {text!r} are not found in the sound of {name}")
        decoder.set_alignment()
        _hear(decoder, samples)
    except RuntimeError as error:
        raise ValueError(f"the words {text!r} are not found in the sound of {name}: {error}") from error
    segments = []
    for word in decoder.get_alignment():
        for sound in word:
            symbol = sound.name if sound.name in PHONEMES else SILENCE
            start, end = sound.start / _STEPS, (sound.start + sound.duration) / _STEPS
            phoneme, release = PHONEMES[symbol], None
            if phoneme.kind in ("stop", "affricate"):
                release = end - min(phoneme.release / 1000.0, _LATEST_RELEASE * (end - start))
            segments.append(Segment(symbol, start, end, int(phoneme.is_vowel), release))
    return Spoken(
        np.asarray(waveform, np.float32), with_silence_around(segments, waveform.size / 16000), name
    )


@cache
def _decoder():
    from pocketsphinx import Decoder

    return Decoder(loglevel="FATAL", lm=None, beam=1e-80, pbeam=1e-80, wbeam=1e-60)


def _hear(decoder, samples: bytes) -> None:
    decoder.start_utt()
    try:
        decoder.process_raw(samples, full_utt=True)
    finally:
        decoder.end_utt()
