import pytest
import torch

from dnt_core.rendering.interpolate import interpolate_attributes
from dnt_core.rendering.rasterizer import rasterize
from dnt_core.rendering.texture_atlas import TextureAtlas
from dnt_core.rendering.uv_map import sample_texture, uv_map


def interpolate_slowly(fragments, triangles, attributes):
    face, bary = fragments.pix_to_face[..., 0], fragments.bary_coords[..., 0, :]
    batch, height, width = face.shape
    value = torch.zeros(batch, height, width, attributes.shape[-1], dtype=attributes.dtype)
    for b in range(batch):
        table = attributes[b if len(attributes) > 1 else 0]
        for row in range(height):
            for col in range(width):
                f = int(face[b, row, col])
                if f >= 0:
                    value[b, row, col] = bary[b, row, col] @ table[triangles[f - b * len(triangles)]]
    return value


@pytest.mark.parametrize("shared", [True, False])
def test_interpolation_agrees_with_the_slow_loops(soup, shared):
    screen, triangles = soup(dtype=torch.float64)
    fragments = rasterize(screen, triangles, (11, 14))
    attributes = torch.randn(
        1 if shared else 2,
        screen.shape[1],
        4,
        dtype=torch.float64,
        generator=torch.Generator().manual_seed(0),
    )
    expected = interpolate_slowly(fragments, triangles, attributes)
    torch.testing.assert_close(interpolate_attributes(fragments, triangles, attributes), expected)


def test_interpolation_passes_gradients_to_attributes_and_vertices(soup):
    screen, triangles = soup(batch=2, faces=5, height=4, width=5, dtype=torch.float64)
    face = rasterize(screen, triangles, (4, 5)).pix_to_face
    attributes = torch.randn(
        2, screen.shape[1], 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1)
    )

    def f(screen, attributes):
        fragments = rasterize(screen, triangles, (4, 5))
        assert torch.equal(fragments.pix_to_face, face)
        return interpolate_attributes(fragments, triangles, attributes)

    assert torch.autograd.gradcheck(f, (screen.requires_grad_(), attributes.requires_grad_()))


def test_interpolation_refuses_another_batch(soup):
    screen, triangles = soup()
    fragments = rasterize(screen, triangles, 8)
    with pytest.raises(ValueError, match=r"expected \(2 or 1, V, D\)"):
        interpolate_attributes(fragments, triangles, torch.zeros(3, screen.shape[1], 4))


def test_uv_map_of_the_flat_texture_is_the_texture_s_own_grid(toy_model):
    r"""A mesh laid out exactly as in UV space: pixel (i, j) of T looks at u = (j + ½)/T, v = 1 − (i +
    ½)/T."""
    size = 40
    uv = toy_model.uv
    screen = torch.stack([uv[:, 0] * size - 0.5, (1 - uv[:, 1]) * size - 0.5, torch.ones(len(uv))], -1)[None]
    coordinates, mask = uv_map(rasterize(screen, toy_model.triangles, size), toy_model.triangles, uv)
    assert coordinates.shape == (1, 2, size, size) and mask.shape == (1, 1, size, size)
    centre = (torch.arange(size) + 0.5) / size
    on = mask[0, 0] > 0
    assert 0.4 < on.float().mean() < 0.9
    torch.testing.assert_close(coordinates[0, 0][on], centre.expand(size, size)[on], rtol=0, atol=1e-5)
    torch.testing.assert_close(
        coordinates[0, 1][on], 1 - centre[:, None].expand(size, size)[on], rtol=0, atol=1e-5
    )
    assert (coordinates[0, :, ~on] == 0).all()

    texture = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(sample_texture(texture, coordinates, mask), texture * mask, rtol=0, atol=1e-4)


def test_row_0_of_a_texture_is_v_1(turned_face, toy_model):
    texture = torch.zeros(1, 1, 16, 16)
    texture[:, :, :8] = 1.0  # the upper half: forehead
    coordinates, mask = uv_map(
        rasterize(turned_face(48), toy_model.triangles, 48), toy_model.triangles, toy_model.uv
    )
    image = sample_texture(texture, coordinates, mask)[0, 0]
    rows = mask[0, 0].any(1).nonzero()
    assert image[rows[2]].max() == 1.0
    assert image[rows[-3]].max() == 0.0


def test_sampling_is_linear_in_the_texture_and_shares_one_texture(turned_face, toy_model):
    screen = torch.cat([turned_face(32), turned_face(32, yaw=0.3)])
    coordinates, mask = uv_map(rasterize(screen, toy_model.triangles, 32), toy_model.triangles, toy_model.uv)
    generator = torch.Generator().manual_seed(0)
    a, b = torch.rand(1, 5, 20, 20, generator=generator), torch.rand(1, 5, 20, 20, generator=generator)
    blend = sample_texture(0.3 * a + 0.7 * b, coordinates, mask)
    assert blend.shape == (2, 5, 32, 32)
    torch.testing.assert_close(
        blend, 0.3 * sample_texture(a, coordinates, mask) + 0.7 * sample_texture(b, coordinates, mask)
    )
    with pytest.raises(ValueError, match=r"expected \(2 or 1, C, T, T\)"):
        sample_texture(torch.zeros(3, 5, 20, 20), coordinates, mask)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_half_precision_is_of_the_colours_and_not_of_their_places(kind):
    r"""A checkerboard: half a texel beside its place, a colour would be another one."""
    texture = (torch.arange(512)[:, None] + torch.arange(512)).remainder(2).float()[None, None]
    places = torch.rand(1, 2, 40, 50, generator=torch.Generator().manual_seed(0))
    found = sample_texture(texture.to(kind), places)
    assert found.dtype == kind
    eps = torch.finfo(kind).eps
    torch.testing.assert_close(found.float(), sample_texture(texture, places), rtol=eps, atol=eps)


def test_a_colour_gradient_reaches_the_vertices(turned_face, toy_model):
    screen = turned_face(24).double().requires_grad_()
    ramp = torch.linspace(0, 1, 32, dtype=torch.float64).expand(
        1, 1, 32, 32
    )  # brightness grows with u, to the right
    coordinates, mask = uv_map(
        rasterize(screen, toy_model.triangles, 24), toy_model.triangles, toy_model.uv.double()
    )
    sample_texture(ramp, coordinates, mask).sum().backward()
    assert (
        screen.grad[..., 0].sum() < 0
    )  # move the mesh to the right: each pixel sees a darker, more leftward texel


def test_the_atlas_carries_vertices_to_texels(toy_model, turned_face):
    atlas = TextureAtlas(toy_model.triangles, toy_model.uv, 32)
    assert atlas.covered.shape == (1, 1, 32, 32)
    spread = atlas.spread(torch.stack([toy_model.uv, 1 - toy_model.uv]))
    assert spread.shape == (2, 32, 32, 2)
    on = atlas.face >= 0
    centre = (torch.arange(32) + 0.5) / 32
    torch.testing.assert_close(spread[0, :, :, 0][on], centre.expand(32, 32)[on], rtol=0, atol=1e-5)
    torch.testing.assert_close(spread[1, :, :, 1][on], centre[:, None].expand(32, 32)[on], rtol=0, atol=1e-5)

    # a texel's place on the screen is where the frame's UV map says this texel's coordinates are
    screen = turned_face(64, yaw=0.5)
    position = atlas.screen_positions(screen)
    coordinates, _ = uv_map(rasterize(screen, toy_model.triangles, 64), toy_model.triangles, toy_model.uv)
    grid = (2 * position[..., :2] + 1) / 64 - 1
    looked_up = torch.nn.functional.grid_sample(coordinates, grid, align_corners=False)[0]
    inner = on & (torch.nn.functional.avg_pool2d(on.float()[None, None], 5, 1, 2)[0, 0] == 1)
    error = (looked_up - spread[0].permute(2, 0, 1)).abs().amax(0)[inner]
    assert error.median() < 2e-3


def test_whole_numbers_and_masks_of_another_shape_are_refused(soup):
    screen, triangles = soup()
    fragments = rasterize(screen, triangles, 8)
    with pytest.raises(TypeError, match="attributes must be floating, got dtype torch.uint8"):
        interpolate_attributes(fragments, triangles, torch.full((1, screen.shape[1], 3), 200).byte())
    texture, places = torch.rand(1, 3, 8, 8), torch.rand(1, 2, 5, 6)
    with pytest.raises(TypeError, match="texture must be floating"):
        sample_texture((255 * texture).byte(), places)
    for shape in ((3, 1, 5, 6), (1, 3, 5, 6), (5, 6)):  # each of them fits by the rules of broadcasting
        with pytest.raises(ValueError, match=r"expected \(1, 1, 5, 6\), as the UV map"):
            sample_texture(texture, places, torch.ones(shape))
    assert sample_texture(texture, places.expand(2, -1, -1, -1), torch.ones(1, 1, 5, 6)).shape[0] == 2


def test_too_few_vertices_are_not_taken_from_the_next_mesh(soup):
    screen, triangles = soup(batch=2)
    fragments = rasterize(screen, triangles, 11)
    fragments.pix_to_face[1:] = -1  # the last mesh is out of sight
    with pytest.raises(IndexError, match="names vertex"):
        interpolate_attributes(fragments, triangles, torch.zeros(2, screen.shape[1] // 2, 3))
