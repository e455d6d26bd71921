r"""The table as numbers: read from ``table2.json``, with intervals over clips and spread over seeds."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dnt_core.metrics.intervals import Interval, clip_interval, paired_interval
from dnt_core.plain_files import read_json
from dnt_core.studies.table2.methods import LABELS, TRIVIAL, WITH_WAV2LIP
from dnt_core.studies.table2.row import EXTRA, METRICS

FORMAT = 1
#: The paper's Table 2, in the order of :data:`~dnt_core.studies.table2.row.METRICS`; StarGAN and ExprGAN on
#: Wav2Lip's video. EVP's code is not public, so its row is quoted and cannot be made again.
PAPER: dict[str, tuple[float, ...]] = {
    "stargan": (27.24, 0.73, 0.26, 0.81, 0.86, 5.65),
    "exprgan": (28.93, 0.79, 0.48, 0.023, 0.44, 4.38),
    "evp": (29.53, 0.71, 0.27, 0.36, 0.49, 4.16),
    "without_dnt": (29.64, 0.89, 0.034, 0.23, 0.45, 6.07),
    "without_denet": (29.99, 0.87, 0.054, 0.013, 0.44, 4.19),
    "without_ts": (29.71, 0.90, 0.034, 0.27, 0.43, 5.79),
    "ours": (30.39, 0.91, 0.029, 0.18, 0.39, 5.81),
}
ORDER = ("stargan", "exprgan", "evp", "without_dnt", "without_denet", "without_ts", "ours")


@dataclass(frozen=True)
class Table2:
    r"""Everything that was measured.

    Attributes:
        notes: the file's other entries: command, film, steps, judges, cost …
        clips: names of the test clips.
        rows: method → metric → (seeds, clips), NaN where a clip has no number.
        film: what the judges say of the film itself, metric → (clips,).
    """

    notes: Mapping[str, Any]
    clips: tuple[str, ...]
    rows: Mapping[str, Mapping[str, np.ndarray]]
    film: Mapping[str, np.ndarray]

    @classmethod
    def read(cls, path: str | os.PathLike) -> Table2:
        r"""Reads what ``dnt train table2`` wrote.

        Raises:
            FileNotFoundError: no such file.
            ValueError: another file, or one of a newer version.
        """
        found = read_json(path)
        if found.get("format") != FORMAT:
            raise ValueError(f"{path} holds no results of Table 2 (format {found.get('format')!r})")
        rows = {
            name: {metric: _array(values) for metric, values in row["per_clip"].items()}
            for name, row in found["rows"].items()
        }
        film = {metric: _array([values])[0] for metric, values in found["film_says"].items()}
        notes = {key: value for key, value in found.items() if key not in ("rows", "film_says", "clips")}
        return cls(notes, tuple(found["clips"]), rows, film)

    def has(self, method: str, metric: str) -> bool:
        r"""Whether this number was measured."""
        return method in self.rows and metric in self.rows[method] and not _empty(self.rows[method][metric])

    def seeds(self, method: str) -> int:
        r"""How many seeds a method was trained from."""
        return len(next(iter(self.rows[method].values())))

    def interval(self, method: str, metric: str) -> Interval:
        r"""Mean over seeds and clips with its 95 % interval over clips, and over several seeds."""
        return clip_interval(self.rows[method][metric])

    def film_interval(self, metric: str) -> Interval:
        r"""The same of the film itself."""
        return clip_interval(self.film[metric])

    def seed_spread(self, method: str, metric: str) -> float:
        r"""Standard deviation of the seeds' means; NaN with a single seed."""
        values = self.rows[method][metric]
        return float(np.nanmean(values, 1).std(ddof=1)) if len(values) > 1 else float("nan")

    def difference(self, method: str, other: str, metric: str) -> Interval:
        r"""How much higher ``method`` is than ``other`` on the same clips, with its interval."""
        return paired_interval(self.rows[method][metric], self.rows[other][metric])

    def lead(self, method: str, other: str, metric: str) -> Interval:
        r"""How much better ``method`` is than ``other`` on the same clips, with its interval: the difference,
        its sign turned round where lower numbers are better."""
        gap = self.difference(method, other, metric)
        return gap if {**METRICS, **EXTRA}[metric] else Interval(-gap.mean, -gap.high, -gap.low)

    def rank(self, metric: str, methods: Sequence[str]) -> dict[str, int]:
        r"""1 for the best mean of those measured."""
        there = [m for m in methods if self.has(m, metric)]
        ordered = sorted(there, key=lambda m: self.interval(m, metric).mean, reverse=METRICS[metric])
        return {method: place + 1 for place, method in enumerate(ordered)}

    def strongest_trivial(self, metric: str) -> str:
        r"""The best of the trivial rows in a metric."""
        there = [m for m in TRIVIAL if self.has(m, metric)]
        if not there:
            raise ValueError(f"no trivial row has {metric}")
        means = {m: self.interval(m, metric).mean for m in there}
        return (max if METRICS[metric] else min)(means, key=means.__getitem__)

    def flat(self) -> dict[str, float]:
        r"""``<metric>.<method>`` → mean, as ``metrics.json`` names them, with the film's CSS."""
        found = {
            f"{metric}.{name}": self.interval(name, metric).mean
            for metric in METRICS
            for name in ORDER
            if self.has(name, metric)
        }
        for name, metric in (("film", "css"), ("shuffled_sound", "css_shuffled_sound")):
            if metric in self.film and not _empty(self.film[metric]):
                found[f"css.{name}"] = self.film_interval(metric).mean
        return found


#: Decimals in the table; 3 where none are named.
DIGITS = {"psnr": 2, "lmd_px": 2}
#: All rows, in the order in which they are shown.
ROWS = (*TRIVIAL, *WITH_WAV2LIP, *ORDER)


def table_lines(table: Table2) -> list[dict[str, str]]:
    r"""The table as text, a dictionary per row that was measured or is the paper's: our number with its
    interval, and the paper's beside it; last what the judges say of the film itself."""
    lines = []
    for method in (m for m in ROWS if m in table.rows or m in PAPER):
        line = {"method": LABELS.get(method, method.upper())}
        for number, metric in enumerate(METRICS):
            mine = "—"
            if table.has(method, metric):
                x = table.interval(method, metric)
                digits = DIGITS.get(metric, 3)
                mine = f"{x.mean:.{digits}f} [{x.low:.{digits}f}, {x.high:.{digits}f}]"
            line[metric] = f"{mine} ({PAPER[method][number]:g})" if method in PAPER else mine
        lines.append(line)
    film = {m: table.film_interval(m) for m in METRICS if m in table.film and not _empty(table.film[m])}
    words = {m: f"{x.mean:.3f} [{x.low:.3f}, {x.high:.3f}]" for m, x in film.items()}
    return [*lines, {"method": "film"} | dict.fromkeys(METRICS, "") | words]


def rows_to_json(rows: Mapping[str, Sequence[Mapping[str, list[float]]]]) -> dict[str, Any]:
    r"""Method → one row per seed → what the file holds: numbers to five digits, null for none."""
    return {
        name: {
            "per_clip": {metric: [_short(seed[metric]) for seed in seeds] for metric in seeds[0]},
        }
        for name, seeds in rows.items()
        if seeds
    }


def film_to_json(row: Mapping[str, list[float]]) -> dict[str, Any]:
    r"""The film's row likewise."""
    return {metric: _short(values) for metric, values in row.items()}


def _short(values: list[float]) -> list[float | None]:
    return [None if np.isnan(x) else float(f"{x:.5g}") for x in values]


def _array(values: list) -> np.ndarray:
    return np.array([[np.nan if x is None else x for x in row] for row in values], float)


def _empty(values: np.ndarray) -> bool:
    return bool(np.isnan(values).all())
