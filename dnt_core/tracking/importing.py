r"""Another tool's track → the cache beside the clip, its poses in one square of the video that stands
still.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from dnt_core.clips import FaceCache, stored_frames_of_rows, video_info, write_face_cache
from dnt_core.clips.cache_model import marks_of
from dnt_core.face3d import FaceParameters, PerspectiveCamera, face_model_family, load_face_model
from dnt_core.tracking.carried_track import carried
from dnt_core.tracking.fixed_crop import IMAGE_SIZE, in_crop, square_of_landmarks, usual
from dnt_core.tracking.foreign_track import TrackError, expand
from dnt_core.tracking.frame_rows import by_shown_frames, given_confidence, on_frames
from dnt_core.tracking.frame_size import in_shown_px
from dnt_core.tracking.landmark_files import LANDMARK_FILES, NoLandmarks, read_landmarks
from dnt_core.tracking.landmark_fit import FITTED, FitOptions, confidence_of, fit_landmarks
from dnt_core.tracking.possible_heads import possible_heads
from dnt_core.tracking.registry import read_track


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
    landmarks_size: tuple[int, int] | None = None,
    identity: np.ndarray | None = None,
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
        landmarks_size: width and height px of the frames that landmarks, and the crops that follow from them,
            were found in; None: as their files say, else the video's.
        identity: (80,) alpha of the person, where a refit shall have one that is known; None fits it.

    Raises:
        TrackError, ValueError: one sentence: what cannot be read, what does not fit together, or what is
            missing.
        FileNotFoundError: a file that is not there.
    """
    info = video_info(video)
    n_frames, width, height = info.n_frames, info.width, info.height
    points = read_landmarks(expand(landmarks, LANDMARK_FILES)) if landmarks else None
    try:
        track = read_track(paths, name) if paths else points
    except NoLandmarks:
        if points is None:
            raise
        track = points
    if track is None:
        raise TrackError("no file given; expected another tool's track, or landmarks")
    tables = stored_frames_of_rows(video)
    track, points = (
        by_shown_frames(track, n_frames, video, points, tables),
        points and by_shown_frames(points, n_frames, video, track, tables),
    )
    track = in_shown_px(track, info, landmarks_size)
    points = points and in_shown_px(points, info, landmarks_size)
    seen = None if points is None else on_frames(points.landmarks, points, n_frames, video)
    if track.parameters is None:
        fitted = (face_model, options, identity, progress)
        cache, note = _refitted(track, n_frames, width, height, video, *fitted)
    else:
        if face_model and face_model_family(face_model) != track.face_model:
            raise TrackError(
                f"{track.source}'s coefficients belong to {track.face_model!r}, not to {face_model!r}; "
                "leave --face-model out"
            )
        cache, note = carried(track, n_frames, width, height, video, seen)
        if info.stored_size != (height, width):
            squeezed = (
                f"the pixels of {info.path.name} are not square: {track.source} saw a squeezed face unless "
                "it made them so; run it on a square-pixel video (`dnt data convert`)"
            )
            note = "; ".join(filter(None, (note, squeezed)))
    sizes = {"image_size": (IMAGE_SIZE, IMAGE_SIZE), "video_size": (height, width)}
    cache = FaceCache(**{**cache, "fps": info.fps, **sizes})
    notes = (track.note, "" if points is None else points.note, note)
    note = "; ".join(dict.fromkeys(filter(None, notes)))
    return Imported(write_face_cache(video, cache), cache, note)


def _refitted(
    track, n_frames, width, height, video, face_model, options, identity, progress
) -> tuple[dict, str]:
    landmarks = track.landmarks
    if landmarks.shape[1] != 68:
        raise TrackError(
            f"{track.source}: {landmarks.shape[1]} landmarks per frame, expected 68 to fit a face"
        )
    if track.landmarks_in == "unit":
        if width != height:
            raise TrackError(
                f"{track.source}'s landmarks are shares of each frame's own crop, which is not kept "
                f"('tform'), and {Path(video).name} is {width}x{height}: give files with tform, or the "
                "square video of the crops"
            )
        landmarks = (landmarks + 1) / 2 * width - 0.5
    landmarks = on_frames(landmarks, track, n_frames, video)
    model = load_face_model(face_model or "procedural")
    if not np.isfinite(landmarks).all((1, 2)).any():
        raise TrackError(f"{track.source}: no frame has a face's landmarks")
    landmarks, doubts = possible_heads(model, landmarks, video, track.source, (width, height))
    name = face_model or "procedural"
    made = _fitted(landmarks, model, name, track.source, options, identity, progress)
    given = given_confidence(track, np.isfinite(landmarks).all((1, 2)), n_frames, video)
    if given is not None:
        made["confidence"] = np.minimum(made["confidence"], given)
    return made, doubts


def _fitted(landmarks: np.ndarray, model, face_model: str, source: str, options, identity, progress) -> dict:
    r"""A face model fitted to landmarks (T, 68, 2) in px of the frame; what a :class:`FaceCache` wants of
    it.
    """
    crop = square_of_landmarks(landmarks[np.isfinite(landmarks).all((1, 2)) & usual(landmarks)])
    camera = PerspectiveCamera(IMAGE_SIZE)
    inside = in_crop(landmarks, crop)
    fit = fit_landmarks(model, inside, camera, options, identity, progress=progress)
    faces = FaceParameters.from_vector(torch.from_numpy(fit.parameters), order="storage")
    fitted = camera.project(model.posed_landmarks(faces))[..., :2].numpy()
    return {
        "parameters": fit.parameters, "face_model": face_model, "source": f"{source}{FITTED}",
        "crop": crop, "landmarks": np.where(np.isfinite(inside), inside, fitted).astype(np.float32),
        "confidence": confidence_of(fit.error, fit.noise, fit.found), "model_marks": marks_of(model),
    }  # fmt: skip
