r"""What the intensity meter reads from the actor, who acts the sweep's moments at every intensity."""

from __future__ import annotations

import numpy as np
import torch

from dnt_core.ciec import CIEC_TYPES
from dnt_core.metrics.intensity_meter import face_texels
from dnt_core.studies.dynamic_texture.acted_again import draw_again
from dnt_core.studies.dynamic_texture.generator_evaluation import GeneratorEvaluation


def acted_response(study: GeneratorEvaluation) -> np.ndarray:
    r"""The control of the generator's response: the same meter, speech, head and light, and true pictures.

    The face is looked up where the sweep looks it up, on the geometry of the neutral frame.

    Args:
        study: its sweep has the moments; the first moment of each clip is acted.

    Returns:
        (M, 7, N): what the meter reads, M clips, the 7 expressions, the sweep's N intensities.
    """
    data, sweep, side = study.spoken, study.sweep, study.meter.typical.shape[-1]
    shots = list(study.spoken_moments.items())
    _, first = np.unique(data.rows[sweep.rows, 0], return_index=True)
    found = []
    for row in sweep.rows[first]:
        clip, frame = data.rows[row]
        shot, moments = shots[clip]
        place = data.batch([row]).frame.repeat(len(sweep.intensities))
        for name in CIEC_TYPES:
            acted = [
                draw_again(study.plan, shot, [moments[frame]], name, float(x), study.size).pictures
                for x in sweep.intensities
            ]
            found.append(study.meter(face_texels(torch.cat(acted), place, side), name))
    return np.reshape(found, (len(first), len(CIEC_TYPES), -1))
