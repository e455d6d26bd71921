r"""Another tool's track → the cache beside the clip, its poses in one square of the video that stands
still.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from dnt_core.clips import FaceCache, count_frames, video_info, write_face_cache
from dnt_core.face3d import (
    FaceParameters,
    MorphableModel,
    PerspectiveCamera,
    face_model_family,
    load_face_model,
)
from dnt_core.face3d.wm3dr import WM3DR_CAMERA
from dnt_core.tracking.fixed_crop import (
    CROP_SIZE,
    alignment_windows,
    carry,
    square_of_landmarks,
    standing_crop,
    to_frame,
    windows_of_alignment,
)
from dnt_core.tracking.foreign_track import ForeignTrack, TrackError, expand, in_px, numbered
from dnt_core.tracking.landmark_files import LANDMARK_FILES, NoLandmarks, read_landmarks
from dnt_core.tracking.landmark_fit import FitOptions, fit_landmarks
from dnt_core.tracking.registry import read_track

FRAME_CAMERA = PerspectiveCamera(
    center=111.5
)  # GeneFace++ puts its axis at the middle between the frame's edges
IMAGE_SIZE = 256  # px that cached landmarks mean
MOST_APART = 0.08  # of the crop's side: landmarks of crop and frame that belong together are nearer

Crop = tuple[int, int, int, int]


@dataclass(frozen=True)
class Imported:
    r"""What was written.

    Attributes:
        path: the cache.
        cache: what it holds.
        note: what had to be assumed or left out, in a sentence, or "".
    """

    path: Path
    cache: FaceCache
    note: str


def import_track(
    paths: Sequence[Path],
    video: Path,
    name: str | None = None,
    landmarks: Sequence[Path] = (),
    face_model: str | None = None,
    options: FitOptions | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Imported:
    r"""Reads another tool's track of a video and writes ``<video>.face3d.npz`` beside it.

    Args:
        paths: the tool's files, or their folder; empty: only ``landmarks``.
        video: the clip that the tool read.
        name: of the format, see :data:`~dnt_core.tracking.registry.FORMATS`; None: what the files look like.
        landmarks: files of 5 or 68 points per frame in px of the video, from which the tool's moving crops
            follow, where it does not keep them.
        face_model: of a track that is refitted; default "procedural". Coefficients belong to their own.
        options: of a refit.
        progress: of a refit, called with frames done and all.

    Raises:
        TrackError, ValueError: one sentence: what cannot be read, what does not fit together, or what is
            missing.
        FileNotFoundError: a file that is not there.
    """
    info = video_info(video)
    n_frames, width, height = count_frames(video), info.width, info.height
    points = read_landmarks(expand(landmarks, LANDMARK_FILES)) if landmarks else None
    try:
        track = read_track(paths, name) if paths else points
    except NoLandmarks:
        if points is None:
            raise
        track = points
    if track is None:
        raise TrackError("no file given; expected another tool's track, or landmarks")
    track, points = numbered(track, n_frames, points), points and numbered(points, n_frames, track)
    track, points = in_px(track, width, height), points and in_px(points, width, height)
    seen = None if points is None else on_frames(points.landmarks, points, n_frames, video)
    if track.parameters is None:
        cache, note = _refitted(track, n_frames, width, height, video, face_model, options, progress)
    else:
        if face_model and face_model_family(face_model) != track.face_model:
            raise TrackError(
                f"{track.source}'s coefficients belong to {track.face_model!r}, not to {face_model!r}; "
                "leave --face-model out"
            )
        cache, note = _carried(track, n_frames, width, height, video, seen)
    cache = FaceCache(**{**cache, "fps": info.fps, "image_size": (IMAGE_SIZE, IMAGE_SIZE)})
    note = "; ".join(filter(None, (track.note, note)))
    return Imported(write_face_cache(video, cache), cache, note)


# ---- rows ----


def on_frames(values: np.ndarray, track: ForeignTrack, n_frames: int, video: Path) -> np.ndarray:
    r"""One row per frame of the video; NaN where the track has none.

    Raises:
        TrackError: it has more rows, or another number without saying which frames they are.
    """
    rows = np.arange(len(track)) if track.rows is None else track.rows
    if (track.rows is None and len(track) != n_frames) or rows.max() >= n_frames:
        raise TrackError(
            f"{track.source}: {len(track)} rows up to frame {int(rows.max())}, but {Path(video).name} has "
            f"{n_frames} "
            "frames; give the very video that the tool read (many re-encode to 25 frames a second first)"
        )
    placed = np.full((n_frames, *values.shape[1:]), np.nan)
    placed[rows] = values
    return placed


def _filled(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""Rows that are NaN put between their neighbours, and which rows were there, (T,) bool."""
    found = np.isfinite(values).reshape(len(values), -1).all(axis=1)
    if not found.any():
        raise TrackError("no frame has a face")
    frames, there = np.arange(len(values)), np.flatnonzero(found)
    flat = values.reshape(len(values), -1).copy()
    if not found.all():
        for column in flat.T:
            column[~found] = np.interp(frames[~found], there, column[there])
    return flat.reshape(values.shape), found


def _confidence(track: ForeignTrack, found: np.ndarray, n_frames: int, video: Path) -> np.ndarray | None:
    if track.confidence is None:
        return None if found.all() else found.astype(np.float32)
    given = on_frames(np.asarray(track.confidence, float)[:, None], track, n_frames, video)[:, 0]
    return np.where(found, np.nan_to_num(given), 0).astype(np.float32)


# ---- coefficients ----


def _carried(track: ForeignTrack, n_frames, width, height, video, seen) -> tuple[dict, str]:
    parameters, found = _filled(on_frames(track.parameters, track, n_frames, video))
    faces = FaceParameters.from_vector(torch.from_numpy(parameters), order="storage")
    model, note = _model_if_there(track.face_model)
    if track.camera == "frame":
        if width != height:
            raise TrackError(
                f"{track.source}'s camera sees a square frame, but {Path(video).name} is {width}x{height}: "
                f"give the "
                "square video that it read"
            )
        crop = (0, 0, height, width)
        faces = carry(faces, np.tile([0.0, 0.0, width], (n_frames, 1)), crop, FRAME_CAMERA, model)
        landmarks = None
    elif track.camera == "wm3dr":
        side = max(width, height)
        windows = np.tile([0.0, 0.0, side], (n_frames, 1))
        crop = standing_crop(_face_windows(faces, side))
        faces = carry(faces, windows, crop, WM3DR_CAMERA, model)
        landmarks = None
    else:
        windows, landmarks = _moving_windows(track, n_frames, width, height, video, seen)
        crop = standing_crop(windows)
        faces = carry(faces, windows, crop, None, model)
    vector = faces.numpy(order="storage").astype(np.float32)
    if model is not None:
        screen = PerspectiveCamera(IMAGE_SIZE).project(model.posed_landmarks(faces))[..., :2].numpy()
    else:
        screen = None if landmarks is None else in_crop(landmarks, crop)
    made = {
        "parameters": vector, "face_model": track.face_model, "source": track.source, "crop": crop,
        "landmarks": screen, "confidence": _confidence(track, found, n_frames, video),
    }  # fmt: skip
    return made, note


def _model_if_there(name: str) -> tuple[MorphableModel | None, str]:
    try:
        return load_face_model(name), ""
    except FileNotFoundError:
        return None, (
            f"the face model {name!r} is not here: the poses were carried without it (a fifth of a pixel "
            f"coarser), and "
            "nothing can be drawn before it is"
        )


def _face_windows(faces: FaceParameters, side: int) -> np.ndarray:
    r"""The squares around each frame's face, as large as the moving crops would be, px of the frame."""
    origin = WM3DR_CAMERA.project(faces.translation[:, None])[:, 0].numpy()  # px of 512
    px_per_dm = WM3DR_CAMERA.scale * WM3DR_CAMERA.focal / origin[:, 2]
    face = CROP_SIZE * px_per_dm / (1015 / 10)  # the default camera sees 101.5 px of 224 per dm
    share = side / WM3DR_CAMERA.image_size
    return np.stack([origin[:, 0] + 0.5 - face / 2, origin[:, 1] + 0.5 - face / 2, face], -1) * share


def _moving_windows(track, n_frames, width, height, video, seen) -> tuple[np.ndarray, np.ndarray | None]:
    r"""The crop of every frame, px of the frame, and landmarks (T, 68, 2) in the frame where there are any.

    Raises:
        TrackError: nothing says where the crops were, or landmarks that contradict the reconstruction's.
    """
    inside = None
    if track.landmarks is not None and track.landmarks_in == "crop":
        inside = on_frames(track.landmarks, track, n_frames, video)
    if track.alignment is not None:
        numbers = _filled(on_frames(track.alignment, track, n_frames, video))[0]
        windows = windows_of_alignment(numbers[:, 0], numbers[:, 1:], width, height)
        _check_frame_size(track, windows, width, height, video)
    else:
        if track.landmarks is not None and track.landmarks_in == "frame":
            seen = on_frames(track.landmarks, track, n_frames, video)
        if seen is None:
            raise TrackError(
                f"{track.source}'s poses belong to a 224-px crop that moves with each frame and is not "
                f"kept; give "
                "--landmarks: the 5 or 68 points per frame in the video that it was aligned by "
                "(detections/*.txt)"
            )
        windows = alignment_windows(_filled(seen)[0], width, height)
    if inside is None:
        return windows, seen if seen is not None and seen.shape[1] == 68 else None
    placed = to_frame(_filled(inside)[0], windows)
    if seen is not None and seen.shape[1] == 68:
        apart = np.nanmedian(np.linalg.norm(placed - seen, axis=-1)) / np.median(windows[:, 2])
        if apart > MOST_APART:
            raise TrackError(
                f"{track.source}: its landmarks lie {apart:.0%} of the face's square beside those given: "
                f"they belong "
                "to another video, or count frames from another number"
            )
    return windows, placed


def _check_frame_size(track, windows: np.ndarray, width: int, height: int, video: Path) -> None:
    r"""Crops are kept in px of the frames that the tool saw, with rows from below: those of smaller frames
    all lie low and left in the video, those of larger ones outside.

    Raises:
        TrackError: they do.
    """
    size = np.array([width, height])
    centre = (windows[:, :2] + windows[:, 2:] / 2) / size
    middle = np.median(centre, axis=0)
    if (middle < 0).any() or (middle > 1).any() or (centre[:, 0].max() < 0.42 and centre[:, 1].min() > 0.58):
        raise TrackError(
            f"{track.source}'s crops are at column {middle[0]:.0%} and row {middle[1]:.0%} of "
            f"{Path(video).name} ({width}x{height}): it saw frames of another size (SadTalker: 256x256 of "
            "the face's part); give the video that it saw"
        )


# ---- landmarks ----


def _refitted(track, n_frames, width, height, video, face_model, options, progress) -> tuple[dict, str]:
    landmarks = track.landmarks
    if landmarks.shape[1] != 68:
        raise TrackError(
            f"{track.source}: {landmarks.shape[1]} landmarks per frame, expected 68 to fit a face"
        )
    if track.landmarks_in == "unit":
        if width != height:
            raise TrackError(
                f"{track.source}'s landmarks are shares of each frame's own crop, which is not kept "
                f"('tform'), and "
                f"{Path(video).name} is {width}x{height}: give files with tform, or the square video of the "
                f"crops"
            )
        landmarks = (landmarks + 1) / 2 * width - 0.5
    landmarks = on_frames(landmarks, track, n_frames, video)
    made = _fitted(landmarks, face_model or "procedural", track.source, options, progress)
    given = _confidence(track, np.isfinite(landmarks).all((1, 2)), n_frames, video)
    if given is not None:
        made["confidence"] = np.minimum(made["confidence"], given)
    return made, ""


def _fitted(landmarks: np.ndarray, face_model: str, source: str, options, progress) -> dict:
    r"""A face model fitted to landmarks (T, 68, 2) in px of the frame; what a :class:`FaceCache` wants of
    it.
    """
    seen = landmarks[np.isfinite(landmarks).all((1, 2))]
    if not len(seen):
        raise TrackError(f"{source}: no frame has a face's landmarks")
    crop, model, camera = (
        square_of_landmarks(seen),
        load_face_model(face_model),
        PerspectiveCamera(IMAGE_SIZE),
    )
    inside = in_crop(landmarks, crop)
    fit = fit_landmarks(model, inside, camera, options, progress=progress)
    faces = FaceParameters.from_vector(torch.from_numpy(fit.parameters), order="storage")
    fitted = camera.project(model.posed_landmarks(faces))[..., :2].numpy()
    return {
        "parameters": fit.parameters, "face_model": face_model, "source": f"{source}, fitted to landmarks",
        "crop": crop, "landmarks": np.where(np.isfinite(inside), inside, fitted).astype(np.float32),
        "confidence": confidence_of(fit.error, fit.noise, fit.found),
    }  # fmt: skip


def confidence_of(error: np.ndarray, noise: float, found: np.ndarray) -> np.ndarray:
    r"""Trust in each frame: 1 where its landmarks fit as well as usual, 1/2 at three times that, 0 without a
    face.
    """
    usual = np.sqrt(2) * max(noise, 1.0)
    return np.where(found, 1 / (1 + (np.nan_to_num(error) / (3 * usual)) ** 4), 0).astype(np.float32)


def in_crop(landmarks: np.ndarray, crop: Crop) -> np.ndarray:
    r"""Landmarks in px of the frame → px of the crop's ``IMAGE_SIZE`` picture."""
    top, left, side, _ = crop
    return (landmarks + 0.5 - [left, top]) * (IMAGE_SIZE / side) - 0.5
