r"""Three films that nobody shares: one to train the methods, one for the judges, one to test on."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dnt_core.clips import Clip, scan
from dnt_core.clips.scanner import clips_of
from dnt_core.clips.splits import split_by_clip
from dnt_core.clips.verifier import readable_front
from dnt_core.profiles import PROFILES

if TYPE_CHECKING:
    from dnt_core.actor import FilmConfig


@dataclass(frozen=True)
class FilmSizes:
    r"""How much of the actor is filmed.

    Each film has a seed of its own, from which also follows what is said: in the laptop's sizes the sentence
    of the test is not heard in the training.

    Args:
        image_size: px, also that of all trainings.
        clips, seconds: of each expression and level, to train on.
        judge_clips, judge_seconds, judge_fps: for the judges, who want many clips of few frames.
        test_clips, test_seconds: for the test; 3 s at least, so that a sync network can tell.
        fps: of the training: many clips of few frames teach more than few clips of many, which are much
            alike. test_fps: of the test.
        mesh_vertices: of the face model.
        seed: of the training's film. judge_seed, test_seed: of the others.
    """

    image_size: int = 128
    clips: int = 8
    seconds: float = 2.8
    judge_clips: int = 16
    judge_seconds: float = 1.2
    judge_fps: float = 5.0
    test_clips: int = 1
    test_seconds: float = 3.2
    fps: float = 5.0
    test_fps: float = 25.0
    mesh_vertices: int = 35_709
    seed: int = 0
    judge_seed: int = 8
    test_seed: int = 10

    def plans(self, actor: str) -> dict[str, FilmConfig]:
        r"""The plans of "train", "judges" and "test"."""
        from dnt_core.actor.profile_film import film_config

        common = film_config(
            replace(PROFILES["laptop"], mesh_vertices=self.mesh_vertices),
            actors=(actor,), image_size=self.image_size, fps=self.fps,
        )  # fmt: skip
        return {
            "train": replace(
                common, clips_per_cell=self.clips, seconds=self.seconds, seed=self.seed
            ),
            "judges": replace(
                common, clips_per_cell=self.judge_clips, seconds=self.judge_seconds, fps=self.judge_fps,
                seed=self.judge_seed,
            ),
            "test": replace(
                common, clips_per_cell=self.test_clips, seconds=self.test_seconds, fps=self.test_fps,
                seed=self.test_seed,
            ),
        }  # fmt: skip


#: By profile. ``laptop`` made the shipped numbers.
SIZES: dict[str, FilmSizes] = {
    "nbval": FilmSizes(
        image_size=48, clips=1, seconds=1.0, judge_clips=2, judge_seconds=1.0, judge_fps=4, test_seconds=1.6,
        fps=10, test_fps=10, mesh_vertices=2_000,
    ),
    "quick": FilmSizes(
        image_size=64, clips=1, seconds=1.2, judge_clips=3, judge_fps=4, test_seconds=1.6, fps=10,
        test_fps=10, mesh_vertices=9_000,
    ),
    "laptop": FilmSizes(),
}  # fmt: skip


def actor_clips(actor: str, which: str, folder: Path, sizes: FilmSizes, progress: bool = True) -> list[Clip]:
    r"""Clips of one of the three films of the built-in actor, filmed where they are missing.

    The folder may hold films of other actors too; theirs are left alone.

    Args:
        actor: a name. which: "train", "judges" or "test".
        folder: of all three films.
    """
    from dnt_core.actor import film

    plan = sizes.plans(actor)[which]
    root = film(folder / f"film_{which}", plan, progress=progress)
    return list(scan(root).filter(actor=plan.actors).clips)


def some_test_clips(
    actor: str, folder: Path, sizes: FilmSizes, cells: Sequence[tuple[str, int]]
) -> list[Clip]:
    r"""A few clips of the test film, the very same as in the whole film; only those missing are filmed.

    Args:
        actor: a name. folder: of all three films.
        cells: expressions and levels, the first clip of each.

    Raises:
        ValueError: a cell that the film does not have.
    """
    from dnt_core.actor.filming import film_shot

    plan, root = sizes.plans(actor)["test"], folder / "film_test"
    first = {(shot.expression, int(float(shot.level))): shot for shot in reversed(plan.shots())}
    unknown = [cell for cell in cells if cell not in first]
    if unknown:
        raise ValueError(f"the test film has no clip of {unknown[0][0]} at level {unknown[0][1]}")
    for cell in cells:
        if not first[cell].video(root).exists():
            film_shot(plan, first[cell], root)
    clips = scan(root).filter(actor=plan.actors)
    found = {(clip.expression, clip.level): clip for clip in clips if clip.number == 1}
    return [found[cell] for cell in cells]


def users_clips(data: Path, actor: str | None = None) -> list[Clip]:
    r"""A user's clips that are seen from the front, can be read and have a cache, as ``dnt train generator``
    takes them. What is left out is said.

    Args:
        data: folder in MEAD's layout.
        actor: whose; None: all.

    Raises:
        ValueError: no clip of the actor, none seen from the front, or none with a cache.
    """
    index, clips = clips_of(data, actor)
    front = [clip for clip in clips if clip.view == "front"]
    if not front:
        raise ValueError(f"{data}: none of {len(clips)} clips is seen from the front")
    readable, unreadable = readable_front(index, actor)
    for problem in unreadable:
        print(f"left out: {problem}", file=sys.stderr)
    if not readable:
        raise ValueError(f"{data}: none of {len(front)} clips seen from the front can be read")
    tracked = [clip for clip in readable if clip.face_cache is not None]
    if not tracked:
        raise ValueError(
            f"{data}: none of {len(front)} clips seen from the front has a .face3d.npz beside it"
        )
    if bare := len(readable) - len(tracked):
        print(f"left out: {bare} clips without a .face3d.npz", file=sys.stderr)
    return tracked


def split_in_three(clips: Sequence[Clip]) -> dict[str, list[Clip]]:
    r"""A user's clips as "train", "judges" and "test": in every expression and level a fifth tests, a third
    of the rest is the judges'.

    Raises:
        ValueError: an expression and level with fewer than three clips.
    """
    rest, test = split_by_clip(clips)
    others = [clips[i] for i in rest]
    train, judges = split_by_clip(others, 1 / 3)
    return {
        "train": [others[i] for i in train],
        "judges": [others[i] for i in judges],
        "test": [clips[i] for i in test],
    }


def split_in_two(clips: Sequence[Clip]) -> dict[str, list[Clip]]:
    r"""A user's clips, none of which trained the weights, as "judges" and "test": half each.

    Raises:
        ValueError: an expression and level with one clip.
    """
    judges, test = split_by_clip(clips, 0.5)
    return {"judges": [clips[i] for i in judges], "test": [clips[i] for i in test]}
