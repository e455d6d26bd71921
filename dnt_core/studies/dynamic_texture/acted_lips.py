r"""The actor's lips where he acts moments again with another expression: the true ones, and those read."""

from __future__ import annotations

import numpy as np

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
