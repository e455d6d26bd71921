import pytest
import torch
from torch.nn import functional as F

from dnt_core.rendering.inpaint import METHODS, inpaint
from dnt_core.rendering.masks import background_frame
from dnt_core.rendering.rasterizer import rasterize
from dnt_core.rendering.texture_atlas import TextureAtlas
from dnt_core.rendering.unwrap import unwrap
from dnt_core.rendering.uv_map import sample_texture, uv_map


@pytest.fixture
def texture():
    r"""A smooth coloured pattern, (1, 3, 64, 64)."""
    coarse = torch.rand(1, 3, 9, 9, generator=torch.Generator().manual_seed(0))
    return F.interpolate(coarse, size=(64, 64), mode="bicubic", align_corners=False).clamp(0, 1)


def photograph(texture, screen, model, size):
    coordinates, mask = uv_map(rasterize(screen, model.triangles, size), model.triangles, model.uv)
    return sample_texture(texture, coordinates, mask)


def psnr(a, b, where):
    where = where.expand_as(a) > 0
    return float(-10 * torch.log10(((a - b)[where] ** 2).mean()))


@pytest.mark.parametrize("yaw", [0.0, 0.5, -0.5])
def test_round_trip(toy_model, turned_face, texture, yaw):
    screen = turned_face(192, yaw)
    frame = photograph(texture, screen, toy_model, 192)
    found, visible = unwrap(frame, screen, toy_model.triangles, toy_model.uv, 64)
    assert found.shape == (1, 3, 64, 64) and visible.shape == (1, 1, 64, 64)
    assert set(visible.unique().tolist()) == {0.0, 1.0}
    assert (found * (1 - visible) == 0).all()
    covered = TextureAtlas(toy_model.triangles, toy_model.uv, 64).covered
    assert (visible * (1 - covered)).sum() == 0
    assert visible.sum() / covered.sum() > (0.9 if yaw == 0 else 0.6)
    assert psnr(found, texture, visible) > 35


def test_the_side_that_turns_away_is_hidden(toy_model, turned_face, texture):
    r"""Seen from a side, the nose and the curve of the face hide the other half; the frame cannot know its
    colours."""
    screen = turned_face(128, yaw=1.1)
    frame = photograph(texture, screen, toy_model, 128)
    found, visible = unwrap(frame, screen, toy_model.triangles, toy_model.uv, 64)
    left, right = visible[..., :32].mean(), visible[..., 32:].mean()
    assert min(left, right) < 0.5 * max(left, right)
    assert (
        psnr(found, texture, visible) > 30
    )  # what is called visible is right: no colour from in front of the texel


def test_a_face_in_front_hides_the_one_behind():
    r"""Two squares, one behind the other; each has its half of the texture."""
    square = torch.tensor([[1.0, 1.0], [1.0, 14.0], [14.0, 14.0], [14.0, 1.0]])
    near = torch.cat([square * 0.5 + 4, torch.full((4, 1), 5.0)], 1)
    far = torch.cat([square, torch.full((4, 1), 6.0)], 1)
    corners = torch.tensor([[0.0, 1.0], [0.0, 0.0], [0.5, 0.0], [0.5, 1.0]])
    uv = torch.cat([corners, corners + torch.tensor([0.5, 0.0])])
    triangles = torch.tensor([[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7]])
    screen = torch.cat([near, far])[None]
    _, visible = unwrap(torch.rand(1, 3, 16, 16), screen, triangles, uv, 32)
    front, back = visible[0, 0, :, :16], visible[0, 0, :, 16:]
    assert front[6:-6, 3:-3].all()
    assert not back[10:22, 6:10].any() and back[4:6, 3:-3].all()
    _, turned = unwrap(torch.rand(1, 3, 16, 16), screen, triangles[:, [0, 2, 1]], uv, 32)
    assert not turned.any()  # all faces turned away


def test_a_face_seen_edge_on_is_hidden():
    r"""A step between two frontal walls: a flank as wide as they are is read off, a sliver is not."""
    u = torch.tensor([0.0, 1 / 3, 2 / 3, 1.0] * 2)
    uv = torch.stack([u, torch.tensor([0.0] * 4 + [1.0] * 4)], -1)
    strip = [([k, k + 1, k + 5], [k, k + 5, k + 4]) for k in range(3)]
    triangles = torch.tensor(strip).reshape(-1, 3)
    for flank, seen in ((8.0, True), (0.4, False)):
        cols = torch.tensor([1.3, 9.3, 9.3 + flank, 17.3 + flank] * 2)
        screen = torch.stack([cols, torch.tensor([24.2] * 4 + [2.2] * 4), torch.full((8,), 5.0)], -1)[None]
        screen[0, [2, 3, 6, 7], 2] += 0.01
        _, visible = unwrap(torch.rand(1, 3, 28, 28), screen, triangles, uv, 48)
        assert visible[0, 0, 6:-6, 4:14].all() and visible[0, 0, 6:-6, 34:44].all()
        assert visible[0, 0, 6:-6, 18:30].bool().all() == seen


def test_an_atlas_moves_between_devices(toy_model):
    atlas = TextureAtlas(toy_model.triangles, toy_model.uv, 16)
    moved = atlas.to("cpu")
    assert torch.equal(moved.face, atlas.face) and torch.equal(
        moved.faces[moved.slot][atlas.face >= 0], atlas.face[atlas.face >= 0]
    )
    torch.testing.assert_close(moved.spread(toy_model.uv[None]), atlas.spread(toy_model.uv[None]))


def test_off_the_frame_is_hidden(toy_model, turned_face, texture):
    screen = turned_face(64) + torch.tensor([40.0, 0.0, 0.0])
    _, visible = unwrap(torch.rand(1, 3, 64, 64), screen, toy_model.triangles, toy_model.uv, 32)
    assert visible[..., :12].mean() > 0.25 and visible[..., 20:].sum() == 0


def test_a_batch_an_atlas_and_any_channels(toy_model, turned_face):
    screen = torch.cat([turned_face(48), turned_face(48, yaw=0.4)])
    frame = torch.rand(2, 5, 48, 48, generator=torch.Generator().manual_seed(1))
    atlas = TextureAtlas(toy_model.triangles, toy_model.uv, 32)
    fragments = rasterize(screen, toy_model.triangles, 48)
    found, visible = unwrap(frame, screen, toy_model.triangles, toy_model.uv, 32, atlas, fragments)
    assert found.shape == (2, 5, 32, 32)
    for b in range(2):
        alone, alone_visible = unwrap(
            frame[b : b + 1], screen[b : b + 1], toy_model.triangles, toy_model.uv, 32
        )
        torch.testing.assert_close(found[b : b + 1], alone)
        assert torch.equal(visible[b : b + 1], alone_visible)
    with pytest.raises(ValueError, match="atlas has 32 texels a side; expected 16"):
        unwrap(frame, screen, toy_model.triangles, toy_model.uv, 16, atlas)
    with pytest.raises(ValueError, match=r"expected \(2, C, H, W\)"):
        unwrap(frame[:1], screen, toy_model.triangles, toy_model.uv, 32)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_a_frame_of_half_precision_is_read_at_the_same_places(toy_model, turned_face, kind):
    frame = torch.rand(1, 3, 300, 300, generator=torch.Generator().manual_seed(1)).to(kind)
    found, visible = unwrap(frame, turned_face(300), toy_model.triangles, toy_model.uv, 32)
    wanted, also = unwrap(frame.float(), turned_face(300), toy_model.triangles, toy_model.uv, 32)
    assert found.dtype == visible.dtype == kind and torch.equal(visible.float(), also)
    eps = torch.finfo(kind).eps
    torch.testing.assert_close(found.float(), wanted, rtol=eps, atol=eps)


def test_gradient_to_the_frame(toy_model, turned_face):
    frame = torch.rand(1, 1, 24, 24).requires_grad_()
    found, visible = unwrap(frame, turned_face(24), toy_model.triangles, toy_model.uv, 16)
    found.sum().backward()
    assert float(frame.grad.sum()) == pytest.approx(float(visible.sum()), rel=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_inpainting_keeps_what_is_known_and_stays_in_its_range(texture, method):
    visible = (torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(2)) < 0.1).float()
    visible[..., 40:] = 0
    filled = inpaint(texture * visible, visible, method)
    torch.testing.assert_close(filled * visible, texture * visible)
    assert filled.min() >= (texture + (1 - visible) * 9).min() - 1e-6
    assert filled.max() <= (texture * visible).max() + 1e-6
    constant = inpaint(torch.full((1, 3, 13, 9), 0.3) * visible[..., :13, :9], visible[..., :13, :9], method)
    torch.testing.assert_close(constant, torch.full((1, 3, 13, 9), 0.3))


def test_smooth_and_nearest_beat_the_mean(texture):
    visible = torch.ones(1, 1, 64, 64)
    visible[..., 22:26, 32:36] = 0
    error = {method: psnr(inpaint(texture, visible, method), texture, 1 - visible) for method in METHODS}
    assert error["smooth"] > error["mean"] + 3 and error["nearest"] > error["mean"]


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("method", METHODS)
def test_inpainting_in_half_precision_and_beside_nan(kind, method):
    r"""512 x 512 known texels are more than a half number counts, and an unseen texel is often 0 / 0."""
    texture, visible = torch.rand(1, 3, 512, 512), torch.ones(1, 1, 512, 512)
    visible[..., :9] = 0
    wanted = inpaint(texture, visible, method)
    found = inpaint(texture.to(kind), visible.to(kind), method)
    assert found.dtype == kind and (found.float() - wanted).abs().max() < 0.01
    assert (inpaint(texture.masked_fill(visible == 0, torch.nan), visible, method) == wanted).all()


@pytest.mark.parametrize("method", ["smooth", "mean"])
def test_a_texel_that_is_known_by_half_counts_by_half(method):
    known = torch.rand(1, 1, 16, 16).round(decimals=1)
    even = torch.full((1, 3, 16, 16), 0.4)
    torch.testing.assert_close(inpaint(even, known, method), even)


def test_inpainting_nothing_known_and_an_unknown_method():
    assert all(
        (inpaint(torch.rand(2, 3, 8, 8), torch.zeros(2, 1, 8, 8), method) == 0).all() for method in METHODS
    )
    with pytest.raises(ValueError, match="unknown method 'magic'"):
        inpaint(torch.rand(1, 3, 8, 8), torch.ones(1, 1, 8, 8), "magic")


def test_whole_numbers_and_a_face_drawn_at_another_size_are_refused(toy_model, turned_face, texture):
    screen, triangles, uv = turned_face(32), toy_model.triangles, toy_model.uv
    frame, other = torch.rand(1, 3, 32, 32), rasterize(turned_face(64), triangles, 64)
    with pytest.raises(ValueError, match=r"fragments are of \(1, 64, 64\); expected \(1, 32, 32\)"):
        unwrap(frame, screen, triangles, uv, 16, fragments=other)
    with pytest.raises(TypeError, match="frame must be floating"):
        unwrap((255 * frame).byte(), screen, triangles, uv, 16)
    with pytest.raises(TypeError, match="frame must be a torch tensor, got ndarray of shape"):
        unwrap(frame.numpy(), screen, triangles, uv, 16)
    with pytest.raises(TypeError, match="texture must be floating"):
        inpaint((255 * texture).byte(), torch.ones(1, 1, 64, 64))


def test_no_frames_give_no_textures(toy_model, turned_face):
    found = unwrap(torch.rand(0, 3, 32, 32), turned_face(32)[:0], toy_model.triangles, toy_model.uv, 16)
    assert found[0].shape == (0, 3, 16, 16) and found[1].shape == (0, 1, 16, 16)
    for method in METHODS:
        assert inpaint(*found, method).shape == (0, 3, 16, 16)


def test_channels_that_come_last_are_refused(toy_model):
    """A frame (B, H, W, 3) was read as H channels of a picture three pixels wide, without a word."""
    frame = torch.rand(1, 24, 24, 3)
    screen = torch.zeros(1, toy_model.n_vertices, 3)
    calls = {
        "frame": lambda: unwrap(frame, screen, toy_model.triangles, toy_model.uv, 16),
        "texture": lambda: sample_texture(frame, torch.rand(1, 2, 9, 9)),
    }
    for name, call in calls.items():
        with pytest.raises(
            ValueError, match=rf"{name} has shape \(1, 24, 24, 3\), its channels last; expect"
        ):
            call()
    known = torch.ones(1, 24, 24, 1)
    for method in METHODS:
        with pytest.raises(ValueError, match=r"texture has shape \(1, 24, 24, 3\), its channels last"):
            inpaint(frame, known, method)
    with pytest.raises(ValueError, match="frame has shape .* its channels last"):
        background_frame(frame, known)
    for small in (torch.rand(1, 16, 4, 4), torch.rand(1, 3, 24, 3), torch.rand(2, 1, 2, 2)):  # these are not
        assert sample_texture(small[:1], torch.rand(1, 2, 9, 9)).shape == (1, small.shape[1], 9, 9)
