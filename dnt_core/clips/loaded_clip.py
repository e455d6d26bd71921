r"""A clip in memory: frames, sound, 3DMM parameters, landmarks and intensity on one frame grid."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from dnt_core.ciec import encode
from dnt_core.clips.clip import Clip
from dnt_core.clips.face_cache import FaceCache
from dnt_core.clips.video import Box

if TYPE_CHECKING:
    from dnt_core.face3d.parameters import FaceParameters

_ROUNDED = 0.02  # of its side, by which a square may be off


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
        r"""Whether there is a cache whose camera sees the part of the picture that ``frames`` show."""
        return not self.camera_misses

    @property
    def camera_misses(self) -> str:
        r"""What an error says of frames that the cache's camera, which is square, does not see, or of a
        clip without a cache; "" where it sees them.
        """
        if self.face is None:
            return f"{self.clip.video} was loaded without a 3D face"
        cache, (_, _, height, width) = self.clip.face_cache, self.box
        if (self.face.crop or self._whole_frame) != self.box:
            return (
                f"{cache}: its camera sees another part of the picture than the frames show; load the clip "
                "with crop='camera'"
            )
        if abs(height - width) > _ROUNDED * max(height, width):
            return (
                f"{cache}: its camera sees a square, but it names none of the picture's {width}x{height} px; "
                "expected a square film, or 'crop' in the cache"
            )
        return ""

    @property
    def _whole_frame(self) -> Box:
        return 0, 0, *self.video_size
