r"""What stands behind the face goes on without a jump, however long the sound lasts."""

import numpy as np
import pytest

from dnt_core.audio.blinks import BlinkTrain
from dnt_core.clips.frame_order import there_and_back
from dnt_core.talking.listening import idle_performance


@pytest.mark.parametrize("n_frames", [2, 3, 7, 25, 26, 301])
@pytest.mark.parametrize("fps", [24.0, 25.0, 60.0])
def test_there_and_back_never_jumps_and_shows_every_frame(n_frames, fps):
    order = there_and_back(n_frames, fps)
    long = np.tile(order, 3)
    assert set(order) == set(range(n_frames))
    assert np.abs(np.diff(long)).max() <= 1


def test_there_and_back_comes_to_rest_where_it_turns():
    order = there_and_back(100, 25.0)
    turn = np.argmax(order)
    assert turn >= 100  # later than at full speed all the way
    near, middle = order[turn - 6 : turn], order[40:46]
    assert near[-1] - near[0] < 3 and middle[-1] - middle[0] == 5


def test_a_single_frame_stands():
    assert there_and_back(1, 25.0).tolist() == [0]


def test_the_idle_head_leads_into_its_beginning():
    acted = idle_performance("M003", 6.0)
    pose = acted.pose
    steps = np.abs(np.diff(np.concatenate([pose, pose[:2]]), axis=0))
    assert (steps[-2:] <= 1.05 * steps[:-2].max(0)).all()
    turns = np.abs(np.diff(np.concatenate([pose, pose[:3]]), n=2, axis=0))
    assert (turns[-2:] <= 1.05 * turns[:-2].max(0)).all()
    assert np.ptp(pose[:, 1]) > 0.02  # it does move
    assert not acted.speech_weights.any() and not acted.expression_coefficients.any()


def test_blinks_come_every_few_seconds_are_smooth_and_the_same_again():
    train = BlinkTrain(25.0, seed=3)
    closed = np.array([next(train) for _ in range(25 * 300)])
    again = BlinkTrain(25.0, seed=3)
    assert np.array_equal(closed, [next(again) for _ in range(len(closed))])
    begins = np.flatnonzero((closed[1:] > 0) & (closed[:-1] == 0))
    assert 300 / 5 < len(begins) < 300 / 2
    assert closed.max() > 0.9 and closed.min() == 0
    assert np.diff(begins).min() > 0.4 * 25
