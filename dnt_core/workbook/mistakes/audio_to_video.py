r"""Common wrong answers to the exercises of notebook 07, audio to video."""

from __future__ import annotations

import numpy as np

from dnt_core.workbook.mistakes.kinds import Mistakes


def _penalised_offset(loud, opening, penalty):
    columns = np.stack([loud, np.ones_like(loud)], axis=1)
    return np.linalg.solve(columns.T @ columns + penalty * np.eye(2), columns.T @ opening)


def _not_centred(loud, opening, penalty):
    slope = loud @ opening / (loud @ loud + penalty)
    return np.array([slope, opening.mean() - slope * loud.mean()])


confidence: Mistakes = {
    "You took the mean of the distances. A few bad offsets move it; the median stays.": lambda distances: (
        distances.mean() - distances.min()
    ),
    "The sign is turned round: the right offset has the smallest distance.": lambda distances: (
        distances.min() - distances.median()
    ),
    "You took the largest distance. It says how bad the worst offset is, not how the others are.": (
        lambda distances: distances.max() - distances.min()
    ),
}

constant_mouth: Mistakes = {
    "You forgot to centre the mouths. LMD does not count where a mouth lies.": lambda landmarks: (
        landmarks.mean(0)
    ),
    "You centred each mouth on its first landmark, a corner. LMD takes the mean of all 20.": (
        lambda landmarks: (landmarks - landmarks[:, :1]).mean(0)
    ),
}

verdict_of: Mistakes = {
    "You forgot that in some metrics lower is better.": lambda low, high, higher_is_better: (
        (low > 0) - (high < 0)
    ),
    "You looked at the middle of the interval. It always lies on one side; the ends decide.": (
        lambda low, high, higher_is_better: (1 if low + high > 0 else -1) * (1 if higher_is_better else -1)
    ),
}

window_start: Mistakes = {
    "You rounded to the nearest column. Wav2Lip cuts the fraction off.": lambda frame, fps: round(
        80 * frame / fps
    ),
    "You cut off the fraction of 80 / fps first. That loses a column every few frames, and the loss adds "
    "up: the lips drift away from the sound.": lambda frame, fps: frame * int(80 / fps),
    "You centred the window on the frame. Wav2Lip's window begins at the frame.": lambda frame, fps: (
        int(80 * frame / fps) - 8
    ),
}

drift_of: Mistakes = {
    "The size is right, the sign is not: with a larger hop a column lies later in the sound than its number "
    "says.": lambda hop, seconds: seconds * (1 - hop / 200),
    "You measured from the window's time back to the frame's. Start from the frame: its column's number "
    "first, then the time of that column.": lambda hop, seconds: seconds * (1 - 200 / hop),
    "This is the drift after one second. It grows with time.": lambda hop, seconds: hop / 200 - 1,
}

ridge_line: Mistakes = {
    "You penalised the offset too. Only the slope is penalised.": _penalised_offset,
    "This is the fit without the penalty.": lambda loud, opening, penalty: np.polyfit(loud, opening, 1),
    "You forgot to subtract the means before you fitted the slope.": _not_centred,
}
