r"""68 landmarks per frame from other people's files: OpenFace, face_alignment, dlib, AD-NeRF, DECA."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from dnt_core.face3d.restricted_pickle import read_npy, read_pickle
from dnt_core.plain_files import read_arrays, read_json
from dnt_core.tracking.followed_face import followed
from dnt_core.tracking.foreign_track import ForeignTrack, TrackError, frame_numbers
from dnt_core.tracking.landmark_objects import COUNTS, frames_of, in_order, points_of
from dnt_core.tracking.landmark_tables import columns_first, landmark_table, points_of_rows, points_of_text
from dnt_core.tracking.mediapipe_landmarks import MESH_POINTS, OF_478

TEXT = (".lms", ".txt", ".pts")
PICTURES = (".jpg", ".png", ".jpeg", ".JPG", ".bmp")
OBJECTS = (".npy", ".npz", ".pkl", ".json")
LANDMARK_FILES = (".csv", *OBJECTS, *TEXT)
MOST_SHARE = 2  # a face that ends within so many px of the picture's corner is none: these are shares of it
MOST_OUTSIDE = 0.2  # of columns and of rows, or they are no shares from 0 to 1
MOST_FACES = 20  # in one frame


class NoLandmarks(TrackError):
    r"""A track that is refitted from landmarks, which do not lie beside it."""


def read_landmarks(paths: Sequence[Path]) -> ForeignTrack:
    r"""68 landmarks per frame, column and row in px of the video's frame, or in shares of its width and
    height from 0 to 1, as MediaPipe gives them (``landmarks_in`` is "shares" then).

    ``.csv``: OpenFace's (``x_0`` … ``y_67``, ``confidence``, ``success``), or any table of 136 numbers per
    row, in the order that its header ``x0,y0,x1,…`` or ``x0,x1,…,y0,…`` says (or of MediaPipe's points by
    such names); without one pairs, unless only another order gives faces. ``.npy`` and ``.npz``: one array
    (T, 68, 2) or (T, 68, 3), (T, 136), or MediaPipe's 468 or 478 points likewise, the three axes in any order
    that only fits once, such as 3DDFA's (T, 3, 68); ``.npy``, ``.pkl`` and ``.json`` may hold a list with the
    points of each frame, None, or a list of the frame's faces, or a dictionary of them
    (:mod:`~dnt_core.tracking.landmark_objects`), and each of these files may be of one frame, as OpenPose's
    are. ``.lms``, ``.txt``, ``.pts``: one file per frame of 68 pairs, of 2 or 3 lines with 68 numbers (as
    3DDFA's), or one of the clip with 136 numbers per line or one per line (as SadTalker's). Frames without a
    face are NaN, zeros, -1, or absent; files without points are such frames, too. Where frames have several
    faces, one person is followed (:mod:`~dnt_core.tracking.followed_face`); of several ``face_id`` the one
    that fills most of the film. Rows before columns are told where only they give faces.

    The size of the frames that they were found in is taken from ``size`` (width, height) of an ``.npz``, from
    OpenFace's points in space beside those in the picture, or from the picture that lies beside a text file
    under its name or one folder above it.

    Raises:
        TrackError, ValueError: a file that holds no such landmarks; one sentence that names it.
    """
    suffix = Path(paths[0]).suffix.lower()
    if suffix in TEXT:
        return _text_files(paths)
    if len({Path(path).suffix.lower() for path in paths}) > 1:
        kinds = ", ".join(sorted({Path(path).suffix for path in paths}))
        raise TrackError(f"{Path(paths[0]).parent}: landmark files of several kinds ({kinds}); give one kind")
    if len(paths) != 1 and suffix in OBJECTS:
        return _object_files(paths)
    if len(paths) != 1:
        raise TrackError(f"{len(paths)} landmark files given; a {suffix} file holds a whole clip: give one")
    path = Path(paths[0])
    if suffix == ".csv":
        table = landmark_table(path)
        track = _track(path, table.landmarks, table.source, table.confidence)
        return replace(track, rows=table.rows, size=table.size, note=table.note)
    if suffix == ".npz":
        arrays = _arrays_of(path)
        key = _key_of(path, arrays)
        confidence, size = arrays.get("confidence"), np.asarray(arrays.get("size", ())).ravel()
        confidence = confidence if np.shape(confidence) == (len(arrays[key]),) else None
        whole = size.dtype.kind in "iu" and len(size) == 2 and (size > 0).all()
        return replace(
            _track(path, arrays[key], "landmarks", confidence),
            size=(int(size[0]), int(size[1])) if whole else None,
        )
    if suffix in OBJECTS:
        frames, numbers = frames_of(path, _held(path))
        return replace(_track(path, points_of(path, frames), "landmarks"), numbers=numbers)
    raise TrackError(
        f"{path}: expected landmarks as .csv, .npy, .npz, .pkl, .json, or one .lms, .txt or .pts per frame"
    )


def _held(path: Path) -> object:
    suffix = path.suffix.lower()
    if suffix == ".npz":
        arrays = _arrays_of(path)
        return arrays[_key_of(path, arrays)]
    read = {".npy": read_npy, ".pkl": read_pickle, ".json": lambda file: read_json(file, object)}
    return read[suffix](path)


def _arrays_of(path: Path) -> dict[str, np.ndarray]:
    held = read_arrays(path)
    return held if isinstance(held, dict) else {"landmarks": held}


def _key_of(path: Path, arrays: dict[str, np.ndarray]) -> str:
    r"""The array of an ``.npz`` that holds landmarks."""
    fitting = [key for key, value in arrays.items() if _shaped(value) is not None]
    if "landmarks" not in fitting and len(fitting) != 1:
        raise TrackError(
            f"{path}: expected one array (frames, 68, 2), it holds {', '.join(arrays) or 'nothing'}"
        )
    return "landmarks" if "landmarks" in fitting else fitting[0]


def _object_files(paths: Sequence[Path]) -> ForeignTrack:
    r"""Files of one frame each."""
    files, numbers = frame_numbers(list(map(Path, paths)))
    frames = []
    for path in files:
        points = points_of(path, frames_of(path, _held(path))[0])
        points = points[0] if isinstance(points, list) and len(points) == 1 else points
        if isinstance(points, np.ndarray) and points.ndim == 3 and len(points) > MOST_FACES:
            raise TrackError(
                f"{path} holds {len(points)} frames, and {len(files)} files are given; give the one of the "
                "clip, or files of one frame each"
            )
        frames.append(points)
    return replace(_track(files[0].parent, frames, "landmarks"), numbers=numbers)


def _shaped(value: object) -> np.ndarray | None:
    value = np.asarray(value)
    if value.dtype.kind not in "fiu":
        return None
    if value.ndim == 4 and 1 in value.shape[:2]:  # one face per frame, or one clip
        value = value.reshape(-1, *value.shape[2:])
    if value.shape[-1:] == (136,) and value.ndim <= 2:
        return points_of_rows(value.astype(np.float64).reshape(-1, 136))
    value = in_order(value)
    if value.ndim != 3 or value.shape[2] not in (2, 3):
        return None
    if value.shape[1] in MESH_POINTS:
        return value[:, list(OF_478), :2]
    return value[:, :68, :2] if value.shape[1] in COUNTS else None


def _track(path: Path, value: object, source: str, confidence: np.ndarray | None = None) -> ForeignTrack:
    note, each = "", isinstance(value, list | tuple)
    if isinstance(value, np.ndarray):
        each = value.dtype.hasobject or (value.ndim == 4 and 1 not in value.shape[:2])
    if each:  # one per frame, None: no face; or faces of each frame
        value, note = _stacked(path, value)
    landmarks = _shaped(value)
    if landmarks is None or not len(landmarks):
        raise TrackError(f"{path}: expected landmarks (frames, 68, 2), got {np.shape(value)}")
    landmarks = _without_empty(path, landmarks.astype(np.float64))
    if confidence is not None:
        confidence = np.clip(np.nan_to_num(np.asarray(confidence, np.float64)), 0, 1)
    unit = unit_of(path, landmarks)
    return ForeignTrack(source, landmarks=landmarks, landmarks_in=unit, confidence=confidence, note=note)


def _without_empty(where: Path, landmarks: np.ndarray) -> np.ndarray:
    r"""Frames whose points all lie at one place, such as 0, 0, become NaN: no face was found.

    Raises:
        TrackError: no frame is left that has all its points.
    """
    landmarks = landmarks.copy()
    landmarks[(landmarks == landmarks[:, :1]).all(axis=(1, 2))] = np.nan
    seen = np.isfinite(landmarks)
    if not seen.any():
        raise TrackError(f"{where}: no frame has a face's landmarks")
    if not seen.all(axis=(1, 2)).any():
        never = int((~seen.all(axis=-1).any(axis=0)).sum())
        raise TrackError(
            f"{where}: no frame has all {landmarks.shape[1]} landmarks"
            + (f"; {never} of them are found in none" if never else "")
        )
    return columns_first(landmarks) if landmarks.shape[1] == 68 else landmarks


def unit_of(path: Path, landmarks: np.ndarray) -> str:
    r"""What landmarks (T, N, 2) are counted in: "frame" is px, "shares" of its width and height."""
    if np.nanmax(np.abs(landmarks)) > MOST_SHARE:
        return "frame"
    seen = landmarks[np.isfinite(landmarks).all((1, 2))]
    outside = (np.abs(seen - 0.5) > 0.55).mean((0, 1))  # of columns and of rows
    if outside.min() > MOST_OUTSIDE:
        raise TrackError(
            f"{path}: numbers from {seen.min():.2f} to {seen.max():.2f} are neither px nor shares of the "
            "picture's width and height from 0 to 1"
        )
    return "shares"


def _stacked(path: Path, frames) -> tuple[np.ndarray, str]:
    r"""One array of points per frame, None or an empty list: no face; of lists of faces one person's, and a
    sentence on these."""
    made: list[list[np.ndarray]] = []
    for number, frame in enumerate(frames):
        if isinstance(frame, list):
            frame = [part for part in frame if part is not None and np.size(part)]
        try:
            held = None if frame is None else np.asarray(frame, float)
        except (TypeError, ValueError) as error:
            raise TrackError(f"{path}: frame {number} holds no array of points ({error})") from error
        if held is None or not held.size:
            made.append([])
            continue
        held = points_of_rows(held[None]) if held.shape == (136,) else in_order(held)
        held = held if held.ndim == 3 else held[None]
        if held.ndim != 3 or held.shape[2] not in (2, 3):
            raise TrackError(f"{path}: frame {number} has points of shape {held.shape[1:]}, expected (68, 2)")
        made.append(list(held[..., :2]))
    counts = {len(points) for faces in made for points in faces}
    if len(counts) != 1:
        raise TrackError(f"{path}: expected as many points in every frame, found {sorted(counts) or 'none'}")
    missing = np.full((counts.pop(), 2), np.nan)
    chosen, note = followed(made)
    points = [missing if k is None else faces[k] for faces, k in zip(made, chosen, strict=True)]
    return np.stack(points), note


def _text_files(paths: Sequence[Path]) -> ForeignTrack:
    files, numbers = frame_numbers(list(map(Path, paths)))
    landmarks = [points_of_text(path) for path in files]
    if len(files) == 1 and landmarks[0].ndim == 3:
        return _track(files[0], landmarks[0], "landmarks")
    counts = {len(value) for value in landmarks if len(value)}  # without points: no face was found
    if not counts:
        raise TrackError(f"{files[0]}: 0 points, expected 68 lines of column and row")
    if len(counts) > 1:
        raise TrackError(f"{files[0].parent}: some files hold 5 points, some 68")
    missing = np.full((counts.pop(), 2), np.nan)
    points = np.stack([value.reshape(-1, 2) if len(value) else missing for value in landmarks])
    points = _without_empty(files[0].parent, points)
    numbers = numbers if len(files) > 1 else None
    unit = unit_of(files[0].parent, points)
    return ForeignTrack(
        "landmarks", landmarks=points, landmarks_in=unit, numbers=numbers, size=_picture_size(files[0])
    )


def _picture_size(points: Path) -> tuple[int, int] | None:
    r"""Width and height of the picture that a file of points belongs to, beside it or one folder above."""
    from PIL import Image

    for folder in (points.parent, points.parent.parent):
        for picture in (folder / f"{points.stem}{suffix}" for suffix in PICTURES):
            if picture.is_file():
                try:
                    with Image.open(picture) as held:
                        return held.size
                except (OSError, ValueError, Image.DecompressionBombError):
                    return None
    return None


def read_adnerf(paths: Sequence[Path]) -> ForeignTrack:
    r"""AD-NeRF's, RAD-NeRF's and ER-NeRF's ``track_params.pt``, refitted from the landmarks beside it.

    Its 100 + 79 coefficients belong to a face model of its own with 34,650 vertices, which the 257 numbers
    do not hold; the landmarks that it was fitted to lie beside it as ``ori_imgs/<frame>.lms``.

    Raises:
        TrackError: not its dictionary, or no landmarks beside it.
    """
    import torch

    from dnt_core.tracking.deep3d import only

    path = only(paths, "track_params.pt")
    try:
        held = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch answers a damaged file with almost any exception
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise TrackError(f"{path}: not a file of tensors ({said})") from error
    missing = [
        key for key in ("id", "exp", "euler", "trans") if not isinstance(held, dict) or key not in held
    ]
    if missing:
        raise TrackError(f"{path}: no {missing[0]!r}, expected AD-NeRF's id, exp, euler, trans, focal")
    folder = path.with_name("ori_imgs")
    files = sorted(folder.glob("*.lms")) if folder.is_dir() else []
    if not files:
        raise NoLandmarks(
            f"{path}: its coefficients belong to another face model and are refitted from landmarks; "
            f"expected them in {folder}/0.lms, 1.lms … or give --landmarks"
        )
    found = _text_files(files)
    n_frames, numbers = len(held["exp"]), found.numbers
    if n_frames not in (len(found), 0 if numbers is None else int(np.ptp(numbers)) + 1):
        raise TrackError(f"{path}: {n_frames} frames, but {len(found)} .lms files in {folder}")
    return replace(found, source="AD-NeRF")
