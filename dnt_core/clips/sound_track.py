r"""Decoded sound → mono samples at one rate, each at the time that its file gives it.

Channels are brought to two as FFmpeg does (beside them stands what that leaves out, such as the bass of 5.1),
resampled (soxr: flat to 0.4 dB at 94 % of the new band, images below -130 dB, where FFmpeg's own loses 3 dB
and lets -26 dB through), put where their time stamps say, and averaged. Two channels that cancel each other
(a microphone wired the wrong way round) would sum to silence: then the louder one is taken alone; and where
there is sound only in what is left out, that is taken. Joined recordings may change rate and channels on
their way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import av
import numpy as np
import soxr

_SLIP = 0.04  # s between stamp and samples from which the stamp is believed; a packet of sound is about 0.02
_AT_ONCE = 64  # blocks
_LONGEST_GAP = 600.0  # s; stamps further off are damage, unless the file says that it lasts so long
_LONGEST_FILE = 7200.0  # s that a file's word is taken for
_CANCELS = 0.05  # of the channels' mean energy: less than this left in their mean
_NOTHING = 1e-5  # of the energy of what is left out: less than this left in the mean


@dataclass
class _Run:
    r"""Sound without a gap: when it begins (s), and its samples (N, channels) in pieces."""

    start: float
    pieces: list[np.ndarray] = field(default_factory=list)
    drained: int = 0  # samples that were handed over already, and are in no piece any more

    def __len__(self) -> int:
        return sum(map(len, self.pieces))


class SoundTrack:
    r"""Takes decoded frames one after the other; :meth:`mono` gives what they sound like.

    Args:
        sample_rate: Hz of the samples that come out.
    """

    def __init__(self, sample_rate: int) -> None:
        self.sample_rate = sample_rate
        self._said_end = 0.0  # s on the file's clock
        self.cancels = self.aside = False  # found by mono()
        self.leaves_out = False  # the last column of samples is what a mix to stereo leaves out
        self.formats: list[tuple[int, str]] = []  # rate and layout, as they come
        self._runs: list[_Run] = []
        self._format: tuple | None = None
        self._to_floats: av.AudioResampler | None = None
        self._waiting: list[av.AudioFrame] = []  # of floats, not yet resampled
        self._soxr: soxr.ResampleStream | None = None
        self._mix: np.ndarray | None = None  # (channels, columns)
        self._columns = 1  # of the samples
        self._rate, self._next = 0, 0.0  # Hz of the frames that come; s at which the next one is expected

    @property
    def start(self) -> float | None:
        r"""Seconds, on the file's clock, of the first sample; None before there is one."""
        return self._runs[0].start if self._runs else None

    def expect_end(self, container: av.container.InputContainer) -> None:
        r"""Takes the file's word for its end: until then gaps of any length are silence and no damage."""
        said = ((container.start_time or 0) + (container.duration or 0)) / 1e6
        self._said_end = min(said, _LONGEST_FILE)

    def add(self, frame: av.AudioFrame) -> None:
        r"""The next frame, as decoded."""
        if not frame.samples:
            return
        stamp = frame.time
        channels = frame.layout.nb_channels
        # which two channels they are makes no difference, and their name takes long to ask for
        layout = frame.layout.name if channels > 2 else ""
        new = (frame.sample_rate, channels, frame.format.name, layout)
        gap = 0.0 if stamp is None else stamp - self._next
        if new != self._format:
            self._begin(frame, new, self._next if stamp is None else stamp)
        elif _SLIP < abs(gap) < _LONGEST_GAP or (gap >= _LONGEST_GAP and stamp <= self._said_end):
            self._begin(frame, new, stamp)
        if self._to_floats is None:
            self._waiting.append(frame)
        else:
            self._waiting += self._to_floats.resample(frame)
        if len(self._waiting) >= _AT_ONCE:
            self._resample()
        self._next += frame.samples / frame.sample_rate

    def mono(self, origin: float | None = None) -> np.ndarray:
        r"""(N,) float32, sample 0 at ``origin`` seconds of the file's clock, or at the first sample.

        Gaps are silent, what lies before the origin is cut; empty where nothing was decoded or all lies
        before.

        Raises:
            ValueError: stamps that make no sense.
        """
        self._flush()
        runs = [run for run in self._runs if len(run)]
        if not runs:
            return np.zeros(0, np.float32)
        origin = runs[0].start if origin is None else origin
        if len(runs) == len(runs[0].pieces) == 1 and runs[0].start == origin and self._columns == 1:
            return runs[0].pieces[0][:, 0]
        starts = [round((run.start - origin) * self.sample_rate) for run in runs]
        held = sum(map(len, runs))
        if max(starts) > 4 * held + max(_LONGEST_GAP, self._said_end) * self.sample_rate:
            raise ValueError(f"its stamps put {held / self.sample_rate:.2f} s of sound over hours")
        samples = np.zeros(max(0, *(s + len(run) for s, run in zip(starts, runs, strict=True))), np.float32)
        weights = self._weights(runs)
        for at, run in zip(starts, runs, strict=True):
            for piece in run.pieces:
                skip = max(0, -at)
                if skip < len(piece):
                    kept = piece[skip:]
                    samples[at + skip : at + len(piece)] = mixed(kept, weights)
                at += len(piece)
        return samples

    def drain(self, origin: float, last: bool = False) -> Iterator[tuple[int, np.ndarray]]:
        r"""What has come since the last call, for sound that is not kept: places and samples (N, channels).

        Args:
            origin: seconds of the file's clock at which place 0 lies.
            last: nothing will be added any more.
        """
        self._flush() if last else self._resample()
        for run in self._runs:
            for piece in run.pieces:
                if len(piece):
                    yield round((run.start - origin) * self.sample_rate) + run.drained, piece
                    run.drained += len(piece)
            run.pieces.clear()
        del self._runs[:-1]

    def _begin(self, frame: av.AudioFrame, new: tuple, start: float) -> None:
        r"""A new run: another format, or a gap."""
        self._flush()
        rate, channels, form, layout = new
        if not self.formats or self.formats[-1] != (rate, frame.layout.name):
            self.formats.append((rate, frame.layout.name))
        self._mix = _to_stereo(layout, channels) if channels > 2 else None
        self.leaves_out = self.leaves_out or (self._mix is not None and self._mix.shape[1] == 3)
        # of planes PyAV 18 finds more than there are from eight channels on
        wanted = "fltp" if channels <= 2 else "flt"
        if form != wanted:
            self._to_floats = av.AudioResampler(format=wanted, rate=rate)
        self._format, self._rate, self._next = new, rate, start
        self._runs.append(_Run(start))

    def _resample(self) -> None:
        r"""Takes the frames that wait into the last run, at the rate asked for."""
        if not self._waiting:
            return
        samples = _interleaved(self._waiting)
        samples = samples if self._mix is None else np.ascontiguousarray(samples @ self._mix)
        self._waiting.clear()
        self._columns = samples.shape[1]
        if self._rate != self.sample_rate:
            if self._soxr is None:
                self._soxr = soxr.ResampleStream(
                    self._rate, self.sample_rate, samples.shape[1], dtype="float32", quality="HQ"
                )
            samples = self._soxr.resample_chunk(samples).reshape(-1, samples.shape[1])
        self._runs[-1].pieces.append(samples)

    def _flush(self) -> None:
        r"""Ends a run."""
        if self._to_floats is not None:
            self._waiting += self._to_floats.resample(None)
        self._resample()
        self._to_floats, self._format = None, None
        if self._soxr is not None:
            rest = self._soxr.resample_chunk(np.zeros((0, self._columns), np.float32), last=True)
            self._runs[-1].pieces.append(rest.reshape(-1, self._columns))
            self._soxr = None

    def _weights(self, runs: list[_Run]) -> np.ndarray:
        r"""(channels,) of the sum: their mean, or the louder alone where the mean is all but silent."""
        channels = max(piece.shape[1] for run in runs for piece in run.pieces)
        loudness = ChannelLoudness(channels, self.leaves_out)
        for run in runs:
            for piece in run.pieces:
                loudness.add(piece)
        self.cancels, self.aside = loudness.cancels, loudness.aside
        return loudness.weights()


def mixed(samples: np.ndarray, weights: np.ndarray) -> np.ndarray:
    r"""(N, channels) → (N,); the first two's mean where the weights are of another number of channels."""
    if samples.shape[1] == 1:
        return samples[:, 0]
    return samples @ weights if samples.shape[1] == len(weights) else samples[:, :2].mean(1)


@cache
def _to_stereo(layout: str, channels: int) -> np.ndarray | None:
    r"""(channels, 2 or 3): FFmpeg's mix of a layout to stereo, and the sum of what it leaves out.

    None for channels without a place: they stay as they are.
    """
    if layout.startswith("ambisonic"):  # the first channel hears all directions alike
        return np.eye(channels, 1, dtype=np.float32)
    if not layout or "channel" in layout:
        return None
    one_each = av.AudioFrame.from_ndarray(
        np.eye(channels, dtype=np.float32).reshape(1, -1), format="flt", layout=layout
    )
    one_each.sample_rate = 48000
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=48000)
    frames = [*resampler.resample(one_each), *resampler.resample(None)]
    mix = np.concatenate([frame.to_ndarray() for frame in frames], 1).T[:channels]
    left_out = ~mix.any(1, keepdims=True)
    return np.hstack([mix, left_out]).astype(np.float32) if left_out.any() else mix


def _interleaved(frames: list[av.AudioFrame]) -> np.ndarray:
    r"""(N, channels) float32 of frames of floats that follow each other: each is copied once."""
    channels = frames[0].layout.nb_channels
    if not frames[0].format.is_planar:
        pieces = [np.frombuffer(frame.planes[0], np.float32, frame.samples * channels) for frame in frames]
        return np.concatenate(pieces).reshape(-1, channels)
    samples = np.empty((sum(frame.samples for frame in frames), channels), np.float32)
    at = 0
    for frame in frames:
        count = frame.samples
        for channel, plane in enumerate(frame.planes):
            samples[at : at + count, channel] = np.frombuffer(plane, np.float32, count)
        at += count
    return samples


class ChannelLoudness:
    r"""How loud each channel is beside their mean, and so with which weights they become one.

    Args:
        channels: how many; pieces with another number are not counted.
        leaves_out: the last of three is what a mix to stereo leaves out, and no part of the mean.
    """

    def __init__(self, channels: int, leaves_out: bool = False) -> None:
        self._inside = 2 if leaves_out and channels == 3 else channels
        self._energy, self._left = np.zeros(channels), 0.0  # of each, of their mean

    def add(self, piece: np.ndarray) -> None:
        r"""(N, channels) more samples; a single channel has none to compare with."""
        if piece.shape[1] == len(self._energy) > 1:
            self._energy += np.einsum("nc,nc->c", piece, piece, dtype=np.float64)
            self._left += float(np.square(piece[:, : self._inside].mean(1), dtype=np.float64).sum())

    @property
    def cancels(self) -> bool:
        r"""Whether the channels' mean is all but silent, though they are not."""
        return self._inside > 1 and self._left < _CANCELS * self._energy[: self._inside].mean()

    @property
    def aside(self) -> bool:
        r"""Whether there is sound only in what a mix to stereo leaves out."""
        return self._inside < len(self._energy) and self._left < _NOTHING * self._energy[-1]

    def weights(self) -> np.ndarray:
        r"""(channels,) of the sum: their mean, or one alone: the louder of those that cancel, or the last."""
        number = np.arange(len(self._energy))
        if self.aside:
            return (number == number[-1]).astype(np.float32)
        if self.cancels:
            return (number == self._energy[: self._inside].argmax()).astype(np.float32)
        return (number < self._inside).astype(np.float32) / self._inside
