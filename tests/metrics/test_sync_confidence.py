r"""CSS against its definition in loops: the sign of the offset, both treatments of the ends, and controls."""

import numpy as np
import pytest
import torch
from torch import nn

from dnt_core.metrics.sync_confidence import sync_confidence
from dnt_core.metrics.syncnet_vectors import syncnet_vectors


def vectors(n: int = 80, d: int = 16, seed: int = 0) -> torch.Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed))


def by_loops(lips, sound, edges: str) -> tuple[float, int, list[float]]:
    lips, sound = lips.double().numpy(), sound.double().numpy()
    count, means = len(lips), []
    for j in range(31):
        distances = []
        for i in range(count):
            k = i + j - 15
            if 0 <= k < count:
                distances.append(np.sqrt(((lips[i] - sound[k]) ** 2).sum()))
            elif edges == "zeros":
                distances.append(np.sqrt((lips[i] ** 2).sum()))
        means.append(float(np.mean(distances)))
    return float(np.median(means) - min(means)), 15 - int(np.argmin(means)), means


@pytest.mark.parametrize("edges", ["zeros", "existing"])
@pytest.mark.parametrize("count", [31, 40, 80])
def test_the_definition_in_loops(edges, count):
    lips, sound = vectors(count), vectors(count, seed=1) + 0.5 * vectors(count)
    confidence, offset, means = by_loops(lips, sound, edges)
    found = sync_confidence(lips, sound, edges=edges)
    assert found.confidence == pytest.approx(confidence, rel=1e-4)
    assert found.offset == offset and found.windows == count
    np.testing.assert_allclose(found.distances, means, rtol=1e-5)
    assert found.distance == pytest.approx(min(means), rel=1e-5)


@pytest.mark.parametrize("count", [1, 2, 7, 15, 16])
def test_zeros_take_any_length(count):
    lips, sound = vectors(count), vectors(count, seed=1)
    confidence, offset, means = by_loops(lips, sound, "zeros")
    found = sync_confidence(lips, sound, edges="zeros")
    np.testing.assert_allclose(found.distances, means, rtol=1e-5)
    assert found.offset == offset and found.confidence == pytest.approx(confidence, abs=1e-5)


@pytest.mark.parametrize("edges", ["zeros", "existing"])
@pytest.mark.parametrize("late", [-7, -1, 0, 3, 12])
def test_sound_that_is_late_gives_a_negative_offset(edges, late):
    film = vectors(130)
    lips = film[20:100]
    sound = film[20 - late : 100 - late]  # what is seen at window i is heard at i + late
    assert sync_confidence(lips, sound, edges=edges).offset == -late


def test_shuffled_sound_is_not_sure():
    lips = vectors(120)
    sound = lips + 0.3 * vectors(120, seed=1)
    order = torch.randperm(120, generator=torch.Generator().manual_seed(2))
    right, wrong = (sync_confidence(lips, s).confidence for s in (sound, sound[order]))
    assert right > 10 * wrong > 0


def test_zeros_lower_the_confidence_of_short_clips():
    lips = 3 + vectors(31)  # long vectors that differ little, as SyncNet's do not differ much by comparison
    sound = lips + 0.3 * vectors(31, seed=1)
    both = {e: sync_confidence(lips, sound, edges=e) for e in ("zeros", "existing")}
    assert both["zeros"].offset == both["existing"].offset == 0
    short = both["zeros"].confidence - both["existing"].confidence
    lips, sound = lips.repeat(20, 1)[:600], sound.repeat(20, 1)[:600]
    long = [sync_confidence(lips, sound, edges=e).confidence for e in ("zeros", "existing")]
    assert abs(short) > 5 * abs(long[0] - long[1])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (dict(lips=vectors(40), sound=vectors(41)), r"\(40, 16\) and \(41, 16\)"),
        (dict(lips=vectors(30), sound=vectors(30)), "30 windows of five frames, expected at least 31"),
        (dict(lips=vectors(0), sound=vectors(0), edges="zeros"), "expected at least 1"),
        (dict(lips=vectors(40), sound=vectors(40), edges="wrap"), "'zeros' or 'existing', got 'wrap'"),
        (dict(lips=vectors(40), sound=vectors(40), max_shift=0), "at least 1, got 0"),
        (dict(lips=vectors(40) / 0, sound=vectors(40)), "NaN or infinity"),
    ],
)
def test_bad_input_is_one_sentence(given, said):
    with pytest.raises(ValueError, match=said):
        sync_confidence(**given)


class Spy(nn.Module):
    r"""Stands for SyncNet: its vectors are its input's means."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def embed_lips(self, frames):
        assert frames.shape[1:] == (3, 5, 224, 224)
        return frames.mean((3, 4)).flatten(1)  # blue of five frames, green of five, red of five

    def embed_sound(self, mfcc):
        assert mfcc.shape[1:] == (1, 13, 20)
        return mfcc[:, 0, 0]


@pytest.mark.parametrize("batch", [1, 4, 100])
def test_windows_of_picture_and_sound(batch):
    frames = np.zeros((12, 50, 50, 3), np.uint8)
    frames[..., 0] = np.arange(12)[:, None, None]  # red
    frames[..., 2] = 100
    samples = 0.1 * np.random.default_rng(0).standard_normal(12 * 640)
    lips, sound = syncnet_vectors(Spy(), frames, samples, batch=batch)
    assert lips.shape == (7, 15) and sound.shape == (7, 20)
    for k in range(7):
        assert lips[k].tolist() == [100.0] * 5 + [0.0] * 5 + [float(k + j) for j in range(5)]
    torch.testing.assert_close(sound[1:, :16], sound[:-1, 4:])  # four steps further per frame


def test_other_rates_are_brought_to_25():
    frames = np.zeros((60, 8, 8, 3), np.uint8)
    frames[..., 0] = np.arange(60)[:, None, None]
    lips, _ = syncnet_vectors(Spy(), frames, np.zeros(32000), fps=30)
    assert len(lips) == 45  # 60 frames at 30 are 50 at 25
    assert lips[10, 10] == 12 and lips[25, 10] == 30


@pytest.mark.parametrize(
    ("frames", "samples", "said"),
    [
        (np.zeros((5, 8, 8, 3), np.uint8), np.zeros(16000), "too short; expected at least 6 frames"),
        (np.zeros((25, 8, 8, 3), np.uint8), np.zeros(3000), "too short"),
        (np.zeros((25, 8, 8, 3)), np.zeros(16000), "uint8, got .* float64"),
    ],
)
def test_bad_film_is_one_sentence(frames, samples, said):
    with pytest.raises(ValueError, match=said):
        syncnet_vectors(Spy(), frames, samples)
