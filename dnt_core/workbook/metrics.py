r"""Metrics of the notebooks: recorded by each, collected in one flat file, held inside bands."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from pathlib import Path

from dnt_core.atomic_write import write_json
from dnt_core.plain_files import read_json

RESULT_FILE = "result.json"
METRICS_FILE = "metrics.json"

#: metric → (low, high), or (low, high, OPTIONAL) for one that is only measured where its data is found.
Bands = Mapping[str, tuple]
OPTIONAL = "optional"


def record_metrics(notebook: str, metrics: Mapping[str, float], out_dir: str | Path) -> Path:
    r"""Write a notebook's metrics to ``out_dir/<notebook>/result.json``; later calls add to the earlier ones.

    Args:
        notebook: the notebook's stem, such as ``01_a_face_in_257_numbers``.
        metrics: flat, name → finite number; names of letters, digits, ``_``, ``-`` and dots, the same in
            every profile.
        out_dir: the run's folder.

    Returns:
        The path written.

    Raises:
        ValueError: a name has other characters, or a value is no finite number.
    """
    path = Path(out_dir) / notebook / RESULT_FILE
    result = _read_flat(path) if path.exists() else {}
    for name, value in metrics.items():
        if not re.fullmatch(r"[\w-]+(\.[\w-]+)*", name):
            raise ValueError(f"metric name {name!r}: expected letters, digits, _ and - separated by dots")
        try:
            number = float(value)
        except (TypeError, ValueError) as error:
            raise ValueError(f"metric {name!r} is {value!r}; expected one finite number") from error
        if not math.isfinite(number):
            raise ValueError(f"metric {name!r} is {number}; expected a finite number")
        result[name] = int(number) if isinstance(value, (bool, int)) else number
    write_json(path, result)
    return path


def collect_metrics(out_dir: str | Path, notebooks: Collection[str] | None = None) -> dict[str, float]:
    r"""Gather every ``<notebook>/result.json`` under ``out_dir`` into ``{"<notebook>.<metric>": value}``,
    sorted.

    Args:
        out_dir: a run's folder.
        notebooks: names of those that count; None: all.
    """
    found: dict[str, float] = {}
    for path in sorted(Path(out_dir).glob(f"*/{RESULT_FILE}")):
        if notebooks is not None and path.parent.name not in notebooks:
            continue
        found |= {f"{path.parent.name}.{name}": value for name, value in sorted(_read_flat(path).items())}
    return found


def load_bands(path: str | Path, profile: str) -> Bands:
    r"""Read the bands of one profile from JSON ``{profile: {metric: [low, high]}}``; ``null`` is open.

    A third item ``"optional"`` says that a run without the metric is well.

    Args:
        path: of the JSON file.
        profile: a key of it.

    Raises:
        ValueError: a band is not a pair of numbers or nulls with low ≤ high, perhaps followed by "optional".
    """
    bands = read_json(path).get(profile, {})
    if not isinstance(bands, dict):
        raise ValueError(f"{path}: bands of {profile!r} are {bands!r}; expected metric: [low, high]")
    for name, band in bands.items():
        if not (
            isinstance(band, list)
            and band[2:] in ([], [OPTIONAL])
            and len(band) >= 2
            and all(b is None or isinstance(b, (int, float)) for b in band[:2])
        ):
            raise ValueError(
                f"{path}: band of {name!r} is {band!r}; expected [low, high], null for an open side"
            )
        if None not in band[:2] and band[0] > band[1]:
            raise ValueError(f"{path}: band of {name!r} is {band!r}; low is above high")
    return {name: tuple(band) for name, band in bands.items()}


def check_bands(metrics: Mapping[str, float], bands: Bands) -> list[str]:
    r"""Compare metrics with their bands.

    Args:
        metrics: flat, as ``collect_metrics`` gives them.
        bands: metric → (low, high), both ends included, ``None`` for an open side; ``OPTIONAL`` may follow.

    Returns:
        One sentence for each metric outside its band, each band without a metric (but for optional ones) and
        each metric without a band; empty when all is well.
    """
    problems = []
    for name, (low, high, *optional) in bands.items():
        if name not in metrics:
            if optional:
                continue
            problems.append(f"{name} was not measured; its band is [{low}, {high}]")
        elif not ((low is None or metrics[name] >= low) and (high is None or metrics[name] <= high)):
            problems.append(f"{name} = {metrics[name]:.6g} lies outside its band [{low}, {high}]")
    problems += [f"{name} = {metrics[name]:.6g} has no band" for name in metrics if name not in bands]
    return problems


def _read_flat(path: Path) -> dict[str, float]:
    try:
        content = read_json(path)
    except ValueError as error:
        raise ValueError(f"{error}; delete it and run the notebook again") from error
    if not isinstance(content, dict) or not all(isinstance(v, (int, float)) for v in content.values()):
        raise ValueError(f"{path} is not a flat table of metric names and numbers; delete it and run again")
    return content
