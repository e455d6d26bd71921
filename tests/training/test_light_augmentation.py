r"""Other light: the same on face and background, drawn by the step, nothing in the hole but its filling."""

import torch

from dnt_core.training.light_augmentation import light_fields, relight


def test_gain_and_side_light_are_those_asked_for():
    frames = torch.full((2, 3, 16, 16), 0.25)
    lit = relight(frames, torch.tensor([[0.5, 0.0], [0.0, 0.3]]))
    torch.testing.assert_close(lit[0], frames[0] * torch.tensor(0.5).exp())
    ramp = 0.25 * torch.exp(0.3 * torch.linspace(-1, 1, 16))
    torch.testing.assert_close(lit[1], ramp.expand(3, 16, 16))


def test_no_light_changes_nothing_and_bright_light_stays_a_picture():
    frames = torch.rand(1, 3, 16, 16)
    assert torch.equal(relight(frames, torch.zeros(1, 2)), frames)
    assert relight(frames, torch.ones(1, 2)).max() <= 1


def test_fields_follow_from_the_seed_and_stay_within_the_strength():
    one, again, other = (light_fields(500, 0.2, seed) for seed in ((0, 7, 1), (0, 7, 1), (0, 7, 2)))
    assert torch.equal(one, again) and not torch.equal(one, other)
    assert 0.15 < one.abs().max() <= 0.2 and one.mean().abs() < 0.02
