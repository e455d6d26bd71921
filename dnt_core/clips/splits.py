r"""Which frames train and which test: the paper's split within clips, a split by clip, folds of both kinds.

The paper trains on the first 80 % of every clip and tests on the rest, and cross-validates over random
frames; both put near-duplicates of the training frames into the test. Beside each stands its honest
sibling, by clip.

Frames are numbered through: all frames of clip 0, then of clip 1 … (:func:`frame_rows`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from dnt_core.clips.clip import Clip

Fold = tuple[np.ndarray, np.ndarray]  # indices of the frames that train, of those that test


def frame_rows(n_frames: Sequence[int]) -> np.ndarray:
    r"""The clip and the frame within it of every frame of all clips, (N, 2) int64.

    Args:
        n_frames: frames of each clip, each at least 1.

    Raises:
        ValueError: a clip without frames.
    """
    counts = np.asarray(n_frames, dtype=np.int64)
    if counts.ndim != 1 or not len(counts) or (counts < 1).any():
        raise ValueError(f"every clip needs at least one frame, got {list(n_frames)}")
    clip = np.repeat(np.arange(len(counts)), counts)
    frame = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.stack([clip, frame], 1)


def split_within_clips(n_frames: Sequence[int], train: float = 0.8) -> Fold:
    r"""The paper's split: the first 80 % of each clip's frames train, the last 20 % test.

    Args:
        n_frames: frames of each clip.
        train: share that trains; rounded down, but at least one frame on each side.

    Returns:
        numbers of the training and of the test frames, ascending.

    Raises:
        ValueError: a clip of one frame, a share outside (0, 1).
    """
    if not 0 < train < 1:
        raise ValueError(f"train must lie between 0 and 1, got {train}")
    rows = frame_rows(n_frames)
    counts = np.asarray(n_frames)
    if (counts < 2).any():
        raise ValueError(
            f"clip {int(np.argmax(counts < 2))} has one frame, expected at least 2 to split within it"
        )
    first_test = np.clip(np.floor(train * counts + 1e-9).astype(np.int64), 1, counts - 1)  # (clips,)
    trains = rows[:, 1] < first_test[rows[:, 0]]
    return np.flatnonzero(trains), np.flatnonzero(~trains)


def split_by_clip(clips: Sequence[Clip], test: float = 0.2, seed: int = 0) -> Fold:
    r"""Whole clips train or test; about the same share of every cell (actor, expression, level) tests.

    All views of one sentence go to the same side, and every cell has clips on both.

    Args:
        clips: labelled clips.
        test: share that tests, in (0, 1).
        seed: of the choice.

    Returns:
        positions in ``clips`` of those that train and of those that test, ascending; the same for a seed.

    Raises:
        ValueError: a cell with a single sentence, a share outside (0, 1).
    """
    if not 0 < test < 1:
        raise ValueError(f"test must lie between 0 and 1, got {test}")
    takes = defaultdict(set)
    for clip in clips:
        takes[clip.take[:3]].add(clip.take)
    generator = np.random.default_rng(seed)
    tested = set()
    for cell in sorted(takes):
        members = sorted(takes[cell])
        if len(members) < 2:
            actor, expression, level = cell
            raise ValueError(
                f"{actor} {expression} level {level} has one clip, expected at least 2 to split by clip"
            )
        count = min(max(round(test * len(members)), 1), len(members) - 1)
        tested.update(members[i] for i in generator.permutation(len(members))[:count])
    in_test = np.array([clip.take in tested for clip in clips], dtype=bool)
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)


def random_frame_folds(labels: Sequence, folds: int = 10, seed: int = 0) -> list[Fold]:
    r"""The paper's cross-validation: frames shuffled, classes in equal shares, clips ignored.

    Args:
        labels: (N,) class of every frame.
        folds: how many, at least 2.
        seed: of the shuffling.

    Returns:
        for each fold the numbers of the frames that train and that test.

    Raises:
        ValueError: a class with fewer frames than folds, fewer than 2 folds.
    """
    from sklearn.model_selection import StratifiedKFold

    labels = np.asarray(labels)
    _check_folds(labels, None, folds)
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    return list(splitter.split(np.zeros(len(labels)), labels))


def grouped_folds(labels: Sequence, groups: Sequence, folds: int = 10, seed: int = 0) -> list[Fold]:
    r"""Cross-validation by clip: no clip has frames on both sides, classes in shares as equal as that allows.

    Args:
        labels: (N,) class of every frame.
        groups: (N,) the clip (or take, or actor) every frame comes from.
        folds: how many, at least 2.
        seed: of the shuffling.

    Returns:
        as :func:`random_frame_folds`.

    Raises:
        ValueError: fewer clips than folds, a class with one clip, a fold that would train without some class.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    labels, groups = np.asarray(labels), np.asarray(groups)
    if labels.shape != groups.shape or labels.ndim != 1:
        raise ValueError(f"labels and groups must both be (N,), got {labels.shape} and {groups.shape}")
    _check_folds(labels, groups, folds)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    result = list(splitter.split(np.zeros(len(labels)), labels, groups))
    for number, (train, test) in enumerate(result):
        lost = set(labels.tolist()) - set(labels[train].tolist())
        if lost or not len(test):
            what = f"train without class {sorted(map(str, lost))[0]!r}" if lost else "test nothing"
            raise ValueError(
                f"fold {number} of {folds} would {what}; use fewer folds, more clips or another seed"
            )
    return result


def _check_folds(labels: np.ndarray, groups: np.ndarray | None, folds: int) -> None:
    if folds < 2:
        raise ValueError(f"cross-validation needs at least 2 folds, got {folds}")
    if groups is None:
        name, count = min(Counter(labels.tolist()).items(), key=lambda item: item[1])
        if count < folds:
            raise ValueError(
                f"class {name!r} has {count} frames, expected at least one for each of {folds} folds"
            )
        return
    n_groups = len(set(groups.tolist()))
    if n_groups < folds:
        raise ValueError(f"{n_groups} clips cannot fill {folds} folds, expected at least one clip a fold")
    members = defaultdict(set)
    for label, group in zip(labels.tolist(), groups.tolist(), strict=True):
        members[label].add(group)
    name = min(members, key=lambda label: len(members[label]))
    if len(members[name]) < 2:
        raise ValueError(
            f"class {name!r} has one clip, expected at least 2: the fold that tests it would train without it"
        )
