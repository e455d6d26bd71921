r"""LMD against its formula in loops, its two conventions, and what it does not see."""

import math

import pytest
import torch

from dnt_core.metrics.landmark_distance import landmark_distance_mm, landmark_distance_px


def landmarks(seed: int, frames: int = 5, points: int = 68, axes: int = 2) -> torch.Tensor:
    return 224 * torch.rand(frames, points, axes, generator=torch.Generator().manual_seed(seed))


def by_loops(real, generated, divide: bool) -> float:
    total = 0.0
    frames, points = len(real), len(real[0])
    for t in range(frames):
        centre = [
            [sum(p[a] for p in face[t]) / points for a in range(len(face[t][0]))]
            for face in (real, generated)
        ]
        for p in range(points):
            square = 0.0
            for a in range(len(centre[0])):
                square += ((real[t][p][a] - centre[0][a]) - (generated[t][p][a] - centre[1][a])) ** 2
            total += math.sqrt(square)
    return total / frames / (points if divide else 1)


@pytest.mark.parametrize("convention", ["mean", "sum"])
def test_the_formula_in_loops(convention):
    real, generated = landmarks(0), landmarks(1)
    expected = by_loops(real[:, 48:].tolist(), generated[:, 48:].tolist(), convention == "mean")
    value = landmark_distance_px(real, generated, 224, 224, convention)
    assert float(value) == pytest.approx(expected, rel=1e-5)
    mouths = landmark_distance_px(real[:, 48:], generated[:, 48:], 224, 224, convention)
    assert float(mouths) == pytest.approx(float(value))
    real, generated = landmarks(2, axes=3), landmarks(3, axes=3)
    expected = 100 * by_loops(real[:, 48:].tolist(), generated[:, 48:].tolist(), convention == "mean")
    assert float(landmark_distance_mm(real, generated, convention)) == pytest.approx(expected, rel=1e-5)


def test_the_conventions_differ_by_twenty():
    real, generated = landmarks(0), landmarks(1)
    mean, total = (landmark_distance_px(real, generated, 224, convention=c) for c in ("mean", "sum"))
    assert float(total / mean) == pytest.approx(20)


def test_the_size_is_the_reported_one():
    real, generated = landmarks(0), landmarks(1)
    at_256 = landmark_distance_px(real, generated, 224)
    assert float(at_256) == pytest.approx(float(landmark_distance_px(real, generated, 224, 224)) * 256 / 224)
    doubled = landmark_distance_px(2 * real, 2 * generated, 448)
    assert float(doubled) == pytest.approx(float(at_256))


def test_where_the_mouth_is_does_not_count():
    real = landmarks(0)
    moved = real + 30 * torch.rand(5, 1, 2)
    assert float(landmark_distance_px(real, moved, 224)) < 1e-4
    eyes = real.clone()
    eyes[:, :48] += 50 * torch.rand(5, 48, 2)
    assert float(landmark_distance_px(real, eyes, 224)) == 0
    one = real.clone()
    one[:, 50, 0] += 20.0  # one of twenty, less its share of the centre
    assert float(landmark_distance_px(real, one, 256)) == pytest.approx((19 + 19) / 20, rel=1e-5)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (dict(generated=landmarks(1, frames=4)), "real has 5 frames and generated 4"),
        (dict(real=landmarks(1, points=67)), r"\(T, 68 or 20, 2\) with T > 0, got \(5, 67, 2\)"),
        (dict(real=landmarks(1, axes=3)), r"got \(5, 68, 3\)"),
        (dict(real=landmarks(1)[:0], generated=landmarks(1)[:0]), "T > 0"),
        (dict(real=landmarks(1) * float("nan")), "real landmarks hold NaN"),
        (dict(real=landmarks(0) / 224), "within 1 px; expected px of a picture of 224 px, not shares"),
        (dict(real=landmarks(0) / 112 - 1), "not shares of its side"),
        (dict(image_size=0), "sizes must be positive"),
        (dict(image_size=math.inf), "sizes must be positive"),
        (dict(convention="both"), "convention must be 'mean' or 'sum', got 'both'"),
    ],
)
def test_bad_input_is_one_sentence(change, said):
    given = dict(real=landmarks(0), generated=landmarks(1), image_size=224) | change
    with pytest.raises(ValueError, match=said):
        landmark_distance_px(**given)
