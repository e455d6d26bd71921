r"""Other programs give one row per stored frame; in many phones' films those are not the video's rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dnt_core.clips import count_frames, read_video, stored_frames_of_rows
from dnt_core.tracking.foreign_track import ForeignTrack
from dnt_core.tracking.frame_rows import by_shown_frames
from dnt_core.tracking.importing import import_track
from dnt_core.tracking.video_track import track_video
from tests.clips.film_maker import HEIGHT as FILM_HEIGHT
from tests.clips.film_maker import make_film
from tests.tracking.tool_tracks import HEIGHT, MODEL, filmed

TIMES = np.r_[np.arange(8), np.arange(11, 21), np.arange(26, 32)] / 30  # 24 frames, and 8 that were dropped
MEDIA = Path(__file__).parents[1] / "clips" / "media"


@pytest.fixture
def film(tmp_path):
    return make_film(tmp_path / "phone.mp4", times=TIMES, sound=None)


def marks():
    return (filmed().frame + 0.5) * FILM_HEIGHT / HEIGHT - 0.5


def shown_at_rows() -> np.ndarray:
    return np.array([np.flatnonzero(TIMES <= k / 30 + 1e-3)[-1] for k in range(32)])


def test_rows_of_a_film_show_the_frames_that_players_show(film):
    tables = stored_frames_of_rows(film)
    assert count_frames(film) == 32 and list(tables) == [24]
    np.testing.assert_array_equal(tables[24], shown_at_rows())
    assert stored_frames_of_rows(MEDIA / "plain.mp4") == {}
    track = ForeignTrack("a tool", landmarks=np.zeros((39, 68, 2)))
    assert by_shown_frames(track, 39, MEDIA / "cut_copy.mp4") == track  # without those that are hidden
    hidden = stored_frames_of_rows(MEDIA / "cut_copy.mp4")
    shown = len(read_video(MEDIA / "cut_copy.mp4").frames)
    assert list(hidden) == [shown, max(hidden)] and max(hidden) > shown
    np.testing.assert_array_equal(hidden[shown], np.arange(shown))
    np.testing.assert_array_equal(hidden[max(hidden)], np.arange(shown) + max(hidden) - shown)


@pytest.mark.parametrize("way", ["tracked", "imported"])
def test_landmarks_per_stored_frame_stand_where_their_frames_are_shown(way, film, tmp_path):
    np.save(tmp_path / "lm.npy", marks())
    if way == "tracked":
        made = track_video(film, [tmp_path / "lm.npy"], MODEL, pixels=None)
    else:
        made = import_track([], film, landmarks=[tmp_path / "lm.npy"], face_model=MODEL)
    top, left, side, _ = made.cache.crop
    placed = (made.cache.landmarks + 0.5) * side / 256 + [left, top] - 0.5
    np.testing.assert_allclose(placed, marks()[shown_at_rows()], atol=1e-3)
    assert "the 24 stored frames of phone.mp4 are not its 32 rows" in made.note
    assert made.cache.fps == 30


def test_numbered_files_and_tables_with_gaps_count_stored_frames_too(film, tmp_path):
    folder = tmp_path / "lms"
    folder.mkdir()
    for t, points in enumerate(marks()):
        if t != 9:
            np.savetxt(folder / f"{t}.lms", points)
    made = import_track([folder], film, face_model=MODEL)
    lost = np.flatnonzero(shown_at_rows() == 9)
    assert np.flatnonzero(made.cache.confidence == 0).tolist() == lost.tolist()


def test_landmarks_per_row_are_left_alone(film, tmp_path):
    np.save(tmp_path / "lm.npy", marks()[shown_at_rows()])
    made = track_video(film, [tmp_path / "lm.npy"], MODEL, pixels=None)
    assert len(made.cache) == 32 and "stored frames" not in made.note


def test_other_numbers_of_rows_are_refused_as_ever(film, tmp_path):
    np.save(tmp_path / "lm.npy", marks()[:20])
    with pytest.raises(ValueError, match="20 rows up to frame 19, but phone.mp4 has 32 frames"):
        import_track([], film, landmarks=[tmp_path / "lm.npy"], face_model=MODEL)
