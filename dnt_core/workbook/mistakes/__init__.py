r"""Common wrong answers to exercises: exercise → the sentence a student is told → the wrong function.

The check of :mod:`dnt_core.workbook.exercises` says the sentence to an answer that gives the same. A sentence
explains the mistake and leaves the right answer to the student. There is one module per notebook; each
exercise has the name of its solution in :mod:`dnt_core.workbook.solutions`.
"""

from dnt_core.workbook.mistakes.ablation_and_metrics import (
    interval_of,
    interval_of_trainings,
    mouth_distance,
    shift_distances,
    verdict_of,
    worse_video,
)
from dnt_core.workbook.mistakes.audio_to_video import (
    closing_step,
    closings_of,
    dilated,
    drift_of,
    precision_of,
    window_start,
)
from dnt_core.workbook.mistakes.decoupling_network import (
    free_and_reach,
    fresh_reading,
    loss_of_D,
    pull_of,
)
from dnt_core.workbook.mistakes.face_in_257_numbers import (
    light_of,
    look_up,
    merged,
    perspective_weights,
    projected,
    shared_identity,
    storage_to_paper,
)
from dnt_core.workbook.mistakes.live import (
    kept_results,
    newest_wins,
    rate_and_lag,
    shown_at,
    when_to_send,
)
from dnt_core.workbook.mistakes.neural_textures import (
    clip_bootstrap,
    fit,
    lips_follow,
    mix_textures,
    painted,
    pixel_loss,
    texture_of,
)
from dnt_core.workbook.mistakes.perception import (
    chance_rmse,
    crowd_strength,
    places_of,
    score_interval,
    second_share,
    swap_probability,
)
from dnt_core.workbook.mistakes.start_here import ciec_of, pixel_of
from dnt_core.workbook.mistakes.where_are_expressions import (
    change_of_lead,
    cost_of_covering,
    costs_by_clip,
    entropy_of_guessing,
    leaked,
    margin_of_groups,
    own_control,
)

__all__ = [
    "chance_rmse",
    "change_of_lead",
    "ciec_of",
    "clip_bootstrap",
    "closing_step",
    "closings_of",
    "cost_of_covering",
    "costs_by_clip",
    "crowd_strength",
    "dilated",
    "drift_of",
    "entropy_of_guessing",
    "fit",
    "free_and_reach",
    "fresh_reading",
    "interval_of",
    "interval_of_trainings",
    "kept_results",
    "leaked",
    "light_of",
    "lips_follow",
    "look_up",
    "loss_of_D",
    "margin_of_groups",
    "merged",
    "mix_textures",
    "mouth_distance",
    "newest_wins",
    "own_control",
    "painted",
    "perspective_weights",
    "pixel_loss",
    "pixel_of",
    "places_of",
    "precision_of",
    "projected",
    "pull_of",
    "rate_and_lag",
    "score_interval",
    "second_share",
    "shared_identity",
    "shift_distances",
    "shown_at",
    "storage_to_paper",
    "swap_probability",
    "texture_of",
    "verdict_of",
    "when_to_send",
    "window_start",
    "worse_video",
]
