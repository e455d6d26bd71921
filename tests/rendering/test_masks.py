import numpy as np
import pytest
import torch
from skimage.measure import label

from dnt_core.rendering.inpaint import METHODS, inpaint
from dnt_core.rendering.masks import background_frame, dilate, face_mask, mouth_mask
from dnt_core.rendering.rasterizer import rasterize
from dnt_core.rendering.seen_texels import look_up_seen
from dnt_core.rendering.uv_map import sample_texture


@pytest.mark.parametrize("size", [33, 64])
def test_hole_and_surface_part_the_pixels_exactly(toy_model, turned_face, size):
    r"""Seen from the front nothing hangs over the mouth: the polygon is the hole that the surface leaves, to
    the pixel."""
    screen = turned_face(size)
    face = face_mask(rasterize(screen, toy_model.triangles, size))
    mouth = mouth_mask(screen, toy_model.mouth_loop, size)
    assert mouth.sum() > 5
    assert (face * mouth).sum() == 0
    holes = label(face[0, 0].numpy() == 0, connectivity=1)
    hole = torch.from_numpy(holes == holes[tuple(mouth[0, 0].nonzero()[0].tolist())])
    assert torch.equal(hole, mouth[0, 0] > 0)


def test_hole_and_surface_share_edges_through_pixel_centres():
    r"""A square frame with a square hole, all corners on pixel centres."""
    outer = [[0, 0], [0, 9], [9, 9], [9, 0]]
    inner = [[3, 2], [3, 6], [7, 6], [7, 2]]
    screen = torch.tensor([[*corner, 1] for corner in outer + inner]).float()[None]
    strip = [[k, (k + 1) % 4, 4 + k] for k in range(4)] + [
        [(k + 1) % 4, 4 + (k + 1) % 4, 4 + k] for k in range(4)
    ]
    face = face_mask(rasterize(screen, torch.tensor(strip), 10))
    mouth = mouth_mask(screen, torch.tensor([4, 5, 6, 7]), 10)
    assert torch.equal((face + mouth)[0, 0, :9, :9], torch.ones(9, 9))
    assert mouth.sum() == 16


def test_polygon_agrees_with_walking_round_it():
    r"""A concave polygon at odd coordinates, also reaching outside, against the winding angle of every pixel
    centre."""
    generator = torch.Generator().manual_seed(0)
    angle = torch.arange(13) / 13 * 2 * np.pi
    radius = 4 + 9 * torch.rand(13, generator=generator)
    screen = torch.stack([8.3 + radius * angle.cos(), 7.1 + radius * angle.sin(), torch.ones(13)], -1)[None]
    mask = mouth_mask(screen, torch.arange(13), (15, 17))[0, 0]
    corner = screen[0, :, :2].double()
    for row in range(15):
        for col in range(17):
            arm = corner - torch.tensor([col, row])
            following = arm.roll(-1, 0)
            cross, dot = arm[:, 0] * following[:, 1] - arm[:, 1] * following[:, 0], (arm * following).sum(-1)
            turns = float(torch.atan2(cross, dot).sum()) / (2 * np.pi)
            assert mask[row, col] == (abs(turns) > 0.5)


def test_a_lip_in_front_of_the_hole_is_left_out(toy_model, turned_face):
    screen = turned_face(64, yaw=1.2)
    fragments = rasterize(screen, toy_model.triangles, 64)
    mouth = mouth_mask(screen, toy_model.mouth_loop, 64, fragments)
    assert (mouth * face_mask(fragments)).sum() == 0
    assert (mouth <= mouth_mask(screen, toy_model.mouth_loop, 64)).all()


def test_a_mouth_outside_the_image_and_a_loop_too_short():
    screen = torch.rand(2, 5, 3) + 50
    assert mouth_mask(screen, torch.arange(5), 8).sum() == 0
    with pytest.raises(ValueError, match="K of at least 3"):
        mouth_mask(screen, torch.arange(2), 8)


def test_dilating_and_eroding():
    mask = torch.zeros(1, 1, 9, 9)
    mask[0, 0, 4, 4] = 1
    assert dilate(mask, 2).sum() == 25
    assert torch.equal(dilate(dilate(mask, 2), -2), mask)
    assert torch.equal(dilate(mask, 0), mask)
    assert dilate(mask, 2).is_contiguous()  # else each product with a picture is slow


def test_background_shows_nothing_of_face_and_mouth(toy_model, turned_face):
    screen = turned_face(48)
    face = face_mask(rasterize(screen, toy_model.triangles, 48))
    mouth = mouth_mask(screen, toy_model.mouth_loop, 48)
    frame = torch.rand(1, 3, 48, 48, generator=torch.Generator().manual_seed(0)) * 0.4
    background, hole = background_frame(frame, face, mouth, fill=(0.5, 0.6, 0.7), margin=2)
    assert torch.equal(hole, dilate(torch.maximum(face, mouth), 2))
    inside = hole[0, 0] > 0
    assert torch.equal(background[0, :, ~inside], frame[0, :, ~inside])
    torch.testing.assert_close(background[0, :, inside].mean(1), torch.tensor([0.5, 0.6, 0.7]))
    only_face, _ = background_frame(frame, face)
    assert torch.equal(only_face[0, :, mouth[0, 0] > 0], frame[0, :, mouth[0, 0] > 0])


@pytest.mark.parametrize("margin", [0, 2, -1])
def test_masks_of_bool_and_of_0_and_255_are_those_of_0_and_1(toy_model, turned_face, margin):
    r"""As OpenCV and PIL give them; 255 was multiplied by, and made a picture of -125 to 125."""
    screen = turned_face(48)
    face = face_mask(rasterize(screen, toy_model.triangles, 48))
    mouth, frame = mouth_mask(screen, toy_model.mouth_loop, 48), torch.rand(1, 3, 48, 48)
    wanted = background_frame(frame, face, mouth, 0.5, margin)
    for as_given in (torch.Tensor.bool, lambda mask: (255 * mask).byte(), torch.Tensor.int):
        found = background_frame(frame, as_given(face), as_given(mouth), np.float32(0.5), margin)
        assert all(map(torch.equal, found, wanted))
        known = torch.rand(1, 1, 48, 48).round()
        for method in METHODS:
            torch.testing.assert_close(
                inpaint(frame, as_given(known), method), inpaint(frame, known, method), rtol=0, atol=0
            )
        uv, texture = torch.rand(1, 2, 48, 48), torch.rand(1, 3, 8, 8)
        seen = sample_texture(texture, uv, as_given(face))
        assert torch.equal(seen, sample_texture(texture, uv, face))
        table = texture.permute(0, 2, 3, 1)
        torch.testing.assert_close(look_up_seen(table, None, uv, as_given(face)), seen)
