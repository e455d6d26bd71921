r"""A track with coefficients: its poses carried from each frame's own crop into one square of the video."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from dnt_core.clips.cache_model import marks_of
from dnt_core.face3d import (
    FaceParameters,
    MorphableModel,
    PerspectiveCamera,
    load_face_model,
    rotation_matrix,
)
from dnt_core.face3d.parameters import STORAGE_COLUMNS
from dnt_core.face3d.wm3dr import WM3DR_CAMERA
from dnt_core.tracking.fixed_crop import (
    CROP_SIZE,
    IMAGE_SIZE,
    alignment_windows,
    carry,
    five_of_68,
    in_crop,
    standing_crop,
    to_frame,
    windows_of_alignment,
)
from dnt_core.tracking.foreign_track import ForeignTrack, TrackError
from dnt_core.tracking.frame_rows import filled, filled_faces, given_confidence, on_frames
from dnt_core.tracking.possible_heads import JUMP, counted, roll_of, rolls_apart
from dnt_core.tracking.possible_poses import possible_poses, with_a_face

# GeneFace++ puts its axis at the middle between the frame's edges
FRAME_CAMERA = PerspectiveCamera(center=111.5)
MOST_APART = 0.08  # of the crop's side: landmarks of crop and frame that belong together are nearer


def carried(track: ForeignTrack, n_frames, width, height, video, seen) -> tuple[dict, str]:
    rows = on_frames(np.asarray(track.parameters), track, n_frames, video)
    rows[~with_a_face(rows)] = np.nan
    camera, landmarks = PerspectiveCamera(), None
    if track.camera == "frame":
        if width != height:
            raise TrackError(
                f"{track.source}'s camera sees a square frame, but {Path(video).name} is {width}x{height}: "
                "give the square video that it read"
            )
        camera, windows = FRAME_CAMERA, np.tile([0.0, 0.0, width], (n_frames, 1))
    elif track.camera == "wm3dr":
        camera, windows = WM3DR_CAMERA, np.tile([0.0, 0.0, max(width, height)], (n_frames, 1))
    else:
        windows, landmarks, placed = _moving_windows(track, rows, width, height, video, seen)
        rows[~placed] = np.nan
    lost = np.flatnonzero(~np.isfinite(rows).all(axis=1))
    if len(lost) == n_frames:
        raise TrackError(f"{track.source}: no frame has a face")
    rows, doubts = possible_poses(rows, camera, windows, (width, height), video, track.source)
    parameters, found = filled_faces(rows)
    windows = filled(np.where(found[:, None], windows, np.nan))[0]
    faces = FaceParameters.from_vector(torch.from_numpy(parameters), order="storage")
    model, note = _model_if_there(track.face_model)
    if track.camera == "frame":
        crop = (0, 0, height, width)
    else:
        of_faces = _windows_of_poses(faces, max(width, height)) if track.camera == "wm3dr" else windows
        crop = standing_crop(of_faces[found])
    faces = carry(faces, windows, crop, camera, model)
    note = "; ".join(filter(None, (note, counted(lost, "no face", n_frames), doubts)))
    vector = faces.numpy(order="storage").astype(np.float32)
    if model is not None:
        screen = PerspectiveCamera(IMAGE_SIZE).project(model.posed_landmarks(faces))[..., :2].numpy()
    else:
        screen = None if landmarks is None else in_crop(landmarks, crop)
    made = {
        "parameters": vector, "face_model": track.face_model, "source": track.source, "crop": crop,
        "landmarks": screen, "confidence": given_confidence(track, found, n_frames, video),
        "model_marks": marks_of(model),
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


def _moving_windows(
    track, rows, width, height, video, seen
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    r"""The crop of every frame, px of the frame, landmarks (T, 68, 2) in the frame where there are any, and
    in which frames the crop is known, (T,) bool; in others it lies between its neighbours'.

    Raises:
        TrackError: nothing says where the crops were, or landmarks that contradict the reconstruction's.
    """
    inside, marks, n_frames = None, None, len(rows)
    if track.landmarks is not None and track.landmarks_in == "crop":
        inside = on_frames(track.landmarks, track, n_frames, video)
    if track.alignment is not None:
        numbers = on_frames(track.alignment, track, n_frames, video)
        numbers[~(numbers[:, 0] > 0)] = np.nan
        numbers, known = filled(numbers)
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
        marks, known = filled(seen)
        _check_one_head(track, marks[known], rows[known], video)
        windows = alignment_windows(marks, width, height)
    if inside is None:
        marks = filled(seen)[0] if marks is None and seen is not None else marks
        return windows, marks if marks is not None and marks.shape[1] == 68 else None, known
    placed = to_frame(filled(inside)[0], windows)
    if seen is not None and seen.shape[1] == 68:
        apart = np.nanmedian(np.linalg.norm(placed - seen, axis=-1)) / np.median(windows[:, 2])
        if apart > MOST_APART:
            raise TrackError(
                f"{track.source}: its landmarks lie {apart:.0%} of the face's square beside those given: "
                "they belong to another video, or count frames from another number"
            )
    return windows, placed, known


def _check_one_head(track, marks: np.ndarray, rows: np.ndarray, video: Path) -> None:
    r"""A crop is not turned, so the head rolls in the frame as in its pose.

    Raises:
        TrackError: the landmarks roll otherwise, or are mirrored.
    """
    five = five_of_68(marks) if marks.shape[1] == 68 else marks
    up = (five[:, :2].mean(axis=1) - five[:, 3:].mean(axis=1)) * [1, -1]
    along = (five[:, 1] - five[:, 0] + five[:, 4] - five[:, 3]) * [1, -1]
    posed = np.isfinite(rows).all(axis=1)
    angles = rows[posed, STORAGE_COLUMNS["angles"]]
    roll = roll_of(rotation_matrix(torch.from_numpy(angles)).numpy())
    turned = rolls_apart(np.degrees(np.arctan2(-up[posed, 0], up[posed, 1])), roll) > JUMP
    mirrored = (along * np.stack([up[:, 1], -up[:, 0]], -1)).sum(axis=-1)[posed] < 0
    wrong = int((turned | mirrored).sum())
    if 2 * wrong > posed.sum():
        raise TrackError(
            f"{track.source}: in {wrong} of {posed.sum()} frames the landmarks given roll otherwise than the "
            "head, or are mirrored: columns and rows, or left and right, are exchanged, or they belong to "
            f"another video than {Path(video).name}"
        )


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
