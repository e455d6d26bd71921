r"""One segment of a clip while it is fitted: identity, expressions and poses, and the steps towards them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from scipy.linalg import block_diag

from dnt_core.face3d import rotation_matrix
from dnt_core.face3d.parameters import STORAGE_COLUMNS
from dnt_core.tracking.frame_chain import chain_prior, solve_chain
from dnt_core.tracking.landmark_model import (
    N_LANDMARKS,
    principal_point,
    project,
    scaled_orthography,
    small_turn,
)

BELIEF = 68  # so many offsets are as good as seen already, with the spread that is believed beforehand
LARGEST_STEP = 3.0  # standard deviations of a head's movement in depth in a frame; more is a detector's jump
USUAL_DEPTH = 12.5  # dm at which a face that stands still in its square seems to be, at most
USUAL_EXTENT = 0.5  # of the picture's side: landmarks of a face that stands still in its square (face_box)
IDENTITY, EXPRESSION = STORAGE_COLUMNS["identity"], STORAGE_COLUMNS["expression"]
ANGLES, TRANSLATION = STORAGE_COLUMNS["angles"], STORAGE_COLUMNS["translation"]


def face_share(landmarks: np.ndarray, image_size: int) -> float:
    r"""How large the face is beside one that fills the picture as usual; at most 1.

    Args:
        landmarks: (T, 68, 2) px; NaN where there is no face.
        image_size: px.
    """
    extent = np.ptp(landmarks[np.isfinite(landmarks).all((1, 2))], axis=1).max(axis=1)
    return float(min(1.0, np.median(extent) / (USUAL_EXTENT * image_size))) if len(extent) else 1.0


class SegmentFit:
    r"""The state of one segment's fit: identity (80,), offset (136,), rotation (T, 3, 3), translation (T, 3),
    and the expression beta (T, 64) = lasting (64,) + moved (T, 64) root^T, where the moved are N(0, 1).

    Args:
        identity: what is known of the clip already; None fits it.
        offset: likewise, by how much the detector marks each landmark beside the model's, dm in the
            picture's plane; None fits it.
        linked: the poses of neighbouring frames are alike.
    """

    def __init__(
        self, points, landmarks, trust, camera, options, identity=None, offset=None, linked: bool = True
    ) -> None:
        self.points, self.camera, self.options = points, camera, options
        self.target, self.trust = np.nan_to_num(landmarks), trust
        self.linked = linked
        self.fits_identity, self.fits_offset = identity is None, offset is None and options.offset > 0
        self.identity = np.zeros(80) if identity is None else np.asarray(identity, np.float64)
        self.offset = np.zeros(2 * N_LANDMARKS) if offset is None else np.asarray(offset, np.float64)
        self.spread = options.offset or 1.0  # dm: the offsets' standard deviation, estimated with them
        self.lasting, self.moved = np.zeros(64), np.zeros((len(landmarks), 64))
        self.believed = np.linalg.inv(points.lasting)
        self.root = np.linalg.cholesky(points.movement)
        self.least = options.least_noise * camera.image_size / 256
        self.noise = 10 * self.least
        self.rotation, self.translation = self._start()
        self.picked = np.tile(np.arange(N_LANDMARKS), (len(landmarks), 1))
        self.pose_scale = np.r_[np.full(3, options.angle_step), self._shift_steps()]
        self.pull, self.between = chain_prior(len(landmarks), options.expression_step)

    # ---- where to begin ----

    def _start(self) -> tuple[np.ndarray, np.ndarray]:
        r"""Pose under scaled orthography: one pseudo-inverse for all frames."""
        mean = self.points.mean[:N_LANDMARKS] + self.points.identity[:N_LANDMARKS] @ self.identity
        seen = self.trust.sum(axis=1) > 0
        rotation, scale, origin = scaled_orthography(mean, self.target[seen], self.trust[seen])
        middle = principal_point(self.camera)
        depth = self.camera.scale * self.camera.focal / scale
        shift = np.stack(
            [
                (origin[:, 0] - middle[0]) / scale,
                (origin[:, 1] + middle[1]) / scale,
                self.camera.distance - depth,
            ],
            -1,
        )
        where = np.flatnonzero(seen)
        nearest = where[np.abs(np.arange(len(seen))[:, None] - where).argmin(axis=1)]
        index = np.searchsorted(where, nearest)
        return rotation[index], shift[index]

    def _shift_steps(self) -> np.ndarray:
        r"""(3,) dm per frame that the head typically moves: as asked for, more in a clip that shows more.

        Sideways the first poses show it well. In depth they do not, but what looks like a step of 1 % of the
        size is the larger the farther away the head seems, which is far in a square that holds all of a
        wandering face.
        """
        step = self.options.shift_step
        moved = np.abs(np.diff(self.translation[self.trust.sum(axis=1) > 0], axis=0))
        seen = (
            1.48 * np.median(moved, axis=0) if len(moved) else np.zeros(3)
        )  # 1.48: a normal's median to sigma
        depth = float(np.median(self.camera.distance - self.translation[:, 2]))
        return np.array([max(step, seen[0]), max(step, seen[1]), step * max(1.0, depth / USUAL_DEPTH)])

    def start_from(self, parameters: np.ndarray) -> None:
        r"""Takes over expression and pose of rows (T, 257)."""
        rows = torch.from_numpy(parameters.astype(np.float64))
        self.lasting = rows[:, EXPRESSION].numpy().mean(axis=0)
        self.moved = np.linalg.solve(self.root, (rows[:, EXPRESSION].numpy() - self.lasting).T).T
        self.rotation, self.translation = (
            rotation_matrix(rows[:, ANGLES]).numpy(),
            rows[:, TRANSLATION].numpy(),
        )

    # ---- one look at the current state ----

    @property
    def beta(self) -> np.ndarray:
        r"""(T, 64): the expression of every frame."""
        return self.lasting + self.moved @ self.root.T

    def _shape(self) -> np.ndarray:
        r"""All points before the pose, (T, N, 3)."""
        fixed = self.points.mean + self.points.identity @ self.identity
        n = len(fixed)
        moved = self.beta @ self.points.expression.reshape(3 * n, -1).T
        return fixed + moved.reshape(-1, n, 3)

    def _residual(self) -> tuple[np.ndarray, np.ndarray]:
        r"""(T, 68, 2) px from projection to target; posed (T, 68, 3)."""
        shape = self._shape()
        screen, posed = project(shape, self.rotation, self.translation, self.camera)
        if self.options.slide_jaw:
            self.picked = self.points.outline(screen)
        rows = np.arange(len(shape))[:, None]
        beside = self._scale()[:, None, None] * self.offset.reshape(N_LANDMARKS, 2)
        return self.target - screen[rows, self.picked] - beside, posed[rows, self.picked]

    def _scale(self) -> np.ndarray:
        r"""(T,) px per decimetre at the face's depth."""
        return self.camera.scale * self.camera.focal / (self.camera.distance - self.translation[:, 2])

    def error(self) -> np.ndarray:
        r"""(T,) root mean square distance in px."""
        square = (self._residual()[0] ** 2).sum(-1)
        count = np.maximum(self.trust.sum(axis=1), 1e-9)
        return np.sqrt((square * self.trust).sum(axis=1) / count)

    # ---- solving ----

    def solve(self, progress: Callable[[float], None] | None = None) -> SegmentFit:
        r"""All rounds; the noise is estimated from the residuals once the first ones are over. After each,
        ``progress`` is told the share of them that is done."""
        for number in range(self.options.rounds):
            size = np.linalg.norm(self._residual()[0], axis=-1)[self.trust > 0]
            median = float(np.median(size))
            self.noise = max(median / 1.177, self.least) if number > 2 else max(median, 4 * self.least)
            self.step()  # 1.177: a Rayleigh distribution's median
            if progress:
                progress((number + 1) / self.options.rounds)
        return self

    def step(self, more: tuple[np.ndarray, np.ndarray] | None = None) -> None:
        r"""One Gauss-Newton step; ``more`` is added to the blocks (T, 70, 70) and the right side (T, 70)."""
        residual, posed = self._residual()
        size = np.linalg.norm(residual, axis=-1)
        weight = self.trust / (1 + (size / (3 * self.noise)) ** 2) / self.noise**2
        self._step(residual, posed, weight, more)

    def _step(self, residual: np.ndarray, posed: np.ndarray, weight: np.ndarray, more: tuple | None) -> None:
        frame, border = self._jacobians(posed)  # (T, 136, 70), (T, 136, B)
        root = np.sqrt(np.repeat(weight, 2, axis=1))
        target = residual.reshape(len(residual), -1) * root
        frame = frame * root[..., None]
        blocks = frame.transpose(0, 2, 1) @ frame
        right = (frame.transpose(0, 2, 1) @ target[..., None])[..., 0]
        if more is not None:
            blocks, right = blocks + more[0], right + more[1]
        # what the whole segment shares: identity and offset as far as they are fitted, the lasting expression
        border = border * root[..., None]
        own = border.shape[2]
        cross = np.concatenate([frame.transpose(0, 2, 1) @ border, blocks[:, :, 6:]], axis=-1)  # (T, 70, B)
        corner = np.zeros((own + 64, own + 64))
        corner[:own, :own] = np.einsum("tri,trj->ij", border, border, optimize=True)
        corner[own:, :own] = cross[:, 6:, :own].sum(axis=0)
        corner[:own, own:] = corner[own:, :own].T
        corner[own:, own:] = blocks[:, 6:, 6:].sum(axis=0)
        fitted = np.r_[self._fitted(), np.ones(64, bool)]
        shared = np.r_[np.ones(80), np.full(2 * N_LANDMARKS, self.spread**-2)][self._fitted()]
        prior = block_diag(np.diag(shared), self.believed)
        known = prior @ np.r_[self.identity, self.offset, self.lasting][fitted]
        corner_right = np.r_[np.einsum("tri,tr->i", border, target), right[:, 6:].sum(axis=0)] - known
        corner += prior

        # from here on a frame's expression is counted in what is N(0, 1) beforehand
        cross[:, 6:] = self.root.T @ cross[:, 6:]
        blocks[:, 6:] = self.root.T @ blocks[:, 6:]
        blocks[:, :, 6:] = blocks[:, :, 6:] @ self.root
        right[:, 6:] = right[:, 6:] @ self.root
        link = np.r_[self.linked / self.pose_scale**2, np.full(64, self.between)]
        seen = self.trust.sum(axis=1) > 0
        depth = self.camera.distance - self.translation[:, 2]
        right[:, 5] -= self._paid(link) * seen / seen.sum() / depth
        inner = np.arange(6, 70)
        blocks[:, inner, inner] += self.pull[:, None]
        right[:, 6:] -= self.pull[:, None] * self.moved
        blocks[:, np.arange(6), np.arange(6)] += 1e-6
        self._add_links(blocks, right, link)
        solved = solve_chain(blocks, -link, np.concatenate([right[..., None], cross], axis=-1))
        plain, of_border = solved[..., 0], solved[..., 1:]
        schur = corner - np.einsum("tki,tkj->ij", cross, of_border, optimize=True)
        delta = np.linalg.solve(schur, corner_right - np.einsum("tki,tk->i", cross, plain))
        moved = np.zeros(len(fitted))
        moved[fitted] = delta
        self.identity, self.offset = self.identity + moved[:80], self.offset + moved[80:-64]
        self.lasting = self.lasting + moved[-64:]
        if self.fits_offset:
            unsure = np.linalg.inv(schur).diagonal()[own - 2 * N_LANDMARKS : own]
            found = (self.offset**2 + unsure).sum() + BELIEF * self.options.offset**2
            self.spread = float(np.sqrt(found / (2 * N_LANDMARKS + BELIEF)))
        self._move(plain - of_border @ delta)

    def _paid(self, link: np.ndarray) -> float:
        r"""What movements are paid for, all frames together; it must not decide how near the face is.

        The nearer a face, the smaller are the movements that explain the same pixels. They are paid for in
        every frame, the identity that makes such a face smaller once: the more frames, the nearer would each
        face be. Payment is half of this sum of squares, and the squares grow with the depth's square: so its
        slope along the depth's logarithm is this sum. It is taken away where the depth is solved for.
        """
        moved = (self.pull @ self.moved**2).sum() + (np.diff(self.moved, axis=0) ** 2 @ link[6:]).sum()
        shifts = np.diff(self.translation, axis=0) ** 2 * link[3:6]
        shifts[:, 2] = shifts[:, 2].clip(max=LARGEST_STEP**2)  # or one jump takes all frames along
        return float(moved + shifts.sum())

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
        between[:, 6:] = np.diff(self.moved, axis=0)
        right[1:] -= link * between
        right[:-1] += link * between

    def _jacobians(self, posed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        r"""How the 136 coordinates change with turn, shift and expression (T, 136, 70), and with what the
        whole clip shares and is fitted: identity, offset (T, 136, B)."""
        n_frames = len(posed)
        frame = self.jacobian(posed, self.rotation, self.translation, self.points.expression[self.picked])
        border = []
        if self.fits_identity:
            of_identity = self._to_screen(posed) @ self.rotation[:, None] @ self.points.identity[self.picked]
            border.append(of_identity.reshape(n_frames, 136, 80))
        if self.fits_offset:
            border.append(self._scale()[:, None, None] * np.eye(136))
        both = np.concatenate(border, axis=-1) if border else np.zeros((n_frames, 136, 0))
        return frame.reshape(n_frames, 136, 70), both

    def _fitted(self) -> np.ndarray:
        r"""Which of identity's and offset's numbers are fitted, (216,) bool."""
        return np.repeat([self.fits_identity, self.fits_offset], [80, 2 * N_LANDMARKS])

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
        self.moved = self.moved + change[:, 6:]
