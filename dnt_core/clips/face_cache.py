r"""The cache of 3DMM parameters beside a clip: ``003.mp4`` → ``003.face3d.npz``, whoever reconstructed them.

Keys, all arrays, no pickle:

======================  =========================  ==========================================================
key                     shape                      meaning
======================  =========================  ==========================================================
``parameters``          (T, 257) float32           one row a frame in **storage order**: identity 80,
                                                   expression 64, texture 80, angles 3, illumination 27,
                                                   translation 3, as a reconstruction network gives them
``fps``                 () float64                 frames per second of the clip
``face_model``          () str                     which model they belong to ("procedural", "bfm2009" …)
``source``              () str                     who made them ("actor", a network's name …)
``image_size``          (2,) int64                 height, width of the image that camera and landmarks mean
``crop``                (4,) int64                 top, left, height, width in pixels of the video's picture
                                                   as shown (upright, square pixels), the part that was
                                                   scaled to that image; absent: the whole picture
``video_size``          (2,) int64                 height, width of the picture that ``crop`` means; a video
                                                   that was scaled later shows another one
``landmarks``           (T, 68, 2) float32         column, row in pixels of that image
``truth_parameters``    (T, 257) float32           the actor's true numbers, where ``parameters`` are noisy
``speech_expression``   (T, 64) float32            expression coefficients of speech alone
``truth_intensity``     (T,) float32               continuous intensity in [0, 1]
``confidence``          (T,) float32               trust in the row, in [0, 1]; 0: no face was seen, the
                                                   row lies between its neighbours
``model_marks``         (68, 3) float32            landmarks of the face model in dm with identity and
                                                   expression all 1: which file of that name it was
======================  =========================  ==========================================================

The first four are required.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dnt_core.arguments import check_type
from dnt_core.atomic_write import atomic_path
from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.frame_grid import as_fps, resample_linear
from dnt_core.clips.media_suffixes import of_pictures
from dnt_core.paths import user_path
from dnt_core.plain_files import read_arrays

if TYPE_CHECKING:
    from dnt_core.face3d.parameters import FaceParameters

SUFFIX = ".face3d.npz"
_OTHER_FORMATS = {".mat", ".npy", ".npz", ".pt", ".pth", ".pkl", ".json", ".csv", ".txt", ".h5"}
PER_FRAME = {  # key → shape after T
    "parameters": (257,),
    "truth_parameters": (257,),
    "speech_expression": (64,),
    "truth_intensity": (),
    "landmarks": (68, 2),
    "confidence": (),
}


@dataclass(frozen=True)
class FaceCache:
    r"""What a ``.face3d.npz`` holds; the module's table gives shapes and units. Checked when it is made.

    Args:
        parameters: (T, 257), one row per frame in storage order.
        fps: frames per second of the clip.
        face_model: the name of the model that they belong to.
        source: who made them, such as "actor" or a network's name.
        image_size: (height, width) px of the picture that camera and landmarks mean, or None.
        crop: (top, left, height, width) px of the video's picture as shown, the part that was scaled to that
            picture; None: all of it.
        landmarks: (T, 68, 2) column and row in px of that picture, or None.
        truth_parameters: (T, 257) the actor's true numbers, or None.
        speech_expression: (T, 64) expression numbers of the speech alone, or None.
        truth_intensity: (T,) in [0, 1], or None.
        confidence: (T,) trust in the row, in [0, 1]; 0: no face was seen; or None.
        model_marks: (68, 3) dm, see :func:`~dnt_core.clips.cache_model.marks_of`; or None.
        video_size: (height, width) px of the picture that ``crop`` means, or None.

    Raises:
        ValueError: wrong shapes, different numbers of frames, none at all, NaN, an intensity or a confidence
            outside [0, 1], fps not above 0.

    Examples:
        >>> from dnt_core.live.default_clip import default_clip
        >>> video = default_clip("M003", 128)  # one of the shipped clips
        >>> face = dnt_core.read_face_cache(video)
        >>> face.parameters.shape, face.face_model
        ((72, 257), 'procedural:9000')
    """

    parameters: np.ndarray
    fps: Fraction | float
    face_model: str
    source: str
    image_size: tuple[int, int] | None = None
    crop: tuple[int, int, int, int] | None = None
    landmarks: np.ndarray | None = None
    truth_parameters: np.ndarray | None = None
    speech_expression: np.ndarray | None = None
    truth_intensity: np.ndarray | None = None
    confidence: np.ndarray | None = None
    model_marks: np.ndarray | None = None
    video_size: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "fps", as_fps(self.fps))
        if self.image_size is not None:
            size = (self.image_size,) * 2 if np.ndim(self.image_size) == 0 else self.image_size
            object.__setattr__(self, "image_size", _whole_numbers("image_size", size, 2))
        for key, numbers in (("crop", 4), ("video_size", 2)):
            if (given := getattr(self, key)) is not None:
                object.__setattr__(self, key, _whole_numbers(key, given, numbers))
        count = None
        for key, shape in PER_FRAME.items():
            value = getattr(self, key)
            if value is None:
                continue
            value = np.asarray(value, dtype=np.float32)
            count = len(value) if count is None and value.ndim else count
            if value.shape != (count, *shape) or not count:
                expected = ", ".join(map(str, (count or "T", *shape)))
                raise ValueError(f"'{key}' must have shape ({expected}), got {value.shape}")
            if not np.isfinite(value).all():
                raise ValueError(f"'{key}' holds NaN or infinity, first in frame {_first_bad(value)}")
            object.__setattr__(self, key, value)
        if self.model_marks is not None:
            marks = np.asarray(self.model_marks, np.float32)
            if marks.shape != (68, 3) or not np.isfinite(marks).all():
                raise ValueError(f"'model_marks' must be finite, of shape (68, 3), got {marks.shape}")
            object.__setattr__(self, "model_marks", marks)
        for key in ("truth_intensity", "confidence"):
            share = getattr(self, key)
            if share is not None and (share.min() < 0 or share.max() > 1 + 1e-6):
                raise ValueError(f"'{key}' must lie in [0, 1], got {share.min():g} to {share.max():g}")

    def __len__(self) -> int:
        return len(self.parameters)

    @property
    def has_face(self) -> np.ndarray:
        r"""(T,) bool: the frame showed a face. Other rows lie between their neighbours: nothing is learned
        from them.
        """
        return np.ones(len(self), bool) if self.confidence is None else self.confidence > 0

    def face_parameters(self, truth: bool = False) -> FaceParameters:
        r"""The 257 numbers as :class:`FaceParameters`, batch (T,); ``truth`` takes the actor's true ones.

        Args:
            truth: take the actor's true numbers.

        Raises:
            ValueError: ``truth`` of a cache that holds none.
        """
        import torch

        from dnt_core.face3d.parameters import FaceParameters

        numbers = self.truth_parameters if truth else self.parameters
        if numbers is None:
            raise ValueError("this cache holds no true parameters (only the built-in actor's clips do)")
        return FaceParameters.from_vector(torch.from_numpy(numbers.copy()), order="storage")

    def resampled(self, fps: Fraction | float) -> FaceCache:
        r"""The same on another frame grid, every row linear in time between its neighbours.

        A row beside one without a face has none either.

        Args:
            fps: frames per second, above 0.

        Raises:
            ValueError: no number above 0.
        """
        made = replace(self._each(lambda row: resample_linear(row, self.fps, fps)), fps=as_fps(fps))
        if self.confidence is None or made.confidence is None:
            return made
        beside = resample_linear((self.confidence <= 0).astype(np.float32), self.fps, fps)
        return replace(made, confidence=np.where(beside > 0, 0, made.confidence))

    @property
    def nbytes(self) -> int:
        r"""Bytes of memory that the rows take."""
        return sum(row.nbytes for key in PER_FRAME if (row := getattr(self, key)) is not None)

    def __getitem__(self, frames: slice | np.ndarray) -> FaceCache:
        r"""Some of the frames, at least one: a slice, row numbers (N,) or a mask (T,) of bool."""
        if isinstance(frames, int | np.integer):
            raise TypeError(
                f"a FaceCache holds frames of a clip; frame {frames} is face[{frames}:{frames + 1}]"
            )
        return self._each(lambda row: row[frames])

    def _each(self, change: Callable[[np.ndarray], np.ndarray]) -> FaceCache:
        rows = {key: getattr(self, key) for key in PER_FRAME}
        return replace(self, **{key: change(row) for key, row in rows.items() if row is not None})


def face_cache_path(video: str | os.PathLike) -> Path:
    r"""Where the cache of the clip ``video`` lies: beside it, ``.mp4`` replaced by ``.face3d.npz``.

    Args:
        video: the clip's mp4.
    """
    return user_path(video).with_suffix(SUFFIX)


def expect_clip(video: str | os.PathLike) -> None:
    r"""Says no where a clip with its cache beside it is wanted and something else is given.

    Args:
        video: the clip's mp4.

    Raises:
        FileNotFoundError: nothing of that name.
        ValueError: a folder, or the cache itself.
    """
    video, expected = Path(video), f"expected a video with its {SUFFIX} beside it"
    if video.is_dir():
        raise ValueError(f"{video} is a folder{of_pictures(video)}; {expected}")
    if not video.is_file():
        raise FileNotFoundError(f"no clip {video}; {expected}")
    if video.name.endswith(SUFFIX):
        raise ValueError(f"{video} is what was tracked in a clip; {expected}")


def no_face_beside(video: str | os.PathLike) -> str:
    r"""What an error says of a clip without a cache, and how to make one.

    Args:
        video: the clip's mp4.
    """
    name = face_cache_path(video).name
    return f"{video} has no 3D face: expected {name} beside it; `dnt track {video}` makes one"


def write_face_cache(path: str | os.PathLike, cache: FaceCache) -> Path:
    r"""Writes a cache, whole or not at all, same input, same bytes; ``path``: the clip's or the cache's.

    Args:
        path: the clip's mp4, or the cache itself.
        cache: what is written.

    Returns:
        the cache's path.

    Raises:
        TypeError: no :class:`FaceCache`.

    Examples:
        >>> from dnt_core.live.default_clip import default_clip
        >>> video = default_clip("M003", 128)  # one of the shipped clips
        >>> face = dnt_core.read_face_cache(video)
        >>> dnt_core.write_face_cache("copy.face3d.npz", face).name
        'copy.face3d.npz'
    """
    check_type(cache, FaceCache, "cache", "a FaceCache")
    path = user_path(path) if str(path).endswith(SUFFIX) else face_cache_path(path)
    values = {field.name: getattr(cache, field.name) for field in fields(cache)} | {"fps": float(cache.fps)}
    arrays = {key: np.asarray(value) for key, value in values.items() if value is not None}
    with atomic_path(path) as part:
        np.savez_compressed(part, allow_pickle=False, **arrays)
    return path


def read_face_cache(path: str | os.PathLike) -> FaceCache:
    r"""Reads a cache; ``path`` is the clip's or the cache's own name. Keys it does not know are left alone.

    Args:
        path: the clip's mp4, or the cache itself.

    Raises:
        ClipError: missing, not an NPZ, truncated, pickled, a key missing or of a wrong shape.

    Examples:
        >>> from dnt_core.live.default_clip import default_clip
        >>> video = default_clip("M003", 128)  # one of the shipped clips
        >>> len(dnt_core.read_face_cache(video))
        72
    """
    given = user_path(path)
    if given.suffix.lower() in _OTHER_FORMATS and not str(path).endswith(SUFFIX):
        raise ClipError(
            f"{given} is no cache of 3DMM parameters: expected NAME{SUFFIX}, the keys of which "
            "dnt_core.clips.face_cache lists, or the clip that it lies beside"
        )
    path = given if str(path).endswith(SUFFIX) else face_cache_path(path)
    if not path.is_file():
        raise ClipError(f"{path} does not exist: the clip has no cached 3DMM parameters")
    known = {field.name for field in fields(FaceCache)}
    try:
        held = read_arrays(path)
    except (ValueError, OSError) as error:
        raise ClipError(str(error)) from error
    if not isinstance(held, dict):
        raise ClipError(f"{path} is not a whole NPZ file without pickle: it holds a single array")
    values: dict[str, Any] = {key: value for key, value in held.items() if key in known}
    for key in ("parameters", "fps", "face_model", "source"):
        if key not in values:
            raise ClipError(f"{path} has no '{key}'; parameters, fps, face_model and source are required")
    for key in ("face_model", "source"):
        values[key] = str(values[key])
    try:
        return FaceCache(**{**values, "fps": float(values["fps"])})
    except (ValueError, TypeError) as error:
        raise ClipError(f"{path}: {error}") from error


def _whole_numbers(key: str, value: object, count: int) -> tuple[int, ...]:
    numbers = np.asarray(value)
    if numbers.shape != (count,) or not np.issubdtype(numbers.dtype, np.integer) or (numbers[-2:] <= 0).any():
        raise ValueError(f"'{key}' must be {count} whole numbers, height and width above 0, got {value}")
    return tuple(int(number) for number in numbers)


def _first_bad(value: np.ndarray) -> int:
    return int(np.argmax(~np.isfinite(value.reshape(len(value), -1)).all(axis=1)))
