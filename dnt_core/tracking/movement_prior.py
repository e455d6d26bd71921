r"""How faces move while they talk: the covariance of the expression's changes within a clip, beforehand.

The 64 coefficients have variance 1 over all that people show. Within a clip of one expression they do not:
talking moves a face in few ways, and four directions hold 94 % of the variance of the actor's clips. A fit
that expects each coefficient to change alike fits noise in the other sixty. So the fit is told beforehand how
two of the actor's people (``LEARNT_FROM``) move in their clips, without pictures, and that besides every
coefficient may change by ``ELSEWHERE``. A person who moves otherwise is followed as well as without.

Another face model's coefficients mean other movements. There the prior is carried over by what both models'
68 landmarks do.
"""

from __future__ import annotations

import numpy as np

from dnt_core.cache.built_once import built_once
from dnt_core.face3d import MorphableModel, face_model_family

LEARNT_FROM = ("M011", "W009")  # notebooks and benchmarks measure on the third, M003
ELSEWHERE = 0.3  # variance of every coefficient that talking does not ask for
RIDGE = 1e-4  # dm²: by so much landmarks of two models are not expected to agree


def movement_prior(model: MorphableModel) -> np.ndarray:
    r"""(64, 64): covariance of the expression coefficients about their mean in a clip.

    Args:
        model: whose coefficients are meant.
    """
    talking = talking_covariance()
    if face_model_family(model.name) != "procedural":
        basis = model.expression_basis[model.landmark_indices].double().numpy(force=True).reshape(-1, 64)
        carried = np.linalg.solve(basis.T @ basis + RIDGE * np.eye(64), basis.T @ _landmark_basis())
        talking = carried @ talking @ carried.T
    return talking + ELSEWHERE * np.eye(64)


@built_once("tracking/movement_prior.py", "actor/performance.py", "actor/speech", "face3d/procedural")
def talking_covariance() -> np.ndarray:
    r"""(64, 64) of the procedural model's coefficients, within the clips of ``LEARNT_FROM``, pooled."""
    from dnt_core.actor.parameter_clips import parameter_clips

    moved = [clip.cache.truth_parameters[:, 80:144] for clip in parameter_clips(LEARNT_FROM, 1, 1)]
    about = np.concatenate([beta - beta.mean(axis=0) for beta in moved]).astype(np.float64)
    return about.T @ about / len(about)


def _landmark_basis() -> np.ndarray:
    r"""(204, 64) dm per unit coefficient of the procedural model's landmarks."""
    from dnt_core.face3d.procedural import bases, flat_domain

    return bases.expression_basis(flat_domain.landmarks_flat()).reshape(-1, 64)
