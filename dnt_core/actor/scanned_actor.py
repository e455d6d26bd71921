r"""ICT-FaceKit's head as a further actor: it does what the built-in actor does, by the names of its shapes.

The built-in actor's movements and ICT-FaceKit's 53 shapes have the same names (ARKit's), so one performance
moves both. Here the 64 coefficients hold all that is acted, and no fold of the skin shows anything besides:
the kit has no colours, so skin, lips and brows are one colour each, which are ours. Its eyes, teeth and gums
are drawn, too. The eleven local movements that are ours alone (the chin's bulge, say) are left out.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch

from dnt_core.actor.film_config import PLAYED_BY
from dnt_core.actor.people import get_person
from dnt_core.actor.performance import Performance
from dnt_core.actor.surface_kernels import vertex_normals
from dnt_core.assets import require_asset
from dnt_core.clips import FaceCache
from dnt_core.clips.cache_model import marks_of
from dnt_core.face3d import FaceParameters, MorphableModel, PerspectiveCamera, load_face_model
from dnt_core.face3d.camera import pose
from dnt_core.face3d.ict_head import PARTS, IctHead, load_ict_head
from dnt_core.face3d.illumination import spherical_harmonics_shading
from dnt_core.face3d.procedural.movements import MOVEMENTS
from dnt_core.rendering.interpolate import interpolate_attributes
from dnt_core.rendering.rasterizer import rasterize

FACE_MODEL = "ict"
OVERSAMPLING = 2
IDENTITY_SEED, IDENTITY_SPREAD, IDENTITIES = 5, 0.7, 20  # one person of the kit, milder than N(0, 1)
LIPS, BROWS = (0.58, 0.30, 0.28), (0.20, 0.14, 0.10)
BROW_WIDTH = 0.035  # dm, half


class ScannedActor:
    r"""ICT-FaceKit's head, ready to act; an actor's film renderer in its :meth:`frame`.

    Args:
        image_size: side S of the pictures in px.

    Raises:
        FileNotFoundError: no ICT-FaceKit here; the sentence says where it is looked for.
        ValueError: a folder that is not the kit's.
    """

    def __init__(self, image_size: int) -> None:
        self.model, self.head, self.albedo = _loaded()
        self.image_size = image_size
        drawn = np.random.default_rng(IDENTITY_SEED).normal(size=80) * IDENTITY_SPREAD
        self.identity = np.where(np.arange(80) < IDENTITIES, drawn, 0.0)

    def expression(self, weights: np.ndarray) -> np.ndarray:
        r"""Movement weights (..., 64) → the kit's expression coefficients (..., 64), by name.

        Args:
            weights: of :data:`~dnt_core.face3d.procedural.movements.MOVEMENTS`.
        """
        beta = np.zeros((*np.shape(weights)[:-1], 64))
        for column, name in enumerate(self.head.shapes):
            if name in MOVEMENTS:
                beta[..., column] = weights[..., MOVEMENTS.index(name)]
        return beta

    def numbers(self, performance: Performance) -> np.ndarray:
        r"""(T, 257) float32 in storage order: what is acted, all of it.

        Args:
            performance: of T frames.
        """
        t = len(performance)
        beta = self.expression(performance.geometry_weights + performance.film_weights)
        still = [np.tile(v, (t, 1)) for v in (self.identity, np.zeros(80), performance.illumination)]
        parts = [still[0], beta, still[1], performance.pose[:, :3], still[2], performance.pose[:, 3:]]
        return np.concatenate(parts, axis=1).astype(np.float32)

    def truth(self, performance: Performance) -> FaceCache:
        r"""What lies beside the clip: the true numbers, without errors of a reconstruction.

        Args:
            performance: of T frames.
        """
        rows = self.numbers(performance)
        faces = FaceParameters.from_vector(torch.from_numpy(rows), order="storage")
        camera = PerspectiveCamera(self.image_size)
        return FaceCache(
            parameters=rows,
            fps=performance.fps,
            face_model=FACE_MODEL,
            source="ICT-FaceKit's head, acted",
            image_size=(self.image_size, self.image_size),
            landmarks=camera.project(self.model.posed_landmarks(faces))[..., :2].numpy(),
            truth_parameters=rows,
            speech_expression=self.expression(performance.speech_weights).astype(np.float32),
            truth_intensity=performance.intensity.astype(np.float32),
            model_marks=marks_of(self.model),
        )

    @torch.no_grad()
    def frame(self, performance: Performance, index: int) -> np.ndarray:
        r"""(S, S, 3) uint8 RGB.

        Args:
            performance: as acted.
            index: of the frame, from 0.
        """
        weights = performance.geometry_weights[index] + performance.film_weights[index]
        shape = torch.from_numpy(self.head.shape(self.identity, self.expression(weights)))[None]
        head = torch.from_numpy(performance.pose[index])[None]
        posed = pose(shape, head[:, :3], head[:, 3:])
        triangles = torch.from_numpy(self.head.triangles)
        normals = torch.from_numpy(vertex_normals(posed[0].numpy(), self.head.triangles))[None]
        light = torch.from_numpy(performance.illumination)[None]
        colors = (torch.from_numpy(self.albedo) * spherical_harmonics_shading(normals, light)).clamp(0, 1)
        size = OVERSAMPLING * self.image_size
        fragments = rasterize(PerspectiveCamera(size).project(posed), triangles, size)
        drawn = interpolate_attributes(fragments, triangles, colors)[0].numpy()
        covered = (fragments.pix_to_face[0, ..., 0] >= 0).numpy()[..., None]
        backdrop = np.array(get_person(PLAYED_BY).backdrop)
        picture = np.where(covered, drawn, backdrop)
        small = picture.reshape(self.image_size, OVERSAMPLING, self.image_size, OVERSAMPLING, 3).mean((1, 3))
        return (small * 255).round().astype(np.uint8)


@lru_cache(maxsize=1)
def _loaded() -> tuple[MorphableModel, IctHead, np.ndarray]:
    model = load_face_model(FACE_MODEL)
    head = load_ict_head(require_asset("ict_facekit"), model, IDENTITIES)
    albedo = np.array([color for _, _, color in PARTS])[head.part]
    return model, head, _painted(model, head, albedo)


def _painted(model: MorphableModel, head: IctHead, albedo: np.ndarray) -> np.ndarray:
    r"""(V, 3): the parts' colours, with lips and brows on the skin, where the 68 landmarks say they are."""
    from matplotlib.path import Path as Outline

    marks = model.mean_shape[model.landmark_indices].numpy()[:, :2]
    at, front = head.mean[:, :2], (head.part == 0) & (head.mean[:, 2] > model.mean_shape[:, 2].min().item())
    lips = Outline(marks[48:60]).contains_points(at)
    brows = np.zeros(len(at), bool)
    for first in (17, 22):
        for a, b in zip(marks[first : first + 4], marks[first + 1 : first + 5], strict=True):
            along = np.clip(((at - a) @ (b - a)) / ((b - a) @ (b - a)), 0, 1)
            brows |= np.linalg.norm(at - (a + along[:, None] * (b - a)), axis=1) < BROW_WIDTH
    painted = albedo.copy()
    painted[front & lips], painted[front & brows] = LIPS, BROWS
    return painted
