r"""Equation 1, the joint convolution, and the renderer's shapes."""

import pytest
import torch
from torch.nn import functional as F

from dnt_core.networks.neural_renderer import JointConvolution, NeuralRenderer, blend

close = torch.testing.assert_close
SOURCES = {"texture": 4, "teeth": 3, "background": 2}


def features(size=16, batch=2):
    generator = torch.Generator().manual_seed(0)
    return {name: torch.rand(batch, n, size, size, generator=generator) for name, n in SOURCES.items()}


def hole(size=16, batch=2):
    return torch.zeros(batch, 1, size, size).index_fill_(3, torch.arange(size // 2), 1.0)


def test_equation_1():
    color, background = torch.rand(2, 2, 3, 5, 5)
    zeros, ones = torch.zeros(2, 1, 5, 5), torch.ones(2, 1, 5, 5)
    assert torch.equal(blend(color, zeros, background), background)
    assert torch.equal(blend(color, ones, background), color)
    close(blend(color, 0.25 * ones, background), 0.25 * color + 0.75 * background)


@pytest.mark.parametrize("stride", [1, 2])
def test_joint_convolution_is_the_convolution_of_the_concatenation(stride):
    joint = JointConvolution(SOURCES, 5, stride)
    values = features()
    weight = torch.cat([joint.weight[name] for name in SOURCES], 1)
    close(joint(**values), F.conv2d(torch.cat(list(values.values()), 1), weight, joint.bias, stride, 1))


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("size", [16, 21])
def test_shapes_and_ranges(half, size):
    color, attention = NeuralRenderer(SOURCES, width=4, depth=3, half_resolution=half)(
        hole(size), **features(size)
    )
    assert color.shape == (2, 3, size, size) and attention.shape == (2, 1, size, size)
    for out in (color, attention):
        assert 0 <= out.min() and out.max() <= 1


@pytest.mark.parametrize("half", [False, True])
def test_every_source_and_weight_takes_part(half):
    net = NeuralRenderer(SOURCES, width=4, depth=2, half_resolution=half)
    values = {name: value.requires_grad_() for name, value in features().items()}
    for block in net.modules():
        if hasattr(block, "second"):
            torch.nn.init.normal_(block.second.weight, std=0.2)
    color, attention = net(hole(), **values)
    (color.sum() + attention.sum()).backward()
    assert all(value.grad.abs().sum() > 0 for value in values.values())
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())


def test_detail_goes_past_the_unet_pixel_by_pixel():
    net = NeuralRenderer({"texture": 1}, width=4, depth=2, detail_width=4)
    with torch.no_grad():
        for p in (net.stem.weight["texture"], net.stem.bias, net.head.weight, net.head.bias):
            p.zero_()
        for k, (row, column) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
            net.stem.weight["texture"][4 + k, 0, 1 + row, 1 + column] = 1.0  # after the U-Net's 4 channels
            net.head.weight[k, 4 + k, 1, 1] = 1.0  # red's four pixels come first
        texture = features(size=6)["texture"][:, :1]
        color, _ = net(hole(6), texture=texture)
    close(color[:, :1], torch.sigmoid(texture))


def test_attention_starts_from_the_hole():
    _, attention = NeuralRenderer(SOURCES, width=4, depth=2)(hole(), **features())
    assert attention[..., :8].min() > 0.8 and attention[..., 8:].max() < 0.2


def test_output_layer_has_no_norm():
    torch.manual_seed(0)
    net = NeuralRenderer(SOURCES, width=4, depth=2, norm="instance")
    head = net.head(torch.rand(1, net.head.in_channels, 6, 6))
    assert (head.mean((2, 3)).abs() > 1e-4).all()  # a normalised layer would have mean 0
