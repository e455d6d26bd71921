r"""Table 1: cross-entropies of all settings with ranks and intervals, and what the two groups say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dnt_core.metrics.classifier_fit import FitResult
from dnt_core.metrics.intervals import fold_interval
from dnt_core.studies.where_are_expressions.cross_validation import Results

WITH_TEXTURE = ("frames", "rd_textures", "textures")
WITHOUT_TEXTURE = ("rd_no_color", "rd_vertex_color")
#: Table 1 of the paper: cross-entropy in nats
PAPER = {
    "type": {"frames": 0.0019, "rd_no_color": 0.0326, "rd_vertex_color": 0.0438,
             "rd_textures": 0.0016, "textures": 0.0012},
    "level": {"frames": 0.0338, "rd_no_color": 0.2048, "rd_vertex_color": 0.1697,
              "rd_textures": 0.0373, "textures": 0.0383},
}  # fmt: skip
ORDER = (
    "frames",
    "rd_textures",
    "textures",
    "rd_no_color",
    "rd_vertex_color",
)  # the two groups one below the other


@dataclass(frozen=True)
class Entry:
    r"""One number of the table: mean over the folds, 95 % interval of the mean, rank.

    Rank 1 is the lowest mean. Means that are equal in the digits of the table share a rank.
    """

    mean: float
    low: float
    high: float
    rank: int
    folds: int

    def __str__(self) -> str:
        return f"{_printed(self.mean)} ({self.rank})"


def _printed(mean: float) -> str:
    return f"{mean:.3f}"


def table_of(results: Results, target: str) -> dict[str, Entry]:
    r"""Setting → its entry, for one target.

    Args:
        results: (setting, target) → a result per fold.
        target: "type" or "level".
    """
    folds = {name: [fit.cross_entropy for fit in results[name, target]] for name in ORDER}
    means = {name: float(np.mean(values)) for name, values in folds.items()}
    shown = {name: float(_printed(mean)) for name, mean in means.items()}
    ranks = {name: 1 + sum(other < mine for other in shown.values()) for name, mine in shown.items()}
    return {
        name: Entry(means[name], *fold_interval(folds[name]), ranks[name], len(folds[name])) for name in ORDER
    }


@dataclass(frozen=True)
class GroupGap:
    r"""The group without texture against the group with it, fold by fold.

    Attributes:
        with_texture, without_texture: mean cross-entropy. difference: without minus with, mean over folds.
        margin: half of the 95 % interval of that difference. folds: that it is over. ratio: without over
            with (paper: 5 for level, 24 for type).
    """

    with_texture: float
    without_texture: float
    difference: float
    margin: float
    folds: int

    @property
    def ratio(self) -> float:
        return self.without_texture / self.with_texture

    @property
    def clear(self) -> bool:
        r"""Whether the group with texture is the better one by more than the spread of the folds explains."""
        return self.difference > self.margin

    def __str__(self) -> str:
        return (
            f"with texture {self.with_texture:.3f}, without {self.without_texture:.3f}: lead "
            f"{self.difference:+.3f} ± {self.margin:.3f} nats, ratio {self.ratio:.1f}"
        )


def group_gap(
    results: Results,
    target: str,
    better: Sequence[str] = WITH_TEXTURE,
    worse: Sequence[str] = WITHOUT_TEXTURE,
) -> GroupGap:
    r"""Compares two groups of settings; folds are paired, for both groups are tested on the same frames.

    Args:
        results: (setting, target) → a result per fold.
        target: "type" or "level".
        better: settings whose cross-entropy should be lower.
        worse: settings whose cross-entropy should be higher.

    Raises:
        ValueError: a single fold, from which no margin can be had.
    """
    mean = {name: np.mean([[f.cross_entropy for f in results[s, target]] for s in group], 0)
            for name, group in (("with", better), ("without", worse))}  # fmt: skip
    difference = mean["without"] - mean["with"]
    if len(difference) < 2:
        raise ValueError("the margin between the groups needs at least 2 folds")
    low, high = fold_interval(difference)
    rich, bare, lead = (float(values.mean()) for values in (mean["with"], mean["without"], difference))
    return GroupGap(rich, bare, lead, (high - low) / 2, len(difference))


def paper_ratio(target: str) -> float:
    r"""The paper's mean without texture over its mean with texture.

    Args:
        target: "type" or "level".
    """
    paper = PAPER[target]
    return float(np.mean([paper[s] for s in WITHOUT_TEXTURE]) / np.mean([paper[s] for s in WITH_TEXTURE]))


def paper_rank(target: str) -> dict[str, int]:
    r"""Setting → its rank in the paper's table."""
    return {name: 1 + i for i, name in enumerate(sorted(PAPER[target], key=PAPER[target].get))}


def flat_metrics(results: Results, prefix: str = "ce") -> dict[str, float]:
    r"""``{"ce_type.frames": …}`` for the notebook's metrics.

    Args:
        results: (setting, target) → a result per fold.
        prefix: of the names.
    """
    targets = dict.fromkeys(target for _, target in results)
    return {
        f"{prefix}_{t}.{s}": float(np.mean([f.cross_entropy for f in results[s, t]]))
        for t in targets
        for s in ORDER
    }


def mean_cross_entropy(
    results: Mapping[tuple[str, str], Sequence[FitResult]], setting: str, target: str
) -> float:
    r"""Mean over the folds.

    Args:
        results: (setting, target) → a result per fold.
        setting: one of the pictures' settings.
        target: "type" or "level".
    """
    return float(np.mean([fit.cross_entropy for fit in results[setting, target]]))
