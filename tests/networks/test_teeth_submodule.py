r"""The mouth window and back again, and what the teeth submodule does inside it."""

import pytest
import torch

from dnt_core.metrics.psnr import psnr
from dnt_core.networks.mouth_window import (
    cut_window,
    mouth_box,
    mouth_window,
    paste_window,
    whole_corners,
)
from dnt_core.networks.neural_renderer import JointConvolution
from dnt_core.networks.teeth_submodule import TeethSubmodule
from tests.networks.generator_inputs import random_ciecs, random_frames

close = torch.testing.assert_close


def smooth_pictures(batch=3, size=48):
    row, col = torch.meshgrid(torch.arange(size) / size, torch.arange(size) / size, indexing="ij")
    return (
        torch.stack(
            [torch.stack([torch.sin(5 * col + b), torch.cos(4 * row - b), row * col]) for b in range(batch)]
        )
        / 2
        + 0.5
    )


def test_box_of_a_polygon():
    polygon = torch.tensor([[[3.0, 7, 1], [9, 5, 1], [6, 11, 1]]])
    close(mouth_box(polygon), torch.tensor([[3.0, 5, 9, 11]]))


def test_whole_pixel_windows_copy_and_come_back_exactly():
    picture = smooth_pictures()
    box = torch.tensor([[10.3, 20.1, 19.8, 24.0], [30, 10, 35.5, 18], [20, 40, 24, 44]])
    window = mouth_window(box, (12, 16), margin=0.2)
    patch = cut_window(picture, window, (12, 16))
    for b in range(3):
        left, top = (window[b, 0] - 7.5).item(), (window[b, 1] - 5.5).item()
        assert left == round(left) and top == round(top) and window[b, 2] == 1
        c, r = int(left), int(top)
        wanted = picture[b, :, r : r + 12, c : c + 16]
        close(patch[b, :, : wanted.shape[1], : wanted.shape[2]], wanted, atol=2e-5, rtol=0)
    back = paste_window(patch, window, (48, 48))
    inside = paste_window(torch.ones(3, 1, 12, 16), window, (48, 48))
    close(back, picture * inside, atol=4e-5, rtol=0)
    assert inside.sum((1, 2, 3))[:2].tolist() == pytest.approx([192.0, 192.0], abs=1e-2)
    assert psnr(back, picture, (inside > 0.5).float()).min() > 80  # dB


def test_other_windows_come_back_almost():
    picture = smooth_pictures()
    box = torch.tensor([[10.0, 20, 37, 30], [12, 13, 40, 24], [15, 8, 36, 33]])
    window = mouth_window(box, (20, 24), margin=0.2)
    assert (window[:, 2] > 1).all()  # too wide for the window: shrunk, not cut
    corner = (window[:, 2:] * torch.tensor([24.0, 20])) / 2
    assert (box[:, :2] >= window[:, :2] - corner).all() and (box[:, 2:] <= window[:, :2] + corner).all()
    back = paste_window(cut_window(picture, window, (20, 24)), window, (48, 48))
    inside = (paste_window(torch.ones(3, 1, 20, 24), window, (48, 48)) > 0.999).float()
    assert psnr(back, picture, inside).min() > 35


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_half_precision_is_of_the_colours_and_not_of_their_places(kind):
    image = (torch.arange(512)[:, None] + torch.arange(512)).remainder(2).float()[None, None]
    window, eps = torch.tensor([[300.25, 290.5, 1.0]]), torch.finfo(kind).eps
    found = cut_window(image.to(kind), window, (32, 32))
    assert found.dtype == kind
    torch.testing.assert_close(found.float(), cut_window(image, window, (32, 32)), rtol=eps, atol=eps)


def test_windows_over_the_edge_are_padded_with_zeros():
    picture = torch.ones(1, 1, 16, 16)
    patch = cut_window(picture, mouth_window(torch.tensor([[0.0, 0, 2, 2]]), (8, 8)), (8, 8))
    assert patch.sum() == pytest.approx(36, abs=1e-2)  # six rows and columns are inside
    assert patch[..., :2, :].abs().max() < 1e-4


def test_gradients_of_the_transform():
    generator = torch.Generator().manual_seed(0)
    picture = torch.rand(1, 1, 7, 7, generator=generator, dtype=torch.float64, requires_grad=True)
    window = torch.tensor([[3.3, 2.8, 1.3]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda p, w: paste_window(cut_window(p, w, (4, 4)), w, (7, 7)), (picture, window)
    )


def sees(teeth, frames, ciec, sampled):
    return teeth(sampled, frames.mask, frames.mouth, frames.mouth_box, ciec)


@pytest.fixture
def teeth():
    torch.manual_seed(0)
    return TeethSubmodule(4, channels=6, depth=2, window=(0.34, 0.5), code_size=4)


def test_features_lie_in_the_window_only(teeth):
    frames, ciec = random_frames(), random_ciecs()
    sampled = torch.rand(2, 4, 24, 24)
    out = sees(teeth, frames, ciec, sampled)
    assert out.shape == (2, 6, 24, 24)
    window = teeth.place(frames.mouth_box, (24, 24))
    inside = paste_window(torch.ones(2, 1, *teeth.window_size((24, 24))), window, (24, 24)) > 0.5
    assert inside.sum() == 2 * 8 * 12 and (out.abs() * ~inside).max() < 1e-4 and out.abs().max() > 1e-3


def test_the_expression_reaches_the_teeth(teeth):
    frames, sampled = random_frames(1), torch.rand(1, 4, 24, 24)
    for block in teeth.unet.modules():  # residual blocks start as copies; let them do something
        if hasattr(block, "second"):
            torch.nn.init.normal_(block.second.weight, std=0.3)
    happy, sad = torch.eye(7)[4:5], torch.eye(7)[5:6]
    assert (sees(teeth, frames, happy, sampled) - sees(teeth, frames, sad, sampled)).abs().max() > 1e-3


def test_teeth_follow_the_mouth(teeth):
    frames, ciec = random_frames(1, 32), random_ciecs(1)
    sampled = torch.rand(1, 4, 32, 32)
    here = sees(teeth, frames, ciec, sampled)
    roll = lambda t: torch.roll(t, (2, -3), (-2, -1))  # noqa: E731
    moved = frames._replace(
        mask=roll(frames.mask),
        mouth=roll(frames.mouth),
        mouth_box=frames.mouth_box + torch.tensor([-3, 2, -3, 2]),
    )
    close(sees(teeth, moved, ciec, roll(sampled)), roll(here), atol=1e-4, rtol=1e-3)


def test_refusals():
    with pytest.raises(ValueError, match=r"\(0, 1\]"):
        TeethSubmodule(4, window=(0.5, 1.5))


def test_windows_of_whole_pixels_are_cut_and_pasted_as_by_resampling():
    torch.manual_seed(2)
    picture, patch, size = torch.rand(4, 3, 24, 30), torch.rand(4, 3, 8, 12), (8, 12)
    boxes = torch.tensor([[10.0, 8, 16, 11], [0, 0, 2, 2], [26, 20, 29, 23], [3, 3, 25, 20]])
    windows = mouth_window(boxes, size)  # the last is scaled, two leave the picture
    assert [corner is None for corner in whole_corners(windows, size)] == [False, False, False, True]
    assert [c is None for c in whole_corners(windows, size, (24, 30))] == [False, True, True, True]
    resampled = windows.clone().requires_grad_()  # windows with a gradient are never slices
    close = torch.testing.assert_close
    close(cut_window(picture, windows, size), cut_window(picture, resampled, size), atol=2e-5, rtol=0)
    back = (24, 30)
    close(paste_window(patch, windows, back), paste_window(patch, resampled, back), atol=2e-5, rtol=0)


def test_the_share_of_windows_is_that_of_the_pasted_picture():
    torch.manual_seed(3)
    stem, size = JointConvolution({"teeth": 3}, 5, stride=2).double(), (8, 12)
    patch = torch.rand(4, 3, 8, 12, dtype=torch.float64)
    boxes = torch.tensor([[10.0, 8, 16, 11], [0, 0, 2, 2], [13, 9, 16, 12], [3, 3, 25, 20]]).double()
    for chosen in ([0, 1, 2, 3], [0, 2], [0, 0], [1], [3]):
        window = mouth_window(boxes[chosen], size)
        wanted = stem.share("teeth", paste_window(patch[chosen], window, (24, 30)))
        torch.testing.assert_close(stem.share_of_windows("teeth", patch[chosen], window, (24, 30)), wanted)
