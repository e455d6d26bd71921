r"""A MEAD-layout folder → labelled clips, whatever state the folder is in.

The layout is ``<actor>/video/<view>/<emotion>/level_<n>/<NNN>.mp4`` and, without a view,
``<actor>/audio/<emotion>/level_<n>/<NNN>.m4a``. In the wild ``video`` may be missing or called ``1`` or
``2``, an extra folder may stand before the emotion, whole cells and views are absent, files are cut off. So
the scanner looks for ``level_<n>``, takes the folder around it as the emotion, finds view and actor further
out, uses what it can and reports the rest file by file. Hidden files (``._001.mp4`` of macOS, temporary
files) are passed over.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from dnt_core.ciec import EXPRESSIONS
from dnt_core.clips.clip import LEVELS, VIEWS, Clip, Problem, as_level, is_cell
from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.clip_index import ClipIndex
from dnt_core.clips.face_cache import face_cache_path
from dnt_core.clips.media_file import why_broken
from dnt_core.clips.media_suffixes import OTHER_SUFFIXES, SOUND_SUFFIXES, VIDEO_SUFFIXES
from dnt_core.paths import user_path

_LEVEL = re.compile(r"level[_\- ]?(\d+(?:\.\d+)?)", re.IGNORECASE)
_ACTOR = re.compile(r"[MW]\d{3}")
_BETWEEN = {"video", "videos", "audio", "1", "2"}  # folders between an actor and a view or an emotion


def scan(
    root: str | os.PathLike, verify: bool | Literal["full"] = False, progress: bool = False
) -> ClipIndex:
    r"""Finds the clips below a folder: a data set, one actor, or anything further in.

    The quick scan reads names and, of each file, the headers that tell a cut-off file (no decoding).

    Args:
        root: folder to look in.
        verify: True also decodes first and last frames, all sound and all caches, and says in one line per
            clip what reading has to do to it (turn it, move frames in time …); "full" decodes every frame.
        progress: show a bar while verifying.

    Returns:
        the index: clips that can be used, a problem for each file that cannot or that lacks something.

    Raises:
        ClipError: ``root`` is not a folder, or has no ``level_<n>`` folder in it.
        ValueError: another ``verify`` than False, True or "full".

    Examples:
        >>> from dnt_core.live.default_clip import default_clip
        >>> video = default_clip("M003", 128)  # one of the shipped clips
        >>> index = dnt_core.scan(video.parents[5])
        >>> len(index), index[0].actor
        (1, 'M003')
    """
    if verify not in (False, True, "full"):
        raise ValueError(f"verify must be False, True or 'full', got {verify!r}")
    root = user_path(root)
    if not root.is_dir():
        raise ClipError(f"{root} is not a folder, expected one with clips in MEAD's layout")
    found = _Found()
    any_level = False
    for folder, files in level_folders(root):
        any_level = True
        found.read_level_folder(folder, files)
    if not any_level:
        raise ClipError(
            f"{root} has no level_<n> folder in it, expected "
            "<actor>/video/<view>/<emotion>/level_<n>/<NNN>.mp4"
        )
    clips = found.paired()
    index = ClipIndex(root, tuple(clips), tuple(found.problems))
    if verify:
        from dnt_core.clips.verifier import verify_clips

        index = verify_clips(index, full=verify == "full", progress=progress)
    return index


def clips_of(folder: str | os.PathLike[str], actor: str | None = None) -> tuple[ClipIndex, list[Clip]]:
    r"""The index of a folder, and an actor's clips in it.

    Args:
        folder: in MEAD's layout.
        actor: whose; None: everybody's.

    Raises:
        ValueError: there are none; the sentence names the actors there.
    """
    index = scan(folder)
    clips = [clip for clip in index if actor in (None, clip.actor)]
    if not clips:
        known = ", ".join(index.actors) or "nobody"
        raise ValueError(f"there are no clips of {actor} in {folder}; there are clips of {known}")
    return index, clips


def clip_of_video(video: Path) -> Clip:
    r"""One video's labels and files from the folders around it, as :func:`scan` finds them; a video that is
    in no such folder counts as a neutral one of an actor of its own name.

    Args:
        video: the film.
    """
    found = _Found()
    if is_level_folder(video.parent):
        found.read_level_folder(video.parent, [video.name])
    for actor, _, expression, _, number in list(found.videos):
        around = Path(os.path.abspath(video)).parents
        home = next((place for place in around if place.name == actor), video.parent)
        for folder, files in level_folders(home):  # of which one holds its sound
            if folder.parent.name.lower() == expression:
                same = [n for n in files if Path(n).stem.isdecimal() and int(Path(n).stem) == number]
                found.read_level_folder(folder, same)
    alone = Clip(video.stem, "front", "neutral", 1, 1, video, None, face_cache_path(video))
    return next((clip for clip in found.paired() if clip.video == video), alone)


def is_level_folder(folder: Path) -> bool:
    r"""Whether clips in MEAD's layout lie in it.

    Args:
        folder: of any name.
    """
    return _LEVEL.fullmatch(Path(os.path.abspath(folder)).name) is not None


def actor_of(folder: Path) -> str:
    r"""Whose the videos in ``<view>/<emotion>/level_<n>`` are for :func:`scan`, by the folders around it.

    Args:
        folder: the ``level_<n>``.
    """
    around = Path(os.path.abspath(folder)).parts[-3::-1]
    return _mead_actor(around) or _other_actor(around, around[0].lower())


def level_folders(root: Path) -> Iterator[tuple[Path, list[str]]]:
    r"""Every ``level_<n>`` folder at or below ``root`` and its files' names; links are followed once.

    Args:
        root: folder to look in.
    """
    seen = set()
    for folder, subfolders, files in os.walk(root, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:
            subfolders.clear()
            continue
        seen.add(real)
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        if is_level_folder(Path(folder)):
            yield Path(folder), sorted(name for name in files if not name.startswith("."))


@dataclass
class _Found:
    r"""What the scan has met so far, by label."""

    videos: dict[tuple, Path] = field(default_factory=dict)  # actor, view, expression, level, number
    sounds: dict[tuple, Path] = field(default_factory=dict)  # actor, expression, level, number
    broken_sounds: dict[tuple, Problem] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def read_level_folder(self, folder: Path, files: list[str]) -> None:
        r"""Labels the files of one ``level_<n>`` folder from the names of the folders around it."""
        outwards = Path(os.path.abspath(folder)).parts[::-1]  # level, emotion, …, view, …, actor, …
        named = _LEVEL.fullmatch(outwards[0])
        assert named is not None  # only such folders come here
        level = as_level(named.group(1))
        expression, around = outwards[1].lower(), outwards[2:]
        mead_actor = _mead_actor(around)
        inside = around[: around.index(mead_actor)] if mead_actor else around
        view = next((part.lower() for part in inside if part.lower() in VIEWS), None)
        in_audio = "audio" in (part.lower() for part in inside)
        wrong = None
        if expression not in EXPRESSIONS:
            wrong = f"unknown emotion: folder '{expression}', expected one of {', '.join(EXPRESSIONS)}"
        elif not is_cell(expression, level):
            levels = "level_1 only" if expression == "neutral" else f"level_{LEVELS[0]} to level_{LEVELS[-1]}"
            wrong = f"unknown level: {expression} has {levels}, got level_{level}"
        for name in files:
            path = folder / name
            suffix = path.suffix.lower()
            # a folder of sounds may hold them in containers that films use as well
            is_video = suffix in VIDEO_SUFFIXES and (view is not None or not in_audio)
            if suffix not in VIDEO_SUFFIXES | SOUND_SUFFIXES:
                if path.stem.isdecimal() and suffix not in OTHER_SUFFIXES:
                    what = f"'{suffix}' is no suffix of a film or a sound" if suffix else "it has no suffix"
                    self.problems.append(Problem(path, f"passed over: {what}; rename it if it is one"))
                continue
            reason = wrong
            if reason is None and is_video and view is None:
                reason = f"unknown view: no folder around it is one of {', '.join(VIEWS)}"
            if reason is None and not path.stem.isdecimal():
                reason = f"no clip number: '{path.stem}' is not a number such as 001"
            if reason is None:
                actor = mead_actor or _other_actor(around, view if is_video and view else "audio")
                labels = (actor, view, expression, level) if is_video else (actor, expression, level)
                reason = self._enter((*labels, int(path.stem)), path, is_video)
            if reason is not None:
                self.problems.append(Problem(path, reason, left_out=is_video))

    def _enter(self, key: tuple, path: Path, is_video: bool) -> str | None:
        table = self.videos if is_video else self.sounds
        reason = why_broken(path)
        if reason is None and key in table:
            return f"second file: the same clip is at {table[key]}"
        if reason is None:
            table[key] = path
        elif not is_video:
            self.broken_sounds[key] = Problem(path, reason)
        return reason

    def paired(self) -> list[Clip]:
        r"""Joins each video with its sound and the cache beside it; reports what is alone."""
        clips, used = [], set()
        for key in sorted(self.videos, key=lambda key: (*key[:2], EXPRESSIONS.index(key[2]), *key[3:])):
            path, sound_key = self.videos[key], (key[0], *key[2:])
            cache = face_cache_path(path)
            actor, view, expression, level, number = key
            sound, face = self.sounds.get(sound_key), cache if cache.is_file() else None
            bad = "" if sound else str(self.broken_sounds.get(sound_key, ""))
            clips.append(Clip(actor, view, expression, level, number, path, sound, face, bad))
            used.add(sound_key)
            if sound is None and not bad:
                reason = "no sound file: only the video's own track, if it has one"
                self.problems.append(Problem(path, reason, left_out=False))
        for key, path in self.sounds.items():
            if key not in used:
                reason = "sound without video: no usable video has these labels and this number"
                self.problems.append(Problem(path, reason, left_out=False))
        return clips


def _mead_actor(around: tuple[str, ...]) -> str | None:
    return next((part for part in around if _ACTOR.fullmatch(part)), None)


def _other_actor(around: tuple[str, ...], inner: str) -> str:
    r"""The folder outside the view (or ``audio``) and ``video``, for actors who are not called as in MEAD."""
    lower = [part.lower() for part in around]
    start = lower.index(inner) + 1 if inner in lower else 0
    return next((part for part in around[start:] if part.lower() not in _BETWEEN), "unknown")
