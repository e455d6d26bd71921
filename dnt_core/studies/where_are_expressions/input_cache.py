r"""The five pictures of every frame (figure 3), made once, in parallel, one file a clip, and found again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch

from dnt_core.atomic_write import atomic_path
from dnt_core.clips import Clip, LoadedClip, load_clip, read_face_cache
from dnt_core.clips.cache_model import expect_maker
from dnt_core.clips.labelled_frames import LabelledFrames
from dnt_core.face3d import MorphableModel, face_model_key, load_face_model
from dnt_core.metrics.classifier_input import InputConfig
from dnt_core.parallel import run_parallel
from dnt_core.rendering.draw_mesh import as_bytes
from dnt_core.rendering.five_renderings import RENDERINGS, FiveRenderings

FORMAT = 3  # raised when the same clip gives other pictures


@dataclass(frozen=True)
class StudyInputs:
    r"""Frames with their pictures: ``pictures[setting]`` is (N, 3, S, S) uint8 RGB.

    Args:
        frames: N labelled frames.
        pictures: setting → (N, 3, S, S) uint8 RGB.
    """

    frames: LabelledFrames
    pictures: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.frames)

    def with_pictures(self, **more: np.ndarray) -> StudyInputs:
        r"""The same frames with further settings beside the five (controls use this).

        Args:
            more: setting → (N, 3, S, S) uint8 RGB.

        Raises:
            ValueError: pictures of another number or shape.
        """
        for name, pictures in more.items():
            if len(pictures) != len(self) or pictures.dtype != np.uint8:
                raise ValueError(
                    f"pictures {name!r} are {pictures.dtype} {pictures.shape}; expected {len(self)} of uint8"
                )
        return replace(self, pictures={**self.pictures, **more})


def five_renderings_of(face_model: str, size: int) -> FiveRenderings:
    r"""One renderer for each face model and size; it is not changed by use."""
    return _five_renderings(load_face_model(face_model), size)


@lru_cache(maxsize=4)
def _five_renderings(model: MorphableModel, size: int) -> FiveRenderings:
    return FiveRenderings(model, size)


def load_square(clip: Clip, size: int) -> LoadedClip:
    r"""The clip as its cache's camera sees it, ``size`` px a side: the whole of a square film, MEAD's face
    cut out."""
    loaded = load_clip(clip, size=size, crop="camera", sound=False)
    if why := loaded.camera_misses:
        raise ValueError(why)
    return loaded


def render_clip(clip: Clip, frames: np.ndarray, plan: InputConfig) -> dict[str, np.ndarray]:
    r"""The five pictures of some frames of one clip, uint8 (T, 3, S, S)."""
    loaded = load_square(clip, plan.render_size)
    renderer = five_renderings_of(plan.face_model or loaded.face.face_model, plan.render_size)
    parameters = loaded.parameters[torch.from_numpy(frames)]
    made = {name: [] for name in RENDERINGS}
    for batch in renderer.clip(loaded.frames[frames], parameters, batch_size=8):
        for name, pictures in batch.items():
            small = plan.fit(pictures) if name == "textures" else plan.cut(pictures)
            made[name].append(to_uint8(small))
    return {name: np.concatenate(parts) for name, parts in made.items()}


def to_uint8(pictures: torch.Tensor) -> np.ndarray:
    r"""Floats in [0, 1] → uint8, rounded."""
    return as_bytes(pictures).numpy()


def make_inputs(
    frames: LabelledFrames,
    folder: str | os.PathLike,
    plan: InputConfig | None = None,
    jobs: int | None = None,
    progress: bool = True,
) -> StudyInputs:
    r"""Pictures of all frames; clips whose pictures lie in ``folder`` already are read, not rendered.

    Args:
        frames: N labelled frames.
        folder: the cache; one file a clip, written whole or not at all, so that an interrupted run goes on
            where it stopped. A changed video, other parameters or another plan make other files.
        plan: how pictures are made; None: the default.
        jobs: clips rendered side by side; default: one for every core.
        progress: show a bar.

    Raises:
        ValueError: frames that do not come clip by clip, a clip that is not square, a damaged file.
    """
    plan = plan or InputConfig()
    return StudyInputs(
        frames, render_all(frames, Path(folder), plan, render_clip, plan_key(plan), jobs, progress)
    )


def plan_key(plan: object) -> str:
    r"""Text that differs when pictures made after the plan differ."""
    return f"{FORMAT} {plan!r}"


def render_all(
    frames: LabelledFrames,
    folder: Path,
    plan: InputConfig,
    render: Callable[[Clip, np.ndarray, InputConfig], dict[str, np.ndarray]],
    key: str,
    jobs: int | None,
    progress: bool,
) -> dict[str, np.ndarray]:
    r"""Runs ``render(clip, frame numbers, plan)`` for every clip that has no file yet, and reads all
    files."""
    if (np.diff(frames.clip) < 0).any():
        raise ValueError("the frames do not come clip by clip; expected those of clip 0, then of clip 1 …")
    starts = np.searchsorted(frames.clip, np.arange(len(frames.clips) + 1))
    work = [(clip, frames.frame[a:b]) for clip, a, b in zip(frames.clips, starts, starts[1:], strict=False)]
    model_key = cache(face_model_key)  # a model may be a folder of hundreds of files: looked at once
    files = [folder / f"{_clip_key(clip, chosen, key, plan, model_key)}.npz" for clip, chosen in work]
    missing = [(file, *item) for file, item in zip(files, work, strict=True) if not file.exists()]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        _warm_up(missing[0], plan)
        pieces = [(render, plan, *item) for item in missing]
        run_parallel(_render_to, pieces, "rendering", "clip", jobs, progress)
    parts = [_read(file) for file in files]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _warm_up(item: tuple, plan: InputConfig) -> None:
    _, clip, _ = item
    face = read_face_cache(clip.face_cache)
    expect_maker(load_face_model(plan.face_model or face.face_model), face, clip.face_cache)


def _render_to(render: Callable, plan: InputConfig, file: Path, clip: Clip, chosen: np.ndarray) -> None:
    pictures = render(clip, chosen, plan)
    with atomic_path(file) as part:
        np.savez(part, **pictures)


def _read(file: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(file, allow_pickle=False) as pictures:
            return {name: pictures[name] for name in pictures.files}
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise ValueError(
            f"{file} is not a whole file of pictures ({error}); remove it and run again"
        ) from error


def _clip_key(
    clip: Clip, chosen: np.ndarray, key: str, plan: InputConfig, model_key: Callable[[str], str]
) -> str:
    key += model_key(plan.face_model or read_face_cache(clip.face_cache).face_model)
    stamps = [(p.stat().st_size, p.stat().st_mtime_ns) for p in (clip.video, clip.face_cache)]
    text = f"{clip.name} {stamps} {chosen.tolist()} {key}"
    return f"{clip.name.replace('/', '.')}.{hashlib.sha256(text.encode()).hexdigest()[:10]}"
