r"""Where ``dnt track`` finds a video: where it lies, or a copy in MEAD's layout with its landmarks."""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Sequence
from pathlib import Path

from dnt_core.atomic_write import atomic_path
from dnt_core.clips.media_suffixes import VIDEO_SUFFIXES
from dnt_core.tracking.foreign_track import TrackError
from dnt_core.tracking.labels import into_layout, label_of_file, label_of_name, read_labels
from dnt_core.tracking.video_track import landmarks_beside


def placed(video: Path, out: Path | None, labels: Path | None, actor: str) -> Path:
    r"""The video that is tracked: itself, or its copy. Landmarks beside it go along, also those that were
    made anew since they were copied.

    Args:
        video: as it was given.
        out: folder in MEAD's layout; None leaves the video in its place.
        labels: CSV of the copies; None: the videos' names.
        actor: whose videos, where the names do not say.

    Raises:
        TrackError: no label, or another video in its place.
        FileNotFoundError: no such video.
    """
    if out is None:
        return Path(video)
    if not Path(video).is_file():
        raise FileNotFoundError(f"{video}: no such file")
    if labels is None:
        label = label_of_name(video, actor)
    else:
        label = label_of_file(Path(video), read_labels(labels))
        if label is None:
            raise TrackError(f"{labels} has no row for {video.name}")
    place = into_layout(video, label, out)
    if points := landmarks_beside(video):
        beside = place.with_suffix(points.name.removeprefix(Path(video).stem))
        if not beside.is_file() or older(beside, points):
            with atomic_path(beside) as part:
                shutil.copyfile(points, part)
    return place


def older(path: Path, other: Path) -> bool:
    r"""Whether a file was last written before another."""
    return path.stat().st_mtime < other.stat().st_mtime


def said_of_doubles(places: Sequence[Path], out: Path) -> list[str]:
    r"""A sentence for each film in a folder that is the same as one of ``places``: a clip that got another
    label is copied anew, and its first copy would be learned under the old one.

    Args:
        places: films in the folder.
        out: the folder.
    """
    of_size: dict[int, list[Path]] = {}
    for film in sorted(out.rglob("*.*")):
        if film.suffix.lower() in VIDEO_SUFFIXES and film.is_file():
            of_size.setdefault(film.stat().st_size, []).append(film)
    return [
        f"{other} is the same film as {place}, under another label: remove the one that is wrong"
        for place in places
        for other in of_size.get(place.stat().st_size, ())
        if other.resolve() != place.resolve()
        and (other not in places or other < place)
        and filecmp.cmp(place, other, shallow=False)
    ]
