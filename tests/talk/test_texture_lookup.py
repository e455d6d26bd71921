r"""A texture is looked up in one pass as in two bilinear steps."""

import numpy as np
import pytest
import torch

from dnt_core.networks.dynamic_texture import DynamicTexture
from dnt_core.rendering.rasterizer import rasterize
from dnt_core.rendering.rasterizer_numba import fill_depth
from dnt_core.rendering.uv_map import uv_map
from dnt_core.talking.texture_lookup import TextureLookup


@pytest.mark.parametrize("basis_size", [7, 9, 13, 24])
def test_every_place_of_a_texture_is_looked_up(basis_size):
    r"""A tilted square with all of the texture on it, its rim included, larger and smaller than a pixel."""
    texture = DynamicTexture(24, bases=2, basis_size=basis_size).requires_grad_(False)
    with torch.no_grad():
        texture.basis.normal_(generator=torch.Generator().manual_seed(1))
    uv = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    screen = torch.tensor([[[2.0, 62.0, 9.0], [50.0, 57.0, 12.0], [6.0, 3.0, 10.0], [61.0, 1.0, 14.0]]])
    triangles = torch.tensor([[0, 1, 2], [2, 1, 3]])
    code = torch.full((1, 7), 0.4)
    places = uv_map(rasterize(screen, triangles, 64), triangles, uv)
    wanted = texture.sample(code, *places)[0].permute(1, 2, 0)

    vertices = screen[0].double().numpy()
    mesh = vertices, 1 / vertices[:, 2], triangles.int().numpy()
    face, depth = np.empty((64, 64), np.int32), np.empty((64, 64), np.float32)
    fill_depth(*mesh, face, depth)
    lookup = TextureLookup(texture)
    found = lookup(face, mesh, uv.numpy(), (0, 0), (64, 64), lookup.changes(code)[0])
    assert (face >= 0).mean() > 0.6
    assert np.abs(found - wanted.numpy()).max() < 1e-3 * float(wanted.abs().max())
    part = lookup(face, mesh, uv.numpy(), (11, 5), (32, 16), lookup.changes(code)[0])
    assert np.array_equal(part, found[11:43, 5:21])
