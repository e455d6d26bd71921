import numpy as np
import pytest
import torch
from torch.nn import functional as F

from dnt_core.face3d import FaceParameters, PerspectiveCamera
from dnt_core.rendering.five_renderings import RENDERINGS, FiveRenderings
from dnt_core.rendering.masks import face_mask
from dnt_core.rendering.rasterizer import rasterize

SIZE = 64


@pytest.fixture
def clip(random_parameters):
    r"""Five frames of noise blurred a little, with parameters of plausible faces."""
    frames = torch.rand(5, 3, 12, 12, generator=torch.Generator().manual_seed(0))
    frames = F.interpolate(frames, size=(96, 96), mode="bicubic", align_corners=False).clamp(0, 1)
    return (frames.permute(0, 2, 3, 1) * 255).round().to(torch.uint8).numpy(), random_parameters(5)


def test_shapes_ranges_and_names(clip, toy_model):
    found = FiveRenderings(toy_model, SIZE)(*clip)
    assert (
        list(found)
        == list(RENDERINGS)
        == ["frames", "rd_no_color", "rd_vertex_color", "rd_textures", "textures"]
    )
    for name, picture in found.items():
        assert picture.shape == (5, 3, SIZE, SIZE), name
        assert picture.dtype == torch.float32 and picture.isfinite().all()
        assert picture.min() >= 0 and picture.max() <= 1
        assert picture.std() > 0.05, name


def test_batches_change_nothing(clip, toy_model):
    frames, parameters = clip
    renderer = FiveRenderings(toy_model, SIZE)
    whole = renderer(frames, parameters)
    parts = list(renderer.clip(frames, parameters, batch_size=2))
    assert [len(part["frames"]) for part in parts] == [2, 2, 1]
    for name in RENDERINGS:
        torch.testing.assert_close(torch.cat([part[name] for part in parts]), whole[name])


def test_float_frames_and_uint8_frames_are_one(clip, toy_model):
    frames, parameters = clip
    as_float = torch.from_numpy(frames).permute(0, 3, 1, 2).float() / 255
    renderer = FiveRenderings(toy_model, SIZE)
    one, other = renderer(frames, parameters), renderer(as_float, parameters)
    for name in RENDERINGS:
        torch.testing.assert_close(one[name], other[name])


def test_a_frame_that_was_resized_beyond_its_colours_is_cut_whatever_its_size(clip, toy_model):
    frames, parameters = clip
    beyond = (torch.from_numpy(frames).permute(0, 3, 1, 2).float() / 255 - 0.5) * 1.4 + 0.5
    for size in (SIZE, beyond.shape[-1]):
        for name, picture in FiveRenderings(toy_model, size)(beyond, parameters).items():
            assert picture.min() >= 0 and picture.max() <= 1, (size, name)


def test_each_rendering_holds_what_it_may(clip, toy_model):
    r"""Geometry knows no colour, light or frame; vertex colours no frame; the textures do know the frame."""
    frames, parameters = clip
    renderer = FiveRenderings(toy_model, SIZE)
    base = renderer(frames, parameters)
    other_frame = renderer(255 - frames, parameters)
    other_color = renderer(
        frames, parameters.replace(texture=-parameters.texture, illumination=parameters.illumination + 0.1)
    )
    other_shape = renderer(frames, parameters.replace(expression=-2 * parameters.expression))

    def differs(found, name):
        return not torch.allclose(found[name], base[name], atol=1e-3)

    assert [differs(other_frame, name) for name in RENDERINGS] == [True, False, False, True, True]
    assert [differs(other_color, name) for name in RENDERINGS] == [False, False, True, False, False]
    assert [differs(other_shape, name) for name in RENDERINGS] == [False, True, True, True, True]
    red, green, _ = base["rd_no_color"].unbind(1)
    assert torch.equal(red, green)


def test_the_frame_s_texture_put_back_is_the_frame(clip, toy_model):
    frames, parameters = clip
    found = FiveRenderings(toy_model, SIZE)(frames, parameters)
    screen = PerspectiveCamera(SIZE).project(toy_model.posed(parameters))
    mask = face_mask(rasterize(screen, toy_model.triangles, SIZE))
    assert ((found["rd_textures"] * (1 - mask)) == 0).all()
    inside = (F.avg_pool2d(mask, 3, 1, 1) > 0.99).expand(-1, 3, -1, -1)  # not the rim
    error = (found["rd_textures"] - found["frames"])[inside]
    assert -10 * torch.log10((error**2).mean()) > 32


def test_the_atlas_is_all_that_the_texture_shows(clip, toy_model):
    found = FiveRenderings(toy_model, SIZE)(*clip)["textures"]
    covered = FiveRenderings(toy_model, SIZE).atlas.covered
    assert (found * (1 - covered) == 0).all()
    holes = ((found.sum(1, keepdim=True) == 0) & (covered > 0)).sum()
    assert holes == 0  # what the frame did not show is filled


def test_wrong_numbers_and_shapes_are_named(clip, toy_model):
    (frames, parameters), renderer = clip, FiveRenderings(toy_model, SIZE)
    with pytest.raises(ValueError, match=r"parameters have batch shape \(5,\); expected \(4,\)"):
        renderer(frames[:4], parameters)
    with pytest.raises(ValueError, match=r"expected uint8 \(B, H, H, 3\)"):
        renderer(frames[:, :50], parameters)
    as_float = torch.from_numpy(frames).permute(0, 3, 1, 2).float()
    for wrong, said in ((as_float, "range from .* to 2.*; expected"), (as_float / 127.5 - 1, "range from -")):
        with pytest.raises(ValueError, match=said):  # the first was white, the second black where it is dark
            renderer(wrong, parameters)
    with pytest.raises(ValueError, match=r"float64.* expected uint8|expected uint8"):
        renderer(np.zeros((5, 64, 64), np.float32), FaceParameters.zeros((5,)))
