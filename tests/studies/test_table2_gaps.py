r"""Clips with frames in which no face was found: lips and sound stay in step, flicker jumps no gap."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from dnt_core.clips.frame_order import longest_run
from dnt_core.metrics.sync_confidence import SyncConfidence
from dnt_core.networks.frame_inputs import FrameInputs
from dnt_core.studies.table2 import row

FPS = 25.0
SEEN = np.r_[4:14, 20:70]  # no face in the first four frames, nor in six further on
TIME = np.arange(80 * 640) / 16_000  # s, as a sound that says when it is


@pytest.fixture
def judge(monkeypatch):
    r"""A judge of a clip whose frame k is a picture of brightness k."""
    pictures = torch.from_numpy(SEEN / 255.0).float()[:, None, None, None].expand(-1, 3, 8, 8)
    ones = torch.ones(len(SEEN), 1, 8, 8)
    clips = SimpleNamespace(
        frames=lambda clip: SEEN,
        landmarks=lambda clip: np.repeat(SEEN, 136).reshape(-1, 68, 2).astype(np.float32),
        sound=lambda clip: (FPS, TIME),
    )
    found = object.__new__(row.ClipJudge)
    found.tools = SimpleNamespace(clips=clips, sync="sync", syncnet="syncnet", every=1)
    found.clip, found.film = 0, SimpleNamespace(target=pictures, frame=FrameInputs(*[None] * 6))
    found.film.frame = found.film.frame._replace(hole=ones)
    none = SyncConfidence(1.0, 0, 0.0, torch.zeros(31), 1)
    monkeypatch.setattr(row, "sync_confidence", lambda *vectors, **options: none)
    return found


def test_sound_and_lips_are_those_of_the_longest_part_without_a_gap(judge, monkeypatch):
    heard = []

    def vectors(network, frames, *rest):
        landmarks, samples = rest[:2] if network == "sync" else (None, rest[0])
        heard.append((frames[:, 0, 0, 0], landmarks, samples))
        return torch.zeros(40, 2), torch.zeros(40, 2)

    monkeypatch.setattr(row, "sync_vectors", vectors)
    monkeypatch.setattr(row, "syncnet_vectors", vectors)
    assert judge.css(judge.film.target) == judge.css_by_syncnet(judge.film.target) == 1.0
    for frames, landmarks, samples in heard:
        np.testing.assert_array_equal(frames, np.arange(20, 70))
        assert landmarks is None or landmarks[0, 0, 0] == 20 and len(landmarks) == 50
        assert samples[0] == pytest.approx(20 / FPS) and len(samples) == 50 * 640


def test_a_clip_too_short_for_lips_and_sound_has_no_number(judge):
    judge.tools.clips.frames = lambda clip: np.arange(4)
    judge.tools.clips.landmarks = lambda clip: np.zeros((4, 68, 2), np.float32)
    pictures = judge.film.target[:4]
    assert np.isnan(judge.css(pictures)) and np.isnan(judge.css_by_syncnet(pictures))


def test_a_sound_that_ends_early_has_no_number(judge, monkeypatch):
    zeros = torch.zeros(40, 2)
    monkeypatch.setattr(row, "sync_vectors", lambda *arguments: (zeros, zeros))
    for frames, lasts in ((34, False), (35, True)):  # 35 frames are 31 windows, which are searched through
        judge.tools.clips.sound = lambda clip, frames=frames: (FPS, TIME[: (20 + frames) * 640])
        assert np.isfinite(judge.css(judge.film.target)) == lasts


def test_flicker_is_measured_between_neighbours_alone(judge):
    jumps = judge.film.target.clone()
    jumps[10:] += 0.2  # from the last before the gap to the first after it
    assert judge.flicker(jumps) == pytest.approx(0, abs=1e-4)
    jumps[30:] += 0.2
    assert judge.flicker(jumps) == pytest.approx(255 * 0.2 / 58, rel=1e-3)


def test_the_longest_run():
    assert longest_run(SEEN) == slice(10, 60) and longest_run(np.array([7])) == slice(0, 1)
