r"""The face model seen through its 68 landmarks: small arrays, and the jaw's outline at every turn of the
head.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from dnt_core.face3d import MorphableModel, PerspectiveCamera
from dnt_core.tracking.movement_prior import lasting_prior, movement_prior

N_LANDMARKS = 68
JAW_POINTS = 17
N_SLIDING = 15  # candidates on each jaw landmark's line
REACH = 0.6  # dm: how far a jaw landmark may slide along the face's surface
TURNED = 0.8  # the far cheek is so much nearer to the nose in the picture, or the head looks straight on
SLICE = 0.04  # dm: half the thickness of that line


@dataclass(frozen=True)
class LandmarkModel:
    r"""Positions and bases of the 68 landmarks, and of the vertices that the jaw's 17 may slide to.

    Attributes:
        mean: (N, 3) decimetres; the first 68 are the landmarks, then ``N_SLIDING`` per jaw landmark.
        identity: (N, 3, 80). expression: (N, 3, 64).
        movement: (64, 64) covariance of the expression about its mean in a clip, beforehand.
        lasting: (64, 64) covariance of that mean about 0, beforehand.
    """

    mean: np.ndarray
    identity: np.ndarray
    expression: np.ndarray
    movement: np.ndarray
    lasting: np.ndarray

    @classmethod
    def of(cls, model: MorphableModel) -> LandmarkModel:
        r"""Taken out of a face model, in float64."""
        vertices = model.mean_shape.double().numpy(force=True)
        landmarks = model.landmark_indices.numpy(force=True)
        chosen = np.concatenate([landmarks, jaw_lines(vertices, landmarks).reshape(-1)])
        return cls(
            vertices[chosen],
            model.identity_basis.numpy(force=True)[chosen].astype(np.float64),
            model.expression_basis.numpy(force=True)[chosen].astype(np.float64),
            movement_prior(model),
            lasting_prior(model),
        )

    def outline(self, screen: np.ndarray) -> np.ndarray:
        r"""Which points stand for the 68 landmarks in each frame: the jaw's slid to the visible outline.

        A landmark detector marks the jaw where the face ends in the picture. When the head turns, that is no
        longer the same place of the skin: at 30° of yaw the far jaw's fixed vertices are 5.7 px of 256
        behind the outline, at 45° 14.7. So of each jaw landmark's line the point furthest out is taken,
        where it lies further out than the fixed one by more than noise.

        Args:
            screen: (T, N, 2) projections of all points of this model.

        Returns:
            (T, 68) indices into the points.
        """
        n_frames = len(screen)
        picked = np.tile(np.arange(N_LANDMARKS), (n_frames, 1))
        jaw = screen[:, :JAW_POINTS]
        tangent = np.empty_like(jaw)
        tangent[:, 1:-1] = jaw[:, 2:] - jaw[:, :-2]
        tangent[:, 0], tangent[:, -1] = jaw[:, 1] - jaw[:, 0], jaw[:, -1] - jaw[:, -2]
        outwards = np.stack([-tangent[..., 1], tangent[..., 0]], -1)  # the jaw runs from image left to right
        nose = screen[:, 27:36].mean(axis=1)[:, None]
        right, left = (
            np.linalg.norm(jaw[:, part] - nose, axis=-1).mean(axis=1) for part in (slice(3), slice(14, 17))
        )
        number = np.arange(JAW_POINTS)
        far_side = ((right < TURNED * left)[:, None] & (number < 8)) | (
            (left < TURNED * right)[:, None] & (number > 8)
        )
        lines = screen[:, N_LANDMARKS:].reshape(n_frames, JAW_POINTS, N_SLIDING, 2)
        far = ((lines - jaw[:, :, None]) * outwards[:, :, None]).sum(-1)  # (T, 17, N_SLIDING)
        best = far.argmax(axis=-1)
        slides = far_side & (far.max(axis=-1) > 0)
        index = N_LANDMARKS + np.arange(JAW_POINTS) * N_SLIDING + best
        picked[:, :JAW_POINTS] = np.where(slides, index, picked[:, :JAW_POINTS])
        return picked


def jaw_lines(vertices: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    r"""The vertices on a line across the jaw at each of its 17 landmarks, towards the middle of the face.

    Args:
        vertices: (V, 3) in decimetres.
        landmarks: (68,) vertex ids.

    Returns:
        (17, N_SLIDING) vertex ids, the landmark's own first and repeated where there are fewer.
    """
    jaw = vertices[landmarks[:JAW_POINTS]]
    nose = vertices[landmarks[30]]
    lines = np.empty((JAW_POINTS, N_SLIDING), np.int64)
    for k in range(JAW_POINTS):
        tangent = jaw[min(k + 1, JAW_POINTS - 1)] - jaw[max(k - 1, 0)]
        tangent /= max(np.linalg.norm(tangent), 1e-12)
        offset = vertices - jaw[k]
        inwards = (nose - jaw[k]) - ((nose - jaw[k]) @ tangent) * tangent
        along = offset @ (inwards / max(np.linalg.norm(inwards), 1e-12))
        distance = np.linalg.norm(offset, axis=1)
        near = np.flatnonzero((np.abs(offset @ tangent) < SLICE) & (distance < REACH) & (along > -0.05))
        near = near[np.argsort(distance[near], kind="stable")]
        if len(near) > N_SLIDING:
            near = near[np.linspace(0, len(near) - 1, N_SLIDING).round().astype(int)]
        lines[k] = landmarks[k]
        lines[k, : len(near)] = near
    return lines


def project(
    points: np.ndarray, rotation: np.ndarray, translation: np.ndarray, camera: PerspectiveCamera
) -> tuple:
    r"""Points to the picture.

    Args:
        points: (T, N, 3) before the pose.
        rotation: (T, 3, 3). translation: (T, 3).

    Returns:
        screen (T, N, 2) column and row in px; posed (T, N, 3) in decimetres.
    """
    posed = points @ rotation.transpose(0, 2, 1) + translation[:, None]
    ratio = camera.scale * camera.focal / np.maximum(camera.distance - posed[..., 2], 1e-3)
    middle = principal_point(camera)
    return np.stack([middle[0] + ratio * posed[..., 0], middle[1] - ratio * posed[..., 1]], -1), posed


def scaled_orthography(
    points: np.ndarray, target: np.ndarray, trust: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""The poses in which a parallel projection of points comes nearest to their places, without iterations.

    Args:
        points: (N, 3) before the pose.
        target: (T, N, 2) column and row, px.
        trust: (T, N) in [0, 1].

    Returns:
        rotation (T, 3, 3); scale (T,) px per decimetre; (T, 2) column and row of the origin, y up.
    """
    design = np.concatenate([points, np.ones((len(points), 1))], axis=1)
    normal = np.einsum("tn,ni,nj->tij", trust, design, design) + 1e-9 * np.eye(4)
    rows = np.linalg.solve(normal, np.einsum("tn,ni,tnd->tid", trust, design, target * [1, -1]))  # (T, 4, 2)
    first, second = rows[:, :3, 0], rows[:, :3, 1]
    scale = (np.linalg.norm(first, axis=1) + np.linalg.norm(second, axis=1)) / 2
    third = np.cross(first, second)
    u, _, v = np.linalg.svd(np.stack([first, second, third / scale[:, None]], axis=1) / scale[:, None, None])
    return u @ v, scale, rows[:, 3]


def principal_point(camera: PerspectiveCamera) -> tuple[float, float]:
    r"""Column and row, in px, at which ``camera`` sees its axis."""
    s = camera.scale
    return s * (camera.center + 0.5) - 0.5, s * (224 - 0.5 - camera.center) - 0.5


def euler_angles(rotation: np.ndarray) -> np.ndarray:
    r"""(T, 3, 3) → (T, 3) angles about x, y, z with R = Rz Ry Rx, the inverse of ``rotation_matrix``; of a
    head in exact profile, where x and z turn about one axis, those with z = 0.
    """
    with warnings.catch_warnings(action="ignore", category=UserWarning):  # what scipy says of such a profile
        return Rotation.from_matrix(rotation).as_euler("xyz")


def small_turn(turn: np.ndarray) -> np.ndarray:
    r"""(T, 3) rotation vectors → (T, 3, 3) matrices."""
    return Rotation.from_rotvec(turn).as_matrix()
