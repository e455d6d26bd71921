r"""Mouth movements in millimetres of lip, on the built-in face."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch

from dnt_core.audio.mouth_movements import movement_basis
from dnt_core.face3d.load import load_face_model
from dnt_core.metrics.lip_metrics import MM, lip_opening_mm
from dnt_core.training.decoupling_losses import MouthLandmarks


@cache
def lip_basis_mm() -> np.ndarray:
    r"""(11, 20, 3) how far each movement at full extent carries the mouth's landmarks, mm."""
    lips = MouthLandmarks(load_face_model("procedural"))
    basis = np.einsum("me,lce->mlc", movement_basis(), lips.basis.double().numpy()) * MM
    basis.flags.writeable = False
    return basis


def lips_mm(movements: np.ndarray) -> np.ndarray:
    r"""(..., 11) → (..., 20, 3) mm, against the mouth at rest."""
    return np.tensordot(np.asarray(movements, np.float64), lip_basis_mm(), 1)


def opening_mm(movements: np.ndarray) -> np.ndarray:
    r"""(..., 11) → (...) how much farther apart than at rest the middles of the inner lips are, mm."""
    return np.asarray(movements, np.float64) @ lip_opening_mm(torch.from_numpy(lip_basis_mm() / MM)).numpy()
