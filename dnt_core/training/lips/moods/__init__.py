r"""Expression from the voice: phrases in moods, the training on them, and how well expressions are read."""

from dnt_core.training.lips.moods.measures import CREMA_D_TYPES, evaluate_crema_d, measure_moods
from dnt_core.training.lips.moods.phrases import MoodPhrases, acted_phrases, held_out_phrases
from dnt_core.training.lips.moods.training import MoodConfig, train_moods

__all__ = [
    "CREMA_D_TYPES",
    "MoodConfig",
    "MoodPhrases",
    "acted_phrases",
    "evaluate_crema_d",
    "held_out_phrases",
    "measure_moods",
    "train_moods",
]
