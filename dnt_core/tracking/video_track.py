r"""One's own video → the cache beside it: landmarks, a fit to them, then to the pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from dnt_core.atomic_write import atomic_path
from dnt_core.clips import FaceCache, VideoInfo, iterate_frames, video_info, write_face_cache
from dnt_core.clips.cache_model import marks_of
from dnt_core.face3d import FaceParameters, MorphableModel, PerspectiveCamera, load_face_model
from dnt_core.tracking.fixed_crop import IMAGE_SIZE, in_crop, square_of_landmarks, usual
from dnt_core.tracking.foreign_track import ForeignTrack, TrackError, expand
from dnt_core.tracking.frame_rows import by_shown_frames, on_frames
from dnt_core.tracking.frame_size import in_shown_px
from dnt_core.tracking.importing import Imported
from dnt_core.tracking.landmark_files import LANDMARK_FILES, read_landmarks
from dnt_core.tracking.landmark_fit import FITTED, TRUSTED, FitOptions, confidence_of, fit_landmarks
from dnt_core.tracking.pixel_fit import PixelOptions, fit_pixels
from dnt_core.tracking.possible_heads import possible_heads
from dnt_core.tracking.segment_fit import face_share

LANDMARKS_SUFFIX = (
    ".landmarks.npz"  # beside the video: what a detector found, kept so that a fit can be repeated
)
FOUND_HERE = "MediaPipe"  # source of those landmarks
COVERED = 0.07  # of the lower face: without a hand 0.04 at most in films of people, behind one 0.1 and more
MOST_ENLARGED = 4  # times IMAGE_SIZE: a fit's picture of a clip whose face wanders
FOUND_BESIDE = (".landmarks.npy", ".csv", ".landmarks.csv", LANDMARKS_SUFFIX)  # what was given, then found

Progress = Callable[[str, int, int], None]


def track_video(
    video: Path,
    landmarks: Sequence[Path] = (),
    face_model: str = "procedural",
    options: FitOptions | None = None,
    pixels: PixelOptions | None = PixelOptions(),  # noqa: B008 (frozen)
    progress: Progress | None = None,
    landmarks_size: tuple[int, int] | None = None,
    identity: np.ndarray | None = None,
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
        identity: (80,) alpha of the person where it is known, such as from
            :func:`~dnt_core.tracking.one_person.identity_of_videos`; None fits it to this video alone.

    Raises:
        TrackError, ValueError: landmarks that do not belong to the video, no face; one sentence.
        FileNotFoundError, ImportError: no landmarks and nothing to find them with.
    """
    video = Path(video)
    tell = progress or (lambda stage, done, total: None)
    model = load_face_model(face_model)  # first: it may be missing, and landmarks take long
    seen = see_landmarks(video, landmarks, model, tell, landmarks_size)
    camera, wanted, n_frames = seen.camera, seen.wanted, seen.info.n_frames
    fit = fit_landmarks(
        model, wanted, camera, options, identity,
        progress=lambda done, total: tell("landmark fit", done, total),
    )  # fmt: skip
    if pixels is not None:
        fit = fit_pixels(
            model,
            wanted,
            iterate_frames(video, None, camera.image_size, seen.crop),
            fit,
            camera,
            options,
            pixels,
            lambda done, total: tell("pixel fit", done, total),
        )
    faces = FaceParameters.from_vector(torch.from_numpy(fit.parameters), order="storage")
    fitted = PerspectiveCamera(IMAGE_SIZE).project(model.posed_landmarks(faces))[..., :2].numpy()
    confidence = confidence_of(fit.error / seen.enlarged, fit.noise / seen.enlarged, fit.found)
    track = seen.track
    if track.confidence is not None:
        given = on_frames(np.asarray(track.confidence, float)[:, None], track, n_frames, video)[:, 0]
        confidence = np.minimum(confidence, np.nan_to_num(given)).astype(np.float32)
    note = seen.note
    if fit.covered is not None and (hidden := fit.covered > COVERED).any():
        confidence[hidden] = np.minimum(confidence[hidden], TRUSTED / 2)
        first, last = np.flatnonzero(hidden)[[0, -1]]
        said = (
            f"{hidden.sum()} frames between {first} and {last} do not look like the face at mouth and chin, "
            "as behind a hand: not trusted"
        )
        note = "; ".join(filter(None, (note, said)))
    cache = FaceCache(
        parameters=fit.parameters, fps=seen.info.fps, face_model=face_model,
        source=f"{track.source}{FITTED}{' and pixels' if pixels else ''}",
        image_size=(IMAGE_SIZE, IMAGE_SIZE), crop=seen.crop, video_size=(seen.info.height, seen.info.width),
        landmarks=np.where(np.isfinite(seen.inside), seen.inside, fitted), confidence=confidence,
        model_marks=marks_of(model),
    )  # fmt: skip
    return Imported(write_face_cache(video, cache), cache, note)


@dataclass(frozen=True)
class SeenLandmarks:
    r"""A video's landmarks in the one square that the clip is fitted in.

    Attributes:
        info: of the video. track: the landmarks as they were given.
        inside: (T, 68, 2) px of the square at ``IMAGE_SIZE``; NaN where there is no face. crop: the square.
        enlarged: times ``IMAGE_SIZE``: the picture that is fitted.
        note: what was doubted, or is missing.
    """

    info: VideoInfo
    track: ForeignTrack
    inside: np.ndarray
    crop: tuple[int, int, int, int]
    enlarged: int
    note: str

    @property
    def camera(self) -> PerspectiveCamera:
        r"""Of the picture that is fitted: a face that wanders is small in the clip's one square."""
        return PerspectiveCamera(self.enlarged * IMAGE_SIZE)

    @property
    def wanted(self) -> np.ndarray:
        r"""(T, 68, 2) px of that picture."""
        return (self.inside + 0.5) * self.enlarged - 0.5


def see_landmarks(
    video: Path,
    landmarks: Sequence[Path],
    model: MorphableModel,
    tell: Progress,
    landmarks_size: tuple[int, int] | None = None,
) -> SeenLandmarks:
    r"""The landmarks that :func:`track_video` fits, found where they are in no file; arguments as there."""
    info = video_info(video)
    n_frames = info.n_frames
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
    said = f"{lost} of {n_frames} frames have no face: confidence 0" if lost else ""
    steps = np.unique(np.diff(track.rows if track.rows is not None else ()))
    if lost and len(steps) == 1 and steps[0] > 1:  # such as py-feat's skip_frames
        said = f"one frame in {steps[0]} has landmarks: find them in all; others count as without a face"
    return SeenLandmarks(
        info, track, inside, crop, enlarged, "; ".join(filter(None, (track.note, said, doubts)))
    )


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
        if there.stat().st_mtime < video.stat().st_mtime:
            old = f"{there.name} is older than the video: if they were found in another, remove that file"
            track = replace(track, note="; ".join(filter(None, (track.note, old))))
        return replace(track, source=FOUND_HERE) if there.name.endswith(LANDMARKS_SUFFIX) else track
    from dnt_core.tracking.mediapipe_landmarks import mediapipe_landmarks

    found = mediapipe_landmarks(video, progress)
    kept = video.with_suffix(LANDMARKS_SUFFIX)
    with atomic_path(kept) as part:
        np.savez_compressed(part, landmarks=found, size=(info.width, info.height))
    return replace(read_landmarks([kept]), source=FOUND_HERE)
