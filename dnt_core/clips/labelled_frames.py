r"""Which frames the study looks at, what they are labelled with, and whether there are enough of them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dnt_core.ciec import EXPRESSIONS, NEUTRAL
from dnt_core.clips import (
    Clip,
    ClipIndex,
    count_frames,
    grouped_folds,
    random_frame_folds,
    read_face_cache,
)
from dnt_core.clips.clip import LEVELS
from dnt_core.clips.splits import Fold

TARGETS = {"type": len(EXPRESSIONS), "level": 3}  # classes of each classifier
FOLD_KINDS = ("frame", "clip")
NEUTRAL_LEVELS = ("left_out", "level_1")
LEFT_OUT = -1


@dataclass(frozen=True)
class LabelledFrames:
    r"""N frames of M clips with their labels.

    Attributes:
        clips: the M clips.
        clip: (N,) position in ``clips``.
        frame: (N,) number within the clip.
        neutral_level: MEAD films neutral at one level, and a face without an expression has none.
            "left_out": the level classifier never sees neutral; "level_1": it counts as level 1, as its
            folder says.
    """

    clips: tuple[Clip, ...]
    clip: np.ndarray
    frame: np.ndarray
    neutral_level: str = "left_out"

    def __post_init__(self) -> None:
        if self.neutral_level not in NEUTRAL_LEVELS:
            raise ValueError(
                f"neutral_level must be one of {', '.join(NEUTRAL_LEVELS)}, got {self.neutral_level!r}"
            )

    def __len__(self) -> int:
        return len(self.clip)

    def labels(self, target: str) -> np.ndarray:
        r"""(N,) int64: index into ``EXPRESSIONS`` for "type"; 0, 1, 2 for "level" 1–3; -1 where left out, as
        levels between two of these are.

        Args:
            target: "type" or "level".
        """
        check_target(target)
        types = np.array([clip.type_index for clip in self.clips])
        if target == "type":
            return types[self.clip]
        levels = np.array([clip.level - 1 if clip.level in LEVELS else LEFT_OUT for clip in self.clips])
        if self.neutral_level == "left_out":
            levels = np.where(types == NEUTRAL, LEFT_OUT, levels)
        return levels[self.clip]

    def only(self, rows: Sequence[int]) -> LabelledFrames:
        r"""Some of the frames, in ascending order of their rows, with the clips they come from.

        Args:
            rows: numbers of frames, from 0.
        """
        rows = np.sort(np.asarray(rows, dtype=np.int64))
        kept, clip = np.unique(self.clip[rows], return_inverse=True)
        return replace(self, clips=tuple(self.clips[i] for i in kept), clip=clip, frame=self.frame[rows])

    def takes(self) -> np.ndarray:
        r"""(N,) int64: the sentence a frame comes from; all cameras that filmed it share one number."""
        numbers = {take: i for i, take in enumerate(dict.fromkeys(clip.take for clip in self.clips))}
        return np.array([numbers[clip.take] for clip in self.clips])[self.clip]

    def folds(
        self, target: str, kind: str, folds: int, seed: int = 0, labels: np.ndarray | None = None
    ) -> list[Fold]:
        r"""Cross-validation: row numbers that train and that test, for each fold.

        Args:
            target: "type" or "level".
            kind: "frame" shuffles frames as the paper does, so that every test frame has near-duplicates
                from its own clip in the training set; "clip" keeps whole clips on one side.
            folds: how many, at least 2.
            seed: of the shuffling.
            labels: (N,) to balance the folds by, if not the true ones.

        Raises:
            ValueError: a class with one clip, fewer clips (or frames of a class) than folds.
        """
        if kind not in FOLD_KINDS:
            raise ValueError(f"fold kind must be one of {', '.join(FOLD_KINDS)}, got {kind!r}")
        check_target(target)
        labels = self.labels(target) if labels is None else labels
        rows = np.flatnonzero(labels != LEFT_OUT)
        names = np.array([*EXPRESSIONS] if target == "type" else ["level_1", "level_2", "level_3"])[
            labels[rows]
        ]
        if kind == "frame":
            made = random_frame_folds(names, folds, seed)
        else:
            made = grouped_folds(names, self.takes()[rows], folds, seed)
        return [(rows[train], rows[test]) for train, test in made]

    def key(self) -> str:
        r"""A short name of this choice of frames: the same frames and labels, the same key."""
        text = "\n".join(clip.name for clip in self.clips) + self.neutral_level
        digest = hashlib.sha256(text.encode())
        digest.update(np.stack([self.clip, self.frame]).astype(np.int64).tobytes())
        return digest.hexdigest()[:12]


def check_target(target: str) -> None:
    r"""Raises a ValueError unless ``target`` is "type" or "level"."""
    if target not in TARGETS:
        raise ValueError(f"target must be one of {', '.join(TARGETS)}, got {target!r}")


def labelled_frames(
    index: ClipIndex | Sequence[Clip],
    frames_per_clip: int,
    folds: int,
    view: str = "front",
    neutral_level: str = "left_out",
) -> LabelledFrames:
    r"""Chooses frames evenly spread over every clip, after making sure that the study can be done with them.

    Frames in which no face was found are none of them.

    Args:
        index: labelled clips; those of levels between MEAD's are left out.
        frames_per_clip: higher: more frames, slower; a shorter clip gives all it has.
        folds: of the cross-validation that will follow.
        view: the camera.
        neutral_level: see :class:`LabelledFrames`.

    Raises:
        ValueError: no clip of this view, clips without 3DMM parameters, an actor without a cell, a class with
            one clip, fewer clips than folds, a clip without a face.
    """
    clips = tuple(clip for clip in index if clip.view == view and clip.level in LEVELS)
    check_clips(clips, folds, view)
    if frames_per_clip < 1:
        raise ValueError(f"frames_per_clip must be at least 1, got {frames_per_clip}")
    chosen = []
    for clip in clips:
        seen = _with_a_face(clip)
        n, k = len(seen), min(frames_per_clip, len(seen))
        chosen.append(seen[((np.arange(k) + 0.5) * n / k).astype(np.int64)])
    counts = [len(frames) for frames in chosen]
    return LabelledFrames(
        clips, np.repeat(np.arange(len(clips)), counts), np.concatenate(chosen), neutral_level
    )


def _with_a_face(clip: Clip) -> np.ndarray:
    """(n,) the numbers of a clip's frames in which a face was found."""
    frames, seen = np.arange(count_frames(clip.video)), read_face_cache(clip.face_cache).has_face
    if not seen.any():
        raise ValueError(f"{clip.face_cache}: no frame has a face (confidence 0); nothing to learn from")
    return frames if len(seen) != len(frames) else frames[seen]  # other rows are said when they are read


def check_clips(clips: Sequence[Clip], folds: int, view: str = "front") -> None:
    r"""Raises a ValueError, one sentence, when a study with these clips could not come to an end."""
    if not clips:
        raise ValueError(
            f"there is no clip of view {view!r}; expected a folder in MEAD's layout with that view"
        )
    bare = [clip for clip in clips if clip.face_cache is None]
    if bare:
        raise ValueError(
            f"{len(bare)} of {len(clips)} clips have no 3DMM parameters beside them, {bare[0].name} first; "
            "expected a .face3d.npz for each (the actor films them, a reconstruction network makes them)"
        )
    index = ClipIndex(root=clips[0].video.parent, clips=tuple(clips))
    missing = index.missing_cells()
    if missing:
        actor, _, expression, level = missing[0]
        raise ValueError(
            f"actor {actor} has no clip of {expression} level {level} ({len(missing)} cells are missing); "
            "the study needs every cell of every actor: leave the actor out or add clips"
        )
    takes = {clip.take: clip.expression for clip in clips}
    name, count = min(Counter(takes.values()).items(), key=lambda item: item[1])
    if count < 2:
        raise ValueError(
            f"class {name!r} has one clip, expected at least 2: the fold that tests it would train without it"
        )
    if len(takes) < folds:
        raise ValueError(f"{len(takes)} clips cannot fill {folds} folds, expected at least one clip a fold")


def check_folds(
    frames: LabelledFrames, plans: Sequence[tuple[str, int]], seed: int = 0, folds_run: int = 0
) -> None:
    r"""Raises a ValueError, one sentence, when some cross-validation that will follow cannot be made.

    Args:
        frames: those to be divided.
        plans: (kind, number of folds) of each, see :meth:`LabelledFrames.folds`; the first is the table's.
        seed: of the shuffling.
        folds_run: how many of the table's folds are to be tested; 0 means all.

    Raises:
        ValueError: more folds than clips or frames allow; the sentence says where.
    """
    folds = plans[0][1]
    if folds_run != 0 and not 2 <= folds_run <= folds:
        raise ValueError(
            f"folds_run must be 0 (all) or lie between 2 and {folds}, got {folds_run}: "
            "the margin between the groups is taken from the scatter of the folds"
        )
    for kind, number in plans:
        for target in TARGETS:
            frames.folds(target, kind, number, seed)
