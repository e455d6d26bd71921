r"""SSIM against the formula of its paper, window by window."""

import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity

from dnt_core.metrics.ssim import ssim_map

ROW = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
WINDOW = np.outer(ROW, ROW) / ROW.sum() ** 2


def one_window(a, b):
    r"""Wang et al. 2004, equation 13, of two windows (11, 11)."""
    mean_a, mean_b = (WINDOW * a).sum(), (WINDOW * b).sum()
    spread_a, spread_b = (WINDOW * (a - mean_a) ** 2).sum(), (WINDOW * (b - mean_b) ** 2).sum()
    together = (WINDOW * (a - mean_a) * (b - mean_b)).sum()
    like = (2 * mean_a * mean_b + 0.01**2) * (2 * together + 0.03**2)
    return like / ((mean_a**2 + mean_b**2 + 0.01**2) * (spread_a + spread_b + 0.03**2))


@pytest.fixture
def pictures():
    random = np.random.default_rng(0)
    target = random.random((2, 3, 20, 31))
    return target, (target + random.normal(0, 0.2, target.shape)).clip(0, 1)


@pytest.mark.parametrize(("row", "column"), [(10, 9), (5, 5), (14, 25), (2, 30), (0, 0)])
def test_each_pixel_is_that_of_the_formula(pictures, row, column):
    found = ssim_map(*map(torch.from_numpy, pictures))
    assert found.shape == (2, 1, 20, 31) and found.dtype == torch.float64
    for n in range(2):
        pairs = (
            [
                np.pad(picture[n, colour], 5, "symmetric")[row : row + 11, column : column + 11]
                for picture in pictures
            ]
            for colour in range(3)
        )
        assert found[n, 0, row, column].item() == pytest.approx(np.mean([one_window(*p) for p in pairs]))


def test_without_the_outer_5_px_the_mean_is_that_of_other_packages(pictures):
    target, image = (picture[0] for picture in pictures)
    theirs = structural_similarity(
        image, target, data_range=1, channel_axis=0, gaussian_weights=True, use_sample_covariance=False
    )
    found = ssim_map(*map(torch.from_numpy, pictures))[0, 0]
    assert found[5:-5, 5:-5].mean().item() == pytest.approx(theirs)
    assert found.mean().item() != pytest.approx(theirs, abs=1e-3)


def test_a_flat_picture_is_like_itself_and_a_gradient_is_no_hindrance():
    flat = torch.full((1, 3, 11, 11), 0.7, requires_grad=True)
    assert float(ssim_map(flat, flat).min()) == 1


@pytest.mark.parametrize("shape", [(1, 3, 10, 20), (3, 20, 20)])
def test_what_has_no_window_is_refused(shape):
    with pytest.raises(ValueError, match="at least 11 px"):
        ssim_map(torch.zeros(shape), torch.zeros(shape))


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match=r"\(1, 3, 11, 11\) and \(2, 3, 11, 11\)"):
        ssim_map(torch.zeros(1, 3, 11, 11), torch.zeros(2, 3, 11, 11))


def test_whole_numbers_are_refused(pictures):
    image, target = ((255 * torch.from_numpy(picture)).byte() for picture in pictures)
    with pytest.raises(TypeError, match="uint8"):
        ssim_map(image, target)
