r"""One picture of the actor: rasterise all surfaces, paint every pixel, average down.

Two layers are rasterised at ``OVERSAMPLING`` times the size: the face, and everything else. A face pixel
between the lids shows the eyeball behind it; through the mouth hole one sees teeth, tongue and the dark.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from dnt_core.actor.head_rig import get_rig, posed
from dnt_core.actor.light import light_polynomial
from dnt_core.actor.painting import STYLES, noise_tables, person_colors
from dnt_core.actor.performance import Performance
from dnt_core.actor.pixel_kernels import OVERSAMPLING, draw
from dnt_core.actor.skin_albedo import albedo_map, eye_distance, occlusion_map
from dnt_core.actor.skin_folds import flush_map, fold_activations, fold_boxes, resting_relief
from dnt_core.actor.skin_kernels import blend_folds, relief_to_maps
from dnt_core.actor.surface_kernels import to_screen
from dnt_core.actor.texel_grid import texel_flat, texels_per_cm
from dnt_core.cache.built_once import built_once
from dnt_core.face3d.camera import REFERENCE_SIZE, PerspectiveCamera
from dnt_core.face3d.procedural import flat_domain
from dnt_core.rendering.rasterizer_numba import fill_behind, fill_depth


@cache
@built_once("actor", "face3d/procedural")
def _eye_map(size: int) -> np.ndarray:
    r"""(size, size, 2): signed distance to the lid margin in cm, and whether in the eye's upper half."""
    flat = texel_flat(size)
    middle = flat_domain.landmarks_flat()[[36, 39], 1].mean()
    return np.stack([eye_distance(flat), flat[:, 1] > middle], 1).reshape(size, size, 2).astype(np.float32)


def _key_light(gamma: np.ndarray) -> np.ndarray:
    r"""(3,) unit vector towards the brightest side of the light γ (27,)."""
    bands = gamma.reshape(3, 9).mean(0)
    key = np.array([-bands[3], -bands[1], bands[2]])
    return key / max(np.sqrt((key * key).sum()), 1e-9)


class FilmRenderer:
    r"""Draws frames of performances; one renderer draws one frame at a time.

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
        side, texels = (
            -(-image_size * OVERSAMPLING // 8) * 8,
            self.texture_size,
        )  # whole tiles of the z-buffer
        self._depths = [(np.empty((side, side), np.int32), np.empty((side, side), np.float32)) for _ in "ab"]
        self._relief = np.empty((texels, texels), np.float32)
        self._maps = np.empty((texels, texels, 6), np.float32)
        self._lit: tuple[np.ndarray, tuple] | None = None  # an illumination and its lights

    def frame(self, performance: Performance, index: int) -> np.ndarray:
        r"""(S, S, 3) uint8 RGB of frame ``index``.

        Args:
            performance: what is played.
            index: of the frame, from 0.
        """
        person = performance.person
        rig = get_rig(person.name, self.mesh)
        scene = posed(rig, performance, index)
        lights = self._lights(performance.illumination)
        self._paint_skin_maps(performance, index)

        behind = rig.backstage
        mesh = *self._project(scene.face), rig.triangles
        mesh_behind = *self._project(scene.backstage), behind.triangles
        fill_depth(*mesh, *self._depths[0])
        fill_behind(*mesh_behind, self._depths[0], rig.near_eyes, *self._depths[1])
        picture = np.empty((self.size, self.size, 3), np.uint8)
        draw(
            (mesh, scene.face_normals, rig.uv),
            *self._depths[0],
            (
                mesh_behind,
                scene.backstage_normals,
                behind.coordinates,
                scene.backstage,
                behind.material,
                behind.right_eye,
            ),
            *self._depths[1],
            (scene.eye_centres, scene.eye_axes),
            self._maps,
            _eye_map(self.texture_size),
            lights,
            (person_colors(person), STYLES.index(person.hair_style), noise_tables()),
            picture,
        )
        return picture

    def _lights(self, gamma: np.ndarray) -> tuple:
        r"""What :func:`draw` takes of the light γ (27,), which stays the same through a clip."""
        if self._lit is None or not np.array_equal(self._lit[0], gamma):
            key = _key_light(gamma)
            half = key + np.array([0.0, 0.0, 1.0])
            half = half / max(np.sqrt((half * half).sum()), 1e-9)
            polynomials = tuple(tuple(channel) for channel in light_polynomial(gamma).T)
            self._lit = gamma.copy(), (polynomials, tuple(key), tuple(half))
        return self._lit[1]

    def _project(self, vertices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        r"""``self.camera.project`` in float32, and 1 / depth."""
        camera, middle = self.camera, self.camera.center + 0.5
        across, up = middle, REFERENCE_SIZE - middle
        return to_screen(vertices, camera.scale, camera.focal, across, up, camera.distance)

    def _paint_skin_maps(self, performance: Performance, index: int) -> None:
        r"""Fill the texture of what a skin pixel needs: folds, blood and colour of frame ``index``."""
        person, size = performance.person, self.texture_size
        weights = performance.fold_weights(index)
        active = fold_activations(weights[None])[0] * performance.fold_gain
        resting = resting_relief(size, person.age)
        blend_folds(resting, *fold_boxes(size), active.astype(np.float32), self._relief)
        relief_to_maps(
            self._relief,
            albedo_map(person.name, size),
            flush_map(performance.expression, size),
            np.float32(performance.skin[index]),
            occlusion_map(size),
            np.float32(0.5 * texels_per_cm(size)),
            self._maps,
        )
