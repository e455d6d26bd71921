r"""A track with coefficients: its poses carried from each frame's own crop into one square of the video."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from dnt_core.face3d import FaceParameters, MorphableModel, PerspectiveCamera, load_face_model
from dnt_core.face3d.wm3dr import WM3DR_CAMERA
from dnt_core.tracking.fixed_crop import (
    CROP_SIZE,
    IMAGE_SIZE,
    alignment_windows,
    carry,
    in_crop,
    standing_crop,
    to_frame,
    windows_of_alignment,
)
from dnt_core.tracking.foreign_track import ForeignTrack, TrackError
from dnt_core.tracking.frame_rows import filled, given_confidence, on_frames

# GeneFace++ puts its axis at the middle between the frame's edges
FRAME_CAMERA = PerspectiveCamera(center=111.5)
MOST_APART = 0.08  # of the crop's side: landmarks of crop and frame that belong together are nearer


def carried(track: ForeignTrack, n_frames, width, height, video, seen) -> tuple[dict, str]:
    parameters, found = filled(on_frames(track.parameters, track, n_frames, video))
    faces = FaceParameters.from_vector(torch.from_numpy(parameters), order="storage")
    model, note = _model_if_there(track.face_model)
    if track.camera == "frame":
        if width != height:
            raise TrackError(
                f"{track.source}'s camera sees a square frame, but {Path(video).name} is {width}x{height}: "
                "give the square video that it read"
            )
        crop = (0, 0, height, width)
        faces = carry(faces, np.tile([0.0, 0.0, width], (n_frames, 1)), crop, FRAME_CAMERA, model)
        landmarks = None
    elif track.camera == "wm3dr":
        side = max(width, height)
        windows = np.tile([0.0, 0.0, side], (n_frames, 1))
        crop = standing_crop(_windows_of_poses(faces, side))
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
        "landmarks": screen, "confidence": given_confidence(track, found, n_frames, video),
    }  # fmt: skip
    return made, note


def _model_if_there(name: str) -> tuple[MorphableModel | None, str]:
    try:
        return load_face_model(name), ""
    except FileNotFoundError:
        return None, (
            f"the face model {name!r} is not here: the poses were carried without it (a fifth of a pixel "
            "coarser), and nothing can be drawn before it is"
        )


def _windows_of_poses(faces: FaceParameters, side: int) -> np.ndarray:
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
        numbers = filled(on_frames(track.alignment, track, n_frames, video))[0]
        windows = windows_of_alignment(numbers[:, 0], numbers[:, 1:], width, height)
        _check_frame_size(track, windows, width, height, video)
    else:
        if track.landmarks is not None and track.landmarks_in == "frame":
            seen = on_frames(track.landmarks, track, n_frames, video)
        if seen is None:
            raise TrackError(
                f"{track.source}'s poses belong to a 224-px crop that moves with each frame and is not "
                "kept; give --landmarks: the 5 or 68 points per frame in the video that it was aligned by "
                "(detections/*.txt)"
            )
        windows = alignment_windows(filled(seen)[0], width, height)
    if inside is None:
        return windows, seen if seen is not None and seen.shape[1] == 68 else None
    placed = to_frame(filled(inside)[0], windows)
    if seen is not None and seen.shape[1] == 68:
        apart = np.nanmedian(np.linalg.norm(placed - seen, axis=-1)) / np.median(windows[:, 2])
        if apart > MOST_APART:
            raise TrackError(
                f"{track.source}: its landmarks lie {apart:.0%} of the face's square beside those given: "
                "they belong to another video, or count frames from another number"
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
