r"""Flicker: nothing for the truth and for a constant error, the change of the error otherwise."""

import pytest
import torch

from dnt_core.metrics.flicker import flicker


def film(frames=5):
    return torch.rand(frames, 3, 8, 8, generator=torch.Generator().manual_seed(0)) * 0.5 + 0.2


WHOLE = torch.ones(5, 1, 8, 8)


def test_an_error_that_stays_is_no_flicker():
    assert float(flicker(film(), film(), WHOLE).max()) == 0
    assert float(flicker(film() + 0.1, film(), WHOLE).max()) == pytest.approx(0, abs=1e-4)


def test_an_error_that_alternates_flickers_by_twice_its_size():
    sign = torch.tensor([1.0, -1, 1, -1, 1])[:, None, None, None]
    found = flicker(film() + 0.02 * sign, film(), WHOLE)
    torch.testing.assert_close(found, torch.full((4,), 255 * 0.04), atol=1e-3, rtol=0)


def test_a_frozen_frame_flickers_as_much_as_the_film_moves():
    moves = film().diff(dim=0).abs().mean((1, 2, 3)) * 255
    torch.testing.assert_close(flicker(film()[:1].expand(5, -1, -1, -1), film(), WHOLE), moves)


def test_only_the_mask_counts():
    mask = torch.zeros(5, 1, 8, 8)
    mask[:, :, :4] = 1
    broken = film()
    broken[2, :, 4:] = 1
    assert float(flicker(broken, film(), mask).max()) == 0
    assert flicker(film(), film(), 0 * mask).isnan().all()


def test_shapes_that_do_not_fit_are_said():
    with pytest.raises(ValueError, match="T ≥ 2"):
        flicker(film(1), film(1), WHOLE[:1])
    with pytest.raises(ValueError, match="mask"):
        flicker(film(), film(), WHOLE[:, :, :4])


def test_whole_numbers_are_refused():
    levels = (film() * 255).byte()  # their differences would wrap around at 256
    with pytest.raises(TypeError, match="uint8"):
        flicker(levels, levels, WHOLE)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_frames_in_half_precision_flicker_as_much(dtype):
    r"""The pixels of a picture of 256 px are more than a half number holds."""
    drawn, true = torch.rand(2, 2, 3, 256, 256, generator=torch.Generator().manual_seed(0)).to(dtype)
    for mask in (torch.ones(2, 1, 256, 256, dtype=dtype), torch.ones(2, 1, 256, 256, dtype=torch.bool)):
        exact = flicker(drawn.double(), true.double(), mask.double())
        assert float(flicker(drawn, true, mask)) == pytest.approx(float(exact), rel=1e-5)
