r"""One's own video → the cache beside it: landmarks, a fit to them, then to the pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from dnt_core.atomic_write import atomic_path
from dnt_core.clips import FaceCache, VideoInfo, iterate_frames, video_info, write_face_cache
from dnt_core.face3d import FaceParameters, PerspectiveCamera, load_face_model
from dnt_core.tracking.fixed_crop import IMAGE_SIZE, in_crop, square_of_landmarks, usual
from dnt_core.tracking.foreign_track import TrackError, expand
from dnt_core.tracking.frame_rows import by_shown_frames, on_frames
from dnt_core.tracking.frame_size import in_shown_px
from dnt_core.tracking.importing import Imported
from dnt_core.tracking.landmark_files import LANDMARK_FILES, read_landmarks
from dnt_core.tracking.landmark_fit import FitOptions, confidence_of, fit_landmarks
from dnt_core.tracking.pixel_fit import PixelOptions, fit_pixels
from dnt_core.tracking.possible_heads import possible_heads
from dnt_core.tracking.segment_fit import face_share

LANDMARKS_SUFFIX = (
    ".landmarks.npz"  # beside the video: what a detector found, kept so that a fit can be repeated
)
FOUND_HERE = "MediaPipe"  # source of those landmarks
MOST_ENLARGED = 4  # times IMAGE_SIZE: a fit's picture of a clip whose face wanders
FOUND_BESIDE = (LANDMARKS_SUFFIX, ".landmarks.npy", ".csv", ".landmarks.csv")

Progress = Callable[[str, int, int], None]


def track_video(
    video: Path,
    landmarks: Sequence[Path] = (),
    face_model: str = "procedural",
    options: FitOptions | None = None,
    pixels: PixelOptions | None = PixelOptions(),  # noqa: B008 (frozen)
    progress: Progress | None = None,
    landmarks_size: tuple[int, int] | None = None,
) -> Imported:
    r"""Tracks one face through a video and writes ``<video>.face3d.npz`` beside it.

    Args:
        video: with one face; others are left alone where the detector says which is which.
        landmarks: files of 68 points per frame; none: those beside the video (``<video>.landmarks.npz``,
            ``.csv``), else MediaPipe's, which are kept beside the video.
        face_model: see ``load_face_model``.
        options: of the fit to landmarks.
        pixels: of the fit to pixels; None leaves it out.
        progress: called with the stage's name, frames done, and all.
        landmarks_size: width and height px of the frames that the landmarks were found in; None: as their
            file says, else the video's.

    Raises:
        TrackError, ValueError: landmarks that do not belong to the video, no face; one sentence.
        FileNotFoundError, ImportError: no landmarks and nothing to find them with.
    """
    video = Path(video)
    tell = progress or (lambda stage, done, total: None)
    info = video_info(video)
    n_frames = info.n_frames
    model = load_face_model(face_model)  # first: it may be missing, and landmarks take long
    track = _landmarks(info, landmarks, lambda done, total: tell("landmarks", done, total))
    if track.source != FOUND_HERE:  # those are found in the video's rows
        track = by_shown_frames(track, n_frames, video)
    track = in_shown_px(track, info, landmarks_size)
    if track.landmarks.shape[1] != 68:
        raise TrackError(f"{track.source}: {track.landmarks.shape[1]} landmarks per frame, expected 68")
    seen = on_frames(track.landmarks, track, n_frames, video)
    lost = int((~np.isfinite(seen).all((1, 2))).sum())
    if lost == n_frames:
        raise TrackError(f"{video}: no frame has a face")
    seen, doubts = possible_heads(model, seen, video, track.source, (info.width, info.height))
    found = np.isfinite(seen).all((1, 2))
    crop = square_of_landmarks(seen[found & usual(seen)])
    inside = in_crop(seen, crop)
    enlarged = min(MOST_ENLARGED, max(1, round(1 / face_share(inside, IMAGE_SIZE))))
    camera = PerspectiveCamera(enlarged * IMAGE_SIZE)  # a face that wanders is small in the clip's one square
    wanted = (inside + 0.5) * enlarged - 0.5
    fit = fit_landmarks(
        model, wanted, camera, options, progress=lambda done, total: tell("landmark fit", done, total)
    )
    if pixels is not None:
        fit = fit_pixels(
            model,
            wanted,
            iterate_frames(video, None, camera.image_size, crop),
            fit,
            camera,
            options,
            pixels,
            lambda done, total: tell("pixel fit", done, total),
        )
    faces = FaceParameters.from_vector(torch.from_numpy(fit.parameters), order="storage")
    fitted = PerspectiveCamera(IMAGE_SIZE).project(model.posed_landmarks(faces))[..., :2].numpy()
    confidence = confidence_of(fit.error / enlarged, fit.noise / enlarged, fit.found)
    if track.confidence is not None:
        given = on_frames(np.asarray(track.confidence, float)[:, None], track, n_frames, video)[:, 0]
        confidence = np.minimum(confidence, np.nan_to_num(given)).astype(np.float32)
    cache = FaceCache(
        parameters=fit.parameters, fps=info.fps, face_model=face_model,
        source=f"{track.source}, fitted to landmarks{' and pixels' if pixels else ''}",
        image_size=(IMAGE_SIZE, IMAGE_SIZE), crop=crop,
        landmarks=np.where(np.isfinite(inside), inside, fitted), confidence=confidence,
    )  # fmt: skip
    said = f"{lost} of {n_frames} frames have no face: confidence 0" if lost else ""
    note = "; ".join(filter(None, (track.note, said, doubts)))
    return Imported(write_face_cache(video, cache), cache, note)


def landmarks_beside(video: Path) -> Path | None:
    r"""The file of landmarks that lies beside a video under its name, if there is one."""
    beside = (Path(video).with_suffix(suffix) for suffix in FOUND_BESIDE)
    return next((path for path in beside if path.is_file()), None)


def _landmarks(info: VideoInfo, given: Sequence[Path], progress: Callable[[int, int], None]):
    video = info.path
    if given:
        return read_landmarks(expand(given, LANDMARK_FILES))
    if there := landmarks_beside(video):
        track = read_landmarks([there])
        return replace(track, source=FOUND_HERE) if there.name.endswith(LANDMARKS_SUFFIX) else track
    from dnt_core.tracking.mediapipe_landmarks import mediapipe_landmarks

    found = mediapipe_landmarks(video, progress)
    kept = video.with_suffix(LANDMARKS_SUFFIX)
    with atomic_path(kept) as part:
        np.savez_compressed(part, landmarks=found, size=(info.width, info.height))
    return replace(read_landmarks([kept]), source=FOUND_HERE)
