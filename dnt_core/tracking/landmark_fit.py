r"""From 68 landmarks per frame to identity, expression and pose: the most probable ones, by Gauss-Newton.

What is minimised, over one identity alpha and lasting expression b, and per frame the pose and the movement
m, where the expression is beta_t = b + R m_t and R R^T the covariance of a talking face's movements
(:mod:`~dnt_core.tracking.movement_prior`):

::

    sum_t,i w |projected landmark + offset - landmark|^2 / sigma^2  +  |offset|^2 / s^2
    + |alpha|^2  +  b^T S^-1 b  +  sum_t p_t |m_t|^2
    + sum_t |m_t - m_t-1|^2 / q^2  +  sum_t |pose_t - pose_t-1|^2 / its step^2

alpha and m are about N(0, 1), so the plain squares are their prior; b is about N(0, S), as clips differ.
Frames are no independent draws, though: p_t is such that the chain of movements as a whole has variance 1 in
every frame (:mod:`~dnt_core.tracking.frame_chain`). A clip's lasting expression is paid for once, as the
identity is; paid for in every frame, the identity would take it over. The offsets are the same in every
frame: a detector and a face model mean different places by the same landmark (by 4 px of 256 on average,
measured with MediaPipe and dlib on the actor), and without them so many frames would force the identity to
explain that. sigma, the landmarks' noise in px, and s are estimated from the residuals. Each Gauss-Newton
step is one block-tridiagonal system with identity and offsets as a border, solved exactly. Weights w are
Cauchy's, so a misplaced landmark counts little.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dnt_core.face3d import MorphableModel, PerspectiveCamera
from dnt_core.face3d.parameters import N_PARAMETERS
from dnt_core.tracking.frame_rows import filled_faces
from dnt_core.tracking.landmark_model import N_LANDMARKS, LandmarkModel, euler_angles
from dnt_core.tracking.segment_fit import ANGLES, EXPRESSION, IDENTITY, TRANSLATION, SegmentFit

SEGMENT = 300  # frames that are fitted together
LEAST = 12  # landmarks of a face
FITTED = ", fitted to landmarks"  # in the source of a cache whose numbers were fitted here
TRUSTED = 0.5  # confidence above which a fit is as good as usual, see :func:`confidence_of`


@dataclass(frozen=True)
class FitOptions:
    r"""How much is believed beforehand.

    Args:
        rounds: Gauss-Newton steps.
        expression_step: q, typical change of a movement from frame to frame, in its standard deviations;
            smaller is smoother.
        angle_step: of the head's angles, rad per frame.
        shift_step: of its translation, dm per frame; more in a clip whose head moves more.
        offset: dm: how far a detector marks a landmark beside the model's, in every frame alike, beforehand;
            how far it is in this clip is estimated. 0: the landmarks are the model's own.
        least_noise: px of 256 per axis that landmarks are off at least. What a detector gets wrong from frame
            to frame is much alike in neighbouring frames, so that less would count it too often.
        slide_jaw: the jaw's landmarks lie on the visible outline, as detectors put them; False: on fixed
            vertices.
    """

    rounds: int = 12
    expression_step: float = 0.6
    angle_step: float = 0.04
    shift_step: float = 0.06
    offset: float = 0.035
    least_noise: float = 2.0
    slide_jaw: bool = True


#: For landmarks that are the face model's own vertices, such as the built-in actor's.
OWN_LANDMARKS = FitOptions(offset=0.0, least_noise=0.3, slide_jaw=False)


@dataclass(frozen=True)
class LandmarkFit:
    r"""A fitted clip.

    Attributes:
        parameters: (T, 257) float32 in storage order; texture and light are zero.
        error: (T,) px, root mean square distance of the landmarks; NaN where there are none.
        noise: px, the landmarks' estimated standard deviation per axis.
        found: (T,) bool: the frame had landmarks. The other rows lie between their neighbours.
        offset: (68, 2) dm in the picture's plane: the landmarks beside the model's, in every frame alike.
        covered: (T,) share of the lower face that has another colour than the face, as behind a hand; None:
            the pictures were not looked at.
    """

    parameters: np.ndarray
    error: np.ndarray
    noise: float
    found: np.ndarray
    offset: np.ndarray
    covered: np.ndarray | None = None


def confidence_of(error: np.ndarray, noise: float, found: np.ndarray) -> np.ndarray:
    r"""Trust in each frame: 1 where its landmarks fit as well as usual, 1/2 at three times that, 0 without a
    face.
    """
    usual = np.sqrt(2) * max(noise, 1.0)
    return np.where(found, 1 / (1 + (np.nan_to_num(error) / (3 * usual)) ** 4), 0).astype(np.float32)


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
        camera: that sees them; None: ``PerspectiveCamera()``, of 224 px.
        options: see :class:`FitOptions`.
        identity: (80,) alpha that is known already; None fits it.
        weights: (T, 68) trust in each landmark, in [0, 1]; default: 1.
        progress: called with the frames done and all frames, first with 0; a segment's frames are done bit by
            bit.

    Raises:
        ValueError: another shape of landmarks, identity or weights, NaN in the last two, or no frame with a
            face (12 landmarks).
    """
    landmarks = np.asarray(landmarks, np.float64)
    if landmarks.ndim != 3 or landmarks.shape[1:] != (N_LANDMARKS, 2) or not len(landmarks):
        raise ValueError(f"landmarks have shape {landmarks.shape}, expected (frames, 68, 2)")
    for name, given, shape in (("identity", identity, (80,)), ("weights", weights, landmarks.shape[:2])):
        if given is not None and np.shape(given) != shape:
            raise ValueError(f"{name} has shape {np.shape(given)}, expected {shape}")
        if given is not None and not np.isfinite(given).all():
            raise ValueError(f"{name} has NaN or infinity in it")
    trust = np.isfinite(landmarks).all(-1).astype(np.float64) * (1.0 if weights is None else weights)
    found = (trust > 0).sum(axis=1) >= LEAST
    if not found.any():
        raise ValueError(f"none of {len(landmarks)} frames has a face's landmarks")
    trust[~found] = 0
    points = model if isinstance(model, LandmarkModel) else LandmarkModel.of(model)
    camera, options = camera or PerspectiveCamera(), options or FitOptions()
    tell = progress or (lambda done, total: None)
    tell(0, len(landmarks))
    offset = None
    if len(landmarks) > SEGMENT and (identity is None or options.offset > 0):
        spread = spread_fit(points, landmarks, trust, camera, options, SEGMENT, identity)
        identity, offset = spread.identity, spread.offset
    parts = []
    for start in range(0, len(landmarks), SEGMENT):
        part = slice(start, start + SEGMENT)
        told = tell_of_part(tell, start, len(landmarks))
        if not found[part].any():
            parts.append(None)
            told(1.0)
            continue
        segment = SegmentFit(points, landmarks[part], trust[part], camera, options, identity, offset)
        parts.append(segment.solve(told))
    return joined(parts, found, len(landmarks))


def tell_of_part(tell: Callable[[int, int], None], start: int, total: int) -> Callable[[float], None]:
    r"""What tells the share of a segment that is done as frames of the clip."""
    stop = min(start + SEGMENT, total)
    return lambda share: tell(start + round(share * (stop - start)), total)


def spread_fit(
    points: LandmarkModel, landmarks: np.ndarray, trust: np.ndarray, camera: PerspectiveCamera,
    options: FitOptions, most: int, identity: np.ndarray | None = None,
) -> SegmentFit:  # fmt: skip
    r"""The fit to at most so many of the frames with a face, evenly spaced, for what they have in common."""
    chosen = np.flatnonzero((trust > 0).sum(axis=1) >= LEAST)
    chosen = chosen[np.linspace(0, len(chosen) - 1, min(most, len(chosen))).round().astype(int)]
    return SegmentFit(
        points, landmarks[chosen], trust[chosen], camera, options, identity, linked=False
    ).solve()


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
    parameters = filled_faces(np.where(found[:, None], parameters, np.nan))[0]
    noise = float(np.mean([part.noise for part in parts if part is not None]))
    offset = next(part.offset for part in parts if part is not None).reshape(N_LANDMARKS, 2)
    return LandmarkFit(parameters, np.where(found, error, np.nan), noise, found, offset)
