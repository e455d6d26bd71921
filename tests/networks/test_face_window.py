r"""The rectangle that the generator computes: where it lies, that it cuts and pastes exactly."""

from dataclasses import replace

import pytest
import torch

from dnt_core.networks.face_window import face_window
from dnt_core.networks.generator import Generator
from dnt_core.networks.generator_config import GeneratorConfig
from tests.networks.generator_inputs import TINY, random_ciecs, random_frames


def holes(*boxes, size=64):
    r"""One picture for each (first row, first column, last row, last column)."""
    made = torch.zeros(len(boxes), 1, size, size)
    for picture, (top, left, bottom, right) in zip(made, boxes, strict=True):
        picture[:, top : bottom + 1, left : right + 1] = 1
    return made


def test_the_hole_is_inside_and_in_the_middle():
    hole = holes((20, 21, 30, 40), (0, 0, 9, 9), (50, 55, 63, 63))
    window = face_window(hole, (0.5, 0.5))
    assert window.size == (32, 32)
    assert window.corners.tolist() == [[9, 15], [0, 0], [32, 32]]
    assert torch.equal(window.cut(hole).sum((1, 2, 3)), hole.sum((1, 2, 3)))


def test_it_grows_rather_than_cut_a_face():
    window = face_window(holes((2, 20, 60, 40), (20, 20, 30, 40)), (0.5, 0.5))
    assert window.size == (64, 32)


def test_sizes_are_whole_steps_and_never_larger_than_the_picture():
    assert face_window(holes((5, 5, 6, 6), size=50), (0.4, 0.99)).size == (32, 50)


def test_an_empty_hole_takes_the_middle():
    assert face_window(torch.zeros(1, 1, 64, 64), (0.5, 0.5)).corners.tolist() == [[16, 16]]


def test_paste_is_the_inverse_of_cut():
    torch.manual_seed(0)
    image = torch.rand(2, 3, 64, 64)
    window = face_window(holes((20, 21, 30, 40), (0, 0, 9, 9)), (0.5, 0.75))
    assert torch.equal(window.paste(window.cut(image), onto=image), image)
    zeros = window.paste(window.cut(image))
    assert torch.equal(window.cut(zeros), window.cut(image)) and (zeros == 0).any()


def test_outside_it_the_background_stays_and_attention_is_0():
    frames = random_frames(2, 48)
    frames = frames._replace(hole=holes((10, 10, 20, 20), (30, 12, 38, 30), size=48))
    rendered = Generator(replace(TINY, face_window=(0.5, 0.5)))(frames, random_ciecs())
    outside = face_window(frames.hole, (0.5, 0.5)).paste(torch.ones(2, 1, 32, 32)) == 0
    assert outside.any()
    for value in (rendered.attention, rendered.color, rendered.image - frames.background):
        assert (value * outside).abs().max() == 0


def test_one_frame_looks_the_same_alone_and_in_a_batch():
    generator = Generator(replace(TINY, face_window=(0.5, 0.5)))
    frames, ciecs = random_frames(2), random_ciecs()
    together = generator(frames, ciecs).image
    alone = generator(frames.each(lambda t: t[:1]), ciecs[:1]).image
    torch.testing.assert_close(alone, together[:1], atol=1e-6, rtol=1e-5)


def test_a_share_out_of_range_is_refused():
    with pytest.raises(ValueError, match=r"face_window must lie in \(0, 1\], got \(0, 1\)"):
        GeneratorConfig(face_window=(0, 1))


def test_no_frames_give_no_pictures():
    generator = Generator(replace(TINY, face_window=(0.5, 0.5)))
    none = random_frames(2, 48).each(lambda values: values[:0])
    assert generator(none, torch.zeros(0, 7)).image.shape == (0, 3, 48, 48)
