r"""What a finished notebook leaves behind, so that a run that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from dnt_core.assets import ASSETS, find_asset
from dnt_core.atomic_write import write_json
from dnt_core.clips.scanner import level_folders
from dnt_core.paths import HOME_VARIABLE, PACKAGE, find_repository, weights_folder
from dnt_core.profiles import PROFILE_VARIABLE

RECORD_FILE = "finished.json"
REPORT_FILE = "report.json"
VERSIONS = ("numpy", "torch", "numba", "scipy")


def fingerprint(cells: list[Any], values: Mapping[str, Any], data_dir: str = "") -> str:
    r"""A word that changes with whatever a notebook's results rest on.

    Args:
        cells: of the notebook; outputs do not count.
        values: its parameters. data_dir: the user's clips, by names, sizes and dates; "" without.

    Returns:
        20 hexadecimal digits, from these, the files that parameters name, the package's files, the weights
        folder, the optional assets, the versions of what computes, and the ``DNT_`` variables.
    """
    digest = hashlib.blake2b(_machine(), digest_size=10)
    said_elsewhere = (HOME_VARIABLE, PROFILE_VARIABLE)  # a run's profile is one of its parameters
    settings = {k: v for k, v in os.environ.items() if k.startswith("DNT_") and k not in said_elsewhere}
    said = [[c.cell_type, c.source, c.metadata.get("tags", [])] for c in cells]
    digest.update(repr((said, sorted(values.items()), sorted(settings.items()))).encode())
    for path in (*_named(values), *_places(data_dir)):
        digest.update(_stamp(path))
    return digest.hexdigest()


def told_before(run_dir: Path, profile: str) -> dict[str, dict[str, Any]]:
    r"""What ``report.json`` tells of notebooks that ran into this folder before, by name.

    Args:
        run_dir: the run's folder. profile: by name; a report of another profile counts as none.

    Returns:
        Outcomes of those whose executed notebook still lies there; {} without a readable report.
    """
    try:
        report = json.loads((run_dir / REPORT_FILE).read_text(encoding="utf-8"))
        if report["profile"] != profile:
            return {}
        told = {o["name"]: o for o in report["notebooks"]}
        return {n: o for n, o in told.items() if o["executed"] and (run_dir / o["executed"]).is_file()}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def mark_finished(folder: Path, mark: str, outcome: Mapping[str, Any]) -> None:
    r"""Notes in a notebook's own folder that it ran well, under its fingerprint."""
    write_json(folder / RECORD_FILE, {"fingerprint": mark, "outcome": dict(outcome)})


def forget_finished(folder: Path) -> None:
    r"""Removes the note: the notebook runs again."""
    (folder / RECORD_FILE).unlink(missing_ok=True)


def finished_outcome(folder: Path, mark: str) -> dict[str, Any] | None:
    r"""The outcome that was noted under this fingerprint; None for another one or a damaged note."""
    try:
        record = json.loads((folder / RECORD_FILE).read_text(encoding="utf-8"))
        return record["outcome"] if record["fingerprint"] == mark else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


@lru_cache(maxsize=1)
def _machine() -> bytes:
    digest = hashlib.blake2b(platform.python_version().encode(), digest_size=20)
    for name in VERSIONS:
        try:
            digest.update(f"{name} {importlib.metadata.version(name)}".encode())
        except importlib.metadata.PackageNotFoundError:
            continue
    for path in sorted(PACKAGE.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(str(path.relative_to(PACKAGE)).encode() + path.read_bytes())
    return digest.digest()


def _named(values: Mapping[str, Any]) -> list[Path]:
    r"""The files that parameters name: answers, a recording, which may have another content next time."""
    texts = [text for text in values.values() if isinstance(text, str) and text and "\0" not in text]
    homes = {Path(), find_repository() or Path()}  # where notebooks look for them
    return sorted({path for text in texts for home in homes if os.path.isfile(path := home / text)})


def _places(data_dir: str) -> Iterator[Path]:
    for key in ASSETS:
        try:
            if (path := find_asset(key)) is not None:
                yield Path(path)
        except FileNotFoundError:  # a variable that names no file
            continue
    try:
        yield from sorted(path for path in weights_folder().rglob("*") if path.is_file())  # records, too
    except FileNotFoundError:
        pass
    if data_dir:
        clips = (folder / name for folder, names in level_folders(Path(data_dir)) for name in names)
        yield from sorted(path for path in clips if path.is_file())


def _stamp(path: Path) -> bytes:
    status = path.stat()
    return f"{path} {status.st_size} {status.st_mtime_ns}\n".encode()
