r"""From orders to tables and a figure: what ``dnt score RESPONSES`` prints and writes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from dnt_core.atomic_write import atomic_path, make_folder, write_json
from dnt_core.studies.perceptual_study.observers import is_simulated
from dnt_core.studies.perceptual_study.orders import GroupOrders, group_orders
from dnt_core.studies.perceptual_study.ranking_models import bradley_terry, plackett_luce
from dnt_core.studies.perceptual_study.responses import read_responses
from dnt_core.studies.perceptual_study.score import (
    group_score,
    mean_order_matrix,
    pooled_order_matrix,
    rmse,
    summarise,
)
from dnt_core.studies.perceptual_study.shrinkage import expected_scores, observers_noise
from dnt_core.studies.perceptual_study.uncertainty import Intervals, bootstrap, observers_for_width
from dnt_core.terminal import open_console


@dataclass(frozen=True)
class StudyScores:
    r"""All numbers of a study.

    Args:
        groups: the orders.
        intervals: bootstrap over observers, all groups together.
        clips: a row a clip: intensity, score and its interval, the clip's Bradley–Terry and Plackett–Luce
            strengths.
        summary: a row each for all groups, every expression, identity and group: slope, RMSE, τ with
            intervals.
        noise: Thurstone σ of observers who would give perfect clips this slope.
        rmse_expected: RMSE that such observers would give to perfect clips: shrinkage alone.
        rmse_beyond: RMSE between s and what such observers would give: what shrinkage does not explain.
    """

    groups: list[GroupOrders]
    intervals: Intervals
    clips: pd.DataFrame
    summary: pd.DataFrame
    noise: float
    rmse_expected: float
    rmse_beyond: float


def score_groups(groups: Sequence[GroupOrders], n_resamples: int = 2000, seed: int = 0) -> StudyScores:
    r"""Score groups of orders: s = Mx, slope, RMSE, τ, bootstrap intervals over observers, ranking models.

    Args:
        groups: each with intensities (m,) and orders (k, m).
        n_resamples: of the bootstrap; higher: smoother intervals, slower.
        seed: of the bootstrap.
    """
    groups = list(groups)
    intervals = bootstrap(groups, n_resamples, seed=seed)
    rows = [_summary_row("all", "all", groups, intervals)]
    for scope in ("expression", "identity", "group"):
        for name in dict.fromkeys(getattr(g, scope) for g in groups):
            part = [g for g in groups if getattr(g, scope) == name]
            rows.append(_summary_row(scope, name, part, bootstrap(part, n_resamples, seed=seed)))
    clips = []
    for g, bounds in zip(groups, intervals.score, strict=True):
        bt = bradley_terry(g.positions)
        tied = (np.diff(np.sort(g.positions, axis=1), axis=1) < 1e-9).any()
        pl = np.full(len(g.clips), np.nan) if tied else plackett_luce(g.positions)
        for i, s in enumerate(group_score(g)):
            clips.append(
                (
                    g.group,
                    g.identity,
                    g.expression,
                    g.clips[i],
                    g.intensity[i],
                    s,
                    *bounds[:, i],
                    bt[i],
                    pl[i],
                )
            )
    x, s = [g.intensity for g in groups], [group_score(g) for g in groups]
    noise = observers_noise(groups)
    expected = expected_scores(groups, noise)
    return StudyScores(
        groups=groups,
        intervals=intervals,
        clips=pd.DataFrame(
            clips,
            columns=[
                "group",
                "identity",
                "expression",
                "clip",
                "intensity",
                "score",
                "score_low",
                "score_high",
            ]
            + ["bradley_terry", "plackett_luce"],
        ),
        summary=pd.DataFrame(rows),
        noise=noise,
        rmse_expected=rmse(x, expected),
        rmse_beyond=rmse(expected, s),
    )


def _summary_row(scope: str, name: str, groups: list[GroupOrders], intervals: Intervals) -> dict:
    row = {"scope": scope, "name": name, **vars(summarise(groups))}
    for key in ("slope", "rmse", "tau"):
        row[f"{key}_low"], row[f"{key}_high"] = getattr(intervals, key)
    return row


def order_matrices(groups: Sequence[GroupOrders]) -> dict[str, dict[str, list]]:
    r"""M of each group, and of each expression and identity where its groups have equally many clips."""
    matrices = {"group": {g.group: mean_order_matrix(g.matrices).tolist() for g in groups}}
    for scope in ("expression", "identity"):
        matrices[scope] = {}
        for name in dict.fromkeys(getattr(g, scope) for g in groups):
            part = [g for g in groups if getattr(g, scope) == name]
            if len({len(g.clips) for g in part}) == 1:
                matrices[scope][name] = pooled_order_matrix(part).tolist()
    return matrices


def print_scores(
    scores: StudyScores, console: Console | None = None, title: str = "perceptual study"
) -> None:
    r"""The table of a study, by expression and identity, and what the numbers mean, to the terminal."""
    console = console or open_console()
    simulated = is_simulated([o for g in scores.groups for o in g.observers])
    name = title + (" (simulated observers)" if simulated else "")
    table = Table(title=name, title_justify="left", box=SIMPLE, pad_edge=False, collapse_padding=True)
    table.add_column("", no_wrap=True)
    for head in ("orders", "slope [95 %]", "RMSE", "chance", "Kendall's τ"):
        table.add_column(head, justify="right", no_wrap=True)
    previous = "all"
    for _, row in scores.summary[scores.summary["scope"] != "group"].iterrows():
        if row["scope"] != previous:
            table.add_section()
            previous = row["scope"]
        table.add_row(
            row["name"],
            str(row["orders"]),
            _with_interval(row, "slope", 2),
            f"{row['rmse']:.3f}",
            f"{row['rmse_guessing']:.3f}",
            _with_interval(row, "tau", 2),
        )
    console.print(table)
    everything = scores.summary.iloc[0]
    lines = [
        f"{_number(everything['groups'], 'group')}, {_number(everything['observers'], 'observer')}, "
        f"{everything['unanimous']:.0%} of the orders wholly right.",
        "RMSE is to the line y = x; chance is the RMSE if everybody guessed.",
    ]
    if np.isfinite(everything["rmse_low"]):
        low, high = everything["rmse_low"], everything["rmse_high"]
        lines[0] += f" RMSE over all in [{low:.3f}, {high:.3f}]; [low, high]: 95 % bootstrap over observers."
    else:
        lines[0] += " No intervals: they need two observers."
    if everything["tau"] < 0 and not everything["tau_high"] >= 0:  # NaN: of one observer
        lines.append("Most orders run from strong to weak. In this table rank 1 has to be the weakest clip.")
    elif np.isinf(scores.noise):
        lines.append("The slope is no better than that of guessing observers.")
    else:
        lines.append(
            f"Observers with noise σ = {scores.noise:.2f} would give this slope to clips that show exactly "
            f"x, with an RMSE of {scores.rmse_expected:.3f}. The scores differ from theirs by "
            f"{scores.rmse_beyond:.3f} (RMSE): that is chance, and the clips."
        )
    if min(len(g.observers) for g in scores.groups) > 1:
        enough = observers_for_width(scores.groups, 0.1)
        lines.append(f"95 % intervals of a clip's score 0.10 wide need about {enough} such observers.")
    console.print("\n".join(lines))  # at once: a notebook frames each print


def _number(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _with_interval(row: pd.Series, key: str, digits: int) -> str:
    text = f"{row[key]:z.{digits}f}"
    if np.isfinite(row[f"{key}_low"]):
        text += f" [{row[f'{key}_low']:z.{digits}f}, {row[f'{key}_high']:z.{digits}f}]"
    return text


def save_figure6(scores: StudyScores, path: str | os.PathLike, **options) -> Path:
    r"""Write figure 6 as PNG, whole or not at all; ``options`` go to ``figure6``."""
    from matplotlib.figure import Figure

    from dnt_core.plotting import style
    from dnt_core.studies.perceptual_study.figure6 import figure6

    with style(), atomic_path(path) as part:
        figure = Figure(figsize=(7.2, 5.2))
        figure6(figure.add_subplot(), scores.groups, intervals=scores.intervals.score, **options)
        figure.savefig(part, format="png")
    return Path(path)


def score_file(
    responses: str | os.PathLike,
    out: str | os.PathLike | None = None,
    n_resamples: int = 2000,
    seed: int = 0,
    console: Console | None = None,
) -> None:
    r"""Score a CSV of orders (``dnt score``): print the table, write ``scores.csv``, ``summary.csv``,
    ``order_matrices.json`` and ``figure6.png``.

    Args:
        responses: CSV ``observer, group, identity, expression, clip, intensity, rank``.
        out: folder for the files; default ``<responses without suffix>_scores`` beside it; a pipe needs one.
        n_resamples: of the bootstrap; higher: smoother intervals, slower.
        seed: of the bootstrap.
        console: to print to.

    For the numbers themselves: ``score_groups(group_orders(read_responses(path)))``.

    Raises:
        ValueError: one sentence naming file and line of an order that is not a permutation (nothing is
            written then).
    """
    responses = Path(responses)
    if out is None and responses.exists() and not (responses.is_file() or responses.is_dir()):
        raise ValueError(f"{responses} is a pipe, beside which nothing is written; name the results' folder")
    scores = score_groups(group_orders(read_responses(responses)), n_resamples, seed)
    out = Path(out) if out is not None else responses.with_name(f"{responses.stem}_scores")
    make_folder(out)
    console = console or open_console()
    for name, table in (("scores.csv", scores.clips), ("summary.csv", scores.summary)):
        with atomic_path(out / name) as part:
            table.to_csv(part, index=False, lineterminator="\n")
    write_json(out / "order_matrices.json", order_matrices(scores.groups))
    print_scores(scores, console, title=responses.name)  # what was computed is written first
    save_figure6(scores, out / "figure6.png")
    console.print(f"wrote scores.csv, summary.csv, order_matrices.json, figure6.png to {out}")
