r"""What an observer is asked: groups of clips, read from a folder's ``manifest.csv``, in a random sequence.

A row of the manifest is a clip: ``group, identity, expression, clip, intensity, file, practice``. ``file`` is
a name inside the folder; ``practice`` is 1 for the group that everybody starts with and that is not exported.
A further column ``said`` may hold the sentence that a group's clips say, shown below them as captions.
"""

from __future__ import annotations

import hashlib
import os
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dnt_core.ciec import CIEC_TYPES, check_intensity
from dnt_core.plain_files import csv_rows, read_text

MANIFEST = "manifest.csv"
COLUMNS = ("group", "identity", "expression", "clip", "intensity", "file", "practice")
SAID = "said"


@dataclass(frozen=True)
class StudyClip:
    r"""One clip: its opaque name, intensity x ∈ [0, 1] and file."""

    name: str
    intensity: float
    path: Path


@dataclass(frozen=True)
class StudyGroup:
    r"""Clips of one identity and expression with the same speech, to be ordered by one answer.

    ``said`` is the sentence of that speech, "" where nobody wrote it down.
    """

    name: str
    identity: str
    expression: str
    practice: bool
    clips: tuple[StudyClip, ...]
    said: str = ""


@dataclass(frozen=True)
class Layout:
    r"""What one observer sees: names of the groups in sequence, and of each one's clips as first shown."""

    groups: tuple[str, ...]
    clips: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class StudyPlan:
    r"""The groups of a study, practice groups first. ``mark`` tells one study's clips from another's.

    Args:
        groups: practice groups first.
        mark: tells one study's clips from another's.
    """

    groups: tuple[StudyGroup, ...]
    mark: str

    @property
    def scored(self) -> tuple[StudyGroup, ...]:
        r"""The groups that count, without practice."""
        return tuple(g for g in self.groups if not g.practice)

    def group(self, name: str) -> StudyGroup:
        r"""The group of that name.

        Args:
            name: of a group of this study.
        """
        return next(g for g in self.groups if g.name == name)

    def layout(self, seed: int) -> Layout:
        r"""A random sequence of groups (practice stays first) and of the clips in each.

        Args:
            seed: of the random order.
        """
        draw = random.Random(seed)
        practice = [g for g in self.groups if g.practice]
        groups = practice + draw.sample(self.scored, len(self.scored))
        clips = tuple(tuple(c.name for c in draw.sample(g.clips, len(g.clips))) for g in groups)
        return Layout(tuple(g.name for g in groups), clips)


def read_plan(folder: str | os.PathLike) -> StudyPlan:
    r"""Read and check the manifest of a folder of clips.

    Args:
        folder: of clips with their manifest.

    Raises:
        ValueError: one sentence with the line (the header is line 1): a missing column, a name that is empty
            or has blanks around it, an unknown expression, an intensity outside [0, 1], a ``practice`` that
            is neither 0 nor 1, a file that is not in the folder, a clip listed twice, a group of one clip, of
            two identities or with two clips of one intensity, no group that counts.
    """
    folder = Path(folder)
    path = folder / MANIFEST
    if not path.is_file():
        raise ValueError(f"{folder}: no {MANIFEST}, so these are no clips of a study; expected a folder as "
                         "make_clips writes it")  # fmt: skip
    text = read_text(path)
    held = csv_rows(text, path)
    head, *rows = [(line, cells) for line, cells in held.rows if any(cells)] or [(1, [])]
    missing = [c for c in COLUMNS if c not in head[1]]
    if missing or not rows:
        raise ValueError(f"{path}: no rows, or no column {', '.join(missing)}; expected {', '.join(COLUMNS)}")
    groups: dict[str, list[dict]] = {}
    names = set()
    for line, cells in rows:
        where = f"{path}, line {line}"
        if len(cells) < len(head[1]):
            raise ValueError(f"{where}: fewer cells than the header has")
        row: dict[str, Any] = dict(zip(head[1], cells, strict=False))
        for column in ("group", "identity", "clip"):  # the table of answers takes blanks off
            if not row[column] or row[column] != row[column].strip():
                raise ValueError(f"{where}: {column} {row[column]!r} is empty or has blanks around it")
        if row["practice"] not in ("0", "1", ""):
            raise ValueError(f"{where}: practice {row['practice']!r} is neither 0 nor 1")
        if row["expression"] not in CIEC_TYPES:
            known = ", ".join(CIEC_TYPES)
            raise ValueError(f"{where}: expression {row['expression']!r} is unknown, expected one of {known}")
        try:
            row["intensity"] = check_intensity(float(row["intensity"].replace(",", ".")))
        except ValueError as error:
            said = f"{where}: intensity {row['intensity']!r} is no number in [0, 1]"
            raise ValueError(said) from error
        if Path(row["file"]).name != row["file"] or not (folder / row["file"]).is_file():
            raise ValueError(f"{where}: no file {row['file']!r} in the folder")
        if row["clip"] in names:
            raise ValueError(f"{where}: the clip {row['clip']!r} is listed twice")
        names.add(row["clip"])
        groups.setdefault(row["group"], []).append(row)
    plan = tuple(_group(path, name, rows, folder) for name, rows in groups.items())
    plan = tuple(sorted(plan, key=lambda g: not g.practice))
    if all(g.practice for g in plan):
        raise ValueError(f"{path}: every group is for practice; expected some that count")
    return StudyPlan(plan, hashlib.sha256(text.encode()).hexdigest()[:16])


def _group(path: Path, name: str, rows: list[dict], folder: Path) -> StudyGroup:
    for column in ("identity", "expression", "practice", SAID):
        found = sorted({row.get(column) or "" for row in rows})
        if len(found) > 1:
            raise ValueError(f"{path}: group {name} is of one {column}, but has {', '.join(found)}")
    if len({row["intensity"] for row in rows}) < max(2, len(rows)):
        raise ValueError(f"{path}: group {name} needs two or more clips, all of different intensities")
    clips = tuple(StudyClip(row["clip"], row["intensity"], folder / row["file"]) for row in rows)
    first = rows[0]
    practice, said = first["practice"] == "1", first.get(SAID) or ""
    return StudyGroup(name, first["identity"], first["expression"], practice, clips, said)
