r"""Clips turned once into what the generator learns from: UV maps, masks, mean texture, one file a clip."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import Tensor, nn

from dnt_core.atomic_write import atomic_path
from dnt_core.checkpoint import network_key
from dnt_core.clips import Clip, Problem, load_clip, read_face_cache
from dnt_core.clips.cache_model import expect_maker
from dnt_core.face3d import (
    FaceParameters,
    PerspectiveCamera,
    check_face_model,
    face_model_key,
    load_face_model,
)
from dnt_core.networks.frame_inputs import HOLE_MARGIN, face_and_hole
from dnt_core.parallel import run_parallel
from dnt_core.rendering.unwrap import unwrap
from dnt_core.training.face_checks import face_problem
from dnt_core.training.generator_data import FACE, HOLE, MOUTH, UV_STEPS, GeneratorData

FORMAT = 1  # raised when the same clip gives other numbers
BATCH = 8  # frames rasterised at once
GEOMETRIES = ("reconstructed", "speech")


@dataclass(frozen=True)
class DataConfig:
    r"""How clips are turned into training data.

    Args:
        image_size: S px, at least 16.
        face_model: source for ``load_face_model``; "" takes the one named in the clips' caches.
        geometry: without a decoupling network: "reconstructed" leaves the geometry as it is (the paper's
            "w/o DeNet"), "speech" takes the built-in actor's true geometry of speech alone, the best any
            network could give.
        intensity: "label": the CIEC of every frame is its clip's level, as in the paper; "truth": the
            intensity the cache knows of every frame.
        hole_margin: by which share of S the part cut out of the background is wider than the face.
        texture_size: side of the mean texture, texels; texels start at this mean.
        texture_frames: frames of each clip that the mean texture is made of.
        texture_share: first share of each clip that they are taken from; the rest may test (the paper's
            split).

    Raises:
        ValueError: an unknown geometry or intensity, fewer than 16 px, a texture without texels or frames, a
            ``texture_share`` outside (0, 1], a margin below 0.
    """

    image_size: int = 256
    face_model: str = ""
    geometry: str = "reconstructed"
    intensity: str = "label"
    hole_margin: float = HOLE_MARGIN
    texture_size: int = 128
    texture_frames: int = 2
    texture_share: float = 0.8

    def __post_init__(self) -> None:
        if (
            self.geometry not in GEOMETRIES
            or self.intensity not in ("label", "truth")
            or self.image_size < 16
        ):
            raise ValueError(
                f"data plan: needs geometry of {GEOMETRIES}, intensity label or truth, 16 px or more; got "
                f"{self.geometry!r}, {self.intensity!r}, {self.image_size}"
            )
        if not 0 < self.texture_share <= 1:
            raise ValueError(f"data plan: texture_share must lie in (0, 1], got {self.texture_share}")
        for name, least in (("texture_size", 1), ("texture_frames", 1), ("hole_margin", 0)):
            if getattr(self, name) < least:
                raise ValueError(f"data plan: {name} must be at least {least}, got {getattr(self, name)}")


def prepare_data(
    clips: Sequence[Clip], folder: str | os.PathLike, plan: DataConfig | None = None,
    decoupling: nn.Module | None = None, jobs: int | None = None, progress: bool = True,
) -> GeneratorData:  # fmt: skip
    r"""Prepares the clips that have no file in ``folder`` yet, and opens all.

    Args:
        clips: labelled clips with 3DMM parameters.
        folder: one file a clip, written whole or not at all, so an interrupted run goes on where it stopped;
            a changed clip, plan or network makes other files.
        plan: how clips become data; None: the default.
        decoupling: a trained :class:`~dnt_core.networks.decoupling_network.DecouplingNetwork`; None:
            ``plan.geometry``.
        jobs: clips prepared side by side; default one for every core.
        progress: show a bar.

    Raises:
        ValueError: no clips, clips without parameters, a cache whose camera does not see the picture's crop
            or whose numbers put no face into the picture, caches of another face model than the plan's or the
            network's.
    """
    clips, plan = list(clips), plan or DataConfig()
    if not clips:
        raise ValueError("there is no clip to learn from; expected a folder in MEAD's layout")
    bare = [clip for clip in clips if clip.face_cache is None]
    if bare:
        raise ValueError(f"{bare[0].video} has no 3DMM parameters beside it; expected a .face3d.npz")
    key = f"{FORMAT} {plan!r} {network_key(decoupling)}"
    model_key = cache(face_model_key)  # a model may be a folder of hundreds of files: looked at once
    files = [Path(folder) / f"{_clip_key(clip, key, plan, model_key)}.safetensors" for clip in clips]
    missing = [(clip, file) for clip, file in zip(clips, files, strict=True) if not file.exists()]
    if missing:
        for clip, _ in missing:
            named = read_face_cache(clip.face_cache).face_model
            _check_face_models(clip, named, plan, decoupling)
        if problems := unusable_faces([clip for clip, _ in missing], plan):
            raise ValueError(str(problems[0]))
        pieces = [(file, clip, plan, decoupling) for clip, file in missing]
        run_parallel(_prepare_to, pieces, "UV maps", "clip", jobs, progress)
    return GeneratorData(clips, files)


def unusable_faces(clips: Sequence[Clip], plan: DataConfig | None = None) -> list[Problem]:
    r"""The clips whose 257 numbers put no face into their pictures, see :func:`~...face_checks.face_problem`.

    Args:
        clips: with caches.
        plan: for its face model.

    Returns:
        One problem for each such clip, with its cache and what is wrong.
    """
    found, model_of = [], cache(load_face_model)
    for clip in clips:
        face = read_face_cache(clip.face_cache)
        model = model_of((plan and plan.face_model) or face.face_model)
        if (problem := face_problem(model, face)) is not None:
            found.append(Problem(clip.face_cache, f"no face to learn from: {problem}"))
    return found


def with_a_face(clips: Sequence[Clip], plan: DataConfig | None = None, tell: bool = True) -> list[Clip]:
    r"""The clips whose numbers put a face into their pictures.

    Args:
        clips: with caches.
        plan: for its face model.
        tell: say what is left out.

    Raises:
        ValueError: none does.
    """
    problems = unusable_faces(clips, plan)
    if len(problems) == len(clips):
        raise ValueError(f"{problems[0]}; so it is with all {len(clips)} clips")
    if tell:
        for problem in problems:
            print(f"left out: {problem}", file=sys.stderr)
    bad = {problem.path for problem in problems}
    return [clip for clip in clips if clip.face_cache not in bad]


def _prepare_to(file: Path, clip: Clip, plan: DataConfig, decoupling: nn.Module | None) -> None:
    arrays = prepare_clip(clip, plan, decoupling)
    with atomic_path(file) as part:
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, part)


@torch.no_grad()
def prepare_clip(clip: Clip, plan: DataConfig, decoupling: nn.Module | None = None) -> dict[str, np.ndarray]:
    r"""One clip's arrays, :data:`BATCH` frames at a time.

    Returns:
        frames (T, 3, S, S) uint8, uv (T, 2, S, S) uint16, masks (T, S, S) uint8 of the bits FACE, MOUTH,
        HOLE, mouth_box (T, 4), ciec (T, 7); for the mean texture its sum and how often each texel was seen;
        landmarks (T, 68, 2) px where the cache has them. T counts the frames with a face.
    """
    loaded = load_clip(clip, size=plan.image_size, crop="camera", sound=False)
    if why := loaded.camera_misses:
        raise ValueError(why)
    _check_face_models(clip, loaded.face.face_model, plan, decoupling)
    model = load_face_model(plan.face_model or loaded.face.face_model)
    expect_maker(model, loaded.face, clip.face_cache)
    rows = np.flatnonzero(loaded.face.has_face)
    if not len(rows):
        raise ValueError(f"{clip.face_cache}: no frame has a face (confidence 0); nothing to learn from")
    drawn, chosen = _decoupled(loaded, plan, decoupling), torch.from_numpy(rows)
    arrays = frame_arrays(model, loaded.frames[rows], loaded.parameters[chosen], drawn[chosen], plan)
    constant = np.broadcast_to(clip.ciec, (len(loaded), 7))
    arrays["ciec"] = np.asarray(loaded.ciec if plan.intensity == "truth" else constant, np.float32)[rows]
    if loaded.landmarks is not None:
        arrays["landmarks"] = loaded.landmarks[rows]
    return arrays


@torch.no_grad()
def frame_arrays(
    model, frames: np.ndarray, seen: FaceParameters, drawn: FaceParameters, plan: DataConfig
) -> dict[str, np.ndarray]:
    r"""What :func:`prepare_clip` returns, but for the CIEC, of pictures (T, S, S, 3) uint8 RGB in memory.

    Args:
        seen: batch (T,), the faces in the pictures, as reconstructed. drawn: after the decoupling network.
    """
    size = plan.image_size
    made: dict[str, list[Tensor]] = {"uv": [], "masks": [], "mouth_box": []}
    for start in range(0, len(frames), BATCH):
        part = slice(start, start + BATCH)
        target, hole = face_and_hole(model, seen[part], drawn[part], size, plan.hole_margin)
        masks = FACE * target.mask + MOUTH * target.mouth + HOLE * hole
        made["uv"].append((target.uv_map * UV_STEPS + 0.5).to(torch.int32))
        made["masks"].append(masks[:, 0].to(torch.uint8))
        made["mouth_box"].append(target.mouth_box)
    arrays = {name: torch.cat(parts).numpy() for name, parts in made.items()}
    arrays["uv"] = arrays["uv"].astype(np.uint16)
    arrays["frames"] = frames.transpose(0, 3, 1, 2)
    return arrays | _texture_sums(frames, seen, model, plan)


def _check_face_models(clip: Clip, named: str, plan: DataConfig, decoupling: nn.Module | None) -> None:
    check_face_model(plan.face_model, named, "the data plan", clip.face_cache)
    check_face_model(getattr(decoupling, "face_model", ""), named, "f_d", clip.face_cache)


def _decoupled(loaded, plan: DataConfig, decoupling: nn.Module | None) -> FaceParameters:
    if decoupling is not None:
        return decoupling.decouple(loaded.parameters)
    if plan.geometry == "reconstructed":
        return loaded.parameters
    if loaded.face.speech_expression is None:
        raise ValueError(
            f"{loaded.clip.face_cache} knows no geometry of speech alone (only the built-in actor's clips do)"
        )
    return loaded.parameters.replace(expression=torch.from_numpy(loaded.face.speech_expression.copy()))


def _texture_sums(
    frames: np.ndarray, parameters: FaceParameters, model, plan: DataConfig
) -> dict[str, np.ndarray]:
    """Some frames taken off the face: their sum (3, T, T), how often each texel was seen (1, T, T)."""
    last = max(int(plan.texture_share * len(frames) + 1e-9) - 1, 0)
    chosen = torch.linspace(0, last, plan.texture_frames).round().long()
    pictures = torch.from_numpy(frames[chosen.numpy()]).permute(0, 3, 1, 2).float() / 255
    screen = PerspectiveCamera(plan.image_size).project(model.posed(parameters[chosen]))
    texture, seen = unwrap(pictures, screen, model.triangles, model.uv.to(pictures), plan.texture_size)
    return {"texture_sum": texture.sum(0).numpy(), "texture_seen": seen.sum(0).numpy()}


def _clip_key(clip: Clip, key: str, plan: DataConfig, model_key: Callable[[str], str]) -> str:
    stamps = [(path.stat().st_size, path.stat().st_mtime_ns) for path in (clip.video, clip.face_cache)]
    face = read_face_cache(clip.face_cache)
    key, faces = key + model_key(plan.face_model or face.face_model), face.has_face
    left_out = "" if faces.all() else f" {int((~faces).sum())} frames without a face"
    return hashlib.sha256(f"{clip.name} {stamps} {key}{left_out}".encode()).hexdigest()[:20]
