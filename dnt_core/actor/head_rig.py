r"""The rig: a performance's weights in, all moving surfaces of the head out, posed in front of the camera."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from dnt_core.actor.head_parts import EYE_RADIUS, MATERIALS, Part, eye_centre, head_parts, lower_face_anchor
from dnt_core.actor.performance import REST_TRANSLATION, Performance, person_coefficients
from dnt_core.actor.skin_albedo import eye_distance
from dnt_core.actor.surface_kernels import deformed, move_parts, vertex_normals
from dnt_core.cache.built_once import built_once
from dnt_core.face3d.procedural import bases, flat_domain, movements
from dnt_core.face3d.procedural.annulus_mesh import triangulate

LID_CLEARANCE = 0.05  # cm that the lids stay outside the eyeball
_NEAR_EYES = 0.8  # cm from the lids, more than the longest edge of the film's meshes
_FOLLOWS = {"head": 0, "eye_right": 0, "eye_left": 0, "jaw": 1, "tongue": 2, "body": 3}
_CODE = ("actor", bases.CODE)


@dataclass(frozen=True, eq=False)
class Backstage:
    r"""All parts of one person but the face as one mesh at rest."""

    vertices: np.ndarray  # (V, 3) cm
    normals: np.ndarray  # (V, 3) unit
    triangles: np.ndarray  # (F, 3) int32
    coordinates: np.ndarray  # (V, 2) float32, what the painter of the material reads
    material: np.ndarray  # (F,) uint8, place in MATERIALS
    right_eye: np.ndarray  # (F,) bool
    follows: np.ndarray  # (V,) uint8: 0 the head, 1 the jaw, 2 the tongue, 3 the body
    share: np.ndarray  # (V,) how far the body's vertices turn with the head, in [0, 1]
    body: slice  # vertices of the body, whose normals change
    body_triangles: np.ndarray  # (F',) of the body, counted from its first vertex


@dataclass(frozen=True, eq=False)
class Rig:
    r"""One person's surfaces at rest and how the film's face mesh moves, centimetres."""

    flat: np.ndarray  # (V, 2)
    uv: np.ndarray  # (V, 2) float32
    triangles: np.ndarray  # (F, 3) int32
    near_eyes: np.ndarray  # (F,) bool: one may look between the lids there
    rest: np.ndarray  # (V, 3) with identity
    fields: np.ndarray  # (64, V, 3) float32, displacement per movement
    backstage: Backstage
    eyes: dict[str, np.ndarray]  # "right", "left": (3,) centre
    chin_fields: np.ndarray  # (3, 64) how the lower jaw's teeth travel


@lru_cache(maxsize=4)
def get_rig(name: str, n_vertices: int = 12_000) -> Rig:
    r"""The rig of a built-in person with a film mesh of about ``n_vertices``."""
    flat, triangles, _ = triangulate(n_vertices)
    behind = dict(_backstage(name))
    eyes = dict(zip(("right", "left"), behind.pop("eyes"), strict=True))
    chin, body = behind.pop("chin"), behind.pop("body")
    body_triangles = behind["triangles"][slice(*body[1])] - np.int32(body[0][0])
    backstage = Backstage(**behind, body=slice(*body[0]), body_triangles=body_triangles)
    rest, fields = _face_at_rest(name, n_vertices), _movement_fields(n_vertices)
    uv = flat_domain.flat_to_uv(flat).astype(np.float32)
    return Rig(
        flat, uv, triangles.astype(np.int32), _near_eyes(n_vertices), rest, fields, backstage, eyes, chin
    )


@built_once(*_CODE)
def _face_at_rest(name: str, n_vertices: int) -> np.ndarray:
    r"""(V, 3) cm: the film's face without any movement, with the person's identity."""
    from dnt_core.face3d.procedural import neutral_shape

    flat = triangulate(n_vertices)[0]
    return neutral_shape.position(flat) + bases.identity_basis(flat) @ person_coefficients(name)[0] * 10.0


@lru_cache(maxsize=4)
@built_once(*_CODE)
def _near_eyes(n_vertices: int) -> np.ndarray:
    flat, triangles, _ = triangulate(n_vertices)
    return (eye_distance(flat) < _NEAR_EYES)[triangles].any(1)


@lru_cache(maxsize=4)
@built_once(*_CODE)
def _movement_fields(n_vertices: int) -> np.ndarray:
    r"""(64, V, 3) float32 cm: how each movement shifts the film's face, the same for everybody."""
    fields = movements.displacement_fields(triangulate(n_vertices)[0])
    return np.ascontiguousarray(fields.transpose(2, 0, 1), np.float32)


@cache
@built_once(*_CODE)
def _backstage(name: str) -> dict[str, np.ndarray]:
    r"""The fields of :class:`Backstage`, the eyes' centres (2, 3), and the chin's fields (3, 64)."""
    alpha, _ = person_coefficients(name)
    marked = bases.identity_basis(flat_domain.landmarks_flat()) @ alpha * 10.0  # (68, 3) cm of difference
    eyes = {
        "right": eye_centre("right") + marked[36:42].mean(0),
        "left": eye_centre("left") + marked[42:48].mean(0),
    }
    wide = 1.0 + (marked[16, 0] - marked[0, 0]) / 2.0 / 7.36
    top = bases.identity_basis(np.array([[0.0, 9.8]]))[0] @ alpha * 10.0
    lips = marked[60:68].mean(0)
    parts = head_parts(name)
    surfaces = [_fitted(part, wide, top, lips, eyes) for part in parts]
    starts = np.cumsum([0] + [len(v) for v in surfaces])
    vertices, triangles = (
        np.concatenate(surfaces),
        np.concatenate([p.triangles + start for p, start in zip(parts, starts, strict=False)]).astype(
            np.int32
        ),
    )
    corners = [len(p.vertices) for p in parts], [len(p.triangles) for p in parts]
    follows = np.repeat([_FOLLOWS[p.follows] for p in parts], corners[0]).astype(np.uint8)
    of_body = [np.flatnonzero(np.repeat([p.follows == "body" for p in parts], n)) for n in corners]
    share = np.clip((vertices[:, 1] + 12.5) / 8.0, 0.0, 1.0)  # the neck turns at its top, stands still below
    jaw = np.array([m.startswith("jaw") for m in movements.MOVEMENTS], dtype=float)
    return {
        "vertices": vertices,
        "normals": vertex_normals(vertices, triangles),
        "triangles": triangles,
        "coordinates": np.concatenate([p.coordinates for p in parts]).astype(np.float32),
        "material": np.repeat([MATERIALS.index(p.material) for p in parts], corners[1]).astype(np.uint8),
        "right_eye": np.repeat([p.follows == "eye_right" for p in parts], corners[1]),
        "follows": follows,
        "share": share * share * (3 - 2 * share),
        "body": np.array([(at[0], at[-1] + 1) for at in of_body]),
        "eyes": np.stack([eyes["right"], eyes["left"]]),
        "chin": movements.displacement_fields(lower_face_anchor())[0] * jaw * 0.92,
    }


def _fitted(
    part: Part, wide: float, top: np.ndarray, lips: np.ndarray, eyes: dict[str, np.ndarray]
) -> np.ndarray:
    r"""(V, 3) the part's vertices moved to where this person's eyes, lips, temples and forehead are."""
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
    return v


@dataclass(frozen=True)
class Posed:
    r"""Surfaces in camera space, decimetres: the face and the rest, the eyes' centres and axes."""

    face: np.ndarray  # (V, 3)
    face_normals: np.ndarray  # (V, 3) unit
    backstage: np.ndarray  # (V, 3) of the rig's backstage
    backstage_normals: np.ndarray  # (V, 3) unit
    eye_centres: np.ndarray  # (2, 3): the person's right and left
    eye_axes: np.ndarray  # (3, 3) columns: the gaze frame


def rotation(angles: np.ndarray) -> np.ndarray:
    r"""(3,) radians → (3, 3): ``dnt_core.face3d.camera.rotation_matrix`` without torch."""
    (sx, sy, sz), (cx, cy, cz) = np.sin(angles), np.cos(angles)
    return np.array(
        [
            [cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx],
            [sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx],
            [-sy, cy * sx, cy * cx],
        ]
    )


def posed(rig: Rig, performance: Performance, frame: int) -> Posed:
    r"""All surfaces of frame ``frame``."""
    weights = performance.geometry_weights[frame] + performance.film_weights[frame]
    turn, shift = rotation(performance.pose[frame, :3]), performance.pose[frame, 3:]
    jaw = rig.chin_fields @ weights
    tongue = jaw * 0.8 + np.array([0.0, 0.75, 0.35]) * performance.tongue[frame]
    gaze_x, gaze_y = performance.gaze[frame]
    eyes = np.stack([rig.eyes["right"], rig.eyes["left"]])
    origin = bases.mean_vertex()

    # cm of the flat domain's space → decimetres about the face model's origin, turned and shifted
    head = turn, np.ascontiguousarray(shift), origin
    face = deformed(rig.rest, rig.fields, weights, eyes, EYE_RADIUS + LID_CLEARANCE, *head)
    behind = rig.backstage
    offsets = np.stack([np.zeros(3), jaw, tongue, np.zeros(3)])
    moved = behind.vertices, behind.normals, behind.follows, behind.share, offsets, REST_TRANSLATION
    backstage, normals = move_parts(*moved, *head)
    normals[behind.body] = vertex_normals(backstage[behind.body], behind.body_triangles)
    centres = (eyes - origin) * bases.CM @ turn.T + shift
    axes = turn @ rotation(np.array([-gaze_y, gaze_x, 0.0]))
    return Posed(face, vertex_normals(face, rig.triangles), backstage, normals, centres, axes)
