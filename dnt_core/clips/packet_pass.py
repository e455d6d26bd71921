r"""One pass over all packets of a file, without decoding the picture: its time stamps, its sound, how far it
goes.

The picture's packets are kept meanwhile, so that frames are decoded from memory; of a file with more than 32
MB of them none are, so that a long video needs no more memory than a short one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av

from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.frame_clock import FrameClock
from dnt_core.clips.one_clock import OneClock
from dnt_core.clips.sound_track import SoundTrack

KEPT = 32 * 2**20  # bytes of packets
BAD_PACKETS = 0.02  # share of a sound track's packets that may be damaged, as players pass over them
_DISCARD_ALL = 48  # AVDISCARD_ALL; PyAV has it from version 18 on
_SHORT = 0.15  # s that a file's last packet may lie before the end that it claims
# of mp4 and Matroska the boxes are looked at; pages write a clock's time into what a browser recorded
_SAYS_ITS_LENGTH = {"flv", "avi", "asf"}
_SOUND_ALONE = {"flac", "aiff", "au", "caf", "wv", "tta", "w64"}  # say it too


@dataclass(frozen=True)
class PacketPass:
    r"""What one pass has found.

    Attributes:
        kept: the picture's packets, None where they are too many.
        bad_sound: packets of sound that could not be decoded.
        sound_start: s on the file's clock of the first packet of sound, None without.
        end: s on the file's clock at which the last packet ends; 0 where nobody needs it.
        recordings: one behind the other, see :class:`OneClock`.
    """

    kept: list[av.Packet] | None
    bad_sound: int
    sound_start: float | None
    end: float
    recordings: int


def go_through(
    path: Path,
    container: av.container.InputContainer,
    video: av.VideoStream | None,
    sound: av.AudioStream | None,
    track: SoundTrack | None,
    clock: FrameClock,
) -> PacketPass:
    r"""Goes through a file once.

    Args:
        path: of the file, for messages.
        container: of it, at its beginning.
        video: the track of the picture.
        sound: the track of the sound.
        track: takes the decoded sound; None leaves it undecoded.
        clock: takes the picture's time stamps.

    Raises:
        ClipError: it ends long before its header says, or its sound is damaged.
    """
    kept: list[av.Packet] | None = []
    kept_bytes, packets, bad, first_sound = 0, 0, 0, None
    # Theora stores a frame that is the last one again as an empty packet
    repeats = video is not None and video.codec_context.name == "theora"
    form = container.format.name.split(",")
    if sound is not None and track is None and "mov" in form and sound.start_time is not None:
        if hasattr(sound, "discard"):
            first_sound = sound.start_time  # an mp4 says where its tracks begin: no need to look
            sound.discard = _DISCARD_ALL
    if track is not None:
        track.expect_end(container)
    says_its_length = not (_SAYS_ITS_LENGTH | _SOUND_ALONE).isdisjoint(form)
    ends: dict[av.stream.Stream, int] | None = {} if says_its_length or video is None else None
    one_clock = OneClock(container.format.name)
    for packet in demuxed(path, container, one_clock):
        stream, size = packet.stream, packet.size  # of an end mark the stream_index would be 0
        if size and ends is not None:
            stamp = packet.pts
            stamp = packet.dts if stamp is None else stamp
            if stamp is not None:
                end = stamp + (packet.duration or 0)
                if end > ends.get(stream, end - 1):
                    ends[stream] = end
        if stream is video:
            if size or (repeats and packet.pts is not None):  # else it marks the end; in FLV the beginning
                clock.note(packet)
                kept_bytes += size
                if kept is not None:
                    kept.append(packet)
                    if kept_bytes > KEPT:
                        kept = None
        elif stream is sound:
            if first_sound is None and size and not packet.is_discard:
                first_sound = packet.pts
            if track is not None:
                packets += 1
                bad += not add_sound(packet, track)
    if bad > max(3, BAD_PACKETS * packets):
        raise ClipError(
            f"{path} cannot be decoded to its end: {bad} of {packets} packets of its sound are damaged"
        )
    begin = None if first_sound is None or sound is None else float(first_sound * sound.time_base)
    if track is not None and track.start is not None:
        begin = track.start
    end = max((stamp * float(stream.time_base or 0) for stream, stamp in (ends or {}).items()), default=0.0)
    if says_its_length:
        _check_length(path, end, (container.duration or 0) / 1e6)
    return PacketPass(kept, bad, begin, end, one_clock.recordings)


def demuxed(
    path: Path, container: av.container.InputContainer, one_clock: OneClock | None = None
) -> Iterator[av.Packet]:
    r"""All packets of the tracks that the file began with; FLV and TS may announce more on their way."""
    known, one_clock = list(container.streams), one_clock or OneClock(container.format.name)
    for _ in range(len(known) + 16):
        try:
            for packet in container.demux(known):
                one_clock.move(packet)
                yield packet
            return
        except IndexError:  # PyAV cannot hand over a packet of such a track, but goes on behind it
            continue
    raise ClipError(f"{path} cannot be read: its tracks change on the way")


def add_sound(packet: av.Packet, track: SoundTrack) -> bool:
    r"""Decodes a packet of sound into the track; False where it is damaged."""
    try:
        for frame in packet.decode():
            track.add(frame)
    except av.FFmpegError:  # any: a damaged packet of AAC is "not permitted"
        return False
    return True


def check_sound_end(path: str | os.PathLike, container: av.container.InputContainer, seconds: float) -> None:
    r"""A ClipError where a file of sound alone says that it is longer than the ``seconds`` it has."""
    if not _SOUND_ALONE.isdisjoint(container.format.name.split(",")):
        _check_length(path, seconds, (container.duration or 0) / 1e6)


def _check_length(path: str | os.PathLike, end: float, claimed: float) -> None:
    r"""Raises where the packets end long before the container says that the file does."""
    if end < claimed - max(_SHORT, 0.002 * claimed):
        raise ClipError(f"{path} cannot be read: truncated: it ends at {end:.2f} of {claimed:.2f} seconds")
