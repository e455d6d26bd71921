r"""The one door to a media file: a container → upright SDR frames on a regular grid, and sound in step with
them.

A file is opened once and gone through once (:mod:`packet_pass`) for its time stamps (:mod:`timeline`); sound
is decoded on the way if it is asked for. Frames are decoded (:mod:`frame_decoder`) from the packets that were
kept; a file that has too many of them is opened a second time instead. Time 0 is the first frame that is
shown: what an edit list hides is neither counted nor shown.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.files_in_one import unread_remark
from dnt_core.clips.frame_clock import FrameClock
from dnt_core.clips.frame_decoder import FrameDecoder
from dnt_core.clips.frame_grid import frames_on_grid, nearest_frame
from dnt_core.clips.media_file import open_media
from dnt_core.clips.media_remarks import picture_remarks, sound_remarks
from dnt_core.clips.orientation import Orientation, turned
from dnt_core.clips.packet_pass import go_through
from dnt_core.clips.pixel_format import is_transparent, yuv_to_rgb
from dnt_core.clips.sound_track import SoundTrack
from dnt_core.clips.standard_colors import TRANSFER_NAMES
from dnt_core.clips.stream_choice import choice_remark, sound_track, video_track
from dnt_core.clips.timeline import Timeline
from dnt_core.paths import user_path

_LARGEST = 16384  # px a side
Convert = Callable[[np.ndarray], np.ndarray]


@contextmanager
def open_reading(
    path: str | os.PathLike,
    video: bool = True,
    sample_rate: int | None = None,
    threads: int = 0,
    hdr: bool = False,
    checked: bool = False,
) -> Iterator[MediaReading]:
    r"""Opens a file to read its picture, its sound or both.

    Args:
        path: any file FFmpeg reads.
        video: read the picture. A file that has none is then an error; else its picture only sets time 0.
        sample_rate: Hz; None leaves the sound undecoded.
        threads: of the decoder, 0 for as many as it likes.
        hdr: read HDR film as SDR (see :mod:`standard_colors`); False refuses it.
        checked: as for :func:`open_media`.

    Raises:
        ClipError: missing, truncated, damaged, HDR, no video track, no time stamps that make sense.
    """
    path = user_path(path)
    with open_media(path, checked) as container:
        reading = MediaReading(path, container, video, sample_rate, threads)
        try:
            if video and not hdr:
                reading.refuse_hdr()
            yield reading
        finally:
            reading.close()


class MediaReading:
    r"""One file that is open for reading; see :func:`open_reading`. Frames are read once, in their order.

    Attributes:
        timeline: the picture's grid; None for a file without a picture.
        height: px, as shown. width: px, as shown.
        orientation: what is done to a stored picture.
        metadata: the container's tags.
        transparent: parts of the first frame are; its colours are taken all the same.
        interlaced: the first frame says that its odd and even rows are of two moments; they are left so.
        has_sound: there is a sound track that can be decoded.
        video_start: s on the file's clock of the first shown frame.
        sound_start: s on the file's clock of the first packet of sound, None without.
        container_start: s, where the earlier of the two begins.
        seconds: how long the picture, or else the sound, lasts.
        recordings: one behind the other in the file.
    """

    def __init__(
        self,
        path: Path,
        container: av.container.InputContainer,
        video: bool,
        sample_rate: int | None,
        threads: int,
    ) -> None:
        self.path = path
        self.metadata = dict(container.metadata)
        self._video, self._sound = video_track(container), sound_track(container)
        self.has_sound = self._sound is not None
        if video and self._video is None:
            raise ClipError(f"{path} has no video track")
        self._track = SoundTrack(sample_rate) if sample_rate and self.has_sound else None
        self._choices = [
            choice_remark(self._video, container.streams.video, "video"),
            choice_remark(self._sound, container.streams.audio, "sound"),
            unread_remark(path),
        ]
        self.timeline: Timeline | None = None
        self.video_start: float | None = None
        self.clock = FrameClock(container.format.name)
        passed = go_through(path, container, self._video, self._sound, self._track, self.clock)
        self._bad_sound, self._decoder = passed.bad_sound, None
        self.recordings = passed.recordings
        self.sound_start, self.seconds = passed.sound_start, passed.end
        if self._video is not None:
            self._decoder = FrameDecoder(path, self._video, passed.kept, threads)
            self._begin_picture(self._video, self._decoder)
        starts = [start for start in (self.video_start, self.sound_start) if start is not None]
        self.container_start = min(starts, default=0.0)

    @property
    def bad_packets(self) -> int:
        r"""Damaged packets, of sound and picture, that were passed over."""
        return self._bad_sound + (self._decoder.bad_packets if self._decoder else 0)

    @property
    def remarks(self) -> list[str]:
        r"""What reading had to do to the file beside decoding it, in short phrases; none for a plain one."""
        said = [choice for choice in self._choices if choice]
        if self.timeline is not None:
            said += picture_remarks(self)
        return said + sound_remarks(self, self._track)

    def frames(
        self,
        convert: Convert,
        size: tuple[int, int] | None = None,
        fps: Fraction | None = None,
        start: int = 0,
        stop: int | None = None,
    ) -> Iterator[np.ndarray]:
        r"""Rows ``start`` to ``stop`` of the picture at ``fps``; a frame held for several rows is converted
        once.

        Args:
            convert: what is done to a whole upright picture (H, W, 3) before it is handed over, such as a
                crop.
            size: height and width to scale the whole upright picture to, before ``convert``.
            fps: rows a second; None for the file's own.
        """
        grid = self.timeline
        new = grid.fps if fps is None else fps
        total = frames_on_grid(grid.n_frames, grid.fps, new)
        stop = total if stop is None else min(stop, total)
        k = start

        def row_of(k: int) -> int:
            return min(nearest_frame(k, grid.fps, new), grid.n_frames - 1)

        shown, shown_row = None, 0
        for row, frame in self._on_grid():
            if row > shown_row and shown is not None:
                rgb = None
                while k < stop and row_of(k) < row:
                    rgb = self._converted(shown, size, convert) if rgb is None else rgb
                    yield rgb
                    k += 1
                if k >= stop:
                    return
            shown, shown_row = frame, max(row, shown_row)
        rgb = None
        while k < stop:
            rgb = self._converted(shown, size, convert) if rgb is None else rgb
            yield rgb
            k += 1

    def sound(self, origin: float | None = None) -> np.ndarray:
        r"""(N,) float32 mono at the rate asked for, sample 0 at time 0 of the picture (or ``origin``, s)."""
        if self._track is None:
            raise ClipError(f"{self.path} has no sound track")
        if self._track.start is None:
            raise ClipError(f"{self.path} has a sound track without a single sample in it")
        try:
            return self._track.mono(self.video_start if origin is None else origin)
        except ValueError as error:
            raise ClipError(f"{self.path} cannot be read: {error}") from error

    @property
    def stored_size(self) -> tuple[int, int]:
        r"""Height and width of the upright picture before its pixels are made square."""
        return self._stored[::-1] if self.orientation.transpose else self._stored

    def refuse_hdr(self) -> None:
        r"""Raises for HDR film: there is more than one way to show it on an ordinary screen."""
        if self.transfer in TRANSFER_NAMES:
            name = TRANSFER_NAMES[self.transfer]
            raise ClipError(
                f"{self.path} cannot be read: HDR: its colours are {name}'s and would come out pale; convert "
                "it: dnt data convert IN OUT.mp4, or ffmpeg -i IN -vf zscale=t=linear:npl=203,"
                "format=gbrpf32le,zscale=p=bt709:t=bt709:m=bt709:r=tv OUT.mp4"
            )

    def close(self) -> None:
        r"""Lets go of packets and decoder; what was measured stays."""
        if self._decoder is not None:
            self._frames.close()
            self._decoder.close()
            self._frames, self._pending = (frame for frame in ()), None

    def decode_ends(self) -> None:
        r"""Decodes from the last key frame on: what a quick check looks at beside the first frame."""
        last = self._decoder.last_frames()
        if last is None:  # the decoder stands there already
            return self.decode_all()
        for frame in last:
            self._check(frame)

    def decode_all(self) -> None:
        r"""Decodes every frame."""
        frame, self._pending = self._pending, None
        while frame is not None:
            self._check(frame)
            frame = next(self._frames, None)

    def _check(self, frame: av.VideoFrame) -> None:
        if frame.is_corrupt:
            raise ClipError(f"{self.path} is damaged at {self._at(frame):.2f} s")
        self._shown_size(frame)

    def _begin_picture(self, track: av.VideoStream, decoder: FrameDecoder) -> None:
        r"""Decodes the first frame, which says where time 0 is and which way is up, and fits the grid."""
        self._frames = decoder.frames()
        first = next(self._frames, None)
        if first is None:
            raise ClipError(f"{self.path} has a video track without a single frame in it")
        shape = track.sample_aspect_ratio or track.codec_context.sample_aspect_ratio
        self.orientation = Orientation.of(_display_matrix(first), shape)
        self._stored = (first.height, first.width)
        self.transparent, self.interlaced = is_transparent(first), first.interlaced_frame
        self.height, self.width = self.orientation.shown_size(*self._stored)
        if max(self.height, self.width) > _LARGEST:
            raise ClipError(f"{self.path} claims a picture of {self.width}x{self.height} px")
        self.transfer, self.primaries = int(first.color_trc), int(first.color_primaries)
        try:
            self.clock.begin(first, track.time_base, [track.average_rate, track.guessed_rate])
        except ValueError as error:
            raise ClipError(f"{self.path} cannot be read: {error}") from error
        self.timeline, self.video_start = self.clock.timeline, self.clock.start
        self.seconds = float(self.timeline.n_frames / self.timeline.fps)
        self._pending: av.VideoFrame | None = first

    def _on_grid(self) -> Iterator[tuple[int, av.VideoFrame]]:
        r"""Every decoded frame with the row that it begins at."""
        number, frame = 0, self._pending
        self._pending = None
        while frame is not None:
            yield self.timeline.row(self.clock.seconds(frame, number)), frame
            number += 1
            frame = next(self._frames, None)

    def _at(self, frame: av.VideoFrame) -> float:
        return max(0.0, (frame.time or 0.0) - (self.video_start or 0.0))

    def _converted(self, frame: av.VideoFrame, size: tuple[int, int] | None, convert: Convert) -> np.ndarray:
        whole = self._shown_size(frame)
        try:
            rgb = yuv_to_rgb(frame, self.orientation.stored_size(size or whole))
        except ValueError as error:
            raise ClipError(f"{self.path} cannot be read: {error}; convert it: {_CONVERT}") from error
        return convert(rgb if self.orientation.is_plain else self.orientation.upright(rgb))

    def _shown_size(self, frame: av.VideoFrame) -> tuple[int, int]:
        r"""The picture's height and width; raises where they change on the way."""
        if (frame.height, frame.width) != self._stored:
            raise ClipError(
                f"{self.path} cannot be read: changing size: it goes from "
                f"{self._stored[1]}x{self._stored[0]} to {frame.width}x{frame.height} px "
                f"at {self._at(frame):.2f} s; write it at one size first: "
                f"ffmpeg -i IN -vf scale={self._stored[1]}:{self._stored[0]} OUT.mp4"
            )
        return self.height, self.width


def _display_matrix(frame: av.VideoFrame) -> bytes | None:
    r"""PyAV 18.1 hands over none of a frame's side data where it does not know one kind (Exif, the eye of a
    spatial film) and then knows the turn alone, without a mirror."""
    try:
        return next((bytes(d) for d in frame.side_data if d.type.name == "DISPLAYMATRIX"), None)
    except ValueError:
        return turned(frame.rotation) if frame.rotation else None


_CONVERT = "ffmpeg -i IN -vf zscale=m=bt709:r=tv,format=yuv420p OUT.mp4"
