r"""A labelled clip → its frames, sound, 3DMM parameters and intensity, all on one frame grid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice

import numpy as np

from dnt_core.arguments import check_type, whole_number
from dnt_core.clips.cache_rows import why_rows_differ
from dnt_core.clips.clip import Clip, Problem
from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.crop_box import Crop, crop_box, in_picture
from dnt_core.clips.face_cache import FaceCache, read_face_cache
from dnt_core.clips.frame_grid import as_fps, frames_on_grid
from dnt_core.clips.loaded_clip import LoadedClip
from dnt_core.clips.media_reading import MediaReading, open_reading
from dnt_core.clips.sound import SAMPLE_RATE, check_rate, check_samples, fit_length
from dnt_core.clips.video import Box, Size, as_pair, cut_frames, lies_beside, stacked

MEMORY_LIMIT = 2**30  # bytes of frames that are loaded at once
_ENCODER_LEAD = 0.1  # s


def frames_that_fit(height: int, width: int) -> int:
    r"""How many frames of that size :func:`load_clip` takes at once.

    Args:
        height: px.
        width: px.
    """
    return MEMORY_LIMIT // (3 * height * width)


def load_clip(
    clip: Clip,
    fps: Fraction | float | None = None,
    size: Size | None = None,
    sample_rate: int = SAMPLE_RATE,
    crop: Crop | None = None,
    start: int = 0,
    stop: int | None = None,
    sound: bool = True,
) -> LoadedClip:
    r"""Decodes a clip, or its frames ``start`` to ``stop``, with sound, parameters and labels.

    Args:
        clip: labels and files.
        fps: None keeps the file's; else frames are the nearest in time, parameters, landmarks and intensity
            linear in between, so that they stay in step (the audio-visual networks want 25).
        size: height and width of the frames, or one number for both; None keeps the file's (or the crop's).
        sample_rate: of the sound, Hz, at most 400000.
        crop: "face" or "center" for a square, "camera" for what the cache's camera sees, or (top, left,
            height, width) in pixels of the shown picture; see :mod:`dnt_core.clips.crop_box`.
        start: first frame, at ``fps``; sound and parameters are cut with the frames.
        stop: the frame after the last, at ``fps``; None for the end.
        sound: decode the sound; False leaves ``audio`` None and takes less time.

    Raises:
        ClipError: a file of the clip cannot be read, the cache has another number of rows than the video has
            frames or is of a picture of another shape, there is no frame between ``start`` and ``stop``, or
            the frames would take more than 1 GiB (then pass a size, or a part).
        TypeError: no :class:`Clip`, a size or a frame that is no whole number.
        ValueError: fps, size or sample rate not above 0, an unknown crop, not 0 <= start <= stop.

    Examples:
        >>> from dnt_core.live.default_clip import default_clip
        >>> video = default_clip("M003", 128)  # one of the shipped clips
        >>> clip = dnt_core.load_clip(dnt_core.scan(video.parents[5])[0], size=64)
        >>> clip.frames.shape
        (72, 64, 64, 3)
    """
    with _opened(clip, sample_rate, sound) as reading:
        plan = _Plan.of(clip, reading, fps, size, crop, start, stop)
        plan.check_memory(plan.stop - plan.start)
        frames = stacked(plan.frames(reading), max(0, plan.stop - plan.start))
        if not len(frames):
            raise ClipError(f"{clip.video} has no frame between {start} and {stop}")
        audio = _sound(clip, reading, sample_rate) if sound else None
    return plan.loaded(frames, plan.start, audio, sample_rate)


def iterate_parts(
    clip: Clip,
    frames_per_part: int = 128,
    fps: Fraction | float | None = None,
    size: Size | None = None,
    sample_rate: int = SAMPLE_RATE,
    crop: Crop | None = None,
    sound: bool = True,
) -> Iterator[LoadedClip]:
    r"""A long clip part by part, in one pass; the parts put together are what :func:`load_clip` gives.

    Only one part's frames are in memory, and the sound as a whole (4 MB per minute at 16 kHz).

    Args:
        clip: labels and files.
        frames_per_part: higher: fewer parts, more memory; the last part may be shorter.
        fps: as for :func:`load_clip`.
        size: as for :func:`load_clip`.
        sample_rate: of the sound, Hz.
        crop: as for :func:`load_clip`.
        sound: decode the sound.

    Raises:
        ClipError: as for :func:`load_clip`.
        TypeError: as for :func:`load_clip`.
        ValueError: as for :func:`load_clip`; ``frames_per_part`` below 1.
    """
    frames_per_part = whole_number(frames_per_part, "frames_per_part")
    with _opened(clip, sample_rate, sound) as reading:
        plan = _Plan.of(clip, reading, fps, size, crop, 0, None)
        plan.check_memory(min(frames_per_part, plan.stop))
        audio = _sound(clip, reading, sample_rate) if sound else None
        rows = plan.frames(reading)
        for first in range(0, plan.stop, frames_per_part):
            count = min(frames_per_part, plan.stop - first)
            yield plan.loaded(stacked(islice(rows, count), count), first, audio, sample_rate)


def _opened(clip: Clip, sample_rate: int, sound: bool) -> AbstractContextManager[MediaReading]:
    check_type(clip, Clip, "clip", "a Clip, one of dnt_core.scan(folder)")
    check_rate(whole_number(sample_rate, "sample_rate"), "pcm_s16le")
    return open_reading(clip.video, sample_rate=sample_rate if sound and clip.audio is None else None)


def _sound(clip: Clip, reading: MediaReading, sample_rate: int) -> np.ndarray | None:
    r"""(N,) float32, sample 0 at the first frame; None where the clip has none."""
    if clip.audio is None:
        return check_samples(reading.sound(), str(clip.video), ClipError) if reading.has_sound else None
    # its clock is the video file's, which may begin with sound alone; less than this is an encoder's lead
    lead = (reading.video_start or 0.0) - reading.container_start
    with open_reading(clip.audio, video=False, sample_rate=sample_rate) as own:
        begin = own.sound_start if own.video_start is None else own.video_start
        samples = own.sound((begin or 0.0) + (lead if lead > _ENCODER_LEAD else 0.0))
    return check_samples(samples, str(clip.audio), ClipError)


@dataclass(frozen=True)
class _Plan:
    r"""What is read of a clip: which rows at which rate, which part of the picture at which size."""

    clip: Clip
    cache: FaceCache | None  # on the grid of ``fps``
    fps: Fraction
    box: Box
    cropped: bool
    size: tuple[int, int] | None
    video_size: tuple[int, int]
    start: int
    stop: int

    @classmethod
    def of(
        cls,
        clip: Clip,
        reading: MediaReading,
        fps: Fraction | float | None,
        size: Size | None,
        crop: Crop | None,
        start: int,
        stop: int | None,
    ) -> _Plan:
        start = whole_number(start, "start", 0)
        stop = None if stop is None else whole_number(stop, "stop", start)
        grid, whole = reading.timeline, (reading.height, reading.width)
        assert grid is not None  # it was opened with its pictures
        rate = grid.fps if fps is None else as_fps(fps)
        cache = None if clip.face_cache is None else read_face_cache(clip.face_cache)
        if cache is not None:
            why = why_rows_differ(cache, reading)
            if why is not None:
                have = f"{clip.video.name} has {grid.n_frames} frames"
                raise ClipError(f"{clip.face_cache} has {len(cache)} rows, but {have}{why}")
            try:
                cache = in_picture(cache, *whole)
            except ClipError as error:
                raise ClipError(f"{clip.face_cache}: {error}") from error
            needed = frames_on_grid(grid.n_frames, grid.fps, rate) * cache.nbytes / len(cache)
            if needed > MEMORY_LIMIT:
                raise ClipError(
                    f"{clip.face_cache} would take {needed / 2**30:.1f} GiB at {float(rate):g} frames per "
                    "second; pass a lower fps"
                )
            # row i is frame i, however its fps was rounded
            cache = replace(cache, fps=grid.fps).resampled(rate)
        box = (0, 0, *whole) if crop is None else crop_box(crop, cache, *whole)
        if isinstance(crop, str) and lies_beside(box, *whole):
            raise ClipError(
                f"{clip.face_cache}: its part of the picture (top, left, height, width) = {box} lies outside "
                f"the {whole[1]}x{whole[0]} px of {clip.video.name}"
            )
        size = None if size is None else as_pair(size)
        total = frames_on_grid(grid.n_frames, grid.fps, rate)
        stop = total if stop is None else min(stop, total)
        return cls(
            clip, cache, rate, box, box != (0, 0, *whole) or crop is not None, size, whole, start, stop
        )

    def check_memory(self, n_frames: int) -> None:
        height, width = self.box[2:] if self.size is None else self.size
        needed = n_frames * int(height) * int(width) * 3
        if needed > MEMORY_LIMIT:
            seconds = int(n_frames / self.fps * MEMORY_LIMIT / needed)
            raise ClipError(
                f"{self.clip.video} would take {needed / 2**30:.1f} GiB as {n_frames} frames "
                f"of {width}x{height}; cut it into films of at most {seconds} s, or in Python pass a smaller "
                "size, a crop, or start and stop, or use iterate_parts"
            )

    def frames(self, reading: MediaReading) -> Iterator[np.ndarray]:
        crop = self.box if self.cropped else None
        return cut_frames(reading, self.fps, self.size, crop, self.start, self.stop)

    def loaded(
        self, frames: np.ndarray, first: int, audio: np.ndarray | None, sample_rate: int
    ) -> LoadedClip:
        r"""These frames, of which the first is row ``first``, with what belongs to them."""
        face = None if self.cache is None else self.cache[first : first + len(frames)]
        if audio is not None:
            begin, end = (round(k * sample_rate / self.fps) for k in (first, first + len(frames)))
            audio = fit_length(audio[begin:end], end - begin)
        return LoadedClip(self.clip, frames, self.fps, audio, sample_rate, face, self.box, self.video_size)


def iterate_clips(
    clips: Iterable[Clip], problems: list[Problem] | None = None, **options
) -> Iterator[LoadedClip]:
    r"""Loads one clip after the other, only one in memory; ``options`` as for :func:`load_clip`.

    Args:
        clips: what is loaded, in this order.
        problems: a list to which clips that cannot be read are added while the rest goes on; None raises.
        options: arguments of :func:`load_clip`.

    Yields:
        one loaded clip after the other.

    Raises:
        ClipError: a clip that cannot be read, where ``problems`` is None.
        ValueError: an option out of its range, see :func:`load_clip`.
    """
    for clip in clips:
        try:
            loaded = load_clip(clip, **options)
        except ClipError as error:
            if problems is None:
                raise
            problems.append(Problem(clip.video, f"unreadable: {error}"))
            continue
        yield loaded
        del loaded
