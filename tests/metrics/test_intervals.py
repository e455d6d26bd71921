r"""Intervals over clips: whole clips are drawn."""

import numpy as np
import pytest

from dnt_core.metrics.intervals import (
    fold_interval,
    interval_over_clips,
    mean_interval,
    overlap_factor,
    ratio_interval,
)


def test_frames_of_one_clip_count_as_one():
    values = np.repeat(np.arange(8.0), 50)  # 8 clips of 50 frames that are all alike
    low, high = interval_over_clips(values, np.repeat(np.arange(8), 50))
    few = interval_over_clips(np.arange(8.0), np.arange(8))
    assert low < 2.5 and high > 4.5 and (low, high) == pytest.approx(few)
    apart = interval_over_clips(values, np.arange(400))  # as if every frame were a clip of its own
    assert apart[1] - apart[0] < (high - low) / 5


def test_the_interval_covers_the_true_mean_as_often_as_it_says():
    rng, covered = np.random.default_rng(0), 0
    for trial in range(200):
        clips = np.repeat(np.arange(30), 5)
        values = rng.normal(size=30)[clips] + 0.3 * rng.normal(size=150)
        low, high = interval_over_clips(values, clips, draws=400, seed=trial)
        covered += low <= 0 <= high
    assert 0.88 <= covered / 200 <= 0.99


def test_a_ratio_of_sums_is_drawn_by_whole_clips():
    clips, wholes = np.repeat(np.arange(8), 50), np.tile([1.0, 3.0], 200)
    assert ratio_interval(0.5 * wholes, wholes, clips) == pytest.approx((0.5, 0.5))
    parts = wholes * np.repeat(np.arange(8.0), 50)  # frames of one clip have one ratio
    low, high = ratio_interval(parts, wholes, clips)
    assert (low, high) == pytest.approx(interval_over_clips(parts / wholes, clips))
    heavy = np.where(clips == 7, 100.0, 1.0)  # sums: the clip with large numbers counts most
    assert ratio_interval(heavy * clips, heavy, clips)[1] > 6.9
    rare = (clips == 7).astype(float)  # a draw without the clip says nothing; it was 0 / 0
    assert ratio_interval(0.25 * rare, rare, clips) == (0.25, 0.25)


def test_missing_values_do_not_count_and_one_clip_has_no_interval():
    values, clips = np.array([1.0, np.nan, 3.0]), np.array([0, 1, 2])
    assert interval_over_clips(values, clips) == interval_over_clips(np.array([1.0, 3.0]), np.array([0, 2]))
    for one in (np.zeros(3), np.array([0, 1, 0])):  # it had no width, and so decided every claim
        assert np.isnan(interval_over_clips(values, one)).all()
    assert np.isnan(ratio_interval(np.ones(3), np.ones(3), np.zeros(3))).all()
    with pytest.raises(ValueError, match="at least one"):
        interval_over_clips(np.array([np.nan]), np.zeros(1))


def test_shapes_that_do_not_fit_are_said():
    with pytest.raises(ValueError, match=r"\(3,\) and \(2,\)"):
        interval_over_clips(np.ones(3), np.zeros(2))
    with pytest.raises(ValueError, match=r"\(3, 2\)"):  # it gave an interval of no width
        mean_interval(np.ones((3, 2)))


def test_the_interval_over_folds_is_wider_because_the_folds_share_frames():
    folds = np.array([1.0, 2.0, 3.0, 6.0])
    low, high = fold_interval(folds)
    wanted = 3.1824463 * folds.std(ddof=1) * np.sqrt(1 / 4 + 1 / 3)  # Nadeau and Bengio: tested / trained
    assert (low, high) == pytest.approx((3 - wanted, 3 + wanted))
    narrow = mean_interval(folds)
    assert high - low == pytest.approx(overlap_factor(4) * (narrow[1] - narrow[0]))
    assert np.isnan(fold_interval([1.0])).all()
