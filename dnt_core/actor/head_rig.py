r"""The rig: a performance's weights in, all moving surfaces of the head out, posed in front of the camera."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch

from dnt_core.actor.head_parts import EYE_RADIUS, Part, eye_centre, head_parts, lower_face_anchor
from dnt_core.actor.performance import REST_TRANSLATION, Performance, person_coefficients
from dnt_core.cache.built_once import built_once
from dnt_core.face3d.camera import rotation_matrix
from dnt_core.face3d.procedural import bases, flat_domain, movements, neutral_shape
from dnt_core.face3d.procedural.annulus_mesh import triangulate

LID_CLEARANCE = 0.05  # cm that the lids stay outside the eyeball


@dataclass(frozen=True, eq=False)
class Rig:
    r"""One person's surfaces at rest and how the film's face mesh moves, centimetres."""

    flat: np.ndarray  # (V, 2)
    triangles: np.ndarray  # (F, 3)
    rest: np.ndarray  # (V, 3) with identity
    fields: np.ndarray  # (V, 3, 64) displacement a movement
    parts: tuple[Part, ...]
    eyes: dict[str, np.ndarray]  # "right", "left": (3,) centre
    chin_fields: np.ndarray  # (3, 64) how the lower jaw's teeth travel


@lru_cache(maxsize=4)
def get_rig(name: str, n_vertices: int = 12_000) -> Rig:
    r"""The rig of a built-in person with a film mesh of about ``n_vertices``."""
    alpha, _ = person_coefficients(name)
    flat, triangles, _ = triangulate(n_vertices)
    landmarks = flat_domain.landmarks_flat()
    marked = bases.identity_basis(landmarks) @ alpha * 10.0  # (68, 3) cm, how this person's landmarks differ
    eyes = {
        "right": eye_centre("right") + marked[36:42].mean(0),
        "left": eye_centre("left") + marked[42:48].mean(0),
    }
    wide = 1.0 + (marked[16, 0] - marked[0, 0]) / 2.0 / 7.36
    top = bases.identity_basis(np.array([[0.0, 9.8]]))[0] @ alpha * 10.0
    lips = marked[60:68].mean(0)
    parts = tuple(_fitted(part, wide, top, lips, eyes) for part in head_parts(name))
    rest, fields = _face_at_rest(name, n_vertices), _movement_fields(n_vertices)
    jaw = np.array([m.startswith("jaw") for m in movements.MOVEMENTS], dtype=float)
    chin = movements.displacement_fields(lower_face_anchor())[0] * jaw * 0.92
    return Rig(flat, triangles, rest, fields, parts, eyes, chin)


@built_once("actor", bases.CODE)
def _face_at_rest(name: str, n_vertices: int) -> np.ndarray:
    r"""(V, 3) cm: the film's face without any movement, with the person's identity."""
    flat = triangulate(n_vertices)[0]
    rest = neutral_shape.position(flat) + bases.identity_basis(flat) @ person_coefficients(name)[0] * 10.0
    return rest


@lru_cache(maxsize=4)
@built_once(bases.CODE)
def _movement_fields(n_vertices: int) -> np.ndarray:
    r"""(V, 3, 64) cm: how each movement shifts the film's face, the same for everybody."""
    return movements.displacement_fields(triangulate(n_vertices)[0])


def _fitted(part: Part, wide: float, top: np.ndarray, lips: np.ndarray, eyes: dict[str, np.ndarray]) -> Part:
    r"""The part moved to where this person's eyes, lips, temples and forehead are."""
    v = part.vertices.copy()
    if part.follows.startswith("eye"):
        side = part.follows.removeprefix("eye_")
        v += eyes[side] - eye_centre(side)
    elif part.material in ("teeth", "gum", "tongue", "cavity"):
        v += lips * (0.3, 1.0, 1.0)
    elif part.follows == "head":
        v[:, 0] *= wide
        v[:, 1] += top[1] * np.clip((v[:, 1] - 2.0) / 7.0, 0.0, 1.0)
        v[:, 2] += top[2] * np.clip((v[:, 1] - 4.0) / 5.0, 0.0, 1.0) * (v[:, 2] > 0)
    return replace(part, vertices=v)


def film_vertices(rig: Rig, weights: np.ndarray) -> np.ndarray:
    r"""(V, 3) cm: the film's face under movement weights (64,), lids kept outside the eyeballs."""
    v = rig.rest + rig.fields @ weights
    for centre in rig.eyes.values():
        away = v - centre
        distance = np.linalg.norm(away, axis=1)
        inside = distance < EYE_RADIUS + LID_CLEARANCE
        v[inside] = centre + away[inside] * ((EYE_RADIUS + LID_CLEARANCE) / distance[inside])[:, None]
    return v


@dataclass(frozen=True)
class Posed:
    r"""Surfaces in camera space, decimetres: the face and the rest, the eyes' centres and axes."""

    face: np.ndarray  # (V, 3)
    parts: tuple[np.ndarray, ...]  # (V_k, 3) of every part of the rig
    eye_centres: dict[str, np.ndarray]  # "right", "left": (3,)
    eye_axes: np.ndarray  # (3, 3) columns: the gaze frame


def _to_model(cm: np.ndarray) -> np.ndarray:
    r"""(N, 3) cm of the flat domain's space → decimetres about the face model's origin."""
    return (cm - bases.mean_vertex()) * bases.CM


def posed(rig: Rig, performance: Performance, frame: int) -> Posed:
    r"""All surfaces of frame ``frame``."""
    weights = performance.geometry_weights[frame] + performance.film_weights[frame]
    pose = performance.pose[frame]
    rotation = rotation_matrix(torch.from_numpy(pose[None, :3]))[0].numpy()
    shift = pose[3:]
    jaw = rig.chin_fields @ weights
    tongue = jaw * 0.8 + np.array([0.0, 0.75, 0.35]) * performance.tongue[frame]
    gaze_x, gaze_y = performance.gaze[frame]
    gaze = rotation_matrix(torch.tensor([[-gaze_y, gaze_x, 0.0]], dtype=torch.float64))[0].numpy()

    def head(cm: np.ndarray) -> np.ndarray:
        return _to_model(cm) @ rotation.T + shift

    surfaces = []
    for part in rig.parts:
        offset = {"jaw": jaw, "tongue": tongue}.get(part.follows, 0.0)
        moved = head(part.vertices + offset)
        if part.follows == "body":  # the neck turns with the head at its top and stands still below
            still = _to_model(part.vertices) + REST_TRANSLATION
            share = np.clip((part.vertices[:, 1:2] + 12.5) / 8.0, 0.0, 1.0)
            share = share * share * (3 - 2 * share)
            moved = moved * share + still * (1 - share)
        surfaces.append(moved)
    centres = {side: head(c[None])[0] for side, c in rig.eyes.items()}
    return Posed(head(film_vertices(rig, weights)), tuple(surfaces), centres, rotation @ gaze)
