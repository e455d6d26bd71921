r"""Labels of one's own clips, from a CSV or from their names, and MEAD's folders for them."""

from __future__ import annotations

import filecmp
import re
import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from dnt_core.atomic_write import atomic_path
from dnt_core.ciec import EXPRESSIONS
from dnt_core.clips.clip import VIEWS, as_level, is_cell
from dnt_core.clips.media_suffixes import VIDEO_SUFFIXES
from dnt_core.clips.scanner import actor_of
from dnt_core.plain_files import csv_rows, read_text
from dnt_core.tracking.foreign_track import TrackError

COLUMNS = ("file", "actor", "expression", "level", "number")
_VIEW = re.compile(rf"(?<![^\W_])({'|'.join(VIEWS)})(?![^\W_])", re.IGNORECASE)


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


def composed(text: str) -> str:
    r"""Letters with their accents as one character each; file systems and tables write them either way."""
    return unicodedata.normalize("NFC", text)


def label_of_name(video: Path, actor: str = "me") -> Label:
    r"""From a name such as ``happy_2_003.mp4``, ``ann-angry-level_3-1.mov`` or ``neutral_4.mp4``, or with the
    view in it, as MEAD's clips are often flattened: ``M003_front_happy_level_2_014.mp4``.

    Raises:
        TrackError: no expression, or no level where it has some; another view than the front.
    """
    word, stem = re.compile(r"[^\W_]+"), composed(video.stem)
    if beside := [view for view in _VIEW.findall(stem) if view.lower() != "front"]:
        raise TrackError(
            f"{video.name}: by its name it is seen from {beside[0]}, expected from the front; give it "
            "another name, or --labels with a CSV, if it is"
        )
    stem = _VIEW.sub("", stem)
    places = [found for found in word.finditer(stem) if found[0].lower() in EXPRESSIONS]
    if len(places) != 1:
        raise TrackError(
            f"{video.name}: expected a name with one of {', '.join(EXPRESSIONS)} in it, a level and a number "
            "(happy_2_003.mp4), or --labels with a CSV"
        )
    expression, behind = places[0][0].lower(), stem[places[0].end() :]
    who = "_".join(word.findall(stem[: places[0].start()])) or composed(actor)
    found = re.findall(r"(?<![\d.])\d\.\d(?![\d.])|\d+", behind)  # 2.5 is a level
    numbers = [as_level(digits) for digits in found]
    if expression == "neutral" and len(numbers) < 2:
        return _checked(Label(who, expression, 1, numbers[0] if numbers else 1), video.name)
    if not numbers or (len(found) == 1 and len(found[0]) > 2 and found[0].isdigit()):  # happy_003.mp4
        raise TrackError(f"{video.name}: no level after {expression!r}, expected {expression}_2_003.mp4")
    return _checked(Label(who, expression, numbers[0], numbers[1] if len(numbers) > 1 else 1), video.name)


def read_labels(path: Path) -> dict[str, Label]:
    r"""File as the CSV names it, with forward slashes → label; its columns are :data:`COLUMNS`.

    Raises:
        TrackError: a column is missing, a row is no cell of the table, or a file has two rows; the sentence
            names the row.
        FileNotFoundError: no such file.
    """
    held = csv_rows(composed(read_text(path)), path)
    table = [(line, [cell.strip() for cell in row]) for line, row in held.rows if any(map(str.strip, row))]
    head = [cell.lower() for cell in table[0][1]] if table else []
    missing = [name for name in COLUMNS if name not in head]
    if missing:
        raise TrackError(f"{path}: no column {missing[0]!r}; expected {', '.join(COLUMNS)}")
    labels = {}
    for line, cells in table[1:]:
        row = dict(zip(head, cells, strict=False))
        if lacking := [name for name in COLUMNS if not row.get(name)]:
            raise TrackError(f"{path}, line {line}: its column {lacking[0]!r} is empty")
        try:
            number, level = int(row["number"]), as_level(row["level"].replace(",", "."))
        except ValueError as error:
            said = f"level {row['level']!r} and number {row['number']!r} must be numbers"
            raise TrackError(f"{path}, line {line}: {said}") from error
        label = Label(row["actor"], row["expression"].lower(), level, number)
        file = row["file"].replace("\\", "/")
        if labels.setdefault(file, _checked(label, f"{path}, line {line}")) != label:
            raise TrackError(f"{path}, line {line}: {file} has another row with another label")
    return labels


def label_of_file(video: Path, labels: dict[str, Label]) -> Label | None:
    r"""A video's label: that of the row whose file has its name and the most of its folders' names.

    Args:
        video: ``clips/ann/001.mp4`` is meant by ``001.mp4`` and, before that, by ``ann/001.mp4``.
        labels: of :func:`read_labels`.

    Raises:
        TrackError: several rows name such a file in other folders.
    """
    mine = tuple(map(composed, video.absolute().parts))
    named = {file: Path(file).parts for file in labels if Path(file).name == mine[-1]}
    ends = [file for file, parts in named.items() if mine[-len(parts) :] == parts]
    if ends:
        return labels[max(ends, key=lambda file: len(named[file]))]
    if len({labels[file] for file in named}) > 1:
        raise TrackError(f"{video}: several rows are of a file of this name: {', '.join(sorted(named))}")
    return labels[next(iter(named))] if named else None


def _checked(label: Label, where: str) -> Label:
    if (
        not is_cell(label.expression, label.level)
        or not isinstance(label.number, int)
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
        TrackError: another video is there, perhaps with another ending: both would have one cache; the
            clips there count as another actor's; or the actor's name is there in other capitals.
    """
    place = label.place(root, video.suffix.lower())
    if (whose := actor_of(place.parent)) != label.actor:  # such as 1, which may stand for "video" in MEAD
        raise TrackError(
            f"{video}: clips in {place.parent} count as those of {whose!r}, not of {label.actor!r}; give "
            "another name of the actor, such as A1, or another --out"
        )
    folders = (other.name for other in root.iterdir() if other.is_dir()) if root.is_dir() else ()
    for other in folders:
        if other != label.actor and other.casefold() == label.actor.casefold():
            raise TrackError(
                f"{video}: {root} has clips of {other!r}, and {label.actor!r} would be somebody else; write "
                "the name as it is there, or give another one"
            )
    for other in place.parent.glob(f"{place.stem}.*"):
        if other.suffix.lower() == place.suffix:  # a 001.MP4 is in its place
            place = other
        elif other.suffix.lower() in VIDEO_SUFFIXES:
            raise TrackError(
                f"{other} is there, and {video} would share its cache ({place.stem}.face3d.npz); give it "
                "another number, or remove the other"
            )
    if place.exists():
        if not filecmp.cmp(place, video, shallow=False):
            raise TrackError(f"{place} is another video than {video}; give it another number, or remove it")
        return place
    with atomic_path(place) as part:
        shutil.copyfile(video, part)
    return place
