r"""One identity of one person's clips: the mean of what each clip's landmarks say of the face at rest."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from dnt_core.clips import ClipError, read_face_cache, scan
from dnt_core.clips.scanner import is_level_folder
from dnt_core.face3d import MorphableModel, PerspectiveCamera, face_model_family, load_face_model
from dnt_core.tracking.landmark_fit import FITTED, LEAST, FitOptions, spread_fit
from dnt_core.tracking.landmark_model import LandmarkModel
from dnt_core.tracking.segment_fit import IDENTITY
from dnt_core.tracking.video_track import Progress, see_landmarks

FRAMES = 60  # of each clip, evenly spaced


def fit_person(
    model: MorphableModel,
    clips: Iterable[tuple[np.ndarray, PerspectiveCamera]],
    options: FitOptions | None = None,
) -> np.ndarray:
    r"""(80,) alpha of the person of several clips.

    A clip says little of the face behind its expression, so the identity that is fitted to it alone is off by
    another amount in each, and a texture that is learnt on several does not lie still on the skin. The mean's
    errors are smaller, and the same in all. Clips count by the frames that are looked at, up to
    :data:`FRAMES`; beyond that it is a plain mean: what the clips' equations say together, as if each were
    right, is surer than it is true.

    Args:
        model: the face model.
        clips: of each the landmarks (T, 68, 2) px, NaN where there is no face, and the camera that sees them.
        options: see :class:`~dnt_core.tracking.landmark_fit.FitOptions`.

    Raises:
        ValueError: no clip has a face.
    """
    points, found, frames = LandmarkModel.of(model), [], []
    for landmarks, camera in clips:
        trust = np.isfinite(landmarks).all(-1).astype(np.float64)
        if ((trust > 0).sum(axis=1) >= LEAST).any():
            fit = spread_fit(points, landmarks, trust, camera, options or FitOptions(), FRAMES)
            found.append(fit.identity)
            frames.append(len(fit.beta))
    if not found:
        raise ValueError("none of the clips has a face's landmarks")
    return np.average(found, axis=0, weights=frames)


def identity_of_videos(
    videos: Sequence[Path],
    face_model: str = "procedural",
    progress: Progress | None = None,
    landmarks_size: tuple[int, int] | None = None,
) -> np.ndarray:
    r"""(80,) alpha of the person in several videos; those that cannot be tracked are left out.

    Args:
        videos: see :func:`~dnt_core.tracking.video_track.track_video`, as the rest.
        face_model: of the identity.
        progress: called with the stage's name and the videos done, and all.
        landmarks_size: of the landmarks' frames.

    Raises:
        ValueError: none can be tracked.
    """
    model, tell = load_face_model(face_model), progress or (lambda stage, done, total: None)

    def seen() -> Iterator[tuple[np.ndarray, PerspectiveCamera]]:
        for number, video in enumerate(videos):
            with suppress(ValueError, OSError, ImportError):  # said when it is tracked
                found = see_landmarks(Path(video), (), model, lambda *stage: None, landmarks_size)
                yield found.wanted, found.camera
            tell("identity", number + 1, len(videos))

    return fit_person(model, seen())


def person_folders(videos: Iterable[Path]) -> dict[Path, Path | None]:
    r"""Video → the folder of the person in MEAD's layout whose it is; None outside of that layout.

    Args:
        videos: files that are there.
    """
    actors: dict[Path, dict[str, str]] = {}
    folders: dict[Path, Path | None] = {}
    for video in videos:
        if video.parent not in actors:  # whatever lies below a folder outside of the layout is not looked at
            found = scan(video.parent) if video.parent.is_dir() and is_level_folder(video.parent) else ()
            actors[video.parent] = {clip.video.name: clip.actor for clip in found}
        actor = actors[video.parent].get(video.name)
        above = Path(os.path.abspath(video)).parents
        folders[video] = next((folder for folder in above if folder.name == actor), None)
    return folders


def tracked_identities(folder: Path, but: Collection[Path], face_model: str) -> tuple[np.ndarray, np.ndarray]:
    r"""The identities (N, 80) in the caches below a folder that were tracked here, one of each clip, and by
    how many frames with a face each counts, (N,), 1 to :data:`FRAMES`.

    Args:
        folder: of one person.
        but: videos whose caches do not count.
        face_model: of the identities.
    """
    left_out = {Path(os.path.abspath(video)) for video in but}
    found, frames = [], []
    family = face_model_family(face_model)
    for clip in scan(folder):
        if clip.face_cache is None or Path(os.path.abspath(clip.video)) in left_out:
            continue
        with suppress(ClipError):  # a cache that is damaged ends no other clip's tracking
            cache = read_face_cache(clip.face_cache)
            if FITTED in cache.source and face_model_family(cache.face_model) == family:
                found.append(cache.parameters[0, IDENTITY])
                frames.append(max(1, min(int(cache.has_face.sum()), FRAMES)))
    return np.reshape(found, (-1, 80)).astype(np.float64), np.array(frames)
