r"""One picture of the actor: rasterise all surfaces, paint every pixel, average down.

Two layers are rasterised at ``OVERSAMPLING`` times the size: the face, and everything else. A face pixel
between the lids shows the eyeball behind it; through the mouth hole one sees teeth, tongue and the dark.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import torch

from dnt_core.actor import painting
from dnt_core.actor.head_parts import EYE_RADIUS, MATERIALS, Part
from dnt_core.actor.head_rig import Posed, Rig, get_rig, posed
from dnt_core.actor.people import get_person
from dnt_core.actor.performance import Performance
from dnt_core.actor.pixel_kernels import (
    blend_maps,
    interpolate,
    light_factor,
    light_polynomial,
    relief_to_maps,
    sample_texture,
    shade_skin,
    vertex_normals,
)
from dnt_core.actor.skin_albedo import albedo_map, eye_distance, occlusion_map
from dnt_core.actor.skin_folds import flush_map, fold_activations, fold_maps, resting_relief
from dnt_core.actor.texel_grid import texel_flat, texels_per_cm
from dnt_core.cache.built_once import built_once
from dnt_core.face3d.camera import PerspectiveCamera
from dnt_core.face3d.procedural import flat_domain
from dnt_core.rendering.rasterizer_numba import rasterize_numpy

OVERSAMPLING = 2


@dataclass(frozen=True)
class _Backstage:
    r"""All parts but the face as one mesh, without what changes from frame to frame."""

    triangles: np.ndarray  # (F, 3) int32
    material: np.ndarray  # (F,) index into MATERIALS
    right_eye: np.ndarray  # (F,) bool
    coordinates: np.ndarray  # (V, 2) float32


@lru_cache(maxsize=8)
def _backstage(parts: tuple[Part, ...]) -> _Backstage:
    offsets = np.cumsum([0] + [len(p.vertices) for p in parts])
    counts = [len(p.triangles) for p in parts]
    return _Backstage(
        np.concatenate([p.triangles + o for p, o in zip(parts, offsets, strict=False)]).astype(np.int32),
        np.repeat([MATERIALS.index(p.material) for p in parts], counts),
        np.repeat([p.follows == "eye_right" for p in parts], counts),
        np.concatenate([p.coordinates for p in parts]).astype(np.float32),
    )


@cache
@built_once("actor", "face3d/procedural")
def _eye_map(size: int) -> np.ndarray:
    r"""(size, size, 2): signed distance to the lid margin in cm, and whether in the eye's upper half."""
    flat = texel_flat(size)
    middle = flat_domain.landmarks_flat()[[36, 39], 1].mean()
    return np.stack([eye_distance(flat), flat[:, 1] > middle], 1).reshape(size, size, 2).astype(np.float32)


@lru_cache(maxsize=4)
def _backdrop(name: str, side: int) -> np.ndarray:
    r"""(side, side, 3) float32 RGB behind the person: one colour, brighter in the middle."""
    y, x = np.mgrid[0:side, 0:side] / side - 0.5
    glow = 1.06 - 0.55 * ((x + 0.08) ** 2 + (y + 0.12) ** 2)
    return (np.array(get_person(name).backdrop) * glow[..., None]).astype(np.float32)


def _unit(v: np.ndarray) -> np.ndarray:
    return v / np.maximum(np.sqrt((v * v).sum(1, keepdims=True)), 1e-9)


def _key_light(gamma: np.ndarray) -> np.ndarray:
    r"""(3,) unit vector towards the brightest side of the light γ (27,)."""
    bands = gamma.reshape(3, 9).mean(0)
    return _unit(np.array([[-bands[3], -bands[1], bands[2]]]))[0]


class FilmRenderer:
    r"""Draws frames of performances.

    Args:
        image_size: side of the square picture in px, 32 … 1024.

    Raises:
        ValueError: another size.
    """

    def __init__(self, image_size: int):
        if not 32 <= image_size <= 1024:
            raise ValueError(f"film image size must lie in [32, 1024] px, got {image_size}")
        self.size = image_size
        self.texture_size = 512 if image_size > 160 else 256
        self.mesh = 12_000 if image_size > 160 else 6_000
        self.camera = PerspectiveCamera(image_size * OVERSAMPLING)
        self._relief = np.empty((self.texture_size, self.texture_size), np.float32)
        self._maps = np.empty((self.texture_size, self.texture_size, 6), np.float32)

    def frame(self, performance: Performance, index: int) -> np.ndarray:
        r"""(S, S, 3) uint8 RGB of frame ``index``."""
        rig = get_rig(performance.person.name, self.mesh)
        scene = posed(rig, performance, index)
        light = _key_light(performance.illumination)
        polynomial = light_polynomial(performance.illumination)
        image = _backdrop(performance.person.name, self.size * OVERSAMPLING).copy()
        depth = np.full(image.shape[:2], np.inf, np.float32)
        eyes = self._draw_backstage(image, depth, scene, rig, performance, light, polynomial)
        self._draw_face(image, depth, scene, rig, performance, index, light, polynomial, eyes)
        s, n = self.size, OVERSAMPLING
        small = image.reshape(s, n, s, n, 3).mean((1, 3))
        return (np.clip(small, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)

    def _project(self, vertices: np.ndarray) -> np.ndarray:
        return self.camera.project(torch.from_numpy(vertices)).numpy().astype(np.float32)

    def _draw_backstage(self, image, depth, scene: Posed, rig: Rig, performance, light, polynomial):
        r"""Everything but the face; returns what the eyes need: (pixel → row, is eye, is right, position)."""
        mesh = _backstage(rig.parts)
        vertices = np.concatenate(scene.parts)
        attributes = np.hstack([vertex_normals(vertices, mesh.triangles), mesh.coordinates, vertices])
        faces, bary, z = rasterize_numpy(self._project(vertices), mesh.triangles, *image.shape[:2])
        drawn = faces >= 0
        found = faces[drawn]
        pixel = interpolate(attributes.astype(np.float32), mesh.triangles, found, bary[drawn])
        normal = _unit(pixel[:, :3])
        normal *= np.where(normal[:, 2:] < 0, -1.0, 1.0).astype(np.float32)
        material = mesh.material[found]
        color = np.zeros((len(found), 3), np.float32)
        for k, name in enumerate(MATERIALS):
            at = np.flatnonzero(material == k)
            if len(at) and name != "eye":
                args = (name, pixel[at, 3:5], normal[at], pixel[at, 5:], performance.person, light)
                color[at] = painting.paint(*args, light_factor(normal[at], polynomial))
        image[drawn] = color
        combed = material == MATERIALS.index("hair")
        combed[combed] = painting.between_strands(pixel[combed, 3:5], performance.person)
        depth[drawn] = np.where(combed, np.inf, z[drawn])  # the face shows between the hairline's strands
        row = np.full(drawn.shape, -1)
        row[drawn] = np.arange(len(found))
        return row, material == MATERIALS.index("eye"), mesh.right_eye[found], pixel[:, 5:]

    def _draw_face(
        self, image, depth, scene: Posed, rig: Rig, performance, index, light, polynomial, eyes
    ) -> None:
        r"""The face where nothing stands before it, in place; ``eyes`` is what the backstage returned."""
        triangles = rig.triangles.astype(np.int32)
        attributes = np.hstack([vertex_normals(scene.face, triangles), flat_domain.flat_to_uv(rig.flat)])
        faces, bary, z = rasterize_numpy(self._project(scene.face), triangles, *image.shape[:2])
        front = (faces >= 0) & (z < depth + 1e-4)
        pixel = interpolate(attributes.astype(np.float32), triangles, faces[front], bary[front])
        normal, uv = _unit(pixel[:, :3]), np.ascontiguousarray(pixel[:, 3:])
        self._paint_skin_maps(performance, index)
        half = _unit((light + np.array([0.0, 0.0, 1.0]))[None])[0].astype(np.float32)
        color = shade_skin(self._maps, uv, normal, polynomial, half)
        self._open_eyes(color, uv, eyes[0][front], eyes[1:], scene, performance, light)
        image[front] = color

    def _paint_skin_maps(self, performance: Performance, index: int) -> None:
        r"""Fill the texture of what a skin pixel needs: folds, blood and colour of frame ``index``."""
        person, size = performance.person, self.texture_size
        weights = performance.fold_weights(index)
        active = fold_activations(weights[None], size)[0] * performance.fold_gain
        resting, folds = resting_relief(size, person.age), fold_maps(size)[0]
        blend_maps(resting, folds, active.astype(np.float32), self._relief)
        relief_to_maps(
            self._relief,
            albedo_map(person.name, size),
            flush_map(performance.expression, size),
            np.float32(performance.skin[index]),
            occlusion_map(size),
            np.float32(0.5 * texels_per_cm(size)),
            self._maps,
        )

    def _open_eyes(self, color, uv, behind, eyes, scene: Posed, performance, light) -> None:
        r"""Replace skin between the lids by the eyeball behind it, in place."""
        is_eye, is_right, position = eyes
        eye = sample_texture(_eye_map(self.texture_size), uv)
        where = np.flatnonzero((eye[:, 0] < 0.0) & (behind >= 0))
        where = where[is_eye[behind[where]]]
        if not len(where):
            return
        chosen = behind[where]
        centre = np.where(is_right[chosen][:, None], scene.eye_centres["right"], scene.eye_centres["left"])
        local = _unit((position[chosen] - centre) / (EYE_RADIUS * 0.1) @ scene.eye_axes)
        painted = painting.paint_eye(local, -eye[where, 0], eye[where, 1], performance.person, light)
        blend = np.clip(-eye[where, 0] / 0.05, 0, 1)[:, None]
        color[where] = color[where] * (1 - blend) + painted * blend
