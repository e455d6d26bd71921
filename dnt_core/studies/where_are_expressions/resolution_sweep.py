r"""Footnote 1, tested: does geometry carry the expression once it is fine enough, and how good must it be?

Two sweeps over pictures without colour. *Resolution*: the film's true surface with its folds, measured by a
scanner of n vertices. *Noise*: the 64 expression numbers, reconstructed with more or less error.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from dnt_core.clips import Clip, read_face_cache
from dnt_core.face3d import FaceParameters
from dnt_core.rendering.draw_mesh import draw_mesh, grey_surface
from dnt_core.studies.where_are_expressions.input_cache import (
    InputConfig,
    StudyInputs,
    five_renderings_of,
    plan_key,
    render_all,
    to_uint8,
)


def grey_pictures(
    vertices: torch.Tensor, triangles: torch.Tensor, normals: torch.Tensor, plan: InputConfig
) -> np.ndarray:
    r"""Posed surfaces without colour, drawn as "Rd w/o color" is: the same lamp, size and cut.

    Args:
        vertices: (B, V, 3) dm. triangles: (F, 3). normals: (B, V, 3) unit.

    Returns:
        (B, 3, S, S) uint8.
    """
    grey = draw_mesh(vertices, triangles, plan.render_size).paint(triangles, grey_surface(normals))
    return to_uint8(plan.cut(grey.clamp(0, 1).expand(-1, 3, -1, -1)))


def with_scans(
    inputs: StudyInputs,
    film: Path,
    folder: Path,
    plan: InputConfig,
    resolutions: Sequence[int],
    whole_movement: bool = False,
    jobs: int | None = None,
    progress: bool = True,
) -> StudyInputs:
    r"""Adds a setting ``scan_<n>`` for every resolution: a surface with the true folds of the skin, n
    vertices, no colour.

    Args:
        inputs: frames with their pictures.
        film: folder that the actor filmed; only there is the true surface known.
        folder: the cache of pictures.
        plan: how pictures are made.
        resolutions: numbers of vertices.
        whole_movement: False: the skin's folds on the geometry that the face model's 64 numbers carry, so
            that nothing but the fineness of the mesh tells it from "Rd w/o color". True: all that moved
            before the camera, as a scanner would measure it (settings ``whole_scan_<n>``).
        jobs: clips rendered side by side; None: one per core.
        progress: show a bar.

    Raises:
        ValueError: the folder holds no film of the actor.
    """
    from dnt_core.actor.scan_geometry import (
        performance_of,
        read_film_plan,
        scan_surface,
        scan_triangles,
        vertex_normals,
    )

    script, name = read_film_plan(film), "whole_scan" if whole_movement else "scan"
    for n in resolutions:

        def render(clip: Clip, chosen: np.ndarray, plan: InputConfig, n: int = n) -> dict[str, np.ndarray]:
            performance = performance_of(script, clip)
            triangles = scan_triangles(clip.actor, n)
            surfaces = [
                scan_surface(performance, int(frame), n, whole_movement=whole_movement) for frame in chosen
            ]
            normals = np.stack([vertex_normals(surface, triangles) for surface in surfaces])
            vertices = torch.from_numpy(np.stack(surfaces)).float()
            made = grey_pictures(
                vertices, torch.from_numpy(triangles), torch.from_numpy(normals).float(), plan
            )
            return {f"{name}_{n}": made}

        _build_rigs(inputs, n)
        made = render_all(
            inputs.frames, Path(folder), plan, render, f"{name} {n} {plan_key(plan)}", jobs, progress
        )
        inputs = inputs.with_pictures(**made)
    return inputs


def _build_rigs(inputs: StudyInputs, n: int) -> None:
    """Before the threads start: else each of them would build it."""
    from dnt_core.actor.scan_geometry import scan_triangles

    for actor in {clip.actor for clip in inputs.frames.clips}:
        scan_triangles(actor, n)


def with_noise(
    inputs: StudyInputs,
    folder: Path,
    plan: InputConfig,
    noises: Sequence[float],
    jobs: int | None = None,
    progress: bool = True,
) -> StudyInputs:
    r"""Adds a setting ``noise_<sigma>`` for every noise: "Rd w/o color" with that much error in the 64
    numbers.

    The true numbers come from the actor's caches; half of the error stays through a clip, half flickers.

    Args:
        inputs: frames with their pictures.
        folder: the cache of pictures.
        plan: how pictures are made.
        noises: standard deviations of the error, in those of β.
        jobs: clips rendered side by side; None: one per core.
        progress: show a bar.

    Raises:
        ValueError: the caches hold no true parameters.
    """
    for noise in noises:

        def render(
            clip: Clip, chosen: np.ndarray, plan: InputConfig, noise: float = noise
        ) -> dict[str, np.ndarray]:
            cache = read_face_cache(clip.face_cache)
            parameters = noisy(cache.face_parameters(truth=True), noise, _clip_seed(clip))[
                torch.from_numpy(chosen)
            ]
            renderer = five_renderings_of(plan.face_model or cache.face_model, plan.render_size)
            vertices = renderer.model.posed(parameters)
            normals = renderer.model.normals(vertices)
            return {f"noise_{noise:g}": grey_pictures(vertices, renderer.model.triangles, normals, plan)}

        made = render_all(
            inputs.frames, Path(folder), plan, render, f"noise {noise:g} {plan_key(plan)}", jobs, progress
        )
        inputs = inputs.with_pictures(**made)
    return inputs


def noisy(parameters: FaceParameters, noise: float, seed: int) -> FaceParameters:
    r"""The clip's parameters (T,) with an error of standard deviation ``noise`` added to each expression
    number."""
    generator = torch.Generator().manual_seed(seed)
    still = torch.randn(1, 64, generator=generator)
    flicker = torch.randn(parameters.batch_shape[0], 64, generator=generator)
    return parameters.replace(expression=parameters.expression + noise * 0.5**0.5 * (still + flicker))


def _clip_seed(clip: Clip) -> int:
    return int(
        np.random.SeedSequence(
            [clip.type_index, clip.level, clip.number, *clip.actor.encode()]
        ).generate_state(1)[0]
    )
