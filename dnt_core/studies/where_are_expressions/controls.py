r"""Controls: changed pictures of which one knows beforehand what the study must find."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from dnt_core.clips import Clip
from dnt_core.parallel import torch_threads
from dnt_core.rendering.inpaint import inpaint
from dnt_core.rendering.rasterizer import rasterize
from dnt_core.rendering.unwrap import unwrap
from dnt_core.rendering.uv_map import sample_texture, uv_map
from dnt_core.studies.where_are_expressions.input_cache import (
    InputConfig,
    StudyInputs,
    five_renderings_of,
    load_square,
    plan_key,
    render_all,
    to_uint8,
)

AVERAGED = "rd_averaged_textures"


def averaged_texture(pictures: np.ndarray, types: np.ndarray) -> np.ndarray:
    r"""One texture in which no expression is left: the mean over the types of each type's mean.

    Args:
        pictures: (N, 3, S, S) uint8 textures. types: (N,) expression of each; every type counts alike.

    Returns:
        (3, S, S) float32 in [0, 1].
    """
    means = [pictures[types == k].mean(0, dtype=np.float64) for k in np.unique(types)]
    return (np.mean(means, 0) / 255).astype(np.float32)


def with_averaged_textures(
    inputs: StudyInputs, folder: Path, plan: InputConfig, jobs: int | None = None, progress: bool = True
) -> StudyInputs:
    r"""Adds the setting "rd_averaged_textures": every frame's own geometry wearing one and the same texture.

    The texture is each actor's frames unwrapped and averaged over the expressions. What a classifier reads
    from these pictures it reads from the geometry, so the advantage of "Rd with textures" must be gone.

    Args:
        inputs: frames with their pictures.
        folder: the cache of pictures.
        plan: how pictures are made.
        jobs: clips rendered side by side; None: one per core.
        progress: show a bar.
    """
    with torch_threads(1):
        textures = _actors_textures(inputs, plan)
    text = " ".join(f"{name} {texture.sum():.6f}" for name, texture in textures.items())

    def render(clip: Clip, chosen: np.ndarray, plan: InputConfig) -> dict[str, np.ndarray]:
        loaded = load_square(clip, plan.render_size)
        renderer = five_renderings_of(plan.face_model or loaded.face.face_model, plan.render_size)
        screen = renderer.camera.project(renderer.model.posed(loaded.parameters[torch.from_numpy(chosen)]))
        fragments = rasterize(screen, renderer.model.triangles, plan.render_size)
        coordinates, mask = uv_map(fragments, renderer.model.triangles, renderer.model.uv)
        texture = textures[clip.actor].expand(len(screen), -1, -1, -1)
        return {AVERAGED: to_uint8(plan.cut(sample_texture(texture, coordinates, mask)))}

    key = f"averaged {plan_key(plan)} {inputs.frames.key()} {text}"
    return inputs.with_pictures(**render_all(inputs.frames, Path(folder), plan, render, key, jobs, progress))


def _actors_textures(inputs: StudyInputs, plan: InputConfig) -> dict[str, torch.Tensor]:
    """Actor → (1, 3, R, R): one frame of every clip unwrapped at the rendering's size, averaged over
    expressions."""
    textures, types, actors = [], [], []
    for i, clip in enumerate(inputs.frames.clips):
        chosen = inputs.frames.frame[inputs.frames.clip == i][:1]
        loaded = load_square(clip, plan.render_size)
        renderer = five_renderings_of(plan.face_model or loaded.face.face_model, plan.render_size)
        screen = renderer.camera.project(renderer.model.posed(loaded.parameters[torch.from_numpy(chosen)]))
        frame = torch.from_numpy(loaded.frames[chosen]).permute(0, 3, 1, 2).float() / 255
        seen = unwrap(
            frame, screen, renderer.model.triangles, renderer.model.uv, plan.render_size, renderer.atlas
        )
        textures.append(to_uint8(inpaint(*seen))[0])
        types.append(clip.type_index)
        actors.append(clip.actor)
    textures, types, actors = np.stack(textures), np.array(types), np.array(actors)
    return {
        str(name): torch.from_numpy(averaged_texture(textures[actors == name], types[actors == name]))[None]
        for name in np.unique(actors)
    }
