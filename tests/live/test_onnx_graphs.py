r"""What the engine saves against the whole generator, and that it changes nothing one could see."""

from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from dnt_core.ciec import C
from dnt_core.live.basis_reduction import reduce_bases
from dnt_core.live.onnx_graphs import FaceGraph
from dnt_core.networks.dynamic_texture import DynamicTexture
from dnt_core.networks.generator import Generator
from dnt_core.networks.neural_texture import StaticTexture
from tests.networks.generator_inputs import TINY

close = torch.testing.assert_close
WAYS = (torch.eye(C)[:, None] * torch.linspace(0, 1, 11)[:, None]).flatten(0, 1)


@pytest.mark.parametrize("half", [False, True])
def test_the_teeths_share_is_that_of_the_whole_rectangle_wherever_the_window_lies(half):
    generator = Generator(replace(TINY, half_resolution=half)).double()
    height, width = size = (32, 48)
    graph = FaceGraph(generator, size)
    h, w = graph.mouth_size
    patch = torch.rand(1, TINY.teeth_width, h, w, dtype=torch.float64)
    for row in (0, 1, 2, 3, 10, height - h - 1, height - h):
        for column in (0, 1, 2, 3, 15, width - w - 1, width - w):
            teeth = F.pad(patch, (column, width - w - column, row, height - h - row))
            near = graph.renderer.stem.share_of_patch("teeth", patch, torch.tensor([row, column]), graph.size)
            close(near, generator.renderer.stem.share("teeth", teeth), msg=f"row {row}, column {column}")


def straight_texture(bases=10) -> DynamicTexture:
    r"""Its seven ways are straight, whatever it was made of."""
    texture = DynamicTexture(8, 4, bases, hidden=(), seed=3)
    torch.nn.init.normal_(texture.basis, generator=torch.Generator().manual_seed(1))
    return texture


def test_straight_ways_need_a_base_each_and_one_for_where_they_start():
    texture = straight_texture()
    onto, back = reduce_bases(texture)
    assert onto.shape == (10, 8) and back.shape == (8, 10)
    fewer = (texture.weights(WAYS) @ onto) @ (back @ texture.basis.flatten(1))
    close(fewer, texture.weights(WAYS) @ texture.basis.flatten(1), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("tolerance", [0.3, 0.1, 1e-3])
def test_what_is_left_out_is_within_the_tolerance(tolerance):
    texture = DynamicTexture(8, 4, 12, hidden=(16,), seed=2)
    torch.nn.init.normal_(texture.basis, generator=torch.Generator().manual_seed(1))
    torch.nn.init.normal_(texture.transcoder.layers[0].weight, generator=torch.Generator().manual_seed(4))
    onto, back = reduce_bases(texture, tolerance)
    whole = texture.weights(WAYS) @ texture.basis.flatten(1)
    fewer = (texture.weights(WAYS) @ onto) @ (back @ texture.basis.flatten(1))
    assert (fewer - whole).square().mean().sqrt() <= 1.1 * tolerance * whole.square().mean().sqrt()
    assert onto.shape[1] < 12 or tolerance < 0.1  # bent ways need them all


def test_a_texture_without_bases_has_none_to_spare():
    assert reduce_bases(StaticTexture(8, 4)) is None
