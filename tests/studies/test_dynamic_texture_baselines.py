r"""What a generator must beat does what it says: nearest mouths, blends, no expression at all."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from dnt_core.ciec import LEVEL_INTENSITY, encode
from dnt_core.metrics.copied_frames import FilmedBlend, NearestMouth, neighbours, unfilmed_neighbours
from dnt_core.networks.generator import Generator
from dnt_core.rendering.uv_map import sample_texture
from dnt_core.studies.dynamic_texture import baselines
from dnt_core.training.static_baseline import refit, static_from
from tests.networks.generator_inputs import TINY
from tests.studies import toy_film

close = torch.testing.assert_close
LEVEL = {level: encode("happy", torch.tensor([x])) for level, x in {0: 0.0, **LEVEL_INTENSITY}.items()}


@pytest.fixture(scope="module")
def generator():
    r"""Untrained, but with bases that differ and residual blocks that do something."""
    made = Generator(replace(TINY, texture_size=16))
    torch.manual_seed(0)
    made.texture.basis.data.normal_()
    made.texture.transcoder.layers[0].weight.data.mul_(5)  # curved between the levels
    for block in made.modules():
        if hasattr(block, "second"):
            torch.nn.init.normal_(block.second.weight, std=0.2)
    return made.eval()


def with_ciec(batch, ciec):
    return batch._replace(ciec=ciec.expand(len(batch.target), -1))


def test_a_ciec_lies_between_its_neighbours():
    knots = [0.0, 0.33, 0.67, 1.0]
    value = torch.tensor([0.0, 0.1, 0.33, 0.5, 1 / 6, 0.67, 0.9, 1.0])
    ciec = encode("sad", value)
    low, high, share = neighbours(ciec)
    close((1 - share)[:, None] * low + share[:, None] * high, ciec, atol=1e-6, rtol=0)
    for end in (low, high):
        assert all(min(abs(x - knot) for knot in knots) < 1e-6 for x in end.max(1).values.tolist())
    assert share[[0, 2, 5, 7]].tolist() == pytest.approx([0, 1, 1, 1])  # a filmed level is one end


def test_with_its_own_level_left_out_a_filmed_level_lies_between_the_next_ones():
    low, high, share = unfilmed_neighbours(encode("sad", torch.tensor([0.0, 0.33, 0.67, 1.0])))
    assert low.max(1).values.tolist() == pytest.approx([0, 0, 0.33, 0.67])
    assert high.max(1).values.tolist() == pytest.approx([0, 0.67, 1, 0.67])  # above level 3 is nothing
    assert share.tolist() == pytest.approx([0, 0.33 / 0.67, 0.34 / 0.67, 0])


def test_nearest_mouth_is_the_nearest(toy_data):
    rows = toy_film.rows_of_clips(toy_data, expression="neutral")
    copied = NearestMouth(toy_data, rows)
    for row in (7, 100, 250):
        box = toy_data.batch([row]).frame.mouth_box[0].numpy()
        known = toy_data.batch(rows).frame.mouth_box.numpy()
        best, least = None, np.inf
        for number, other in enumerate(known):
            width, height = (
                (other[2] - other[0]) - (box[2] - box[0]),
                (other[3] - other[1]) - (box[3] - box[1]),
            )
            if np.hypot(width, height) < least:
                best, least = number, np.hypot(width, height)
        move = np.round((box[:2] + box[2:] - known[best][:2] - known[best][2:]) / 2).astype(int)
        wanted = np.roll(toy_data.batch([rows[best]]).target[0].numpy(), (move[1], move[0]), (1, 2))
        batch = toy_data.batch([row])
        np.testing.assert_array_equal(copied.pictures(batch.frame)[0], wanted)
        hole = batch.frame.hole[0, 0].numpy() > 0
        drawn = copied(batch)[0].numpy()
        np.testing.assert_array_equal(drawn[:, hole], wanted[:, hole])
        np.testing.assert_array_equal(drawn[:, ~hole], batch.target[0].numpy()[:, ~hole])


def test_a_frame_among_the_known_ones_is_its_own_copy_wherever_its_mouth_lies(toy_data):
    rows = np.arange(10, 40)
    copied, frame = NearestMouth(toy_data, rows), toy_data.batch([22]).frame
    assert torch.equal(copied.pictures(frame), toy_data.batch([22]).target)
    moved = frame._replace(mouth_box=frame.mouth_box + torch.tensor([5.0, -3.0, 5.0, -3.0]))
    assert torch.equal(copied.pictures(moved), toy_data.batch([22]).target.roll((-3, 5), (-2, -1)))


def test_copies_come_from_the_cell_that_was_asked_for(toy_data):
    every = np.arange(len(toy_data))
    chosen = NearestMouth(toy_data, every, LEVEL[2][0]).rows
    assert chosen.tolist() == toy_film.rows_of_clips(toy_data, expression="happy", level=2).tolist()
    sad = toy_film.rows_of_clips(toy_data, expression="sad")
    with pytest.raises(ValueError, match="no frame of this expression"):
        NearestMouth(toy_data, sad, LEVEL[2][0])


def test_filmed_frames_blend_between_levels_and_stay_on_them(toy_data):
    every = np.arange(len(toy_data))
    blend, batch = FilmedBlend(toy_data, every), toy_data.batch([11, 300])
    copies = {
        level: NearestMouth(toy_data, every, ciec[0]).pictures(batch.frame) for level, ciec in LEVEL.items()
    }
    hole = batch.frame.hole.expand_as(batch.target) > 0
    for level, ciec in LEVEL.items():
        drawn = blend(with_ciec(batch, ciec))
        close(drawn[hole], copies[level][hole], atol=1e-6, rtol=0)
        assert torch.equal(drawn[~hole], batch.target[~hole])
    half = blend(with_ciec(batch, encode("happy", torch.tensor([0.5]))))  # in the middle of .33 and .67
    close(half[hole], (copies[1][hole] + copies[2][hole]) / 2, atol=1e-6, rtol=0)
    assert (copies[1] - copies[2])[hole].abs().max() > 0.1


@pytest.mark.parametrize("blended", [baselines.blended_textures, baselines.blended_frames])
def test_on_filmed_levels_a_blend_is_the_generator(generator, toy_data, blended):
    draw, batch = blended(generator), toy_data.batch([5, 6])
    with torch.no_grad():
        for level, ciec in LEVEL.items():
            wanted = generator(batch.frame, ciec.expand(2, -1)).image
            close(draw(with_ciec(batch, ciec)), wanted, atol=1e-5, rtol=0, msg=f"level {level}")


@torch.no_grad()
def test_between_levels_frames_and_textures_are_mixed_linearly(generator, toy_data):
    batch = toy_data.batch([5])
    at, low, high = encode("happy", torch.tensor([0.33 + 0.34 / 4])), LEVEL[1], LEVEL[2]
    images = [generator(batch.frame, ciec).image for ciec in (low, high)]
    close(
        baselines.blended_frames(generator)(with_ciec(batch, at)), 0.75 * images[0] + 0.25 * images[1],
        atol=1e-6, rtol=0,
    )  # fmt: skip
    fixed = copy.deepcopy(generator)
    texture = 0.75 * generator.texture(low) + 0.25 * generator.texture(high)
    fixed.texture.sample = lambda ciec, uv_map, mask=None: sample_texture(texture, uv_map, mask)
    wanted = fixed(batch.frame, at).image  # the teeth are told the CIEC that was asked for
    drawn = baselines.blended_textures(generator)(with_ciec(batch, at))
    close(drawn, wanted, atol=1e-5, rtol=0)
    own = generator(batch.frame, at).image
    assert (own - drawn).abs().max() > 1e-4  # the generator itself is curved in between, and unchanged


@torch.no_grad()
def test_the_static_generator_has_the_mean_texture_and_ignores_the_expression(generator, toy_data):
    ciecs = torch.stack([torch.from_numpy(clip.ciec) for clip in toy_data.clips])
    static = static_from(generator, ciecs)
    close(static.texture(ciecs[:1])[0], generator.texture(ciecs).mean(0), atol=1e-5, rtol=1e-5)
    assert torch.equal(static.texture(LEVEL[0]), static.texture(LEVEL[3]))
    toothless = Generator(replace(generator.config, teeth=False))
    without = static_from(toothless, ciecs)
    frame = toy_data.batch([9]).frame
    assert torch.equal(without(frame, LEVEL[0]).image, without(frame, LEVEL[3]).image)
    kept = {k: v for k, v in static.state_dict().items() if not k.startswith("texture.")}
    assert kept and all(torch.equal(v, generator.state_dict()[k]) for k, v in kept.items())


def test_the_static_generator_is_fitted_on_the_rows_it_is_given(generator, toy_data, monkeypatch):
    ciecs = torch.stack([torch.from_numpy(clip.ciec) for clip in toy_data.clips])
    static, before = static_from(generator, ciecs), copy.deepcopy(generator.state_dict())
    rows, seen, read = np.arange(0, 60), [], type(toy_data).batch

    def noting(self, rows, device="cpu"):
        seen.extend(rows)
        return read(self, rows, device)

    monkeypatch.setattr(type(toy_data), "batch", noting)
    losses = refit(static, toy_data, rows, steps=40, learning_rate=2e-2)
    assert len(losses) == 40 and np.mean(losses[-8:]) < 0.7 * np.mean(losses[:8])
    assert set(seen) <= set(rows.tolist())
    assert torch.equal(static.texture(LEVEL[0]), static.texture(LEVEL[3]))
    assert all(torch.equal(before[name], value) for name, value in generator.state_dict().items())
