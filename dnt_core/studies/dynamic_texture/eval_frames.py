r"""Single moments of the built-in actor's film, drawn without filming the clips they lie in.

Every shot of a :class:`~dnt_core.actor.FilmConfig` has a seed of its own, so the actor can act one clip of a
plan and draw some of its frames: the same pictures the whole film would hold, before H.264, at a hundredth of
the cost. That is how the shipped weights are measured on clips that are not on this machine.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import nn

from dnt_core.actor import FilmConfig, FilmRenderer
from dnt_core.actor.filming import FORMAT, Shot, act, truth
from dnt_core.actor.performance import Performance
from dnt_core.atomic_write import atomic_path
from dnt_core.checkpoint import network_key
from dnt_core.clips.clip import Clip, as_level
from dnt_core.clips.pixel_format import resize_rgb
from dnt_core.clips.splits import split_by_clip
from dnt_core.face3d import load_face_model
from dnt_core.parallel import run_parallel
from dnt_core.training.generator_data import GeneratorData
from dnt_core.training.preprocessing import FORMAT as PREPARED_FORMAT
from dnt_core.training.preprocessing import DataConfig, frame_arrays

Moments = Mapping[Shot, Sequence[int]]  # shot → numbers of its frames, ascending


@dataclass(frozen=True)
class EvalConfig:
    r"""How many frames are drawn of each shot; more: slower and surer.

    Attributes:
        train: of each training clip, for what is fitted here (baselines, meter, observer, lip reader).
        held: of each held-out clip. within: of the last fifth of each training clip.
        between: of each clip at an intensity never filmed, and between_clips, how many of those per cell.
        swept: of each neutral clip of a sweep, and swept_clips, how many of those.
        static_steps: of fitting the static texture again.
        train_clips: of each cell, at most so many that trained are drawn, for ``train`` and ``within``.
    """

    train: int = 3
    held: int = 2
    within: int = 1
    between: int = 2
    between_clips: int = 1
    swept: int = 5
    swept_clips: int = 1
    static_steps: int = 40
    train_clips: int = 99


_LARGE = EvalConfig(train=6, held=5, within=3, between=4, swept=6, swept_clips=5, static_steps=400)
#: How much notebook 04 measures in each profile.
EVAL_SIZES: dict[str, EvalConfig] = {
    "nbval": EvalConfig(1, 1, 1, 1, swept=1, swept_clips=2, static_steps=2, train_clips=1),
    "quick": EvalConfig(train=2, held=1, within=1, between=1, swept=1, swept_clips=4, static_steps=40),
    "laptop": _LARGE,
    "paper": _LARGE,
}


def clip_of(shot: Shot) -> Clip:
    r"""The labels of a shot; no file of it need exist."""
    return Clip(
        shot.actor, "front", shot.expression, as_level(shot.level), shot.number, shot.video(Path("film"))
    )


def split_shots(plan: FilmConfig, seed: int = 0) -> tuple[list[Shot], list[Shot]]:
    r"""Shots that ``dnt train generator`` trained on and those it held out; the same for a seed.

    Raises:
        ValueError: a plan of one clip a cell, of which none can be held out.
    """
    shots = plan.shots()
    train, test = split_by_clip([clip_of(shot) for shot in shots], seed=seed)
    return [shots[i] for i in train], [shots[i] for i in test]


def first_of_each_cell(shots: Sequence[Shot], most: int) -> list[Shot]:
    r"""At most so many shots of each expression and level."""
    found: dict[tuple, list[Shot]] = {}
    for shot in shots:
        found.setdefault((shot.expression, shot.level), []).append(shot)
    chosen = {shot for cell in found.values() for shot in cell[:most]}
    return [shot for shot in shots if shot in chosen]


def spread_frames(shots: Sequence[Shot], count: int, first: float, last: float, n_frames: int) -> Moments:
    r"""``count`` frames of each shot, evenly spread between two shares of its ``n_frames``.

    ``first, last = 0, 0.8`` is what trains, ``0.8, 1`` what the paper tests on.
    """
    low, high = int(np.floor(first * n_frames + 1e-9)), int(np.floor(last * n_frames + 1e-9))
    chosen = low + ((np.arange(count) + 0.5) * (high - low) / count).astype(int)
    return {shot: sorted(set(chosen.tolist())) for shot in shots}


def draw_moments(
    plan: FilmConfig, moments: Moments, folder: str | os.PathLike, image_size: int | None = None,
    decoupling: nn.Module | None = None, jobs: int | None = None, progress: bool = True,
    draw: Callable[[FilmConfig, Shot, Sequence[int]], tuple] | None = None,
) -> GeneratorData:  # fmt: skip
    r"""Acts the shots, draws the frames and maps the texture onto them.

    Args:
        moments: which frames of which shots of the plan.
        folder: one file a shot; what is there already is not drawn again.
        image_size: S px; None: that of the film. decoupling: f_d, as the generator was trained with.
        jobs: shots side by side; default one for every core.
        draw: instead of the actor, see :func:`frames_and_faces`.

    Returns:
        data whose clips are the shots, in order; rows number the chosen frames. The files also hold
        ``landmarks`` (T, 68, 2) px, the truth.

    Raises:
        ValueError: no moments, a frame beyond the end of its shot.
    """
    if not moments:
        raise ValueError("there are no moments to draw")
    data_plan = DataConfig(image_size=image_size or plan.image_size, texture_share=1.0)
    key = f"{FORMAT} {PREPARED_FORMAT} {plan!r} {data_plan!r} {network_key(decoupling)}"
    work = []
    for shot, frames in moments.items():
        if not frames or min(frames) < 0 or max(frames) >= plan.n_frames:
            name = clip_of(shot).name
            raise ValueError(f"{name} has {plan.n_frames} frames; asked for numbers {list(frames)}")
        name = hashlib.sha256(f"{key} {shot!r} {list(frames)}".encode()).hexdigest()[:20]
        work.append((Path(folder) / f"{name}.safetensors", shot, list(frames)))
    missing = [item for item in work if not item[0].exists()]
    if missing:
        _draw_missing(missing, plan, data_plan, decoupling, jobs, progress, draw or frames_and_faces)
    return GeneratorData([clip_of(shot) for shot in moments], [path for path, *_ in work])


def frames_and_faces(plan: FilmConfig, shot: Shot, frames: Sequence[int]) -> tuple:
    r"""Some frames of a shot (T, S, S, 3) uint8 RGB, their ``FaceParameters`` as reconstructed, their true
    landmarks (T, 68, 2) px, and the face model."""
    return frames_of_performance(plan, act(plan, shot)[0], frames)


def frames_of_performance(plan: FilmConfig, performance: Performance, frames: Sequence[int]) -> tuple:
    r"""What :func:`frames_and_faces` returns, of a performance.

    Args:
        plan: its picture size is drawn. performance: what is acted. frames: numbers of its frames.
    """
    renderer = FilmRenderer(plan.image_size)
    pictures = np.stack([renderer.frame(performance, i) for i in frames])
    cache = truth(performance, plan.image_size)
    chosen = list(frames)
    return (
        pictures, cache.face_parameters()[chosen], cache.landmarks[chosen], load_face_model(cache.face_model)
    )  # fmt: skip


def _draw_missing(missing, plan, data_plan, decoupling, jobs, progress, draw) -> None:
    def one(path: Path, shot: Shot, frames: Sequence[int]) -> None:
        pictures, seen, landmarks, model = draw(plan, shot, frames)
        size = (data_plan.image_size,) * 2
        pictures = np.stack([resize_rgb(picture, size) for picture in pictures])
        with torch.no_grad():
            drawn = seen if decoupling is None else decoupling.decouple(seen)
        arrays = frame_arrays(model, pictures, seen, drawn, data_plan)
        arrays["ciec"] = np.broadcast_to(clip_of(shot).ciec, (len(frames), 7))
        arrays["landmarks"] = (landmarks + 0.5) * (size[0] / plan.image_size) - 0.5
        with atomic_path(path) as part:
            save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, part)

    run_parallel(one, missing, "moments of the film", "shot", jobs, progress, first_alone=True)
