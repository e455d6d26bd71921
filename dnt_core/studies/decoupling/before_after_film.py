r"""A film of faces before and after decoupling, side by side and in step, with the sentence that they say."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from dnt_core.clips import write_video
from dnt_core.face3d import MorphableModel
from dnt_core.studies.decoupling.baselines import Decoupler
from dnt_core.studies.decoupling.rendered_faces import rows_before_after
from dnt_core.studies.decoupling.report import DecouplingStudy


def before_after_film(
    path: str | os.PathLike,
    study: DecouplingStudy,
    model: MorphableModel,
    decouplers: Mapping[str, Decoupler],
    clip: int,
    sound: np.ndarray | None = None,
    image_size: int = 160,
) -> Path:
    r"""Writes one test clip as an mp4, marked SYNTHETIC: before, each decoupler, the speech alone.

    Args:
        path: of the film.
        decouplers: name → β (N, 64) → β (N, 64). clip: position in ``study.test.clips``.
        sound: (N,) float samples at 16 kHz, in step with the clip, or None.
        image_size: side of each face in px, even.
    """
    frames = torch.nonzero(study.test.clip == clip)[:, 0]
    _, rows = rows_before_after(study, model, decouplers, frames, image_size)
    pictures = np.concatenate([np.stack(row) for row in rows], axis=2)  # (T, S, n S, 3)
    return write_video(path, pictures, study.test.fps[clip], sound)
