r"""The numbers that a run of the study leaves in its metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from dnt_core.studies.decoupling.intervals import Spread

if TYPE_CHECKING:
    import pandas

_VERSIONS = {"ours": "smooth and informed", "paper_equations": "paper's equations"}


def recorded_metrics(
    spread: Mapping[str, Mapping[str, Spread]],
    table: pandas.DataFrame,
    unheard: Mapping[str, Spread] | None = None,
) -> dict[str, float]:
    r"""Metrics of the decouplers that the study compares, by name.

    Args:
        spread: decoupler → what :func:`~dnt_core.studies.decoupling.intervals.seed_spread` gave. There are
            "leave it alone", "mean neutral face", "linear", "linear, lips as ours", "paper's equations" and
            "smooth and informed".
        table: of :meth:`~dnt_core.studies.decoupling.report.DecouplingStudy.table`, of one seed each.
        unheard: "smooth and informed" on sentences that no training clip says; None or empty: not measured.

    Returns:
        name → number; what needs the actor's truth is left out where it is not known.
    """
    ours, paper = (spread[_VERSIONS[which]] for which in ("ours", "paper_equations"))
    alone, same_lips = spread["leave it alone"], spread["linear, lips as ours"]
    first, before = table.loc["smooth and informed"], table.loc["leave it alone"]
    found = {
        "accuracy_before": alone["accuracy_fresh"].mean,
        "accuracy_after": ours["accuracy"].mean,
        "accuracy_after_fresh": ours["accuracy_fresh"].mean,
        "accuracy_after_fresh_beyond_lips": first.accuracy_fresh_beyond_lips,
        "accuracy_after_fresh_paper_equations": paper["accuracy_fresh"].mean,
        "accuracy_after_fresh_linear": spread["linear"]["accuracy_fresh"].mean,
        "accuracy_after_fresh_linear_lips_as_ours": same_lips["accuracy_fresh"].mean,
        "lip_error_mm": ours["lip_error_mm"].mean,
        "lip_error_mm_baseline_mean": spread["mean neutral face"]["lip_error_mm"].mean,
        "lip_opening_correlation": first.opening_correlation,
        "lip_width_correlation": first.width_correlation,
        "neutral_change": ours["neutral_change"].mean,
    }
    for way, version in _VERSIONS.items():
        for name in ("accuracy", "accuracy_fresh", "lip_error_mm"):
            number, start = spread[version][name], f"seed_spread.{way}.{name}"
            found[f"{start}.low"], found[f"{start}.high"] = number.interval
            found[f"{start}.between_seeds"] = float(np.ptp(number.seeds))
    if "truth_error" in ours:
        found |= {
            "truth_error_ratio_to_identity": (ours["truth_error"] / alone["truth_error"]).mean,
            "truth_error_ratio_to_identity_clean": first.truth_error_clean / before.truth_error_clean,
            "truth_error_same_lips_ours_minus_linear": (ours["truth_error"] - same_lips["truth_error"]).mean,
            "closures_kept": first.closures_kept,
            "closures_kept_before": before.closures_kept,
            "closures_kept_clean": first.closures_kept_clean,
        }
    for name in ("lip_error_mm", "truth_error"):
        if unheard and name in unheard:
            found[f"unheard_sentences_{name}"] = unheard[name].mean
    return found
