r"""Bootstrap over clips: right width on a known case, pairing, seeds, clips without a number."""

import numpy as np
import pytest
from scipy.stats import norm

from dnt_core.metrics.intervals import clip_interval, paired_interval

CLIPS = np.random.default_rng(0).normal(3, 1, 60)


def test_the_interval_is_that_of_the_normal_approximation():
    found = clip_interval(CLIPS)
    half = norm.ppf(0.975) * CLIPS.std() / np.sqrt(len(CLIPS))
    assert found.mean == pytest.approx(CLIPS.mean())
    assert found.low == pytest.approx(CLIPS.mean() - half, abs=0.03)
    assert found.high == pytest.approx(CLIPS.mean() + half, abs=0.03)


def test_clips_without_a_number_do_not_count():
    assert clip_interval([*CLIPS, np.nan]) == clip_interval(CLIPS)
    with pytest.raises(ValueError, match="without a number"):
        clip_interval([np.nan, np.nan])


def test_pairing_sees_what_the_two_intervals_alone_do_not():
    a, b = CLIPS + 0.1, CLIPS
    assert clip_interval(a).low < clip_interval(b).high  # they overlap
    gap = paired_interval(a, b)
    assert gap.excludes_zero and gap.mean == pytest.approx(0.1) and gap.low == pytest.approx(0.1)
    assert not paired_interval(np.random.default_rng(1).normal(3, 1, 60), b).excludes_zero


def test_seeds_widen_the_interval():
    seeds = np.stack([CLIPS - 1, CLIPS, CLIPS + 1])
    one, three = clip_interval(CLIPS), clip_interval(seeds)
    assert three.mean == pytest.approx(one.mean)
    assert three.high - three.low > 1.5 * (one.high - one.low)


def test_unequally_many_seeds_are_averaged_first():
    found = paired_interval(np.stack([CLIPS, CLIPS + 2]), CLIPS)
    assert found.mean == pytest.approx(1) and found.low == pytest.approx(1)
    with pytest.raises(ValueError, match="same clips"):
        paired_interval(CLIPS, CLIPS[:-1])


def test_a_seed_without_a_number_of_a_clip_does_not_take_the_clip_away():
    seeds = np.array([[1, np.nan, 3], [1, 5, 3]])
    assert paired_interval(seeds, [0, 0, 0]).mean == pytest.approx(3)  # clips 1, 5 and 3
    assert clip_interval([[np.nan] * 3, [1, 2, 6]]) == clip_interval([1, 2, 6])  # a seed without any number
    with pytest.raises(ValueError, match="clips,"):
        clip_interval(np.ones((2, 2, 2)))


@pytest.mark.parametrize("values", [[0.3], [0.3, np.nan], [[0.3, np.nan], [0.2, np.nan], [0.4, np.nan]]])
def test_one_clip_says_nothing_of_the_next(values):
    found = clip_interval(values)
    assert found.mean == pytest.approx(0.3) and np.isnan(found[1:]).all() and not found.excludes_zero
