r"""From a fit to landmarks to one that also explains the pixels: texture, light, and finer expression and
pose.

At some hundred points of the surface the model's lit colour is compared with the picture where the point
falls. The picture's slope there says how the point should move, so each step is linear least squares again
and joins the landmarks' equations in one system (Face2Face does so, too). What a point's colour differs by in
all frames alike is the person's skin, which the texture's 80 coefficients do not hold: it is taken out
before. No picture is rendered on the way:
at 256 px a frame costs a few milliseconds per step, a tenth of a pass through the rasteriser and back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import torch

from dnt_core.face3d import MorphableModel, PerspectiveCamera
from dnt_core.face3d.illumination import BAND_0_LIGHT, spherical_harmonics
from dnt_core.face3d.parameters import STORAGE_COLUMNS
from dnt_core.tracking.appearance import COLOR_NOISE, Appearance, fit_appearance
from dnt_core.tracking.landmark_fit import SEGMENT, FitOptions, LandmarkFit, joined, tell_of_part
from dnt_core.tracking.landmark_model import LandmarkModel, project
from dnt_core.tracking.segment_fit import IDENTITY, SegmentFit
from dnt_core.tracking.surface_points import SurfacePoints, facing, sample

TEXTURE, ILLUMINATION = STORAGE_COLUMNS["texture"], STORAGE_COLUMNS["illumination"]
UNLIKE = 0.2  # of full colour: a point that differs more from the face's does not show the face
LOWER = 0.35  # of the face's points: mouth, chin and the cheeks beside them
CHUNK = 30  # frames whose pixels are looked at together


@dataclass(frozen=True)
class PixelOptions:
    r"""How pixels are used.

    Args:
        rounds: steps; each looks at every frame once.
        trust: how much one point's colour counts against independent noise of ``COLOR_NOISE``: neighbouring
            points are wrong together, and what the model cannot show (folds, hair, teeth) is wrong
            everywhere.
        frames_for_texture: of the clip, evenly spaced.
    """

    rounds: int = 4
    trust: float = 0.08
    frames_for_texture: int = 24


def fit_pixels(
    model: MorphableModel,
    landmarks: np.ndarray,
    frames: Iterable[np.ndarray],
    fit: LandmarkFit,
    camera: PerspectiveCamera,
    options: FitOptions | None = None,
    pixels: PixelOptions | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> LandmarkFit:
    r"""Refines a landmark fit on the clip's pictures.

    Args:
        model: the face model.
        landmarks: (T, 68, 2) as :func:`fit_landmarks` had them.
        frames: (S, S, 3) uint8 RGB of ``camera``'s size, one after the other; read once.
        fit: what :func:`fit_landmarks` found.
        camera: of the pictures.
        options: of the landmarks' part.
        pixels: see :class:`PixelOptions`.
        progress: called with frames done and all, first with 0; a segment's frames are done bit by bit.

    Returns:
        a fit whose rows hold texture and light, too, and that says what is ``covered``; ``error`` stays the
        landmarks' distance in px.
    """
    options, pixels = options or FitOptions(), pixels or PixelOptions()
    points, marks = SurfacePoints.of(model), LandmarkModel.of(model)
    identity = fit.parameters[np.flatnonzero(fit.found)[0], IDENTITY].astype(np.float64)
    offset = fit.offset.reshape(-1)
    trust = np.isfinite(landmarks).all(-1).astype(np.float64) * fit.found[:, None]
    texture, parts, lights, covered, stream = None, [], [], [], iter(frames)
    tell = progress or (lambda done, total: None)
    tell(0, len(landmarks))
    for start in range(0, len(landmarks), SEGMENT):
        stop = min(start + SEGMENT, len(landmarks))
        part, told = slice(start, stop), tell_of_part(tell, start, len(landmarks))
        pictures = np.stack(list(islice(stream, stop - start)))
        if not fit.found[part].any():
            parts.append(None)
            lights.append(np.zeros((stop - start, 27)))
            covered.append(np.zeros(stop - start))
            told(1.0)
            continue
        segment = SegmentFit(marks, landmarks[part], trust[part], camera, options, identity, offset)
        segment.start_from(fit.parameters[part])
        segment.noise = max(fit.noise, segment.least)
        looked = _Pixels(points, segment, pictures, pixels)
        texture = looked.texture if texture is None else texture
        looked.texture = texture
        for number in range(pixels.rounds):
            segment.step(looked.equations())
            told((number + 1) / (pixels.rounds + 1))
        looked.equations()
        parts.append(segment)
        lights.append(looked.light)
        covered.append(looked.covered)
        told(1.0)
    made = joined(parts, fit.found, len(landmarks))
    parameters = made.parameters.copy()
    parameters[:, TEXTURE], parameters[:, ILLUMINATION] = texture, np.concatenate(lights)
    return replace(made, parameters=parameters, noise=fit.noise, covered=np.concatenate(covered))


class _Pixels:
    r"""The equations that a segment's pictures add to its landmarks'."""

    def __init__(
        self, points: SurfacePoints, segment: SegmentFit, pictures: np.ndarray, options: PixelOptions
    ) -> None:
        self.points, self.segment, self.pictures, self.options = points, segment, pictures, options
        self.fixed = points.mean + points.identity @ segment.identity
        self.light, self.covered = np.zeros((len(segment.beta), 27)), np.zeros(len(segment.beta))
        height = points.mean[: points.count, 1]
        self.lower = height < np.quantile(height, LOWER)
        self.texture = self._texture()

    def _texture(self) -> np.ndarray:
        seen = np.flatnonzero(self.segment.trust.sum(axis=1) > 0)
        chosen = seen[
            np.linspace(0, len(seen) - 1, min(self.options.frames_for_texture, len(seen))).astype(int)
        ]
        looks = [self._look(np.array([t])) for t in np.unique(chosen)]
        colors, normals, weight = (np.concatenate([look[k] for look in looks]) for k in (0, 1, 2))
        return fit_appearance(self.points, colors, normals, weight).texture

    def _look(self, rows: np.ndarray) -> tuple[np.ndarray, ...]:
        r"""Colours, normals, weights, slopes and posed points of some consecutive frames."""
        s, points = self.segment, self.points
        n = len(points.mean)
        moved = (s.beta[rows] @ points.expression.reshape(3 * n, -1).T).reshape(len(rows), n, 3)
        screen, posed = project(self.fixed + moved, s.rotation[rows], s.translation[rows], s.camera)
        normals, m = points.normals(posed), points.count
        colors, slopes = sample(self.pictures[rows], screen[:, :m])
        weight = facing(posed[:, :m], normals, s.camera.distance)
        inside = ((screen[:, :m] > 1) & (screen[:, :m] < s.camera.image_size - 2)).all(-1)
        weight = weight * inside * (s.trust[rows].sum(axis=1) > 0)[:, None]
        return colors, normals, weight, slopes, posed[:, :m]

    def equations(self) -> tuple[np.ndarray, np.ndarray]:
        r"""What is added to the blocks (T, 70, 70) and the right side (T, 70)."""
        s, points, m = self.segment, self.points, self.points.count
        n_frames = len(s.beta)
        blocks, right = np.zeros((n_frames, 70, 70)), np.zeros((n_frames, 70))
        albedo = points.color + points.texture @ self.texture
        off = np.empty((n_frames, m, 3))
        weight = np.empty((n_frames, m))
        slopes = np.empty((n_frames, m, 3, 2), np.float32)
        places = np.empty((n_frames, m, 3))
        parts = [np.arange(k, min(k + CHUNK, n_frames)) for k in range(0, n_frames, CHUNK)]
        for rows in parts:
            colors, normals, weight[rows], slopes[rows], places[rows] = self._look(rows)
            found: Appearance = fit_appearance(points, colors, normals, weight[rows], self.texture)
            self.light[rows] = found.illumination
            gamma = found.illumination.reshape(-1, 3, 9).copy()
            gamma[..., 0] += BAND_0_LIGHT
            shading = np.einsum("tmb,tcb->tmc", spherical_harmonics(torch.from_numpy(normals)).numpy(), gamma)
            off[rows] = albedo * shading - colors
        off -= lasting(off, weight)
        size = np.linalg.norm(off, axis=-1)
        seen = weight * self.lower
        self.covered = (seen * (size > UNLIKE)).sum(axis=1) / np.maximum(seen.sum(axis=1), 1e-9)
        trust = weight / (1 + (size / (3 * COLOR_NOISE)) ** 2) * self.options.trust / COLOR_NOISE**2
        for rows in parts:
            step = s.jacobian(
                places[rows], s.rotation[rows], s.translation[rows], points.expression[:m]
            )  # (t, M, 2, 70)
            slope = slopes[rows].astype(np.float64)
            square = np.einsum("tmcx,tmcy,tm->tmxy", slope, slope, trust[rows], optimize=True)
            pull = np.einsum("tmcx,tmc,tm->tmx", slope, off[rows], trust[rows], optimize=True)
            flat = step.reshape(len(rows), 2 * m, 70)
            weighted = (square @ step).reshape(len(rows), 2 * m, 70)
            blocks[rows] = flat.transpose(0, 2, 1) @ weighted
            right[rows] = (flat.transpose(0, 2, 1) @ pull.reshape(len(rows), 2 * m, 1))[..., 0]
        return blocks, right


def lasting(off: np.ndarray, weight: np.ndarray) -> np.ndarray:
    r"""(M, 3): what the points' colours differ by in every frame, robustly; the skin's own marks, not motion.

    The texture's 80 coefficients do not hold a person's moles, stubble or edges of the lips. Taken for
    motion, such a difference pulls the surface in every frame alike. It is believed beforehand to be as large
    as the noise of one frame, so that it is 0 where a point is not seen.

    Args:
        off: (T, M, 3) model's colour less the picture's.
        weight: (T, M) in [0, 1]; 0 where a point is not seen.
    """
    mean = np.zeros(off.shape[1:])
    for _ in range(3):
        size = np.linalg.norm(off - mean, axis=-1)
        trust = weight / (1 + (size / (3 * COLOR_NOISE)) ** 2)
        mean = np.einsum("tm,tmc->mc", trust, off) / (trust.sum(axis=0)[:, None] + 1)
    return mean
