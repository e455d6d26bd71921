r"""The U-Net: shapes, residual start, what it can see, gradients."""

import pytest
import torch

from dnt_core.networks.unet import SKIPS, ResidualBlock, UNet, unet_widths


def test_widths_double_up_to_a_limit():
    assert unet_widths(64, 5) == (64, 128, 256, 512, 512)
    assert unet_widths(8, 3, max_width_mult=2) == (8, 16, 16)


def test_a_residual_block_starts_as_a_copy():
    x = torch.rand(1, 4, 5, 6)
    assert torch.equal(ResidualBlock(4, 4)(x), x)
    assert ResidualBlock(4, 7, "instance")(x).shape == (1, 7, 5, 6)


@pytest.mark.parametrize("size", [(16, 16), (17, 23), (5, 3)])
@pytest.mark.parametrize("norm", ["none", "instance"])
@pytest.mark.parametrize("skips", SKIPS)
def test_any_size(size, norm, skips):
    net = UNet((4, 6, 8), code_size=3, norm=norm, skips=skips)
    assert net(torch.rand(2, 4, *size), torch.rand(2, 3)).shape == (2, 4, *size)


def test_deeper_sees_further():
    def reach(widths):
        torch.manual_seed(0)
        net = UNet(widths)
        for block in net.modules():
            if isinstance(block, ResidualBlock):
                torch.nn.init.normal_(block.second.weight, std=0.2)
        x = torch.rand(1, 4, 64, 64, requires_grad=True)
        net(x)[0, :, 32, 32].sum().backward()
        return int((x.grad.abs().sum(1)[0] > 0).sum())

    assert reach((4,)) < reach((4, 4)) < reach((4, 4, 4))


@pytest.mark.parametrize("skips", SKIPS)
def test_what_is_fine_goes_across(skips):
    net = UNet((1, 1), skips=skips)
    for nothing in (net.widen[0].weight, net.widen[0].bias):  # comes up from below
        torch.nn.init.zeros_(nothing)
    x, last = torch.rand(1, 1, 8, 8), net.up[0].skip
    wanted = x if skips == "add" else last.weight[0, 1] * x + last.bias
    assert torch.allclose(net(x), wanted, atol=1e-6)


@pytest.mark.parametrize("skips", SKIPS)
def test_gradients(skips):
    torch.manual_seed(0)
    net = UNet((2, 3), code_size=2, skips=skips).double()
    inputs = (
        torch.rand(1, 2, 4, 5, dtype=torch.float64, requires_grad=True),
        torch.rand(1, 2, dtype=torch.float64, requires_grad=True),
    )
    assert torch.autograd.gradcheck(net, inputs)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: UNet(()), "at least one level"),
        (lambda: UNet((4,), norm="batch"), "batch"),
        (lambda: UNet((4,), skips="multiply"), "concatenate, add"),
        (lambda: unet_widths(0, 2), "width 0"),
    ],
)
def test_refusals(make, message):
    with pytest.raises(ValueError, match=message):
        make()
