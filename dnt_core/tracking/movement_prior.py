r"""What expressions faces have and how they move while they talk: covariances, beforehand.

The 64 coefficients have variance 1 over all that people show. Within a clip of one expression they do not:
talking moves a face in few ways, and four directions hold 94 % of the variance of the actor's clips. A fit
that expects each coefficient to change alike fits noise in the other sixty. So the fit is told beforehand how
two of the actor's people (``LEARNT_FROM``) move in their clips, without pictures, and that besides every
coefficient may change by ``ELSEWHERE``. A person who moves otherwise is followed as well as without.
The same holds of what lasts through a clip. Landmarks show a few of its 64 coefficients; what the rest are
beside those follows from the expressions that these people have. Otherwise they stay near 0, a decoupling
network is given faces that nobody makes, and each clip's decoupled face is off by another constant. It is
expected about 0, the face at rest, and not about the mean of these two: others would be given a part of it.

Another face model's coefficients mean other movements. There the prior is carried over by what both models'
68 landmarks do.
"""

from __future__ import annotations

import numpy as np

from dnt_core.cache.built_once import built_once
from dnt_core.face3d import MorphableModel, face_model_family
from dnt_core.face3d.parameters import STORAGE_COLUMNS

LEARNT_FROM = ("M011", "W009")  # notebooks and benchmarks measure on the third, M003
ELSEWHERE = 0.3  # variance of every coefficient that talking does not ask for
RIDGE = 1e-4  # dm²: by so much landmarks of two models are not expected to agree


def movement_prior(model: MorphableModel) -> np.ndarray:
    r"""(64, 64): covariance of the expression coefficients about their mean in a clip.

    Args:
        model: whose coefficients are meant.
    """
    carried = _carried(model)
    return carried @ acted_expressions()["within"] @ carried.T + ELSEWHERE * np.eye(64)


def lasting_prior(model: MorphableModel) -> np.ndarray:
    r"""(64, 64) covariance, about 0, of what lasts through a clip: its mean expression.

    Args:
        model: whose coefficients are meant.
    """
    carried = _carried(model)
    return carried @ acted_expressions()["lasting"] @ carried.T + ELSEWHERE * np.eye(64)


@built_once("tracking/movement_prior.py", "actor/performance.py", "actor/speech", "face3d/procedural")
def acted_expressions() -> dict[str, np.ndarray]:
    r"""Of the procedural model's coefficients, in one clip of each expression and level of ``LEARNT_FROM``:
    (64, 64) covariances of their means about 0, "lasting", and "within" the clips, pooled.
    """
    from dnt_core.actor.parameter_clips import parameter_clips

    columns = STORAGE_COLUMNS["expression"]
    clips = [clip.cache.truth_parameters[:, columns] for clip in parameter_clips(LEARNT_FROM, 1, 1)]
    means = np.stack([beta.mean(axis=0, dtype=np.float64) for beta in clips])
    about = np.concatenate([beta - mean for beta, mean in zip(clips, means, strict=True)])
    return {
        "lasting": means.T @ means / len(means),
        "within": about.T @ about / len(about),
    }


def _carried(model: MorphableModel) -> np.ndarray:
    r"""(64, 64): the coefficients of ``model`` that do to its landmarks what the procedural model's do."""
    if face_model_family(model.name) == "procedural":
        return np.eye(64)
    basis = model.expression_basis[model.landmark_indices].double().numpy(force=True).reshape(-1, 64)
    return np.linalg.solve(basis.T @ basis + RIDGE * np.eye(64), basis.T @ _landmark_basis())


def _landmark_basis() -> np.ndarray:
    r"""(204, 64) dm per unit coefficient of the procedural model's landmarks."""
    from dnt_core.face3d.procedural import bases, flat_domain

    return bases.expression_basis(flat_domain.landmarks_flat()).reshape(-1, 64)
