r"""From 68 landmarks per frame to identity, expression and pose: the most probable ones, by Gauss-Newton.

What is minimised, over one identity alpha, and per frame the pose and the expression beta:

::

    sum_t,i w |projected landmark - landmark|^2 / sigma^2  +  |alpha|^2  +  sum_t |beta_t|^2
    + sum_t |beta_t - beta_t-1|^2 / q^2  +  the same of the pose

The coefficients are about N(0, 1), so the plain squares are their prior; sigma, the landmarks' noise in px,
is estimated from the residuals. Each Gauss-Newton step is one block-tridiagonal system with the identity as
a border, solved exactly. Weights w are Cauchy's, so a misplaced landmark counts little.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from dnt_core.face3d import MorphableModel, PerspectiveCamera, rotation_matrix
from dnt_core.face3d.parameters import N_PARAMETERS
from dnt_core.tracking.landmark_model import (
    N_LANDMARKS,
    LandmarkModel,
    euler_angles,
    principal_point,
    project,
    small_turn,
)

IDENTITY, EXPRESSION, ANGLES, TRANSLATION = slice(0, 80), slice(80, 144), slice(224, 227), slice(254, 257)
SEGMENT = 300  # frames that are fitted together


@dataclass(frozen=True)
class FitOptions:
    r"""How much is believed beforehand.

    Args:
        rounds: Gauss-Newton steps.
        expression_step: q, typical change of an expression coefficient from frame to frame; smaller is
            smoother.
        angle_step: of the head's angles, rad per frame.
        shift_step: of its translation, dm per frame.
        least_noise: px of 256 that landmarks are off at least.
        slide_jaw: the jaw's landmarks lie on the visible outline, as detectors put them; False: on fixed
            vertices.
    """

    rounds: int = 12
    expression_step: float = 0.6
    angle_step: float = 0.04
    shift_step: float = 0.06
    least_noise: float = 0.3
    slide_jaw: bool = True


@dataclass(frozen=True)
class LandmarkFit:
    r"""A fitted clip.

    Attributes:
        parameters: (T, 257) float32 in storage order; texture and light are zero.
        error: (T,) px, root mean square distance of the landmarks; NaN where there are none.
        noise: px, the landmarks' estimated standard deviation per axis.
        found: (T,) bool: the frame had landmarks. The other rows lie between their neighbours.
    """

    parameters: np.ndarray
    error: np.ndarray
    noise: float
    found: np.ndarray


def fit_landmarks(
    model: MorphableModel | LandmarkModel,
    landmarks: np.ndarray,
    camera: PerspectiveCamera | None = None,
    options: FitOptions | None = None,
    identity: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> LandmarkFit:
    r"""Fits one identity and each frame's expression and pose to a clip's landmarks.

    Args:
        model: the face model.
        landmarks: (T, 68, 2) column and row in px of ``camera``'s picture; NaN where there is no face.
        camera: default: ``PerspectiveCamera()``.
        options: see :class:`FitOptions`.
        identity: (80,) alpha that is known already; None fits it.
        weights: (T, 68) trust in each landmark, in [0, 1]; default: 1.
        progress: called with the frames done and all frames.

    Raises:
        ValueError: another shape, or no frame with a face.
    """
    landmarks = np.asarray(landmarks, np.float64)
    if landmarks.ndim != 3 or landmarks.shape[1:] != (N_LANDMARKS, 2) or not len(landmarks):
        raise ValueError(f"landmarks have shape {landmarks.shape}, expected (frames, 68, 2)")
    trust = np.isfinite(landmarks).all(-1).astype(np.float64) * (1.0 if weights is None else weights)
    found = (trust > 0).sum(axis=1) >= 12
    if not found.any():
        raise ValueError(f"none of {len(landmarks)} frames has a face's landmarks")
    trust[~found] = 0
    points = model if isinstance(model, LandmarkModel) else LandmarkModel.of(model)
    camera, options = camera or PerspectiveCamera(), options or FitOptions()
    if identity is None and len(landmarks) > SEGMENT:
        chosen = np.flatnonzero(found)
        chosen = chosen[np.linspace(0, len(chosen) - 1, min(SEGMENT, len(chosen))).round().astype(int)]
        spread = SegmentFit(points, landmarks[chosen], trust[chosen], camera, options, None, linked=False)
        identity = spread.solve().identity
    parts = []
    for start in range(0, len(landmarks), SEGMENT):
        part = slice(start, start + SEGMENT)
        if not found[part].any():
            parts.append(None)
            continue
        parts.append(SegmentFit(points, landmarks[part], trust[part], camera, options, identity).solve())
        if progress:
            progress(min(start + SEGMENT, len(landmarks)), len(landmarks))
    return joined(parts, found, len(landmarks))


def joined(parts: list, found: np.ndarray, n_frames: int) -> LandmarkFit:
    parameters = np.zeros((n_frames, N_PARAMETERS), np.float32)
    error = np.full(n_frames, np.nan)
    for number, part in enumerate(parts):
        if part is not None:
            rows = slice(number * SEGMENT, number * SEGMENT + len(part.beta))
            parameters[rows, IDENTITY], parameters[rows, EXPRESSION] = part.identity, part.beta
            parameters[rows, ANGLES] = euler_angles(part.rotation)
            parameters[rows, TRANSLATION] = part.translation
            error[rows] = part.error()
    there = np.flatnonzero(found)
    for frame in np.flatnonzero(~found):  # between its neighbours
        after = np.searchsorted(there, frame)
        a, b = there[max(after - 1, 0)], there[min(after, len(there) - 1)]
        share = 0.0 if a == b else (frame - a) / (b - a)
        parameters[frame] = (1 - share) * parameters[a] + share * parameters[b]
    noise = float(np.mean([part.noise for part in parts if part is not None]))
    return LandmarkFit(parameters, np.where(found, error, np.nan), noise, found)


class SegmentFit:
    r"""The state of one segment's fit: identity (80,), beta (T, 64), rotation (T, 3, 3), translation (T,
    3).
    """

    @classmethod
    def of(cls, points, landmarks, trust, camera, options, identity) -> SegmentFit:
        r"""A segment of which the identity is known."""
        return cls(points, landmarks, trust, camera, options, identity)

    def __init__(self, points, landmarks, trust, camera, options, identity, linked: bool = True) -> None:
        self.points, self.camera, self.options = points, camera, options
        self.target, self.trust = np.nan_to_num(landmarks), trust
        self.fits_identity, self.linked = identity is None, linked
        self.identity = np.zeros(80) if identity is None else np.asarray(identity, np.float64)
        self.beta = np.zeros((len(landmarks), 64))
        self.least = options.least_noise * camera.image_size / 256
        self.noise = 10 * self.least
        self.rotation, self.translation = self._start()
        self.picked = np.tile(np.arange(N_LANDMARKS), (len(landmarks), 1))
        self.pose_scale = np.r_[np.full(3, options.angle_step), np.full(3, options.shift_step)]

    # ---- where to begin ----

    def _start(self) -> tuple[np.ndarray, np.ndarray]:
        r"""Pose under scaled orthography: one pseudo-inverse for all frames."""
        mean = self.points.mean[:N_LANDMARKS] + self.points.identity[:N_LANDMARKS] @ self.identity
        design = np.concatenate([mean, np.ones((N_LANDMARKS, 1))], axis=1)
        seen = self.trust.sum(axis=1) > 0
        weight = self.trust[seen]
        flat = self.target[seen] * [1, -1]  # y up
        normal = np.einsum("tn,ni,nj->tij", weight, design, design) + 1e-9 * np.eye(4)
        rows = np.linalg.solve(normal, np.einsum("tn,ni,tnd->tid", weight, design, flat))  # (t, 4, 2)
        first, second = rows[:, :3, 0], rows[:, :3, 1]
        scale = (np.linalg.norm(first, axis=1) + np.linalg.norm(second, axis=1)) / 2
        third = np.cross(first, second)
        u, _, v = np.linalg.svd(
            np.stack([first, second, third / scale[:, None]], axis=1) / scale[:, None, None]
        )
        rotation = u @ v
        middle = principal_point(self.camera)
        depth = self.camera.scale * self.camera.focal / scale
        shift = np.stack(
            [
                (rows[:, 3, 0] - middle[0]) / scale,
                (rows[:, 3, 1] + middle[1]) / scale,
                self.camera.distance - depth,
            ],
            -1,
        )
        where = np.flatnonzero(seen)
        nearest = where[np.abs(np.arange(len(seen))[:, None] - where).argmin(axis=1)]
        index = np.searchsorted(where, nearest)
        return rotation[index], shift[index]

    def start_from(self, parameters: np.ndarray) -> None:
        r"""Takes over expression and pose of rows (T, 257)."""
        rows = torch.from_numpy(parameters.astype(np.float64))
        self.beta = rows[:, EXPRESSION].numpy()
        self.rotation, self.translation = (
            rotation_matrix(rows[:, ANGLES]).numpy(),
            rows[:, TRANSLATION].numpy(),
        )

    # ---- one look at the current state ----

    def _shape(self) -> np.ndarray:
        r"""All points before the pose, (T, N, 3)."""
        fixed = self.points.mean + self.points.identity @ self.identity
        n = len(fixed)
        moved = self.beta @ self.points.expression.reshape(3 * n, -1).T
        return fixed + moved.reshape(len(self.beta), n, 3)

    def _residual(self) -> tuple[np.ndarray, np.ndarray]:
        r"""(T, 68, 2) px from projection to target; posed (T, 68, 3)."""
        shape = self._shape()
        screen, posed = project(shape, self.rotation, self.translation, self.camera)
        if self.options.slide_jaw:
            self.picked = self.points.outline(screen)
        rows = np.arange(len(shape))[:, None]
        return self.target - screen[rows, self.picked], posed[rows, self.picked]

    def error(self) -> np.ndarray:
        r"""(T,) root mean square distance in px."""
        square = (self._residual()[0] ** 2).sum(-1)
        count = np.maximum(self.trust.sum(axis=1), 1e-9)
        return np.sqrt((square * self.trust).sum(axis=1) / count)

    # ---- solving ----

    def solve(self) -> SegmentFit:
        r"""All rounds; the noise is estimated from the residuals once the first ones are over."""
        for number in range(self.options.rounds):
            size = np.linalg.norm(self._residual()[0], axis=-1)[self.trust > 0]
            median = float(np.median(size))
            self.noise = max(median / 1.177, self.least) if number > 2 else max(median, 4 * self.least)
            self.step()  # 1.177: a Rayleigh distribution's median
        return self

    def step(self, more: tuple[np.ndarray, np.ndarray] | None = None) -> None:
        r"""One Gauss-Newton step; ``more`` is added to the blocks (T, 70, 70) and the right side (T, 70)."""
        residual, posed = self._residual()
        size = np.linalg.norm(residual, axis=-1)
        weight = self.trust / (1 + (size / (3 * self.noise)) ** 2) / self.noise**2
        self._step(residual, posed, weight, more)

    def _step(self, residual: np.ndarray, posed: np.ndarray, weight: np.ndarray, more: tuple | None) -> None:
        frame, border = self._jacobians(posed)  # (T, 136, 70), (T, 136, 80)
        root = np.sqrt(np.repeat(weight, 2, axis=1))
        target = residual.reshape(len(residual), -1) * root
        frame = frame * root[..., None]
        blocks = frame.transpose(0, 2, 1) @ frame
        right = (frame.transpose(0, 2, 1) @ target[..., None])[..., 0]
        if more is not None:
            blocks, right = blocks + more[0], right + more[1]
        inner = np.arange(6, 70)
        blocks[:, inner, inner] += 1.0
        right[:, 6:] -= self.beta
        blocks[:, np.arange(6), np.arange(6)] += 1e-6
        link = np.r_[1 / self.pose_scale**2, np.full(64, self.options.expression_step**-2.0)]
        if not self.linked:
            link = np.zeros(70)
        self._add_links(blocks, right, link)
        if self.fits_identity:
            border = border * root[..., None]
            corner = np.einsum("tri,trj->ij", border, border, optimize=True) + np.eye(80)
            cross = frame.transpose(0, 2, 1) @ border  # (T, 70, 80)
            corner_right = np.einsum("tri,tr->i", border, target) - self.identity
            solved = _solve_chain(blocks, -link, np.concatenate([right[..., None], cross], axis=-1))
            plain, of_border = solved[..., 0], solved[..., 1:]
            schur = corner - np.einsum("tki,tkj->ij", cross, of_border, optimize=True)
            delta = np.linalg.solve(schur, corner_right - np.einsum("tki,tk->i", cross, plain))
            self.identity = self.identity + delta
            change = plain - of_border @ delta
        else:
            change = _solve_chain(blocks, -link, right[..., None])[..., 0]
        self._move(change)

    def _add_links(self, blocks: np.ndarray, right: np.ndarray, link: np.ndarray) -> None:
        r"""The smoothness terms |x_t - x_t-1|^2; the pose's differences are measured in the tangent space."""
        index = np.arange(70)
        blocks[1:, index, index] += link
        blocks[:-1, index, index] += link
        between = np.zeros((max(len(blocks) - 1, 0), 70))
        turned = self.rotation[1:] @ self.rotation[:-1].transpose(0, 2, 1)
        between[:, 0] = (turned[:, 2, 1] - turned[:, 1, 2]) / 2
        between[:, 1] = (turned[:, 0, 2] - turned[:, 2, 0]) / 2
        between[:, 2] = (turned[:, 1, 0] - turned[:, 0, 1]) / 2
        between[:, 3:6] = np.diff(self.translation, axis=0)
        between[:, 6:] = np.diff(self.beta, axis=0)
        right[1:] -= link * between
        right[:-1] += link * between

    def _jacobians(self, posed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        r"""How the 136 coordinates change with turn, shift and expression (T, 136, 70), and with identity."""
        n_frames = len(posed)
        frame = self.jacobian(posed, self.rotation, self.translation, self.points.expression[self.picked])
        border = np.zeros((n_frames, 136, 0))
        if self.fits_identity:
            border = self._to_screen(posed) @ self.rotation[:, None] @ self.points.identity[self.picked]
        return frame.reshape(n_frames, 136, 70), border.reshape(n_frames, 136, -1)

    def jacobian(
        self, posed: np.ndarray, rotation: np.ndarray, translation: np.ndarray, expression: np.ndarray
    ) -> np.ndarray:
        r"""(T, N, 2, 70): px that posed points (T, N, 3) move per turn, shift and expression coefficient."""
        to_screen, arm = self._to_screen(posed), posed - translation[:, None]
        turn = np.zeros((*posed.shape[:2], 3, 3))  # omega x arm, by omega
        turn[..., 0, 1], turn[..., 0, 2] = arm[..., 2], -arm[..., 1]
        turn[..., 1, 0], turn[..., 1, 2] = -arm[..., 2], arm[..., 0]
        turn[..., 2, 0], turn[..., 2, 1] = arm[..., 1], -arm[..., 0]
        return np.concatenate(
            [to_screen @ turn, to_screen, to_screen @ rotation[:, None] @ expression], axis=-1
        )

    def _to_screen(self, posed: np.ndarray) -> np.ndarray:
        r"""(T, N, 2, 3): px per decimetre."""
        depth = np.maximum(self.camera.distance - posed[..., 2], 1e-3)
        f = self.camera.scale * self.camera.focal
        to_screen = np.zeros((*depth.shape, 2, 3))
        to_screen[..., 0, 0], to_screen[..., 1, 1] = f / depth, -f / depth
        to_screen[..., 0, 2] = f * posed[..., 0] / depth**2
        to_screen[..., 1, 2] = -f * posed[..., 1] / depth**2
        return to_screen

    def _move(self, change: np.ndarray) -> None:
        rotation = small_turn(change[:, :3])
        self.rotation = rotation @ self.rotation
        self.translation = self.translation + change[:, 3:6]
        self.beta = self.beta + change[:, 6:]


def _solve_chain(blocks: np.ndarray, link: np.ndarray, right: np.ndarray) -> np.ndarray:
    r"""A symmetric block-tridiagonal system whose blocks beside the diagonal are all ``diag(link)``.

    Args:
        blocks: (T, n, n). link: (n,). right: (T, n, m).

    Returns:
        (T, n, m).
    """
    if not link.any():
        return np.linalg.solve(blocks, right)
    n = blocks.shape[1]
    solved = np.empty_like(right)
    passed = np.empty((len(blocks), n, n))
    here, value = blocks[0], right[0]
    for t in range(len(blocks)):
        if t:
            here = blocks[t] - link[:, None] * passed[t - 1]
            value = right[t] - link[:, None] * solved[t - 1]
        both = np.linalg.solve(here, np.concatenate([value, np.diag(link)], axis=1))
        solved[t], passed[t] = both[:, :-n], both[:, -n:]
    for t in range(len(blocks) - 2, -1, -1):
        solved[t] -= passed[t] @ solved[t + 1]
    return solved
