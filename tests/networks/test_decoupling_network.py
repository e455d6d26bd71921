r"""The decoupling network changes the expression alone; its discriminator says one number a face."""

import pytest
import torch

from dnt_core.networks.decoupling_network import DecouplingNetwork
from dnt_core.networks.neutral_discriminator import NeutralDiscriminator


def _shaken(network, seed=0):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.1 * torch.randn(weight.shape, generator=generator, dtype=weight.dtype))
    return network


def test_untrained_it_changes_nothing():
    expression = torch.randn(5, 7, 64)
    torch.testing.assert_close(DecouplingNetwork()(expression), expression, rtol=0, atol=0)


def test_everything_but_the_expression_is_the_same_tensor(random_parameters):
    before = random_parameters(6)
    after = _shaken(DecouplingNetwork((32,))).decouple(before)
    for name in ("identity", "texture", "illumination", "pose"):
        assert torch.equal(getattr(after, name), getattr(before, name)), name
    assert (after.expression - before.expression).abs().max() > 0.01


def test_blend_is_the_straight_line_between_both(random_parameters):
    before, network = random_parameters(3), _shaken(DecouplingNetwork((32,)))
    ends = before.expression, network(before.expression)
    for blend in (0.0, 0.3, 1.0):
        expected = (1 - blend) * ends[0] + blend * ends[1]
        torch.testing.assert_close(network.decouple(before, blend).expression, expected)


def test_a_network_without_the_residual_starts_elsewhere():
    expression = torch.randn(4, 64)
    assert (DecouplingNetwork(residual=False)(expression) - expression).abs().mean() > 0.1


def test_dtype_and_gradient():
    network = _shaken(DecouplingNetwork((8,)).double())
    expression = torch.randn(2, 64, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(network, (expression,))


def test_a_wrong_size_is_said():
    with pytest.raises(ValueError, match=r"64.*\(3, 257\)"):
        DecouplingNetwork()(torch.zeros(3, 257))


def test_discriminator_gives_one_logit_a_face_and_listens_when_told():
    faces, condition = torch.randn(9, 64), torch.eye(7)[torch.arange(9) % 7]
    assert NeutralDiscriminator((16,))(faces).shape == (9,)
    informed = NeutralDiscriminator((16,), condition_dim=7)
    assert informed(faces, condition).shape == (9,)
    assert not torch.allclose(informed(faces, condition), informed(faces, 0 * condition))
    with pytest.raises(ValueError, match="told 7"):
        informed(faces)
    with pytest.raises(ValueError, match="told 0"):
        NeutralDiscriminator((16,))(faces, condition)
