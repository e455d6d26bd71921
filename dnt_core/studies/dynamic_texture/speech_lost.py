r"""Do the lips go on speaking when an expression is turned on? Read from pictures, beside the reader's error.

The lips' *shift* is their way from where they are at intensity 0, frame by frame. An expression may hold them
elsewhere, so its mean shift over the frames is taken off; what is left differs from moment to moment. Read
from the generator's pictures this is called the speech that was lost. Two numbers stand beside it: the same
read from the *actor's* pictures, who says the same words with that expression, and the reader's own error in
this quantity, since there the truth is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dnt_core.ciec import CIEC_TYPES
from dnt_core.metrics.intervals import interval_over_clips
from dnt_core.metrics.lip_reader import landmarks_of
from dnt_core.studies.dynamic_texture.acted_again import draw_again
from dnt_core.studies.dynamic_texture.generator_evaluation import GeneratorEvaluation


@dataclass(frozen=True)
class SpeechLost:
    r"""R frames × 7 expressions at full intensity; all in mm.

    Attributes:
        clips: (R,) the clip that each frame lies in.
        drawn: (R, 7, 20, 2) shift of the lips read from the generator's pictures.
        acted: (R, 7, 20, 2) shift read from the actor's. true: (R, 7, 20, 2) the actor's true shift.
    """

    clips: np.ndarray
    drawn: np.ndarray
    acted: np.ndarray
    true: np.ndarray

    @property
    def lost(self) -> np.ndarray:
        r"""(R, 7): the generator's."""
        return _beyond_mean(self.drawn)

    @property
    def of_actor(self) -> np.ndarray:
        r"""(R, 7): the same, read from the actor's pictures."""
        return _beyond_mean(self.acted)

    @property
    def reader_error(self) -> np.ndarray:
        r"""(R, 7): how far the reader is from the truth in this quantity, on the actor's pictures."""
        return _beyond_mean(self.acted - self.true)

    def table(self) -> dict[str, dict[str, float]]:
        r"""expression → ``lost``, ``actor``, ``reader_error``, and the 95 % interval over clips of the lost
        less the error, ``low`` and ``high``: above 0 the speech was lost for certain."""
        found = {}
        for k, name in enumerate(CIEC_TYPES):
            lost, error = self.lost[:, k], self.reader_error[:, k]
            low, high = interval_over_clips(lost - error, self.clips)
            found[name] = {
                "lost": float(lost.mean()),
                "actor": float(self.of_actor[:, k].mean()),
                "reader_error": float(error.mean()),
                "low": low,
                "high": high,
            }
        return found


def speech_lost(study: GeneratorEvaluation) -> SpeechLost:
    r"""Reads the lips in the sweep's pictures and in the actor's of the same moments."""
    data, sweep = study.spoken, study.sweep
    silent = landmarks_of(data, sweep.rows)  # (R, 20, 2) px, of the neutral film
    boxes = data.batch(sweep.rows)
    neutral = study.reader(boxes.target, boxes.frame.mouth_box)
    acted, true = np.empty((2, len(sweep.rows), len(CIEC_TYPES), 20, 2))
    clips = data.rows[sweep.rows, 0]
    for clip in np.unique(clips):
        own = np.flatnonzero(clips == clip)
        shot, moments = list(study.spoken_moments.items())[clip]
        frames = [moments[frame] for frame in data.rows[sweep.rows[own], 1]]
        for k, name in enumerate(CIEC_TYPES):
            again = draw_again(study.plan, shot, frames, name, 1.0, study.size)
            read = study.reader(again.pictures, boxes.frame.mouth_box[own])
            acted[own, k] = read - neutral[own]
            true[own, k] = (again.lips - silent[own]) * study.reader.millimetres
    drawn = sweep.lips[:, :, -1] - sweep.lips[:, :, 0]
    return SpeechLost(clips, drawn, acted, true)


def _beyond_mean(shift: np.ndarray) -> np.ndarray:
    """(R, 7, 20, 2) → (R, 7): distance from the mean shift over the frames, mean over landmarks."""
    return np.linalg.norm(shift - shift.mean(0), axis=-1).mean(-1)
