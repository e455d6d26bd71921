r"""Filming: performances written as clips in MEAD's folder layout, with sound and the truth beside each.

::

    <actor>/video/front/<emotion>/level_<n>/<NNN>.mp4          H.264 with sound
    <actor>/video/front/<emotion>/level_<n>/<NNN>.face3d.npz   257 numbers a frame, intensity, landmarks
    <actor>/audio/<emotion>/level_<n>/<NNN>.m4a                AAC
    manifest.json                                              plan, seed, knobs, what is said in each clip
"""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

import numpy as np
import torch

from dnt_core.actor.film_config import PLAYED_BY, FilmConfig, Shot, shot_seed
from dnt_core.actor.film_frame import FilmRenderer
from dnt_core.actor.people import get_person
from dnt_core.actor.performance import Performance, perform
from dnt_core.actor.speech import synthesize
from dnt_core.atomic_write import write_json
from dnt_core.ciec import LEVEL_INTENSITY
from dnt_core.clips import FaceCache, provenance_record, write_audio, write_face_cache, write_video
from dnt_core.face3d.camera import PerspectiveCamera, pose
from dnt_core.face3d.procedural import bases, flat_domain
from dnt_core.parallel import run_parallel
from dnt_core.paths import user_path
from dnt_core.plain_files import read_json

__all__ = ["FORMAT", "FilmConfig", "Shot", "act", "film", "film_shot", "shot_seed", "truth"]

FORMAT = 2  # raised when the same plan gives other pictures
_MAY_GROW = ("actors", "clips_per_cell", "intensities")  # of a plan whose film is there already


def act(plan: FilmConfig, shot: Shot) -> tuple[Performance, np.ndarray]:
    r"""The performance of a shot and its sound, (N,) float32 at 16 kHz.

    Args:
        plan: what is filmed.
        shot: one clip of it.
    """
    if plan.face_model == "ict":
        shot = replace(shot, actor=PLAYED_BY)
    voice = get_person(shot.actor).voice
    speech = synthesize(plan.sentence(shot.number), plan.seed, voice, shot.expression, shot.intensity)
    cell = (shot.actor, shot.expression, shot.intensity)
    performance = perform(*cell, speech, plan.fps, plan.n_frames, shot_seed(plan, shot), plan.knobs)
    return performance, speech.fitted(plan.fps, plan.n_frames).waveform


@cache
def _landmark_bases() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""The face model at the landmarks: mean (68, 3), bases of identity (…, 80), of expression (…, 64)."""
    at = flat_domain.landmarks_flat()
    return bases.mean_position(at), bases.identity_basis(at), bases.expression_basis(at)


def truth(performance: Performance, image_size: int) -> FaceCache:
    r"""What a perfect reconstruction of the clip would know, in the format of a reconstruction's cache.

    Args:
        performance: of T frames.
        image_size: side of the clip's picture in px, on which the landmarks lie.
    """
    mean, identity_basis, expression_basis = _landmark_bases()
    moved = np.einsum("lck,tk->tlc", expression_basis, performance.expression_coefficients)
    shape = mean + identity_basis @ performance.identity + moved
    angles, shift = (torch.from_numpy(performance.pose[:, part]) for part in (slice(0, 3), slice(3, 6)))
    landmarks = PerspectiveCamera(image_size).project(pose(torch.from_numpy(shape), angles, shift))[..., :2]
    return FaceCache(
        parameters=performance.storage_vectors(reconstructed=True),
        fps=performance.fps,
        face_model=f"procedural:{performance.knobs.mesh_resolution}",
        source=f"built-in actor, reconstruction_noise {performance.knobs.reconstruction_noise:g}",
        image_size=(image_size, image_size),
        landmarks=landmarks.numpy().astype(np.float32),
        truth_parameters=performance.storage_vectors(reconstructed=False),
        speech_expression=performance.speech_expression.astype(np.float32),
        truth_intensity=performance.intensity.astype(np.float32),
    )


def film_shot(plan: FilmConfig, shot: Shot, root: Path) -> None:
    r"""Film one clip; the mp4 comes last, so that a clip with an mp4 is whole.

    Args:
        plan: what is filmed.
        shot: one clip of it.
        root: the film's folder.
    """
    performance, sound = act(plan, shot)
    if plan.face_model == "ict":
        from dnt_core.actor.scanned_actor import ScannedActor

        renderer = ScannedActor(plan.image_size)
        cache = renderer.truth(performance)
    else:
        renderer, cache = FilmRenderer(plan.image_size), truth(performance, plan.image_size)
    write_face_cache(shot.video(root), cache)
    write_audio(shot.audio(root), sound)
    frames = (renderer.frame(performance, i) for i in range(plan.n_frames))
    record = provenance_record(
        "dnt film", actor=shot.actor, expression=shot.expression, intensity=shot.intensity, seed=plan.seed
    )
    write_video(shot.video(root), frames, plan.fps, audio=sound, mark=False, provenance=record)


def _manifest(plan: FilmConfig) -> dict:
    sentences = {f"{n:03d}": plan.sentence(n).text for n in range(1, plan.clips_per_cell + 1)}
    lists = {"actors": list(plan.actors), "intensities": list(plan.intensities or ()) or None}
    return {
        "made_by": "dnt film",
        "synthetic": True,
        "format": FORMAT,
        "plan": asdict(plan) | lists,
        "sentences": sentences,
    }


def _write_manifest(root: Path, manifest: dict) -> None:
    r"""Describe the film in its folder, unless the folder holds another one."""
    path = root / "manifest.json"
    if path.exists():
        try:
            there = read_json(path)
        except ValueError as error:
            raise ValueError(f"{error}; expected the manifest of an earlier film") from error
        same = {"face_model": "procedural"}  # as before a film could have another
        same |= {k: v for k, v in there.get("plan", {}).items() if k not in _MAY_GROW}
        wanted = {k: v for k, v in manifest["plan"].items() if k in same}
        if there.get("format") != manifest["format"] or same != wanted:
            differ = ", ".join(sorted(k for k in wanted if same[k] != wanted[k]) or ["format"])
            raise ValueError(
                f"{root} holds another film (it differs in {differ}); choose another folder or remove it"
            )
        manifest = _united(there, manifest)
    write_json(path, manifest)


def _united(there: dict, new: dict) -> dict:
    r"""The manifest of a folder that holds both films: all actors, intensities and clips of either."""
    before, now = there["plan"], new["plan"]
    heard = [before["intensities"], now["intensities"]]
    if heard != [None, None]:  # None stands for MEAD's levels
        filmed = {x for part in heard for x in (LEVEL_INTENSITY.values() if part is None else part)}
        heard = [sorted(filmed)]
    grown = {
        "actors": list(dict.fromkeys([*before["actors"], *now["actors"]])),
        "clips_per_cell": max(before["clips_per_cell"], now["clips_per_cell"]),
        "intensities": heard[0],
    }
    return new | {"plan": now | grown, "sentences": there.get("sentences", {}) | new["sentences"]}


def film(out: str | os.PathLike, plan: FilmConfig, progress: bool = True, jobs: int | None = None) -> Path:
    r"""Film every shot of a plan that is not there yet.

    Args:
        out: folder in MEAD's layout; made if missing. An interrupted film goes on where it stopped, a film
            with more clips, actors or intensities of the same plan is added to.
        plan: what is filmed.
        progress: show a bar.
        jobs: clips filmed side by side (default: a thread for every core).

    Returns:
        ``out`` as a path.

    Raises:
        ValueError: the folder holds a film of another seed, size, face model or knobs; nothing in it is
            changed.
        FileNotFoundError: the face model's files are not here.
    """
    if plan.face_model == "ict":
        from dnt_core.assets import require_asset

        require_asset("ict_facekit")  # before anything is written
    root = user_path(out)
    root.mkdir(parents=True, exist_ok=True)
    _write_manifest(root, _manifest(plan))
    missing = [shot for shot in plan.shots() if not shot.video(root).exists()]
    pieces = [(plan, shot, root) for shot in missing]
    run_parallel(film_shot, pieces, f"filming {root.name}", "clip", jobs, progress, first_alone=True)
    return root
