r"""The generator as a whole: shapes, devices and dtypes, folding, counting, refusals."""

from dataclasses import replace

import pytest
import torch

from dnt_core.networks.exprgan import ExprGANGenerator
from dnt_core.networks.face_window import face_window
from dnt_core.networks.folded_pose import FoldedPose
from dnt_core.networks.generator import Generator, count_gflop, example_inputs
from dnt_core.networks.generator_config import GENERATOR_CONFIGS, GeneratorConfig
from dnt_core.networks.stargan import StarGANGenerator
from dnt_core.training.sync_network import untrained_network
from tests.networks.generator_inputs import TINY, random_ciecs, random_frames

close = torch.testing.assert_close
KINDS = [
    TINY, replace(TINY, half_resolution=False), replace(TINY, teeth=False), replace(TINY, texture="static"),
    replace(TINY, texture="set", between="blend"), replace(TINY, basis_size=6, norm="instance"),
    replace(TINY, face_window=(0.5, 0.5)),
]  # fmt: skip


def lively(config):
    r"""A generator whose residual blocks already do something."""
    generator = Generator(config)
    torch.manual_seed(0)
    for block in generator.modules():
        if hasattr(block, "second"):
            torch.nn.init.normal_(block.second.weight, std=0.2)
    return generator.eval()


@pytest.mark.parametrize("config", KINDS)
def test_renders_and_folds(config):
    generator, frames, ciecs = lively(config), random_frames(1), random_ciecs(4)
    folded = FoldedPose(generator, frames)(ciecs)
    whole = generator(frames.each(lambda t: t.expand(4, *t.shape[1:])), ciecs)
    assert whole.image.shape == (4, 3, 24, 24) and whole.attention.shape == (4, 1, 24, 24)
    for a, b in zip(folded, whole, strict=True):
        close(a, b, atol=2e-5, rtol=1e-4)
    window = face_window(frames.hole, config.face_window)  # cut out before
    cut = FoldedPose(generator, frames.inside(window), window, frames.background)(ciecs)
    assert all(torch.equal(a, b) for a, b in zip(cut, folded, strict=True))


def test_the_expression_moves_the_picture_unless_the_texture_is_static():
    frames = random_frames(1).each(lambda t: t.expand(2, *t.shape[1:]))
    ciecs = torch.eye(7)[[4, 5]]
    for config, moves in (
        (replace(TINY, teeth=False), True),
        (replace(TINY, teeth=False, texture="static"), False),
    ):
        image = lively(config)(frames, ciecs).image
        assert ((image[0] - image[1]).abs().max() > 1e-5) == moves


def test_gradients_reach_everything():
    generator = lively(TINY)
    rendered = generator(random_frames(), random_ciecs())
    (rendered.image.square().sum() + rendered.texture_color.sum()).backward()
    assert [n for n, p in generator.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0] == []


def test_training_keeps_layouts():
    r"""With channels last, as trainings have it, sums of gradients and what is sliced lie as what follows
    is fast on."""
    generator = lively(TINY).to(memory_format=torch.channels_last)
    steps = generator.steps(random_frames(), random_ciecs())
    found = []
    steps.sampled.register_hook(found.append)
    (steps.color.sum() + steps.texture_color.square().sum()).backward()
    assert found[0].is_contiguous(memory_format=torch.channels_last)
    assert steps.color.is_contiguous() and steps.attention.is_contiguous()


def test_dtype_follows_the_inputs():
    generator = lively(TINY).double()
    image = generator(random_frames().each(torch.Tensor.double), random_ciecs().double()).image
    assert image.dtype == torch.float64
    single = lively(TINY)(random_frames(), random_ciecs()).image
    close(image.float(), single, atol=1e-5, rtol=1e-4)


def test_gradcheck():
    config = replace(
        TINY, texture_size=4, bases=2, width=2, teeth_width=2, background_width=2, detail_width=2
    )
    generator = lively(config).double()
    frames = random_frames(1, 8, dtype=torch.float64)
    ciec = random_ciecs(1, dtype=torch.float64).requires_grad_()
    inputs = (ciec, generator.texture.neutral, generator.renderer.head.weight)
    assert torch.autograd.gradcheck(lambda *_: generator(frames, ciec)[:3], inputs, fast_mode=True)


def test_same_seed_same_weights():
    a, b, other = Generator(TINY), Generator(TINY), Generator(replace(TINY, seed=1))
    states = [g.state_dict() for g in (a, b, other)]
    assert all(torch.equal(states[0][k], states[1][k]) for k in states[0])
    assert not torch.equal(states[0]["renderer.head.weight"], states[2]["renderer.head.weight"])


def test_making_one_leaves_the_global_random_numbers_alone():
    torch.manual_seed(3)
    wanted = torch.rand(1)
    torch.manual_seed(3)
    Generator(TINY)
    assert torch.equal(torch.rand(1), wanted)


def test_making_one_leaves_the_random_numbers_of_gpus_alone(monkeypatch):
    seeded = []
    monkeypatch.setattr(torch.cuda, "manual_seed_all", seeded.append)
    for make in (lambda: Generator(TINY), StarGANGenerator, ExprGANGenerator, untrained_network):
        make()
    assert not seeded


def test_its_weights_follow_from_the_seed_whatever_the_default_device():
    try:
        torch.set_default_device("meta")
        generator = Generator(TINY)
    finally:
        torch.set_default_device(None)
    for mine, theirs in zip(
        generator.state_dict().values(), Generator(TINY).state_dict().values(), strict=True
    ):
        assert torch.equal(mine, theirs)


def test_counting():
    generator = Generator(TINY)
    small, large = (count_gflop(generator, size) for size in (32, 64))
    assert 3 < large / small < 4.5
    # the head alone: 3 × 3 from all channels to 4 × 4 at half the size, a multiplication and an addition each
    assert large * 1e9 > 2 * 32 * 32 * 9 * (TINY.width + TINY.detail_width) * 16


def test_sizes_by_profile_are_what_they_say():
    laptop = Generator(GENERATOR_CONFIGS["laptop"])
    assert count_gflop(laptop, 256) < 1.1
    small = Generator(GENERATOR_CONFIGS["laptop_128"])
    assert count_gflop(small, 128) < 0.35
    numbers = [sum(p.numel() for p in generator.parameters()) for generator in (laptop, small)]
    sizes = [2 * count for count in numbers]  # bytes in 16 bits
    assert sizes[0] + 3 * sizes[1] < 20e6  # shipped: one at 256 px, three at 128


def test_config_round_trip_and_refusals():
    assert GeneratorConfig.from_json(TINY.to_json()) == TINY
    for make, message in (
        (lambda: GeneratorConfig(texture="neural"), "neural"),
        (lambda: GeneratorConfig(width=0), "width must be at least 1, got 0"),
        (lambda: GeneratorConfig.from_json('{"wide": 3}'), "unknown key 'wide'"),
    ):
        with pytest.raises(ValueError, match=message):
            make()


def test_wrong_shapes_are_named():
    generator, frames = Generator(TINY), example_inputs(16, 2)
    with pytest.raises(ValueError, match=r"hole has shape \(1, 1, 16, 16\); expected \(2, 1, 16, 16\)"):
        generator(frames._replace(hole=frames.hole[:1]), torch.zeros(2, 7))
    with pytest.raises(ValueError, match=r"ciec has shape \(2, 8\); expected \(2, 7\)"):
        generator(frames, torch.zeros(2, 8))
    with pytest.raises(ValueError, match="one pose at a time"):
        FoldedPose(generator, frames)


def test_the_config_of_version_0_1_is_read():
    old = GeneratorConfig(max_width_mult=2).to_json().replace("max_width_mult", "most")
    assert GeneratorConfig.from_json(old) == GeneratorConfig(max_width_mult=2)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_a_ciec_that_is_not_finite_is_one_sentence_and_no_picture(wrong):
    generator, frames, ciecs = lively(TINY), random_frames(2), random_ciecs(2)
    ciecs[1, 3] = wrong
    with pytest.raises(ValueError, match="ciec holds NaN or infinity"):
        generator(frames, ciecs)
