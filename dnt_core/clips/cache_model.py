r"""Which file of a face model made a cache: two of one name, such as versions of FLAME, mean other faces."""

from __future__ import annotations

import numpy as np
import torch

from dnt_core.assets import ASSETS
from dnt_core.clips.face_cache import FaceCache
from dnt_core.face3d import MorphableModel, face_model_family
from dnt_core.face3d.parameters import SIZES
from dnt_core.face3d.registry import FACE_MODELS

_APART = 0.01  # dm; two versions of FLAME lie centimetres apart there


def marks_of(model: MorphableModel | None) -> np.ndarray | None:
    r"""(68, 3) landmarks in decimetres of a face whose identity and expression numbers are all 1; None of the
    procedural model, which is made by this package, and without a model.

    Args:
        model: that makes a cache.
    """
    return None if model is None or face_model_family(model.name) == "procedural" else _marks(model)


def expect_maker(model: MorphableModel, face: FaceCache, whose: object) -> None:
    r"""Says no where another file of the face model made a cache. One that does not say its file is trusted.

    Args:
        model: that is here.
        face: the cache.
        whose: its name.

    Raises:
        ValueError: one sentence.
    """
    if face.model_marks is None:
        return
    apart = float(np.linalg.norm(_marks(model) - face.model_marks, axis=-1).max())
    if apart > _APART:
        entry = FACE_MODELS.get(face_model_family(face.face_model))
        named = f", which {ASSETS[entry.asset].variable} may name" if entry else ""
        raise ValueError(
            f"{whose} was made with another file of the face model {face.face_model!r} than the one that is "
            f"here: the same numbers move landmarks by up to {100 * apart:.0f} mm; give the file that made it"
            f"{named}, or run `dnt track` again"
        )


def _marks(model: MorphableModel) -> np.ndarray:
    ones = (torch.ones(SIZES[part]) for part in ("identity", "expression"))
    with torch.no_grad():
        return model.shape(*ones, model.landmark_indices).numpy()
