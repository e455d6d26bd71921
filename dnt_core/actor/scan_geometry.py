r"""What a scanner of a given resolution would see of the actor: the film's true surface, folds included.

A 3DMM of moderate resolution cannot carry the folds of the skin (section 3.2); the paper's footnote 1 says
that geometry of very high resolution would. Here the folds are true displacement, sampled at n vertices.
"""

from __future__ import annotations

import os
from dataclasses import fields, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

from dnt_core.actor.actor_config import ActorConfig
from dnt_core.actor.filming import FilmConfig, Shot, act
from dnt_core.actor.head_rig import get_rig, posed
from dnt_core.actor.people import get_person
from dnt_core.actor.performance import Performance
from dnt_core.actor.skin_folds import fold_activations, fold_maps, resting_relief
from dnt_core.actor.surface_kernels import vertex_normals
from dnt_core.actor.texel_grid import texels_per_cm
from dnt_core.clips import Clip
from dnt_core.face3d.procedural import flat_domain
from dnt_core.plain_files import read_json

RELIEF_SIZE = 512  # texels: 0.46 mm, finer than the narrowest fold
_CM = 0.1  # dm


def read_film_plan(folder: str | os.PathLike) -> FilmConfig:
    r"""The plan a folder was filmed after, from its ``manifest.json``.

    Raises:
        ValueError: the folder was not filmed by the actor, or its manifest cannot be read.
    """
    path = Path(folder) / "manifest.json"
    try:
        plan = read_json(path)["plan"]
        known = {field.name for field in fields(FilmConfig)}
        if plan.get("face_model", "procedural") != "procedural":
            raise ValueError(f"the head of {plan['face_model']!r} acts in it")
        values = {key: tuple(v) if isinstance(v, list) else v for key, v in plan.items() if key in known}
        return FilmConfig(**values | {"knobs": ActorConfig(**plan["knobs"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is not the manifest of a film of the built-in actor ({error})") from error


def performance_of(plan: FilmConfig, clip: Clip) -> Performance:
    r"""What the actor does in a filmed clip, acted again: the same seed, the same performance."""
    return act(plan, Shot(clip.actor, clip.expression, str(clip.level), clip.intensity, clip.number))[0]


def vertex_spacing(n_vertices: int) -> float:
    r"""Distance in cm between neighbours when ``n_vertices`` cover the face evenly in hexagons."""
    outline, hole = flat_domain.outer_boundary(), flat_domain.mouth_hole()
    area = _area(outline) - _area(hole)
    return float(np.sqrt(area / n_vertices * 2.0 / np.sqrt(3.0)))


def _area(polygon: np.ndarray) -> float:
    x, y = polygon.T
    return 0.5 * abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))


@lru_cache(maxsize=2)
def _relief_at_vertices(name: str, n_vertices: int) -> tuple[np.ndarray, np.ndarray]:
    r"""Resting relief (V,) and folds (K, V) in cm, without what is narrower than two vertices can hold."""
    rig = get_rig(name, n_vertices)
    sigma = 0.5 * vertex_spacing(n_vertices) * texels_per_cm(RELIEF_SIZE)
    uv = flat_domain.flat_to_uv(rig.flat)
    at = np.stack([(1.0 - uv[:, 1]) * RELIEF_SIZE - 0.5, uv[:, 0] * RELIEF_SIZE - 0.5])

    def sample(relief: np.ndarray) -> np.ndarray:
        return map_coordinates(gaussian_filter(relief, sigma, mode="nearest"), at, order=1, mode="nearest")

    return sample(resting_relief(RELIEF_SIZE, get_person(name).age)), np.stack(
        [sample(m) for m in fold_maps(RELIEF_SIZE)]
    )


def scan_triangles(name: str, n_vertices: int) -> np.ndarray:
    r"""(F, 3) int64, counter-clockwise seen from outside."""
    return get_rig(name, n_vertices).triangles.astype(np.int64)


def scan_surface(
    performance: Performance, frame: int, n_vertices: int, folds: bool = True, whole_movement: bool = True
) -> np.ndarray:
    r"""The film's true surface of one frame as a scanner with ``n_vertices`` vertices would measure it,
    without error.

    Args:
        n_vertices: higher: finer; folds narrower than the distance between vertices are smoothed away.
        folds: False leaves out all relief of the skin: what remains is the head's and muscles' large
            movement.
        whole_movement: False moves the surface under the skin as far as the face model's 64 numbers do and no
            further (``ActorConfig.geometry_share``): the face of "Rd w/o color", with the skin's true folds
            on it.

    Returns:
        (V, 3) in decimetres before the camera (z towards it), posed.
    """
    name = performance.person.name
    rig = get_rig(name, n_vertices)
    moving = (
        performance
        if whole_movement
        else replace(performance, film_weights=np.zeros_like(performance.film_weights))
    )
    surface = posed(rig, moving, frame).face
    if not folds:
        return surface
    rest, maps = _relief_at_vertices(name, n_vertices)
    weights = performance.fold_weights(frame)
    active = fold_activations(weights[None])[0] * performance.fold_gain  # (K,)
    return surface + vertex_normals(surface, rig.triangles) * ((rest + active @ maps) * _CM)[:, None]
