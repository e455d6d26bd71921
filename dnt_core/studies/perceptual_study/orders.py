r"""Order matrices M_i (section 5.2): for each group of clips, where each observer placed them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dnt_core.studies.perceptual_study.responses import check_responses


@dataclass(frozen=True)
class GroupOrders:
    r"""The orders that k observers gave to the m clips of one group.

    Args:
        group, identity, expression: names; the expression is one of ``EXPRESSIONS``.
        clips: (m,) names, in increasing order of intensity.
        intensity: (m,) x of the paper, strictly increasing, in [0, 1].
        observers: (k,) names.
        matrices: (k, m, m) M_i, doubly stochastic; element (i, j) = 1 when the clip with the i-th lowest
            intensity was placed j-th (fractions only where tied places were shared out, see ``crema_d``).

    Raises:
        ValueError: shapes that do not fit, fewer than two clips, intensities that do not increase, matrices
            whose rows and columns do not sum to 1.
    """

    group: str
    identity: str
    expression: str
    clips: tuple[str, ...]
    intensity: np.ndarray
    observers: tuple[str, ...]
    matrices: np.ndarray

    def __post_init__(self):
        k, m = len(self.observers), len(self.clips)
        if self.intensity.shape != (m,) or self.matrices.shape != (k, m, m):
            raise ValueError(
                f"group {self.group}: {m} clips and {k} observers need intensity ({m},) and matrices "
                f"({k}, {m}, {m}), got {self.intensity.shape} and {self.matrices.shape}"
            )
        if m < 2 or k < 1:
            raise ValueError(
                f"group {self.group}: an order needs two clips and one observer, got {m} and {k}"
            )
        if not (np.diff(self.intensity) > 0).all():
            raise ValueError(f"group {self.group}: intensities must increase, got {self.intensity.tolist()}")
        if (self.matrices < 0).any() or not all(np.allclose(self.matrices.sum(axis), 1) for axis in (1, 2)):
            raise ValueError(f"group {self.group}: every row and column of an order matrix must sum to 1")

    @property
    def positions(self) -> np.ndarray:
        r"""(k, m) place in 0 … m−1 that each observer gave to the i-th weakest clip; tied: the mean place."""
        return self.matrices @ np.arange(len(self.clips), dtype=float)


def order_matrix(places) -> np.ndarray:
    r"""M_i of section 5.2: element (i, j) = 1 when the clip with the i-th lowest intensity was placed j-th.

    Args:
        places: (..., m) the place in 1 … m (1 = weakest) of each clip, clips in increasing order of
            intensity.

    Returns:
        (..., m, m) permutation matrices, float64.

    Raises:
        ValueError: a row of ``places`` is no permutation of 1 … m.
    """
    places = np.asarray(places)
    m = places.shape[-1] if places.ndim else 0
    if m == 0:
        raise ValueError(f"expected the places of some clips, got {places.tolist()!r}")
    wrong = (np.sort(places, axis=-1) != np.arange(1, m + 1)).any(axis=-1)
    if wrong.any():
        raise ValueError(f"the order {places[wrong][0].tolist()} is no permutation of 1 … {m}")
    return (places[..., :, None] == np.arange(1, m + 1)).astype(float)  # (..., m, m)


def group_orders(table: pd.DataFrame) -> list[GroupOrders]:
    r"""The groups of a table of responses, in its sequence, with the observers' matrices. Checks."""
    table = check_responses(table)
    groups = []
    for group, rows in table.groupby("group", sort=False):
        clips = rows.drop_duplicates("clip").sort_values("intensity", kind="stable")
        ranks = rows.pivot(index="observer", columns="clip", values="rank")
        ranks = ranks.loc[rows["observer"].unique(), list(clips["clip"])]  # (k, m), weakest clip first
        groups.append(
            GroupOrders(
                str(group),
                clips["identity"].iloc[0],
                clips["expression"].iloc[0],
                tuple(clips["clip"]),
                clips["intensity"].to_numpy(),
                tuple(ranks.index),
                order_matrix(ranks.to_numpy()),
            )
        )
    return groups
