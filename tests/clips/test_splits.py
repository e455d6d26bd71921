from pathlib import Path

import numpy as np
import pytest

from dnt_core.clips.clip import CELLS, Clip
from dnt_core.clips.splits import (
    frame_rows,
    grouped_folds,
    random_frame_folds,
    split_by_clip,
    split_within_clips,
)


def clips_of(count=5, views=("front",), cells=CELLS):
    return [
        Clip("M003", view, expression, level, n, Path("x.mp4"))
        for view in views
        for expression, level in cells
        for n in range(count)
    ]


def test_frame_rows_against_a_loop():
    expected = [(clip, frame) for clip, count in enumerate([3, 1, 4]) for frame in range(count)]
    assert frame_rows([3, 1, 4]).tolist() == [list(row) for row in expected]
    with pytest.raises(ValueError, match="at least one frame"):
        frame_rows([3, 0])


def test_papers_split_is_the_end_of_each_clip():
    counts = [10, 5, 2, 103]
    rows = frame_rows(counts)
    train, test = split_within_clips(counts)
    assert sorted([*train, *test]) == list(range(120))
    for clip, count in enumerate(counts):
        frames = rows[train][rows[train][:, 0] == clip, 1]
        assert frames.tolist() == list(range(max(1, int(0.8 * count))))
        assert set(rows[test][:, 0]) == {0, 1, 2, 3}  # every clip is on both sides: that is the leak
    with pytest.raises(ValueError, match="clip 1 has one frame"):
        split_within_clips([4, 1])
    with pytest.raises(ValueError, match="between 0 and 1, got 1.5"):
        split_within_clips([4], train=1.5)


def test_split_by_clip_is_stratified_seeded_and_keeps_views_together():
    clips = clips_of(views=("front", "top"))
    train, test = split_by_clip(clips, seed=3)
    assert sorted([*train, *test]) == list(range(len(clips)))
    assert not {clips[i].take for i in train} & {clips[i].take for i in test}
    for expression, level in CELLS:
        cell = [i for i in test if (clips[i].expression, clips[i].level) == (expression, level)]
        assert len(cell) == 2  # one take of five, seen by two cameras
    again = split_by_clip(clips, seed=3)
    assert np.array_equal(test, again[1])
    assert not np.array_equal(test, split_by_clip(clips, seed=4)[1])
    with pytest.raises(ValueError, match="M003 angry level 1 has one clip"):
        split_by_clip(clips_of(1))


def labels_and_groups(clips, frames=6):
    rows = frame_rows([frames] * len(clips))
    return np.array([clips[i].expression for i in rows[:, 0]]), rows[:, 0]


def test_random_folds_leak_and_grouped_folds_do_not():
    labels, groups = labels_and_groups(clips_of(4))
    random, grouped = random_frame_folds(labels, 4), grouped_folds(labels, groups, 4)
    for folds in (random, grouped):
        assert len(folds) == 4
        assert sorted(np.concatenate([test for _, test in folds])) == list(range(len(labels)))
        for train, test in folds:
            assert not set(train) & set(test)
            assert set(labels[test]) == set(labels[train]) == set(labels)
    assert all(set(groups[train]) & set(groups[test]) for train, test in random)
    assert not any(set(groups[train]) & set(groups[test]) for train, test in grouped)
    again = grouped_folds(labels, groups, 4)
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(grouped, again, strict=True))


def test_impossible_folds_are_said_clearly():
    labels, groups = labels_and_groups(clips_of(1, cells=(("happy", 1), ("sad", 1), ("sad", 2))))
    with pytest.raises(ValueError, match="3 clips cannot fill 10 folds"):
        grouped_folds(labels, groups, 10)
    with pytest.raises(ValueError, match="class 'happy' has one clip, expected at least 2"):
        grouped_folds(labels, groups, 2)
    with pytest.raises(ValueError, match="class 'happy' has 6 frames, expected at least one for each of 10"):
        random_frame_folds(labels, 10)
    with pytest.raises(ValueError, match="at least 2 folds, got 1"):
        random_frame_folds(labels, 1)
    with pytest.raises(ValueError, match=r"must both be \(N,\)"):
        grouped_folds(labels, groups[:-1], 2)
