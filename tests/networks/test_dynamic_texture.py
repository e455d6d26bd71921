r"""Dynamic, static and set textures: continuity, the neutral texture, and bases folded into one pose."""

import pytest
import torch

from dnt_core.ciec import C, encode
from dnt_core.networks.dynamic_texture import DynamicTexture
from dnt_core.networks.neural_texture import StaticTexture
from dnt_core.networks.texture_set import TextureSet
from tests.networks.generator_inputs import random_ciecs, random_frames

close = torch.testing.assert_close
KINDS = [
    StaticTexture(12, 4),
    DynamicTexture(12, 4, bases=5, hidden=(8, 8)),
    DynamicTexture(12, 4, bases=5, basis_size=6, hidden=(8,)),
    TextureSet(12, 4),
    TextureSet(12, 4, between="blend"),
]


def test_texture_is_the_sum_of_its_bases():
    texture = DynamicTexture(8, 4, bases=3, hidden=(6,))
    ciec = random_ciecs(3)
    h = torch.tanh(ciec @ texture.transcoder.layers[0].weight.T + texture.transcoder.layers[0].bias)
    weights = h @ texture.transcoder.layers[1].weight.T + texture.transcoder.layers[1].bias
    for b in range(3):
        wanted = texture.neutral.clone()
        for k in range(3):
            wanted = wanted + weights[b, k] * texture.basis[k]
        close(texture(ciec)[b], wanted)


@pytest.mark.parametrize("texture", KINDS, ids=lambda t: type(t).__name__)
def test_folded_bases_give_the_same_picture(texture):
    frames = random_frames(1)
    ciecs = random_ciecs(6)
    neutral, bases = texture.sample_bases(frames.uv_map, frames.mask)
    folded = neutral + torch.einsum("bk,knhw->bnhw", texture.weights(ciecs), bases)
    uv, mask = (t.expand(6, -1, -1, -1) for t in (frames.uv_map, frames.mask))
    close(folded, texture.sample(ciecs, uv, mask), atol=1e-6, rtol=1e-5)
    assert folded.abs().max() > 0 and (folded * (1 - frames.mask) == 0).all()


def test_zero_ciec_is_a_texture_of_its_own_and_learns():
    texture = DynamicTexture(8, 4, bases=3)
    zero = torch.zeros(1, C)
    assert texture(zero).abs().mean() > 1e-3
    texture(zero).square().sum().backward()
    assert all(
        p.grad.abs().sum() > 0 for p in (texture.neutral, texture.basis, texture.transcoder.layers[0].bias)
    )


def test_untrained_texels_are_small_noise_from_the_seed():
    a, b, other = (DynamicTexture(8, 4, bases=3, seed=s) for s in (1, 1, 2))
    assert (
        0 < a.neutral.std() < 0.05 and torch.equal(a.basis, b.basis) and not torch.equal(a.basis, other.basis)
    )
    assert torch.equal(a.transcoder.layers[0].weight, b.transcoder.layers[0].weight)


def test_the_texture_is_no_steeper_than_its_bound():
    texture = DynamicTexture(8, 4, bases=6)
    with torch.no_grad():
        texture.basis.normal_(generator=torch.Generator().manual_seed(0))
    bound, slope = texture.lipschitz_bound(), texture.measured_slope()
    assert 0 < slope <= bound
    generator = torch.Generator().manual_seed(1)
    a, b = torch.rand(2, 200, C, generator=generator)
    b[:100] = a[:100] + 1e-3 * (b[:100] - a[:100])
    difference = (texture(a) - texture(b)).flatten(1).square().mean(1).sqrt()
    assert (difference <= bound * (a - b).norm(dim=1) + 1e-6).all()
    ends = texture(encode("happy", torch.tensor([0.0, 1.0])))
    assert (
        ends[1] - ends[0]
    ).square().mean().sqrt() <= slope + 1e-5  # no walk is longer than its steepest part allows


def test_nearest_texture_of_the_set_jumps_and_the_blend_does_not():
    intensity = torch.linspace(0, 1, 401)
    ciec = encode(torch.full((401,), 4), intensity)
    steps = {}
    for between in ("nearest", "blend"):
        texture = TextureSet(6, 4, between=between)
        steps[between] = texture(ciec).flatten(1).diff(dim=0).norm(dim=1)
        same = TextureSet(6, 4, between="blend")(ciec[[0, 132, 268, 400]])
        close(
            texture(ciec[[0, 132, 268, 400]]), same, atol=2e-4, rtol=0
        )  # on the filmed intensities they agree
    assert (steps["nearest"] > 0).sum() == 3  # 0 → 1/3 → 2/3 → 1
    assert steps["blend"].max() < 0.05 * steps["nearest"].max()


def test_dynamic_texture_has_no_jump():
    texture = DynamicTexture(6, 4, bases=4)
    ciec = encode(torch.full((401,), 4), torch.linspace(0, 1, 401))
    steps = texture(ciec).flatten(1).diff(dim=0).square().mean(1).sqrt()
    assert steps.max() <= texture.measured_slope(400) / 400 * 1.01


def test_static_texture_ignores_the_expression():
    texture = StaticTexture(6, 4)
    assert torch.equal(texture(random_ciecs(2))[0], texture(torch.zeros(1, C))[0])


def test_set_color():
    texture = DynamicTexture(8, 4, bases=2)
    texture.set_color(torch.full((3, 20, 20), 0.7))
    close(texture.neutral[:3], torch.full((3, 8, 8), 0.7))
    with pytest.raises(ValueError, match=r"expected \(3, T, T\)"):
        texture.set_color(torch.zeros(4, 8, 8))


def test_gradients():
    texture = DynamicTexture(4, 3, bases=2, basis_size=3, hidden=(3,)).double()
    frames = random_frames(1, 4, dtype=torch.float64)
    ciec = random_ciecs(1, dtype=torch.float64).requires_grad_()
    parameters = [texture.neutral, texture.basis, ciec]
    assert torch.autograd.gradcheck(lambda *_: texture.sample(ciec, frames.uv_map, frames.mask), parameters)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DynamicTexture(8, bases=0), "at least one basis"),
        (lambda: StaticTexture(8, 2), "3 channels"),
        (lambda: TextureSet(8, between="cubic"), "cubic"),
        (lambda: TextureSet(8, intensities=(0.5, 0.5)), "ascend"),
        (lambda: StaticTexture(8).sample_bases(torch.zeros(2, 2, 3, 3)), "one pose at a time, got 2"),
    ],
)
def test_refusals(make, message):
    with pytest.raises(ValueError, match=message):
        make()
