r"""Detail's strength and the mouth's error: closed forms, and what they are blind to."""

import pytest
import torch
from torch.nn import functional as F

from dnt_core.metrics.sharpness import DetailEnergies
from dnt_core.training.detail_loss import TINY, detail_strength_loss, mouth_detail_loss, mouth_error

ALL = torch.ones(1, 1, 32, 32)


def noise(seed: int = 0) -> torch.Tensor:
    grey = torch.rand(1, 1, 32, 32, generator=torch.Generator().manual_seed(seed))
    return grey.expand(-1, 3, -1, -1)


def test_the_same_picture_costs_nothing_and_a_blurred_one_does():
    picture = noise()
    blurred = F.avg_pool2d(picture, 3, 1, 1)
    assert detail_strength_loss(picture, picture, ALL) == 0
    half = detail_strength_loss((picture + blurred) / 2, picture, ALL)
    assert detail_strength_loss(blurred, picture, ALL) > half > 0.01


def test_other_detail_of_the_same_strength_costs_a_fraction_of_a_blur():
    picture = noise()
    other, flat = (
        detail_strength_loss(noise(1), picture, ALL),
        detail_strength_loss(0 * picture, picture, ALL),
    )
    assert other < 0.2 * flat


def test_a_checkerboard_of_half_the_contrast_costs_half_its_strength():
    row, column = torch.meshgrid(torch.arange(33), torch.arange(33), indexing="ij")
    board = ((row + column) % 2 * 2.0 - 1).expand(1, 3, -1, -1) / 4
    inside = torch.zeros(1, 1, 33, 33)
    inside[..., 8:-8, 8:-8] = 1
    cost = detail_strength_loss(0.5 + board / 2, 0.5 + board, inside) / inside.mean()
    detail = 1 - 1 / 9  # of ±1, less the mean of 3 × 3 that is ±1/9
    assert cost == pytest.approx(detail / 8, abs=2 * TINY)


def test_a_grid_of_pixels_does_not_pass_for_detail_in_large_pictures():
    rows = (torch.arange(256) % 2 * 0.1)[:, None].expand(1, 3, 256, 256) + 0.4
    flat, face = torch.full_like(rows, 0.45), torch.ones(1, 1, 256, 256)
    pores = 0.45 + 0.1 * F.interpolate(noise()[..., :16, :16], size=(256, 256)) - 0.05
    assert detail_strength_loss(rows, pores, face) == pytest.approx(
        float(detail_strength_loss(flat, pores, face))
    )
    assert (
        detail_strength_loss(rows[..., :128, :128], flat[..., :128, :128], ALL.new_ones(1, 1, 128, 128))
        > 0.01
    )


def test_edges_of_a_pixel_count_in_a_large_mouth_and_nothing_outside_does():
    teeth = (torch.arange(256) % 8 < 1)[:, None].float().expand(2, 3, 256, 256) / 2
    soft = F.avg_pool2d(F.pad(teeth, (1,) * 4, mode="replicate"), 3, 1)
    mouths = torch.zeros(2, 1, 256, 256)
    mouths[0, :, 120:136, 100:150] = 1  # the other one is shut
    energies = DetailEnergies()
    energies.add(soft[:1], teeth[:1], {"mouth": mouths[:1]})
    (mine, true, _), area = energies.of_frames("mouth")[0], mouths.sum()
    wanted = abs((mine / area) ** 0.5 - (true / area) ** 0.5) * mouths.mean()
    assert mouth_detail_loss(soft, teeth, mouths) == pytest.approx(float(wanted), rel=1e-3) and wanted > 0
    finest = 0.4 + 0.2 * (torch.arange(256) % 2)[:, None].expand(2, 3, 256, 256)
    flat = torch.full_like(finest, 0.5)
    assert detail_strength_loss(flat, finest, mouths) < 1e-6 < 1e-4 < mouth_detail_loss(flat, finest, mouths)
    assert mouth_detail_loss(soft * mouths + teeth * (1 - mouths), teeth, 0 * mouths) == 0
    spoilt = teeth.clone()
    spoilt[..., 150:, :] = 0.5
    assert mouth_detail_loss(spoilt, teeth, mouths) == 0


def test_only_where_it_counts_and_as_much_as_it_counts():
    picture, left = noise(), ALL.clone()
    left[..., 16:] = 0
    spoilt = picture.clone()
    spoilt[..., 20:] = 0.5
    assert detail_strength_loss(spoilt, picture, left) == 0
    one = detail_strength_loss(spoilt, picture, ALL)
    assert detail_strength_loss(spoilt, picture, 4 * ALL) == pytest.approx(4 * float(one))


def test_gradients_are_finite_where_there_is_no_detail():
    flat = torch.full((1, 3, 32, 32), 0.5, requires_grad=True)
    detail_strength_loss(flat, noise(), ALL).backward()
    mouth_detail_loss(flat, noise(), ALL).backward()
    mouth_error(flat, flat.detach(), ALL).backward()
    assert flat.grad.isfinite().all()


def test_a_small_mouth_counts_as_much_as_a_large_one_and_a_shut_one_not_at_all():
    mouths = torch.zeros(3, 1, 64, 64)
    mouths[0, :, 30:32, 30:34] = mouths[1, :, 20:40, 10:50] = 1
    target = torch.full((3, 3, 64, 64), 0.5)
    each = [mouth_error(target + 0.1, target, mouths[k : k + 1].expand(3, -1, -1, -1)) for k in range(3)]
    assert [float(x) for x in each] == pytest.approx([0.1, 0.1, 0], abs=1e-4)
    assert mouth_error(target + 0.1, target, mouths) == pytest.approx(0.2 / 3, abs=1e-4)
