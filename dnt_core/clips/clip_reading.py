r"""A labelled clip → its frames, sound, 3DMM parameters and intensity, all on one frame grid.

MEAD's frames are 1920 × 1080 with the face in the middle; networks want a square of some 256 pixels around
it. ``crop="face"`` cuts one fixed square per clip (no jitter): the part the face reconstruction looked at
if its cache says which, else a square around the cached landmarks, else the centre of the picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import numpy as np

from dnt_core.ciec import encode
from dnt_core.clips.clip import Clip, Problem
from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.face_cache import FaceCache, read_face_cache
from dnt_core.clips.frame_grid import as_fps, frames_on_grid
from dnt_core.clips.sound import SAMPLE_RATE, fit_length, read_audio
from dnt_core.clips.video import Box, Size, count_frames, read_video, video_info

if TYPE_CHECKING:
    from dnt_core.face3d.parameters import FaceParameters

FACE_MARGIN = 1.7  # side of the square around the landmarks, in units of their larger extent
_MEMORY_LIMIT = 2**30


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
        box: (top, left, height, width), the part of the video's frame that ``frames`` show.
    """

    clip: Clip
    frames: np.ndarray
    fps: Fraction
    audio: np.ndarray | None
    sample_rate: int
    face: FaceCache | None
    box: Box

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
        return encode(self.clip.expression, self.intensity)

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
        info = video_info(self.clip.video)
        return 0, 0, info.height, info.width


def load_clip(
    clip: Clip,
    fps: Fraction | float | None = None,
    size: Size | None = None,
    sample_rate: int = SAMPLE_RATE,
    crop: Literal["face", "center"] | Box | None = None,
    start: int = 0,
    stop: int | None = None,
) -> LoadedClip:
    r"""Decodes a clip, or its frames ``start`` to ``stop``, with sound, parameters and labels.

    Args:
        fps: None keeps the container's; else frames are the nearest in time, parameters, landmarks and
        intensity
            linear in between, so that they stay in step (the audio-visual networks want 25).
        size: height and width of the frames, or one number for both; None keeps the file's (or the crop's).
        sample_rate: of the sound, Hz.
        crop: "face" or "center" for a square, or (top, left, height, width) in the file's pixels.
        start, stop: frames at ``fps``; sound and parameters are cut with them.

    Raises:
        ClipError: a file of the clip cannot be read, the cache has another number of rows than the video has
            frames, or the frames would take more than 1 GiB (then pass a size, or a part).
    """
    info = video_info(clip.video)
    rate = info.fps if fps is None else as_fps(fps)
    cache = None if clip.face_cache is None else read_face_cache(clip.face_cache)
    n_frames = count_frames(clip.video)
    if cache is not None and len(cache) != n_frames:
        raise ClipError(
            f"{clip.face_cache} has {len(cache)} rows, but {clip.video.name} has {n_frames} frames"
        )
    box = (0, 0, info.height, info.width) if crop is None else _box(crop, cache, info.height, info.width)
    total = frames_on_grid(n_frames, info.fps, rate)
    stop = total if stop is None else min(stop, total)
    height, width = box[2:] if size is None else (size, size) if isinstance(size, int) else size
    if (stop - start) * height * width * 3 > _MEMORY_LIMIT:
        gibibytes = (stop - start) * height * width * 3 / 2**30
        raise ClipError(
            f"{clip.video} would take {gibibytes:.1f} GiB as {stop - start} frames of {width}x{height}; "
            "pass a smaller size, a crop, or start and stop"
        )
    video = read_video(clip.video, fps, size, None if crop is None else box, start, stop)
    if cache is not None:  # row i is frame i, whatever rounding the cache's fps went through
        cache = replace(cache, fps=info.fps).resampled(rate)[start : start + len(video)]
    audio = None
    if clip.audio is not None or info.has_sound:
        first, last = (round(k * sample_rate / rate) for k in (start, start + len(video)))
        audio = fit_length(read_audio(clip.audio or clip.video, sample_rate), last)[first:]
    return LoadedClip(clip, video.frames, rate, audio, sample_rate, cache, box)


def iterate_clips(
    clips: Iterable[Clip], problems: list[Problem] | None = None, **options
) -> Iterator[LoadedClip]:
    r"""Loads one clip after the other, only one in memory; ``options`` as for :func:`load_clip`.

    Args:
        problems: a list to which clips that cannot be read are added while the rest goes on; None raises.
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
    """
    low, high = landmarks.min((0, 1)), landmarks.max((0, 1))  # column, row
    side = int(np.ceil(margin * (high - low).max() / 2)) * 2
    column, row = (low + high) / 2
    return round(float(row) - 0.6 * side), round(float(column) - 0.5 * side), side, side


def _box(crop: str | Box, cache: FaceCache | None, height: int, width: int) -> Box:
    if isinstance(crop, str):
        if crop not in ("face", "center"):
            raise ValueError(f"crop must be 'face', 'center' or (top, left, height, width), got {crop!r}")
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
    return tuple(int(number) for number in crop)
