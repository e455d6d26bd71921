r"""A notebook's clips: the user's folder, or the built-in actor's, filmed once for all notebooks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dnt_core.paths import runs_folder
from dnt_core.profiles import Profile

if TYPE_CHECKING:
    from dnt_core.actor.filming import FilmConfig


def actor_folder(profile: Profile) -> Path:
    r"""Where the built-in actor's clips of a profile lie, for all notebooks: ``runs/data/<profile>``.

    Args:
        profile: one of :data:`PROFILES`.
    """
    return runs_folder() / "data" / profile.name


def film_config(profile: Profile, **changes: Any) -> FilmConfig:
    r"""What the built-in actor films in a profile.

    Args:
        profile: gives actors, clips a cell, length, frame rate, image size and the face model's resolution.
        changes: fields of :class:`~dnt_core.actor.filming.FilmConfig` to set otherwise.

    Raises:
        TypeError: a field that :class:`~dnt_core.actor.filming.FilmConfig` does not have.
        ValueError: a changed field is out of its range.
    """
    from dnt_core.actor import PEOPLE, ActorConfig, FilmConfig

    plan = FilmConfig(
        actors=tuple(PEOPLE)[: profile.actors],
        clips_per_cell=profile.clips_per_cell,
        seconds=profile.seconds,
        fps=profile.fps,
        image_size=profile.image_size,
        knobs=ActorConfig(mesh_resolution=profile.mesh_vertices),
    )
    return replace(plan, **changes)


def clips_folder(
    profile: Profile, data_dir: str | Path = "", *, progress: bool = True, **changes: Any
) -> Path:
    r"""The folder with a notebook's clips, in MEAD's layout; the actor's are filmed if they are missing.

    The actor's folder is ``runs/data/<profile>``, shared by all notebooks. A film that was stopped goes on
    where it was; a notebook that needs fewer clips than the profile asks for says so, and a later one adds
    the rest.

    Args:
        profile: sizes of the film.
        data_dir: a folder of the user's own; ``""`` for the built-in actor.
        progress: show a bar while filming.
        changes: as for :func:`film_config`, such as ``clips_per_cell=1``.

    Raises:
        FileNotFoundError: ``data_dir`` is given and is no folder.
        ValueError: the actor's folder holds a film of other sizes or of an older version, which is named.
    """
    from dnt_core.actor import film

    if data_dir:
        if not Path(data_dir).is_dir():
            raise FileNotFoundError(
                f"data folder {str(data_dir)!r} is not there; expected a folder in MEAD's layout"
            )
        return Path(data_dir)
    return film(actor_folder(profile), film_config(profile, **changes), progress=progress)


def actor_names(wanted: list[str] | None) -> tuple[str, ...] | None:
    r"""Actors given by name or by number from 1 → their names; ``None`` stays ``None``.

    Args:
        wanted: names or numbers from 1, or None.

    Raises:
        ValueError: a number that no actor has, or an unknown name.
    """
    from dnt_core.actor import PEOPLE, get_person

    people = list(PEOPLE)
    chosen = []
    for text in wanted or ():
        if text.isdigit() and not 1 <= int(text) <= len(people):
            raise ValueError(f"there is no actor number {text}; expected 1 to {len(people)} or a name")
        chosen.append(people[int(text) - 1] if text.isdigit() else get_person(text).name)
    return tuple(dict.fromkeys(chosen)) or None
