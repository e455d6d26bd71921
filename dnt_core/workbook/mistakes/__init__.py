r"""Common wrong answers to exercises: exercise → the sentence a student is told → the wrong function.

The check of :mod:`dnt_core.workbook.exercises` says the sentence to an answer that gives the same. A sentence
explains the mistake and leaves the right answer to the student. There is one module per notebook; each
exercise has the name of its solution in :mod:`dnt_core.workbook.solutions`.
"""

from dnt_core.workbook.mistakes.audio_to_video import drift_of, ridge_line, window_start

__all__ = ["drift_of", "ridge_line", "window_start"]
