r"""Other light: the same on face and background, drawn by the step, nothing in the hole but its filling."""

import torch

from dnt_core.networks.generator import example_inputs
from dnt_core.training.generator_data import Batch
from dnt_core.training.light_augmentation import light_fields, relight


def test_gain_and_side_light_fall_on_frame_and_background_alike():
    frame = example_inputs(16, 2)
    target = torch.full((2, 3, 16, 16), 0.25)
    fields = torch.tensor([[0.5, 0.0], [0.0, 0.3]])
    lit = relight(Batch(frame, torch.zeros(2, 7), target), fields)
    torch.testing.assert_close(lit.target[0], target[0] * torch.tensor(0.5).exp())
    ramp = 0.25 * torch.exp(0.3 * torch.linspace(-1, 1, 16))
    torch.testing.assert_close(lit.target[1], ramp.expand(3, 16, 16))
    outside = frame.hole.expand(-1, 3, -1, -1) == 0
    torch.testing.assert_close(lit.frame.background[outside], lit.target[outside])
    assert (lit.frame.background[~outside] == 0.5).all()
    assert lit.frame.uv_map is frame.uv_map


def test_no_light_changes_nothing_and_bright_light_stays_a_picture():
    frame = example_inputs(16)
    batch = Batch(frame, torch.zeros(1, 7), torch.rand(1, 3, 16, 16))
    assert torch.equal(relight(batch, torch.zeros(1, 2)).target, batch.target)
    assert relight(batch, torch.ones(1, 2)).target.max() <= 1


def test_fields_follow_from_the_seed_and_stay_within_the_strength():
    one, again, other = (light_fields(500, 0.2, seed) for seed in ((0, 7, 1), (0, 7, 1), (0, 7, 2)))
    assert torch.equal(one, again) and not torch.equal(one, other)
    assert 0.15 < one.abs().max() <= 0.2 and one.mean().abs() < 0.02
