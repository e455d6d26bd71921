r"""Packets of a picture → decoded frames, from those that were kept or from the file opened again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import av

from dnt_core.clips.media_file import open_media
from dnt_core.clips.packet_pass import demuxed


class FrameDecoder:
    r"""Decodes one file's picture.

    Args:
        path: of the file.
        stream: its picture.
        kept: the picture's packets; None: there were too many, they are read again.
        threads: of the decoder, 0 for as many as it likes.

    Attributes:
        bad_packets: damaged ones before the first frame that were passed over.
    """

    def __init__(
        self, path: Path, stream: av.VideoStream, kept: list[av.Packet] | None, threads: int
    ) -> None:
        self._path, self._stream, self._kept, self._threads = path, stream, kept, threads
        self.bad_packets = 0

    def frames(self) -> Iterator[av.VideoFrame]:
        r"""All frames; packets that are damaged before the first one are passed over."""
        return self._decoded(self._packets())

    def last_frames(self) -> Iterator[av.VideoFrame] | None:
        r"""Those from the last key frame on; None where that is the first frame.

        A file whose packets were not kept is decoded whole. Every damaged packet raises.
        """
        packets = self._packets()
        if self._kept is not None:
            last_key = next((i for i in reversed(range(len(self._kept))) if self._kept[i].is_keyframe), 0)
            if last_key == 0 and not self.bad_packets:
                return None
            packets = self._kept[last_key:]
        self._stream.codec_context.flush_buffers()
        return self._decoded(packets, strict=True)

    def close(self) -> None:
        r"""Lets go of the packets."""
        self._kept = []

    def _packets(self) -> Iterable[av.Packet]:
        return self._kept if self._kept is not None else self._packets_again()

    def _packets_again(self) -> Iterator[av.Packet]:
        with open_media(self._path) as container:
            for packet in demuxed(self._path, container):
                if packet.stream.index == self._stream.index:
                    yield packet

    def _decoded(self, packets: Iterable[av.Packet], strict: bool = False) -> Iterator[av.VideoFrame]:
        context, begun = None, strict
        for packet in packets:
            if not packet.size:
                continue
            if context is None:
                context = packet.stream.codec_context
                if not context.is_open:
                    context.thread_type, context.thread_count = "AUTO", self._threads
            try:
                frames = packet.decode()
            except av.FFmpegError:
                if begun:
                    raise
                self.bad_packets += 1
                continue
            begun = begun or bool(frames)
            yield from frames
        if context is not None:
            yield from context.decode(None)  # those that wait for a later one
