r"""A built-in person who listens: some seconds of head motion that lead into their own beginning, filmed
once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from dnt_core.paths import runs_folder

SECONDS, OVERLAP, FPS = 10.0, 1.5, 25.0
LONGEST = 600.0  # s
MESH = 9_000  # vertices: at 256 px the pictures are those of 35 709, at a third of the time
FORMAT = 3  # raised when the same arguments give other pictures


def idle_clip(
    identity: str | None,
    image_size: int,
    seconds: float = SECONDS,
    tell: Callable[[str], None] = lambda line: None,
) -> Path:
    r"""The mp4 of a person of the built-in actor at rest, with its ``.face3d.npz``; filmed when it is not
    there.

    Its last frame leads into its first, so that it can be played for minutes. The mouth rests and the eyes
    are open: what speaks and blinks is drawn later.

    Args:
        identity: one of :data:`~dnt_core.actor.PEOPLE`.
        image_size: px, made even.
        seconds: after which it begins anew, at most 600; longer: less that repeats, and more to film and to
            keep in memory.
        tell: is given a line before the filming, which takes tens of seconds.

    Raises:
        ValueError: nobody of that name, a length that is not above 0, or above 600 s.
    """
    if not 0 < seconds <= LONGEST:
        raise ValueError(f"seconds must be above 0 and at most {LONGEST:g}, got {seconds}")
    size = image_size + image_size % 2
    video = runs_folder() / "talk" / "idle" / f"{identity}_{size}_{seconds:g}s_{FORMAT}.mp4"
    if identity is None or not video.is_file():
        from dnt_core.actor import PEOPLE

        if identity not in PEOPLE:
            whose = f"of {identity!r}" if identity else "that do not say whose they are"
            raise ValueError(f"weights {whose} need a clip; built-in are only {', '.join(PEOPLE)}")
        tell(f"filming the {seconds:g} s in which {identity} listens, into {video}; once")
        _film(identity, size, seconds, video)
    return video


def _film(identity: str, size: int, seconds: float, video: Path) -> None:
    r"""The face's numbers first, the mp4 last: a clip with an mp4 is whole."""
    from joblib import Parallel, delayed

    from dnt_core.actor.film_frame import FilmRenderer
    from dnt_core.actor.filming import truth
    from dnt_core.clips import face_cache_path, provenance_record, write_face_cache, write_video

    acted = idle_performance(identity, seconds)
    write_face_cache(face_cache_path(video), truth(acted, size))
    FilmRenderer(size).frame(acted, 0)  # meshes and kernels are made once, alone
    pool = Parallel(-1, backend="threading", return_as="generator", pre_dispatch="2*n_jobs")
    frames = pool(delayed(_frame)(acted, size, i) for i in range(len(acted)))
    record = provenance_record("dnt_core.talking", actor=identity)
    write_video(video, frames, acted.fps, crf=8, mark=False, provenance=record)  # it is encoded once more


def _frame(acted, size: int, index: int) -> np.ndarray:
    from dnt_core.actor.film_frame import FilmRenderer

    return FilmRenderer(size).frame(acted, index)


def idle_performance(identity: str, seconds: float, seed: int = 0):
    r"""What the person does meanwhile, a :class:`~dnt_core.actor.performance.Performance` of one period.

    The head of the last :data:`OVERLAP` seconds before the period is blended into its first ones, with
    weights whose squares sum to 1 about the mean pose, so that it moves there as much as elsewhere.
    """
    from dnt_core.actor import ActorConfig
    from dnt_core.actor.performance import perform
    from dnt_core.actor.speech import SENTENCES, synthesize

    count, overlap = max(2, round(seconds * FPS)), round(min(OVERLAP, seconds / 3) * FPS)
    knobs = ActorConfig(mesh_resolution=MESH, reconstruction_noise=0.0)
    speech = synthesize(SENTENCES[0])
    acted = perform(identity, "neutral", 0.0, speech, FPS, count + overlap, seed, knobs)
    still = {  # (T, …) nothing speaks, nothing blinks
        name: np.zeros_like(getattr(acted, name)[:count])
        for name in (
            "speech_weights",
            "geometry_weights",
            "emotion_weights",
            "film_weights",
            "tongue",
            "gaze",
        )
    }
    rows = {name: getattr(acted, name)[:count] for name in ("intensity", "skin", "reconstruction_error")}
    return replace(acted, pose=_closed(acted.pose, count), **still, **rows)


def _closed(pose: np.ndarray, count: int) -> np.ndarray:
    r"""(count + overlap, 6) → (count, 6), whose end leads into its beginning."""
    overlap, mean = len(pose) - count, pose.mean(0)
    share = np.pi / 2 * (0.5 - 0.5 * np.cos(np.pi * np.arange(overlap) / overlap))[:, None]
    made = pose[:count] - mean
    made[:overlap] = np.sin(share) * made[:overlap] + np.cos(share) * (pose[count:] - mean)
    return made + mean
