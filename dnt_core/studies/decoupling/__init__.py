r"""The decoupling study (section 3.4): is the face neutral, are its lips kept, and what does either cost?"""

from dnt_core.studies.decoupling.baselines import (
    identity_map,
    keeping_the_lips,
    linear_to_neutral,
    linear_to_truth,
    neutral_mean,
)
from dnt_core.studies.decoupling.intervals import Spread, seed_spread
from dnt_core.studies.decoupling.neutrality import CHANCE, fit_classifiers, fresh_accuracy, without_the_lips
from dnt_core.studies.decoupling.report import DecouplingStudy, Measured, lip_shift_by_expression
from dnt_core.studies.decoupling.tradeoff import (
    LAMBDA2_SWEEP,
    half_way_spread,
    linear_at_lip_error,
    linear_tradeoff,
    lip_error_at,
    oracle_spread,
    sweep_lambda2,
    tradeoff,
)

__all__ = [
    "CHANCE",
    "LAMBDA2_SWEEP",
    "DecouplingStudy",
    "Measured",
    "Spread",
    "fit_classifiers",
    "fresh_accuracy",
    "half_way_spread",
    "identity_map",
    "keeping_the_lips",
    "linear_to_neutral",
    "linear_at_lip_error",
    "linear_tradeoff",
    "lip_error_at",
    "linear_to_truth",
    "lip_shift_by_expression",
    "neutral_mean",
    "sweep_lambda2",
    "tradeoff",
    "oracle_spread",
    "seed_spread",
    "without_the_lips",
]
