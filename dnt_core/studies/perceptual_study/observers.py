r"""Simulated observers: no people, but a Thurstone model of them, named so in every table and figure.

A simulated observer's percept of a clip is its measured intensity plus Gaussian noise, and the order is the
percepts' order. With some probability an answer is a mere guess.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dnt_core.ciec import CIEC_TYPES, check_intensity
from dnt_core.studies.perceptual_study.responses import COLUMNS, check_responses

SIMULATED = "simulated"  # observers whose name begins so are no people
DESIGN_COLUMNS = ("group", "identity", "expression", "clip", "intensity")


def draw_groups(
    identities: Sequence[str],
    expressions: Sequence[str] = CIEC_TYPES,
    m: int = 4,
    seed: int = 0,
    min_gap: float = 0.0,
) -> pd.DataFrame:
    r"""A study's design as section 5.2 has it: a group of m clips for each identity and expression (3 × 7 =
    21).

    Args:
        identities, expressions: names.
        m: clips in a group.
        seed: of the intensities, drawn uniformly in [0, 1], and of the clips' names, which tell nothing.
        min_gap: least difference of two intensities in a group; larger: easier for observers.

    Returns:
        Table ``group, identity, expression, clip, intensity``, one row a clip, clips in random sequence.

    Raises:
        ValueError: an unknown expression, or gaps that m clips have no room for.
    """
    if m < 2 or not 0 <= min_gap * (m - 1) < 1:
        raise ValueError(
            f"cannot draw {m} clips with gaps of {min_gap} in [0, 1]; expected m ≥ 2, (m−1)·gap < 1"
        )
    for name in expressions:
        if name not in CIEC_TYPES:
            raise ValueError(f"expression {name!r} is unknown, expected one of {', '.join(CIEC_TYPES)}")
    rng = np.random.default_rng(seed)
    n_groups = len(identities) * len(expressions)
    names = iter(rng.choice(16**6, size=n_groups * m, replace=False))
    rows = []
    for g, (identity, expression) in enumerate((i, e) for i in identities for e in expressions):
        while True:
            drawn = np.sort(rng.random(m)) * (1 - min_gap * (m - 1)) + min_gap * np.arange(m)
            if len(set(drawn.round(6))) == m:
                break
        for x in rng.permutation(drawn.round(6)):
            rows.append((f"g{g + 1:02d}", identity, expression, f"{next(names):06x}", float(x)))
    return pd.DataFrame(rows, columns=list(DESIGN_COLUMNS))


def simulate_observers(
    design: pd.DataFrame,
    n_observers: int = 16,
    noise: float = 0.1,
    guessing: float = 0.0,
    seed: int = 0,
) -> pd.DataFrame:
    r"""Orders of simulated observers, as a tidy table; the observers are named ``simulated-01`` …

    Args:
        design: columns ``group, identity, expression, clip, intensity`` and, if there, ``measured``: the
            intensity that a regressor measured on the generated clip, in place of the intensity that was
            asked for.
        n_observers: k.
        noise: standard deviation of a percept, in units of intensity; higher: more mistakes, s flatter.
        guessing: probability in [0, 1] that an order is drawn blindly; 1: the chance line.
        seed: of all of it.
    """
    missing = [c for c in DESIGN_COLUMNS if c not in design.columns]
    if missing:
        raise ValueError(
            f"the design has no column {', '.join(missing)}; expected {', '.join(DESIGN_COLUMNS)}"
        )
    if n_observers < 1 or not noise >= 0:
        raise ValueError(f"expected n_observers ≥ 1 and noise ≥ 0, got {n_observers} and {noise}")
    check_intensity(guessing, "the probability of guessing")
    measured = design["measured" if "measured" in design.columns else "intensity"].to_numpy(dtype=float)
    if not np.isfinite(measured).all():
        raise ValueError(
            f"clip {design['clip'].iloc[int(np.argmin(np.isfinite(measured)))]} has no measured intensity"
        )
    rng = np.random.default_rng(seed)
    tables = []
    for k in range(n_observers):
        percept = measured + noise * rng.standard_normal(len(design))
        blind = rng.random(len(design))
        answer = design.loc[:, list(DESIGN_COLUMNS)].copy()
        guesses = {group: rng.random() < guessing for group in design["group"].unique()}
        percept = np.where(design["group"].map(guesses).to_numpy(dtype=bool), blind, percept)
        answer["rank"] = pd.Series(percept, index=design.index).groupby(design["group"]).rank(method="first")
        answer.insert(0, "observer", f"{SIMULATED}-{k + 1:02d}")
        tables.append(answer)
    return check_responses(pd.concat(tables, ignore_index=True)[list(COLUMNS)], source="simulated observers")


def is_simulated(observers: Sequence[str]) -> bool:
    r"""Whether any of the observers' names says that it is simulated."""
    return any(str(name).startswith(SIMULATED) for name in observers)
