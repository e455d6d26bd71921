r"""A square around a face that is wider than a phone's film: its edge goes on, without black bars."""

from dataclasses import replace

import numpy as np
import pytest

import dnt_core
from dnt_core.clips import load_clip, read_face_cache, read_video, write_face_cache, write_video
from dnt_core.clips.scanner import clip_of_video
from dnt_core.live.default_clip import default_clip
from dnt_core.live.scene import Scene
from dnt_core.live.without_bars import without_bars


def test_a_portrait_film_has_no_bars_beside_it_and_its_face_stays_where_it_is(tmp_path):
    shipped = default_clip("M003", 128)
    film, cut = read_video(shipped).frames, 20
    portrait = write_video(tmp_path / "me.mp4", film[:, :, cut : 128 - cut], 30)
    cache = read_face_cache(shipped)
    write_face_cache(portrait, replace(cache, crop=(0, -cut, 128, 128)))
    frames = Scene(portrait, 128).frames
    inside = frames[:, :, cut + 1 : 127 - cut]
    np.testing.assert_array_equal(inside, read_video(portrait).frames[:, :, 1:-1], "as it was filmed")
    assert frames[:, :, :cut].min(axis=(0, 1)).min() > 20, "no black beside it"
    np.testing.assert_array_equal(frames[:, :, : cut + 1], frames[:, :, [cut + 1] * (cut + 1)])
    drawn = dnt_core.load("M003", 128, "cpu")  # by a trained model as well
    (first,) = next(drawn.parts(load_clip(clip_of_video(portrait), crop="camera", stop=1), "happy"))
    np.testing.assert_allclose(first[:8, : cut - 1], frames[0, :8, : cut - 1], atol=2)


@pytest.mark.parametrize(
    ("first", "extent", "filmed"), [(-30, 100, 60), (-3, 50, 200), (20, 60, 70), (5, 50, 60)]
)
def test_every_row_is_one_that_was_filmed_and_those_inside_stay(first, extent, filmed):
    shown = np.arange(first, first + extent)
    rows = np.where((shown >= 0) & (shown < filmed), shown + 1, 0)
    frames = np.broadcast_to(rows[None, :, None, None], (1, extent, 8, 3)).astype(np.uint8)
    found = without_bars(frames, (first, 0, extent, 8), (filmed, 8))[0, :, 0, 0]
    assert found.min() > 0
    stays = (shown >= 1) & (shown < filmed - 1)
    np.testing.assert_array_equal(found[stays], rows[stays])
    if 0 <= first and first + extent <= filmed:
        assert without_bars(frames, (first, 0, extent, 8), (filmed, 8)) is frames


def test_a_square_beside_the_film_is_left_as_it_is():
    frames = np.zeros((1, 10, 10, 3), np.uint8)
    assert without_bars(frames, (0, 40, 10, 10), (10, 20)) is frames
