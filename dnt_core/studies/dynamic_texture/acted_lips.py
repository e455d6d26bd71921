r"""The actor's lips where he acts moments again with another expression: the true ones, and those read."""

from __future__ import annotations

import numpy as np

from dnt_core.ciec import CIEC_TYPES
from dnt_core.metrics.lip_reader import landmarks_of
from dnt_core.studies.dynamic_texture.acted_again import draw_again
from dnt_core.studies.dynamic_texture.eval_frames import Moments
from dnt_core.studies.dynamic_texture.generator_evaluation import GeneratorEvaluation
from dnt_core.training.generator_data import GeneratorData


def acted_lips(
    study: GeneratorEvaluation, data: GeneratorData, moments: Moments, expression: str
) -> tuple[np.ndarray, np.ndarray]:
    r"""The same words, head and light with an expression at full intensity.

    Args:
        study: has the plan of the film and the lip reader.
        data: R frames, as :meth:`GeneratorEvaluation.draw` draws the moments.
        moments: which they are.
        expression: one of the seven.

    Returns:
        mouth landmarks, (R, 20, 2) mm each: those read in the acted pictures, from the middle of the frame's
        mouth box, and the true ones, from the picture's first pixel.
    """
    read, true = np.empty((2, len(data.rows), 20, 2))
    for clip, (shot, frames) in enumerate(moments.items()):
        own = np.flatnonzero(data.rows[:, 0] == clip)
        numbers = [frames[frame] for frame in data.rows[own, 1]]
        again = draw_again(study.plan, shot, numbers, expression, 1.0, study.size)
        read[own] = study.reader(again.pictures, data.batch(own).frame.mouth_box)
        true[own] = again.lips * study.reader.millimetres
    return read, true


def speech_lost_mm(
    study: GeneratorEvaluation, data: GeneratorData, true: np.ndarray, shift: np.ndarray, acted: np.ndarray
) -> dict[str, float]:
    r"""How much lips move differently from moment to moment: as drawn, and by the reader's error.

    A shift that is the same at all moments, such as a smile that holds the lips in another place, counts
    nothing. What is left is not speech lost: the actor's own lips have such a part, too.

    Args:
        study: has the lip reader.
        data: the R frames without expression.
        true: (7, R, 20, 2) mm, the actor's lips with each expression, as of :func:`acted_lips`.
        shift: (7, R, 20, 2) mm, from the drawn neutral lips to the drawn ones, as read.
        acted: (7, R, 20, 2) mm, as read in the acted pictures.

    Returns:
        ``speech_lost_mm.<expression>`` and ``reader_error_mm.<expression>``.
    """
    rows = np.arange(len(data))
    every = data.batch(rows)
    as_read = study.reader(every.target, every.frame.mouth_box)
    error = (acted - as_read) - (true - landmarks_of(data, rows) * study.reader.millimetres)
    found = {}
    for name, what in (("speech_lost_mm", shift), ("reader_error_mm", error)):
        left = np.linalg.norm(what - what.mean(1, keepdims=True), axis=-1).mean((1, 2))
        found |= {f"{name}.{expression}": float(mm) for expression, mm in zip(CIEC_TYPES, left, strict=True)}
    return found
