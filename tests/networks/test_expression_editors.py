r"""StarGAN and ExprGAN: shapes, codes, what a domain and an intensity change, what is refused."""

import pytest
import torch

from dnt_core.networks.exprgan import (
    ExprGANConfig,
    ExprGANCritic,
    ExprGANGenerator,
    FaceCodeCritic,
    expression_code,
)
from dnt_core.networks.stargan import StarGANConfig, StarGANCritic, StarGANGenerator, domain_codes

SIZE = (32, 48)
FACES = torch.rand(2, 3, *SIZE, generator=torch.Generator().manual_seed(0))
TYPES = torch.tensor([4, 7])


def test_domains_are_two_one_hot_vectors_and_neutral_has_no_level():
    found = domain_codes(TYPES, torch.tensor([2, -1]))
    assert found.shape == (2, 11) and found[0].nonzero().flatten().tolist() == [4, 10]
    assert found[1].nonzero().flatten().tolist() == [7]


def test_stargan_keeps_the_size_and_listens_to_the_domain():
    net = StarGANGenerator(StarGANConfig(width=4, blocks=1))
    made = net(FACES, domain_codes(TYPES, torch.tensor([0, -1])))
    other = net(FACES, domain_codes(torch.tensor([5, 7]), torch.tensor([0, -1])))
    assert made.shape == FACES.shape and 0 <= float(made.min()) and float(made.max()) <= 1
    assert (made - other)[0].abs().max() > 1e-4 and torch.equal(made[1], other[1])


def test_its_critic_speaks_of_patches_types_and_levels():
    real, types, levels = StarGANCritic(StarGANConfig(critic_width=4, critic_depth=3), SIZE)(FACES)
    assert (real.shape, types.shape, levels.shape) == ((2, 1, 4, 6), (2, 8), (2, 3))
    with pytest.raises(ValueError, match="too small"):
        StarGANCritic(StarGANConfig(critic_depth=6), SIZE)


def test_the_expression_controller_has_the_sign_of_the_label_and_the_length_of_the_intensity():
    code = expression_code(TYPES, torch.tensor([[0.2, 0.4], [1.0, 0.0]])).unflatten(1, (8, 2))
    assert code[0, 4].tolist() == pytest.approx([0.2, 0.4])
    assert code[0, 3].tolist() == pytest.approx([-0.2, -0.4])
    assert (code[1, :7] <= 0).all() and code[1, 7].tolist() == [1.0, 0.0]


def test_exprgan_draws_the_size_it_was_given_and_goes_on_between_intensities():
    net = ExprGANGenerator(ExprGANConfig(width=4, face_channels=3, code=2))
    codes = [expression_code(TYPES, torch.full((2, 2), x)) for x in (0.2, 0.4, 0.6)]
    a, b, c = (net(FACES, code) for code in codes)
    assert a.shape == FACES.shape and net.encode(FACES).shape == (2, 3, 2, 3)
    assert net.encode(FACES).abs().max() <= 1
    step = (b - a).abs().max()
    assert 1e-6 < step and (c - b).abs().max() < 5 * step


def test_its_critics():
    config = ExprGANConfig(width=4, face_channels=3, code=2)
    critic = ExprGANCritic(config, SIZE)
    assert critic.real(FACES, TYPES).shape == (2,) and critic.read_code(FACES).shape == (2, 16)
    assert not torch.equal(critic.real(FACES, TYPES), critic.real(FACES, TYPES.flip(0)))
    assert FaceCodeCritic(config, SIZE)(torch.rand(2, 3, 2, 3)).shape == (2,)


@pytest.mark.parametrize("config", [StarGANConfig, ExprGANConfig])
def test_the_seed_is_the_weights_and_a_width_of_none_is_refused(config):
    network = StarGANGenerator if config is StarGANConfig else ExprGANGenerator
    nets = [network(config(width=4, seed=s)).state_dict() for s in (0, 0, 1)]
    name = next(iter(nets[0]))
    assert torch.equal(nets[0][name], nets[1][name]) and not torch.equal(nets[0][name], nets[2][name])
    with pytest.raises(ValueError, match="width"):
        config(width=0)
