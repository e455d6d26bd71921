r"""The look-up of the seen texels against ``grid_sample`` on the whole, enlarged texture."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from dnt_core.parallel import torch_threads
from dnt_core.rendering.masks import dilate
from dnt_core.rendering.seen_texels import look_up_seen
from dnt_core.rendering.uv_map import sample_texture

SIZE = 20


def whole(table, change, uv_map, mask):
    r"""The reference: the sum of both textures at full size, looked up."""
    texture = table.permute(0, 3, 1, 2)
    if change is not None:
        grown = change.permute(0, 3, 1, 2)
        texture = texture + F.interpolate(grown, size=(SIZE, SIZE), mode="bilinear", align_corners=False)
    return sample_texture(texture.expand(len(uv_map), -1, -1, -1), uv_map, mask)


def places(batch=3):
    r"""UV maps that reach over the texture's edge, and masks of 0, 1 and a half."""
    torch.manual_seed(5)
    uv_map = torch.rand(batch, 2, 9, 11, dtype=torch.float64) * 1.2 - 0.1
    uv_map[0, :, 0, 0], uv_map[0, :, 0, 1] = 0, 1
    return uv_map, torch.randint(0, 3, (batch, 1, 9, 11)).double() / 2


@pytest.mark.parametrize("small", [None, 2, 7, 10, 13, 20])
@pytest.mark.parametrize("masked", [True, False])
def test_values_and_gradients_are_those_of_the_whole_texture(small, masked):
    uv_map, mask = places()
    table = torch.rand(1, SIZE, SIZE, 5, dtype=torch.float64, requires_grad=True)
    change = None
    if small:
        change = torch.rand(3, small, small, 5, dtype=torch.float64, requires_grad=True)
    given = [t for t in (table, change) if t is not None]
    found, wanted = (f(table, change, uv_map, mask if masked else None) for f in (look_up_seen, whole))
    torch.testing.assert_close(found, wanted)
    weight = torch.rand_like(found)
    gradients = [torch.autograd.grad((image * weight).sum(), given) for image in (found, wanted)]
    for mine, theirs in zip(*gradients, strict=True):
        assert theirs.abs().sum() > 0
        torch.testing.assert_close(mine, theirs)


def test_threads_change_nothing():
    uv_map, mask = places()
    found = []
    for threads in (1, 3):
        table = torch.rand(1, SIZE, SIZE, 5, generator=torch.Generator().manual_seed(1)).requires_grad_()
        change = torch.rand(3, 7, 7, 5, generator=torch.Generator().manual_seed(2)).requires_grad_()
        with torch_threads(threads):
            seen = look_up_seen(table, change, uv_map.float(), mask.float())
            found.append((seen, *torch.autograd.grad(seen.square().sum(), (table, change))))
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))


def test_a_place_that_is_no_number_reads_the_edge_and_nothing_else():
    uv_map, _ = places(1)
    uv_map[0, :, 2, 3] = float("nan")
    table = torch.rand(1, SIZE, SIZE, 3, dtype=torch.float64)
    found = look_up_seen(table, None, uv_map, None)
    assert torch.equal(found[0, :, 2, 3], table[0, 0, 0]) and found.isfinite().all()


def test_textures_that_do_not_fit_the_uv_maps_are_refused():
    uv_map, mask = places(3)
    with pytest.raises(ValueError, match="2 textures do not fit 3 UV maps; expected as many, or 1"):
        look_up_seen(torch.zeros(2, SIZE, SIZE, 3), None, uv_map, mask)
    for size, small in ((SIZE, SIZE + 4), (1, 1)):  # was off by up to .46, and read beside the texture
        with pytest.raises(ValueError, match=f"has {small} texels a side and the texture {size}; expected"):
            look_up_seen(torch.zeros(1, size, size, 3), torch.zeros(1, small, small, 3), uv_map, mask)


@pytest.mark.parametrize("pixels", [1, 2, 3, 4, 7, 30])
def test_a_mask_grows_as_by_the_maximum_over_a_square(pixels):
    torch.manual_seed(pixels)
    mask = (torch.rand(2, 1, 17, 23) > 0.95).float() * torch.rand(2, 1, 17, 23)
    square = F.max_pool2d(F.pad(mask, [pixels] * 4), 2 * pixels + 1, stride=1)
    assert torch.equal(dilate(mask, pixels), square)
    shrunk = 1 - F.max_pool2d(F.pad(1 - mask, [pixels] * 4), 2 * pixels + 1, stride=1)
    assert torch.equal(dilate(mask, -pixels), shrunk)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_half_precision_is_looked_up_too(kind):
    uv_map, mask = places()
    table, change = torch.rand(1, SIZE, SIZE, 4).to(kind).requires_grad_(), torch.rand(3, 7, 7, 4).to(kind)
    found = look_up_seen(table, change, uv_map, mask)
    assert found.dtype == kind
    wanted = look_up_seen(table.detach().double(), change.double(), uv_map, mask)
    torch.testing.assert_close(found.double(), wanted, rtol=2 * torch.finfo(kind).eps, atol=1e-3)
    found.sum().backward()
    assert table.grad.dtype == kind and table.grad.isfinite().all() and table.grad.abs().sum() > 0


def test_one_mask_serves_all_frames_and_other_shapes_are_refused():
    uv_map, mask = places(3)
    table = torch.rand(1, SIZE, SIZE, 5, dtype=torch.float64)
    torch.testing.assert_close(
        look_up_seen(table, None, uv_map, mask[:1]), whole(table, None, uv_map, mask[:1])
    )
    for wrong in (mask[:2], mask[..., :-1], mask[:, 0], mask.expand(-1, 2, -1, -1)):
        with pytest.raises(ValueError, match=r"a mask \(B, 1, H, W\), got \(3, 2, 9, 11\) and"):
            look_up_seen(table, None, uv_map, wrong)
    with pytest.raises(ValueError, match=r"\(1, 20, 19, 5\); expected \(B, T, T, C\)"):
        look_up_seen(table[:, :, :-1], None, uv_map, mask)
