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
