r"""Sound in and out: any file FFmpeg reads → 16 kHz mono float; float → AAC in an m4a, or wav.

How it is decoded, resampled and brought to one channel: :mod:`sound_track`.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from dnt_core.atomic_write import atomic_path
from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.media_file import file_url
from dnt_core.paths import user_path

SAMPLE_RATE = 16000
AAC_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)  # Hz; more gain nothing here
_MP4_OPTIONS = {"fflags": "+bitexact", "movflags": "+faststart"}
BLOCK = 1024  # samples in one AAC frame
_RATES_OF_AAC = (7350, *AAC_RATES, 64000, 88200, 96000)
HIGHEST_RATE = 400_000  # Hz, above that of any recorder
_CODECS = {  # codec, container, samples
    ".m4a": ("aac", "ipod", "fltp"),
    ".wav": ("pcm_s16le", "wav", "s16"),
    ".flac": ("flac", "flac", "s16"),
}


def read_audio(path: str | os.PathLike, sample_rate: int = SAMPLE_RATE) -> np.ndarray:
    r"""Reads the sound of a file (m4a, mp4, wav …) as mono.

    Args:
        path: any file FFmpeg reads; of several tracks the default one is taken.
        sample_rate: Hz of the samples that come back, at most 400000.

    Returns:
        (N,) float32, about [-1, 1]. Sample 0 belongs to the first frame of a file that has a picture, so that
        it is in step with ``read_video``; otherwise it is the first sample of the file. AAC comes back with
        the filling of its last block, up to 1023 samples: 48,000 samples are read as 48,128.

    Raises:
        ClipError: missing, empty or truncated file, no sound track, nothing decodable in it, or NaN samples.
        ValueError: a sample rate that is no whole number from 1 to 400000.
    """
    sample_rate = check_rate(sample_rate, "pcm_s16le")
    from dnt_core.clips.media_reading import open_reading

    with open_reading(path, video=False, sample_rate=sample_rate) as reading:
        return check_samples(reading.sound(), str(path), ClipError)


def write_audio(
    path: str | os.PathLike,
    samples: np.ndarray,
    sample_rate: int = SAMPLE_RATE,
    bit_rate: int = 64000,
    metadata: dict[str, str] | None = None,
) -> Path:
    r"""Writes mono sound, whole or not at all, same input, same bytes: ``.m4a`` is AAC, ``.wav`` 16 bit PCM,
    ``.flac`` the same in half the bytes.

    Args:
        path: ends in ``.m4a``, ``.wav`` or ``.flac``.
        samples: (N,) floating, in [-1, 1]; a small overshoot is clipped.
        sample_rate: Hz; of an ``.m4a`` one that AAC has, 7350 … 96000.
        bit_rate: of the AAC, bits per second; higher: bigger file, closer to the input.
        metadata: tags of the container, such as ``comment``.

    Raises:
        ValueError: another ending, a rate that the file cannot have, NaN or infinite samples, a wrong shape
            or type, values that look like 16 bit integers.
    """
    path = user_path(path)
    if path.suffix.lower() not in _CODECS:
        raise ValueError(f"cannot write sound to {path.name}: expected one of {', '.join(_CODECS)}")
    codec, container_format, sample_format = _CODECS[path.suffix.lower()]
    sample_rate = check_rate(sample_rate, codec)
    samples = check_samples(samples, f"the sound for {path}")
    with atomic_path(path) as part, open_for_writing(part, container_format) as container:
        container.metadata.update(metadata or {})
        stream = add_sound_stream(container, sample_rate, bit_rate, codec)
        for frame in sound_frames(samples, sample_rate, sample_format):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def open_for_writing(path: Path, container_format: str) -> av.container.OutputContainer:
    r"""Opens a file (mp4, m4a as "ipod", wav, flac): its bytes depend on the input alone, index in front."""
    options = _MP4_OPTIONS if container_format in ("mp4", "ipod") else {"fflags": "+bitexact"}
    return av.open(file_url(path), "w", format=container_format, options=options)


def check_rate(sample_rate: float, codec: str = "aac") -> int:
    r"""The sample rate as an int, Hz; 16000.0 is one, too.

    Raises:
        ValueError: no whole number from 1 to 400000, or one that AAC does not have.
    """
    rate = int(sample_rate) if math.isfinite(sample_rate) else 0
    if rate != sample_rate or rate < 1:
        raise ValueError(f"the sample rate is {sample_rate!r} Hz; expected a whole number above 0")
    if rate > HIGHEST_RATE:
        raise ValueError(f"the sample rate is {rate} Hz; expected at most {HIGHEST_RATE}")
    if codec == "aac" and rate not in _RATES_OF_AAC:
        raise ValueError(f"the sample rate is {rate} Hz; expected one that AAC has: {_RATES_OF_AAC}")
    return rate


def add_sound_stream(
    container: av.container.OutputContainer, sample_rate: int, bit_rate: int = 64000, codec: str = "aac"
) -> av.AudioStream:
    r"""Adds a mono sound track to a container that is being written."""
    stream = container.add_stream(codec, rate=sample_rate, layout="mono")
    if codec == "aac":
        stream.bit_rate = bit_rate
    stream.codec_context.flags |= 1 << 23  # AV_CODEC_FLAG_BITEXACT: no version string in the stream
    return stream


def sound_frames(
    samples: np.ndarray, rate: int, sample_format: str = "fltp", first: int = 0
) -> Iterator[av.AudioFrame]:
    r"""Cuts (N,) float32 samples at ``rate`` Hz into the timed frames of 1024 that the AAC encoder takes.

    Args:
        first: place of the first sample in the track, for sound that comes piece by piece.
    """
    if sample_format == "s16":
        samples = np.round(samples * 32767).astype(np.int16)
    for start in range(0, len(samples), BLOCK):
        block = np.ascontiguousarray(samples[None, start : start + BLOCK])  # (1, 1024)
        frame = av.AudioFrame.from_ndarray(block, format=sample_format, layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, first + start, Fraction(1, rate)
        yield frame


def check_samples(samples: np.ndarray, name: str, error: type[ValueError] = ValueError) -> np.ndarray:
    r"""Sound as (N,) float32 clipped to [-1, 1], or one sentence that says what is wrong with it.

    Raises:
        ValueError: (or ``error``) not of shape (N,), empty, not floating, NaN, infinite, far outside [-1, 1].
    """
    samples = np.asarray(samples)
    if samples.ndim != 1 or len(samples) == 0:
        raise error(f"{name} must be mono of shape (N,) with N > 0, got shape {samples.shape}")
    if not np.issubdtype(samples.dtype, np.floating):
        raise error(f"{name} must be floating in [-1, 1], got {samples.dtype}; divide int16 by 32768")
    peak = max(float(samples.max()), -float(samples.min()))
    if not math.isfinite(peak):
        bad = ~np.isfinite(samples)
        first = int(np.argmax(bad))
        raise error(f"{name} holds {int(bad.sum())} NaN or infinite samples, the first at sample {first}")
    if peak > 4:
        raise error(f"{name} reaches {peak:g}, expected [-1, 1]; divide 16 bit samples by 32768")
    return (np.clip(samples, -1, 1) if peak > 1 else samples).astype(np.float32)  # the caller's own


def fit_length(samples: np.ndarray, length: int) -> np.ndarray:
    r"""Cuts (N,) samples, or pads them with silence, to ``length``."""
    samples = samples[:length]
    return np.pad(samples, (0, length - len(samples)))
