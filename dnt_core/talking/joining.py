r"""Parts of a film, each an mp4 without sound, and the sound → one mp4, without encoding the picture
again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from dnt_core.atomic_write import atomic_path
from dnt_core.clips import sound
from dnt_core.clips.frame_grid import as_fps
from dnt_core.clips.media_file import open_media
from dnt_core.clips.provenance import to_comment


def join_parts(
    out: Path,
    parts: Sequence[Path],
    part_frames: int,
    fps: Fraction | float,
    blocks: Iterable[np.ndarray],
    rate: int,
    provenance: dict[str, Any],
) -> Path:
    r"""Writes the whole film, whole or not at all; memory does not grow with its length.

    Args:
        parts: mp4 files of ``write_video``, all of the same size and settings, in order.
        part_frames: frames of each, but perhaps of the last.
        fps: frames per second.
        blocks: mono sound, (n,) float32 in [-1, 1], piece by piece. rate: its Hz.
        provenance: record for the file's ``comment``.
    """
    frame_rate = as_fps(fps)
    with atomic_path(out) as unfinished, sound.open_for_writing(unfinished, "mp4") as container:
        container.metadata["comment"] = to_comment(provenance)
        with open_media(parts[0]) as first:
            picture = container.add_stream_from_template(first.streams.video[0])
            picture.time_base = 1 / frame_rate
            voice = sound.add_sound_stream(container, rate, 64_000 if rate < 32_000 else 96_000)
            heard = _aac_frames(blocks, rate)
            block = next(heard, None)
            for packet, time in _packets(parts, part_frames, frame_rate, picture):
                while block is not None and block.time <= time:  # in step: little waits in memory
                    container.mux(voice.encode(block))
                    block = next(heard, None)
                container.mux(packet)
            while block is not None:
                container.mux(voice.encode(block))
                block = next(heard, None)
            container.mux(voice.encode(None))
    return out


def _packets(
    parts: Sequence[Path], part_frames: int, frame_rate: Fraction, stream: av.VideoStream
) -> Iterator[tuple[av.Packet, float]]:
    r"""Every packet of the picture at its place in the whole, and that place in seconds."""
    for k, part in enumerate(parts):
        begin = k * part_frames / frame_rate  # s
        with open_media(part) as container:
            source = container.streams.video[0]
            for packet in container.demux(source):
                if packet.size:
                    ticks = round(begin / packet.time_base)
                    packet.pts, packet.dts = packet.pts + ticks, packet.dts + ticks
                    packet.stream = stream
                    yield packet, float(packet.pts * packet.time_base)


def _aac_frames(blocks: Iterable[np.ndarray], rate: int) -> Iterator[av.AudioFrame]:
    r"""Blocks of any length as frames of 1024 samples, each at its time."""
    held, first = np.zeros(0, np.float32), 0
    for block in blocks:
        held = np.concatenate([held, block])
        whole = len(held) // sound.BLOCK * sound.BLOCK
        yield from sound.sound_frames(held[:whole], rate, first=first)
        held, first = held[whole:], first + whole
    yield from sound.sound_frames(held, rate, first=first)
