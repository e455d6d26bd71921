r"""A file's sound block by block, for sound that is as long as one likes: only some seconds are ever in
memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.files_in_one import unread_remark
from dnt_core.clips.held_level import HeldLevel
from dnt_core.clips.media_file import open_media
from dnt_core.clips.media_reading import open_reading
from dnt_core.clips.packet_pass import BAD_PACKETS, add_sound, check_sound_end, demuxed
from dnt_core.clips.sound import AAC_RATES
from dnt_core.clips.sound_track import ChannelLoudness, SoundTrack, mixed
from dnt_core.clips.stream_choice import choice_remark, sound_track
from dnt_core.paths import user_path

BLOCK = 0.25  # s
_LOUDEST = 4.0  # a sample beyond this was never in [-1, 1]


@dataclass(frozen=True)
class HeardSound:
    r"""What one pass over a file's sound has found; see :func:`hear`.

    Attributes:
        path: the file.
        rate: Hz of the blocks: the file's own, brought to one that AAC has, at most 48000.
        samples: how many at that rate, all blocks together.
        peak: the loudest one's size.
        level: how loud they are, clicks aside, see :class:`~dnt_core.clips.held_level.HeldLevel`.
        offset: their mean.
        channels: that the file has.
        weights: (channels after FFmpeg's mix,) with which they become one.
        origin: s of the file's clock at which the sound begins; for a file with a picture its first frame.
        note: which of several sound tracks it is, and what of the file is not heard, or "".
    """

    path: Path
    rate: int
    samples: int
    peak: float
    level: float
    offset: float
    channels: int
    weights: tuple[float, ...]
    origin: float | None
    note: str = ""

    @property
    def seconds(self) -> float:
        r"""How long it lasts."""
        return self.samples / self.rate

    def blocks(self) -> Iterator[np.ndarray]:
        r"""The sound again, (n,) float32 in [-1, 1], mono, about a quarter of a second each.

        Raises:
            ClipError: the file has changed meanwhile so that it cannot be read.
        """
        weights, waiting, held, given = np.array(self.weights, np.float32), [], 0, 0
        for at, piece in _pieces(self.path, SoundTrack(self.rate), self.origin):
            piece, silent = piece[max(0, given - at) :], max(0, at - given)
            if not len(piece):
                continue
            while silent:  # a gap
                step = min(silent, self.rate)
                yield from ([np.concatenate(waiting)] if waiting else [])
                yield np.zeros(step, np.float32)
                waiting, held, silent, given = [], 0, silent - step, given + step
            waiting.append(np.clip(mixed(piece, weights), -1, 1))
            held, given = held + len(piece), given + len(piece)
            if held >= BLOCK * self.rate:
                yield np.concatenate(waiting)
                waiting, held = [], 0
        if waiting:
            yield np.concatenate(waiting)


def hear(path: str | os.PathLike) -> HeardSound:
    r"""Goes through a file's sound once, without keeping it: is it whole, how long, how loud.

    Args:
        path: any file FFmpeg reads; of several tracks the default one is taken.

    Raises:
        ClipError: missing, empty, truncated or damaged file, no sound track, nothing decodable in it, NaN.
    """
    path = user_path(path)
    with open_reading(path, video=False) as reading:
        if not reading.has_sound:
            raise ClipError(f"{path} has no sound track")
        origin = reading.video_start
    with open_media(path) as container:
        taken, tracks = sound_track(container), container.streams.audio
        context, note = taken.codec_context, choice_remark(taken, tracks, "sound") or ""
        if note:
            note += f" (another: ffmpeg -i IN -map 0:a:{int(taken.index == tracks[0].index)} OUT.wav)"
        note = "; ".join(filter(None, (note, unread_remark(path))))
        given, channels = context.sample_rate or 0, context.layout.nb_channels
    rate = next((r for r in AAC_RATES if r >= given), AAC_RATES[-1])
    samples, peak, loudness, track = 0, 0.0, None, SoundTrack(rate)
    held, total = HeldLevel(rate), 0.0
    for at, piece in _pieces(path, track, origin):
        loudness = loudness or ChannelLoudness(piece.shape[1], track.leaves_out)
        loudness.add(piece)
        held.add(piece)
        total += float(piece.mean(1).sum(dtype=np.float64))  # an offset is that of all channels
        largest = float(np.abs(piece).max())
        if not largest <= _LOUDEST:
            where = f"at {at / rate:.2f} s"
            what = f"reaches {largest:g}" if np.isfinite(largest) else "holds NaN or infinite samples"
            raise ClipError(f"the sound of {path} {what} {where}; expected numbers in [-1, 1]")
        peak, samples = max(peak, largest), max(samples, at + len(piece))
    with open_media(path) as container:
        check_sound_end(path, container, samples / rate)
    if loudness is None or samples <= 0:
        raise ClipError(f"{path} has a sound track without a single sample in it")
    weights = tuple(map(float, loudness.weights()))
    offset = total / samples * sum(weights)
    return HeardSound(path, rate, samples, peak, held.value, offset, channels, weights, origin, note)


def _pieces(path, track: SoundTrack, origin: float | None) -> Iterator[tuple[int, np.ndarray]]:
    r"""Places and samples (N, channels) as they are decoded."""
    packets, bad = 0, 0
    with open_media(path) as container:
        sound = sound_track(container)
        track.expect_end(container)
        for packet in demuxed(path, container):  # of all tracks, whose longest says where a recording ends
            if packet.stream is not sound:
                continue
            packets += 1
            bad += not add_sound(packet, track)
            if track.start is not None:
                origin = track.start if origin is None else origin
                yield from _from_zero(track.drain(origin))
        if bad > max(3, BAD_PACKETS * packets):
            raise ClipError(
                f"{path} cannot be decoded to its end: {bad} of {packets} packets of its sound are damaged"
            )
        if track.start is not None:
            yield from _from_zero(track.drain(origin, last=True))


def _from_zero(pieces: Iterator[tuple[int, np.ndarray]]) -> Iterator[tuple[int, np.ndarray]]:
    r"""Without what lies before place 0."""
    for at, piece in pieces:
        if at + len(piece) > 0:
            yield max(0, at), piece[max(0, -at) :]
