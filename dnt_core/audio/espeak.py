r"""Text to sound with the time of every sound in it, by espeak-ng where it is installed.

The library comes from the PyPI package ``espeakng-loader`` (the ``voices`` extra) or from the system. It is
licensed under the GPL and never part of this package; it is opened only when a function here is called.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import shutil
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dnt_core.audio.sound_stream import to_16_khz

_SYNCHRONOUS = 2
_PHONEME_EVENTS, _IN_IPA, _DO_NOT_EXIT = 0x1, 0x2, 0x8000
_UTF8, _SSML = 0x1, 0x10
_SPEED, _PITCH, _RANGE = 1, 3, 4  # espeak_PARAMETER
_END, _PHONEME = 0, 7  # espeak_EVENT_TYPE
_OPENED: list[tuple[ctypes.CDLL, int]] = []
_LOCK = threading.Lock()  # the library has one voice and one callback per process


class EspeakMissing(OSError):
    r"""espeak-ng cannot be opened, so text cannot be spoken."""


@dataclass(frozen=True, eq=False)
class SpokenText:
    r"""What espeak-ng said.

    Args:
        waveform: (N,) float32 in [-1, 1], mono, 16 kHz.
        phonemes: (IPA with stress marks, start in s, end in s) without gaps; a pause is "". A voiceless stop
            starts where it is released; its closure is the silence before it, counted to its predecessor.
        silences: (start, end) in s of the stretches of exact zeros.
    """

    waveform: np.ndarray
    phonemes: tuple[tuple[str, float, float], ...]
    silences: tuple[tuple[float, float], ...]


class _Id(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int), ("unique_identifier", ctypes.c_uint), ("text_position", ctypes.c_int),
        ("length", ctypes.c_int), ("audio_position", ctypes.c_int), ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p), ("id", _Id),
    ]  # fmt: skip


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


def _locate() -> tuple[str, bytes | None]:
    """Path of the library and of its data, None for the library's own."""
    try:
        import espeakng_loader

        return espeakng_loader.get_library_path(), espeakng_loader.get_data_path().encode()
    except ImportError:
        pass
    found = ctypes.util.find_library("espeak-ng")
    if found is None:
        raise EspeakMissing('speaking text needs espeak-ng: pip install "dnt-core[voices]"')
    return found, None


def _library() -> tuple[ctypes.CDLL, int]:
    """The opened library and its sample rate."""
    if not _OPENED:
        _OPENED.append(_open(*_locate()))
    return _OPENED[-1]


def _open(path: str, data: bytes | None) -> tuple[ctypes.CDLL, int]:
    try:
        library = ctypes.CDLL(path)
    except OSError as error:
        raise EspeakMissing(f"espeak-ng cannot be opened: {error}") from error
    flags = _PHONEME_EVENTS | _IN_IPA | _DO_NOT_EXIT
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, data, flags)
    if rate <= 0:
        raise EspeakMissing("espeak-ng found none of its data")
    library.espeak_Synth.argtypes = [
        ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint,
        ctypes.c_void_p, ctypes.c_void_p,
    ]  # fmt: skip
    library.espeak_Info.restype = ctypes.c_char_p
    return library, rate


def begin_anew(seed: int = 0) -> None:
    r"""Makes what is spoken next independent of what was spoken before in this process.

    espeak-ng remembers phases and random numbers from call to call, so that the same text differs by some
    samples each time. After this the same calls give the same samples as they do in a new process (a library
    of the system, which is found by its name alone, only has its seed set).

    Args:
        seed: of espeak-ng's random numbers.

    Raises:
        EspeakMissing: it is not installed.
    """
    with _LOCK:
        path, data = _locate()
        if Path(path).is_file():  # what a library remembers belongs to its file: open a copy
            with tempfile.TemporaryDirectory() as folder:
                _OPENED[:] = [_open(shutil.copy(path, folder), data)]
        library, _ = _library()
        if hasattr(library, "espeak_ng_SetRandSeed"):
            library.espeak_ng_SetRandSeed(ctypes.c_long(seed))
        ctypes.CDLL(None).srand(seed)


def espeak_available() -> bool:
    r"""Whether text can be spoken here."""
    try:
        _library()
    except EspeakMissing:
        return False
    return True


def espeak_version() -> str:
    r"""The library's version, for records.

    Raises:
        EspeakMissing: it is not installed.
    """
    return _library()[0].espeak_Info(None).decode()


def speak(
    text: str,
    language: str = "en-us",
    variant: str = "",
    speed: int = 165,
    pitch: int = 50,
    liveliness: int = 50,
) -> SpokenText:
    r"""Speaks a text.

    Args:
        text: what to say; words in the language's spelling, or SSML between <speak> and </speak>.
        language: an espeak-ng language, for example "en-us", "de".
        variant: of the installed data, for example "f2", "klatt3", or "" for the language's own voice.
        speed: words per minute, 80..450; higher: faster.
        pitch: 0..99; higher: a higher voice.
        liveliness: 0..99, width of the melody; higher: livelier.

    Returns:
        The sound and its phonemes in time. The same arguments give nearly the same samples; see
        :func:`begin_anew`.

    Raises:
        EspeakMissing: espeak-ng is not installed.
        ValueError: an unknown language or variant, or a text without a sound in it.
    """
    with _LOCK:
        library, rate = _library()
        plain = language.lower().replace("_", "-")  # of pt_BR; of fr-FR there is fr alone
        names = [
            f"{each}+{variant}" * bool(variant) or each for each in (language, plain, plain.split("-")[0])
        ]
        if not any(library.espeak_SetVoiceByName(name.encode()) == 0 for name in names):
            raise ValueError(
                f"espeak-ng has no voice {names[0]!r}; its languages have names "
                "such as en-us, de, fr, pt-br, ru, ja, cmn (Chinese)"
            )
        for parameter, value in ((_SPEED, speed), (_PITCH, pitch), (_RANGE, liveliness)):
            library.espeak_SetParameter(parameter, int(value), 0)
        blocks, marks = [], []

        @_Callback
        def collect(samples, count, event):
            if count > 0:
                blocks.append(np.ctypeslib.as_array(samples, (count,)).copy())
            k = 0
            while event[k].type != _END:
                if event[k].type == _PHONEME:
                    symbol = bytes(event[k].id.string).split(b"\0")[0].decode("utf-8", "ignore")
                    marks.append((symbol, event[k].sample))
                k += 1
            return 0

        library.espeak_SetSynthCallback(collect)
        data = text.encode() + b"\0"
        flags = _UTF8 | (_SSML if text.lstrip().startswith("<speak") else 0)
        library.espeak_Synth(data, len(data), 0, 0, 0, flags, None, None)
        library.espeak_Synchronize()
    samples = np.concatenate(blocks) if blocks else np.zeros(0, np.int16)
    if not samples.any() or not any(symbol for symbol, _ in marks):
        raise ValueError(f"espeak-ng says nothing for the text {text!r} in {language!r}")
    return SpokenText(_at_16k(samples, rate), _spans(marks, samples.size, rate), _zeros(samples, rate))


def _at_16k(samples: np.ndarray, rate: int) -> np.ndarray:
    return np.clip(to_16_khz(samples / 32768.0, rate), -1.0, 1.0)


def _spans(marks, total: int, rate: int) -> tuple[tuple[str, float, float], ...]:
    starts = [0] + [max(0, min(sample, total)) for _, sample in marks] + [total]
    symbols = ["", *(symbol for symbol, _ in marks)]
    return tuple(
        (symbol, a / rate, b / rate)
        for symbol, a, b in zip(symbols, starts, starts[1:], strict=False)
        if b > a
    )


_SHORTEST_PAUSE = 0.004  # s


def _zeros(samples: np.ndarray, rate: int) -> tuple[tuple[float, float], ...]:
    quiet = np.concatenate([[0], np.abs(samples) <= 1, [0]]).astype(np.int8)
    edges = np.flatnonzero(np.diff(quiet))
    return tuple(
        (a / rate, b / rate)
        for a, b in zip(edges[::2], edges[1::2], strict=True)
        if b - a >= _SHORTEST_PAUSE * rate
    )
