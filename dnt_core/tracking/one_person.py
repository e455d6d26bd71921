r"""One identity of one person's clips: the mean of what each clip's landmarks say of the face at rest."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from dnt_core.face3d import MorphableModel, PerspectiveCamera
from dnt_core.tracking.landmark_fit import LEAST, FitOptions, spread_fit
from dnt_core.tracking.landmark_model import LandmarkModel

FRAMES = 60  # of each clip, evenly spaced


def fit_person(
    model: MorphableModel,
    clips: Iterable[tuple[np.ndarray, PerspectiveCamera]],
    options: FitOptions | None = None,
) -> np.ndarray:
    r"""(80,) alpha of the person of several clips.

    A clip says little of the face behind its expression, so the identity that is fitted to it alone is off by
    another amount in each, and a texture that is learnt on several does not lie still on the skin. The mean's
    errors are smaller, and the same in all. It is a plain mean: what the clips' equations say together, as if
    each were right, is surer than it is true.

    Args:
        model: the face model.
        clips: of each the landmarks (T, 68, 2) px, NaN where there is no face, and the camera that sees them.
        options: see :class:`~dnt_core.tracking.landmark_fit.FitOptions`.

    Raises:
        ValueError: no clip has a face.
    """
    points, found = LandmarkModel.of(model), []
    for landmarks, camera in clips:
        trust = np.isfinite(landmarks).all(-1).astype(np.float64)
        if ((trust > 0).sum(axis=1) >= LEAST).any():
            found.append(
                spread_fit(points, landmarks, trust, camera, options or FitOptions(), FRAMES).identity
            )
    if not found:
        raise ValueError("none of the clips has a face's landmarks")
    return np.mean(found, axis=0)
