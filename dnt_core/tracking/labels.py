r"""Labels of one's own clips, from a CSV or from their names, and MEAD's folders for them."""

from __future__ import annotations

import csv
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from dnt_core.atomic_write import atomic_path
from dnt_core.ciec import EXPRESSIONS
from dnt_core.clips.clip import as_level, is_cell
from dnt_core.plain_files import read_text
from dnt_core.tracking.foreign_track import TrackError

COLUMNS = ("file", "actor", "expression", "level", "number")


@dataclass(frozen=True)
class Label:
    r"""Whose clip it is, with which expression at which level, and its number within those."""

    actor: str
    expression: str
    level: int | float
    number: int

    def place(self, root: Path, suffix: str) -> Path:
        r"""Where MEAD's layout has the video: ``<actor>/video/front/<expression>/level_<n>/<NNN>.mp4``."""
        cell = root / self.actor / "video" / "front" / self.expression / f"level_{self.level}"
        return cell / f"{self.number:03d}{suffix}"


def label_of_name(video: Path, actor: str = "me") -> Label:
    r"""From a name such as ``happy_2_003.mp4``, ``ann-angry-level_3-1.mov`` or ``neutral_4.mp4``.

    Raises:
        TrackError: no expression, or no level where it has some.
    """
    words = [w for w in re.split(r"[\W_]+", video.stem.lower()) if w]
    places = [i for i, word in enumerate(words) if word in EXPRESSIONS]
    if len(places) != 1:
        raise TrackError(
            f"{video.name}: expected a name with one of {', '.join(EXPRESSIONS)} in it, a level and a number "
            "(happy_2_003.mp4), or --labels with a CSV"
        )
    at, expression = places[0], words[places[0]]
    who = "_".join(words[:at]) or actor
    numbers = [int(d) for word in words[at + 1 :] for d in re.findall(r"\d+", word)]
    if expression == "neutral" and len(numbers) < 2:
        return Label(who, expression, 1, numbers[0] if numbers else 1)
    if not numbers:
        raise TrackError(f"{video.name}: no level after {expression!r}, expected {expression}_2_003.mp4")
    return _checked(Label(who, expression, numbers[0], numbers[1] if len(numbers) > 1 else 1), video.name)


def read_labels(path: Path) -> dict[str, Label]:
    r"""File name → label, from a CSV with the columns file, actor, expression, level, number.

    Raises:
        TrackError: a column is missing, or a row is no cell of the table; the sentence names the row.
        FileNotFoundError: no such file.
    """
    rows = list(csv.DictReader(read_text(path).splitlines()))
    missing = [name for name in COLUMNS if not rows or name not in rows[0]]
    if missing:
        raise TrackError(f"{path}: no column {missing[0]!r}; expected {', '.join(COLUMNS)}")
    labels = {}
    for line, row in enumerate(rows, 2):
        try:
            number, level = int(row["number"]), as_level(row["level"])
        except (ValueError, TypeError) as error:
            raise TrackError(f"{path}, line {line}: level and number must be numbers ({error})") from error
        label = Label(row["actor"].strip(), row["expression"].strip().lower(), level, number)
        labels[Path(row["file"].strip()).name] = _checked(label, f"{path}, line {line}")
    return labels


def _checked(label: Label, where: str) -> Label:
    if (
        not is_cell(label.expression, label.level)
        or label.number < 0
        or not re.fullmatch(r"\w+", label.actor)
    ):
        raise TrackError(
            f"{where}: {label.actor!r}, {label.expression!r} at level {label.level:g}, number "
            f"{label.number}: expected "
            "an actor's name in letters and digits, one of "
            f"{', '.join(EXPRESSIONS)} at level 1, 2 or 3 (neutral: 1), and a number from 0"
        )
    return label


def into_layout(video: Path, label: Label, root: Path) -> Path:
    r"""Copies a video to its place in MEAD's layout, unless the same is there; returns the place.

    Raises:
        TrackError: another video is there.
    """
    place = label.place(root, video.suffix.lower())
    if place.exists():
        if place.stat().st_size != video.stat().st_size:
            raise TrackError(f"{place} is another video than {video}; give it another number, or remove it")
        return place
    with atomic_path(place) as part:
        shutil.copyfile(video, part)
    return place
