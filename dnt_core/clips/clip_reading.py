r"""A labelled clip → its frames, sound, 3DMM parameters and intensity, all on one frame grid.

MEAD's frames are 1920 × 1080 with the face in the middle; networks want a square of some 256 pixels around
it. ``crop="face"`` cuts one fixed square per clip (no jitter): the part the face reconstruction looked at
if its cache says which, else a square around the cached landmarks, else the centre of the picture.
``crop="camera"`` shows what the cache's camera sees: that part, or the whole picture where it names none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Literal

import numpy as np

from dnt_core.ciec import encode
from dnt_core.clips.cache_rows import why_rows_differ
from dnt_core.clips.clip import Clip, Problem
from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.face_cache import FaceCache, read_face_cache
from dnt_core.clips.frame_grid import as_fps, frames_on_grid
from dnt_core.clips.media_reading import MediaReading, open_reading
from dnt_core.clips.sound import SAMPLE_RATE, check_samples, fit_length
from dnt_core.clips.video import Box, Size, cut_frames, stacked

if TYPE_CHECKING:
    from dnt_core.face3d.parameters import FaceParameters

FACE_MARGIN = 1.7  # side of the square around the landmarks, in units of their larger extent
_MEMORY_LIMIT = 2**30
_ENCODER_LEAD = 0.1  # s


@dataclass(frozen=True)
class LoadedClip:
    r"""A clip in memory. Row t of everything belongs to the instant t / ``fps`` after the first frame.

    Attributes:
        clip: labels and files.
        frames: (T, H, W, 3) uint8 RGB.
        fps: frames a second.
        audio: (N,) float32 mono, cut or padded to N = T · sample_rate / fps; None for a clip without sound.
        sample_rate: of the sound, Hz.
        face: the cache's rows on this frame grid, or None.
        box: (top, left, height, width), the part of the video's shown picture that ``frames`` show.
        video_size: height and width of the whole shown picture, px.
    """

    clip: Clip
    frames: np.ndarray
    fps: Fraction
    audio: np.ndarray | None
    sample_rate: int
    face: FaceCache | None
    box: Box
    video_size: tuple[int, int]

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def parameters(self) -> FaceParameters | None:
        r"""The 257 numbers as the reconstruction gave them, batch (T,); None without a cache."""
        return None if self.face is None else self.face.face_parameters()

    @property
    def intensity(self) -> np.ndarray:
        r"""(T,) float32 in [0, 1]: the cache's truth if it has one, else the level's for every frame."""
        if self.face is not None and self.face.truth_intensity is not None:
            return self.face.truth_intensity
        return np.full(len(self), self.clip.intensity, dtype=np.float32)

    @property
    def ciec(self) -> np.ndarray:
        r"""(T, 7) float32, one CIEC vector a frame."""
        return np.asarray(encode(self.clip.expression, self.intensity))

    @property
    def landmarks(self) -> np.ndarray | None:
        r"""(T, 68, 2) float32, column and row in pixels of ``frames``; None where the cache has none."""
        if self.face is None or self.face.landmarks is None:
            return None
        seen = self.face.crop or self._whole_frame
        image = self.face.image_size or seen[2:]
        to_video = [seen[3] / image[1], seen[2] / image[0]]  # column, row
        to_frames = [self.frames.shape[2] / self.box[3], self.frames.shape[1] / self.box[2]]
        shift = [seen[1] - self.box[1], seen[0] - self.box[0]]
        scale, shift, to_video = (np.array(values, np.float32) for values in (to_frames, shift, to_video))
        return ((self.face.landmarks + 0.5) * to_video + shift) * scale - 0.5

    @property
    def camera_fits(self) -> bool:
        r"""Whether the cache's camera sees exactly the part of the picture that ``frames`` show."""
        return self.face is not None and (self.face.crop or self._whole_frame) == self.box

    @property
    def _whole_frame(self) -> Box:
        return 0, 0, *self.video_size


Crop = Literal["face", "center", "camera"] | Box


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
        sample_rate: of the sound, Hz.
        crop: "face" or "center" for a square, "camera" for what the cache's camera sees, or (top, left,
            height, width) in pixels of the shown picture.
        start: first frame, at ``fps``; sound and parameters are cut with the frames.
        stop: the frame after the last, at ``fps``; None for the end.
        sound: decode the sound; False leaves ``audio`` None and takes less time.

    Raises:
        ClipError: a file of the clip cannot be read, the cache has another number of rows than the video has
            frames, or the frames would take more than 1 GiB (then pass a size, or a part).

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
        ValueError: ``frames_per_part`` below 1.
    """
    if frames_per_part < 1:
        raise ValueError(f"frames_per_part must be at least 1, got {frames_per_part}")
    with _opened(clip, sample_rate, sound) as reading:
        plan = _Plan.of(clip, reading, fps, size, crop, 0, None)
        plan.check_memory(min(frames_per_part, plan.stop))
        audio = _sound(clip, reading, sample_rate) if sound else None
        rows = plan.frames(reading)
        for first in range(0, plan.stop, frames_per_part):
            count = min(frames_per_part, plan.stop - first)
            yield plan.loaded(stacked(islice(rows, count), count), first, audio, sample_rate)


def _opened(clip: Clip, sample_rate: int, sound: bool) -> AbstractContextManager[MediaReading]:
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
    size: Size | None
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
        if start < 0 or (stop is not None and stop < start):
            raise ValueError(f"start and stop must satisfy 0 <= start <= stop, got {start} and {stop}")
        grid, whole = reading.timeline, (reading.height, reading.width)
        assert grid is not None  # it was opened with its pictures
        rate = grid.fps if fps is None else as_fps(fps)
        cache = None if clip.face_cache is None else read_face_cache(clip.face_cache)
        if cache is not None:
            why = why_rows_differ(cache, reading)
            if why is not None:
                have = f"{clip.video.name} has {grid.n_frames} frames"
                raise ClipError(f"{clip.face_cache} has {len(cache)} rows, but {have}{why}")
            cache = replace(cache, fps=grid.fps).resampled(
                rate
            )  # row i is frame i, however its fps was rounded
        box = (0, 0, *whole) if crop is None else _box(crop, cache, *whole)
        outside = box[0] >= whole[0] or box[1] >= whole[1] or box[0] + box[2] <= 0 or box[1] + box[3] <= 0
        if outside and isinstance(crop, str):
            raise ClipError(
                f"{clip.face_cache}: its part of the picture (top, left, height, width) = {box} lies outside "
                f"the {whole[1]}x{whole[0]} px of {clip.video.name}"
            )
        total = frames_on_grid(grid.n_frames, grid.fps, rate)
        stop = total if stop is None else min(stop, total)
        return cls(
            clip, cache, rate, box, box != (0, 0, *whole) or crop is not None, size, whole, start, stop
        )

    def check_memory(self, n_frames: int) -> None:
        height, width = self.box[2:] if self.size is None else np.broadcast_to(self.size, 2)
        needed = n_frames * int(height) * int(width) * 3
        if needed > _MEMORY_LIMIT:
            raise ClipError(
                f"{self.clip.video} would take {needed / 2**30:.1f} GiB as {n_frames} frames "
                f"of {width}x{height}; pass a smaller size, a crop, or start and stop, or use iterate_parts"
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


def face_box(landmarks: np.ndarray, margin: float = FACE_MARGIN) -> Box:
    r"""One square around the landmarks (T, 68, 2) of all frames, (top, left, side, side) in their pixels.

    Landmarks stop at the brows, so the square's centre lies a tenth of its side above theirs.

    Args:
        landmarks: (T, 68, 2) column and row, px.
        margin: side of the square, as a multiple of the landmarks' extent; higher: more around the face.
    """
    low, high = landmarks.min((0, 1)), landmarks.max((0, 1))  # column, row
    side = int(np.ceil(margin * (high - low).max() / 2)) * 2
    column, row = (low + high) / 2
    return round(float(row) - 0.6 * side), round(float(column) - 0.5 * side), side, side


def _box(crop: str | Box, cache: FaceCache | None, height: int, width: int) -> Box:
    if isinstance(crop, str):
        if crop not in ("face", "center", "camera"):
            raise ValueError(
                f"crop must be 'face', 'center', 'camera' or (top, left, height, width), got {crop!r}"
            )
        if crop == "camera":
            return (0, 0, height, width) if cache is None or cache.crop is None else cache.crop
        if crop == "face" and cache is not None and cache.crop is not None:
            return cache.crop
        if crop == "face" and cache is not None and cache.landmarks is not None:
            scale = np.array([width, height]) / (cache.image_size or (height, width))[::-1]
            return face_box((cache.landmarks + 0.5) * scale - 0.5)
        side = min(height, width)
        return (height - side) // 2, (width - side) // 2, side, side
    if len(crop) != 4 or min(crop[2:]) <= 0:
        raise ValueError(
            f"crop (top, left, height, width) must be four numbers with a positive size, got {crop}"
        )
    top, left, height, width = (int(number) for number in crop)
    return top, left, height, width
