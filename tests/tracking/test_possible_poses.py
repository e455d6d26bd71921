r"""Other tools' poses that no head in the video has: single ones are marked, a track of them is refused."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from typer.testing import CliRunner

from dnt_core.cli import app
from dnt_core.clips import FaceCache, scan, write_face_cache
from dnt_core.face3d.wm3dr import WM3DR_CAMERA
from dnt_core.tracking import TrackError
from dnt_core.tracking.importing import import_track
from dnt_core.tracking.possible_poses import impossible_caches
from tests.tracking.phone_film import turn_upright
from tests.tracking.tool_tracks import HEIGHT, WIDTH, filmed, landmarks_of, tracked, write_deep3d, write_film

BEHIND, UPSIDE_DOWN, AWAY, OUTSIDE, TINY, HUGE = 3, 8, 12, 16, 19, 21


def with_impossible_heads(rows: np.ndarray) -> np.ndarray:
    rows = rows.copy()
    rows[BEHIND, 256] = 25.0
    rows[UPSIDE_DOWN, 226] += np.pi
    rows[AWAY, 225] += np.pi
    rows[OUTSIDE, 254] += 9.0
    rows[TINY, 256] = -5000.0
    rows[HUGE, 80:144] = 1e6
    return rows


def geneface_plus(path, rows):
    held = {"id": rows[:1, :80], "exp": rows[:, 80:144], "euler": rows[:, 224:227], "trans": rows[:, 254:257]}
    np.save(path, np.array(held, dtype=object), allow_pickle=True)
    return path


def test_single_impossible_heads_are_marked_and_lie_between_their_neighbours(tmp_path):
    film = write_film(tmp_path / "talk.mp4", size=(320, 320))
    good = import_track([geneface_plus(tmp_path / "coeff_fit.npy", filmed().true)], film)
    assert good.cache.confidence is None and "frame" not in good.note
    bad = import_track(
        [geneface_plus(tmp_path / "coeff_fit.npy", with_impossible_heads(filmed().true))], film
    )
    marked = [BEHIND, UPSIDE_DOWN, AWAY, OUTSIDE, TINY, HUGE]
    assert np.flatnonzero(bad.cache.confidence == 0).tolist() == marked
    for what, frame in (
        ("a head behind the camera, or in it", BEHIND),
        ("a head turned against the frames around", UPSIDE_DOWN),
        ("angles of a head that looks away from the camera", AWAY),
        ("a head outside of the picture", OUTSIDE),
        ("a head less than 0.02 or more than 10 times as large as the picture", TINY),
        ("coefficients 10 times as large as a face's", HUGE),
    ):
        assert f"1 of 24 frames has {what}, first frame {frame}: confidence 0" in bad.note
    kept = np.delete(np.arange(24), marked)
    assert_allclose(bad.cache.parameters[kept], good.cache.parameters[kept], atol=1e-5)
    assert np.abs(bad.cache.parameters[:, 224:227]).max() < 1


@pytest.mark.parametrize(
    ("part", "scale", "shift", "what"),
    [
        (slice(254, 257), 1000, 0, "behind the camera|outside|as large"),
        (slice(224, 227), 180 / np.pi, 0, "as if in degrees"),
        (224, 1, np.pi, "looks away from the camera"),
        (254, 1, -9, "a head outside of the picture"),
        (slice(0, 144), 1e4, 0, "coefficients 10 times as large"),
    ],
)
def test_a_track_in_other_units_or_axes_is_refused(tmp_path, part, scale, shift, what):
    film = write_film(tmp_path / "talk.mp4", size=(320, 320))
    rows = filmed().true.copy()
    rows[:, 225] += 0.2
    rows[:, part] = rows[:, part] * scale + shift
    said = rf"GeneFace\+\+: \d+ of 24 frames have .*({what}).*first frame \d+; expected"
    with pytest.raises(TrackError, match=said):
        import_track([geneface_plus(tmp_path / "coeff_fit.npy", rows)], film)
    assert not (tmp_path / "talk.face3d.npz").exists()


@pytest.mark.parametrize("tool", ["deep3d", "geneface", "wm3dr", "sadtalker"])
def test_the_tools_with_moving_crops_are_looked_at_too(tool, tmp_path):
    film = write_film(tmp_path / "talk.mp4")
    stored, windows = tracked()
    stored = stored.copy()
    if tool == "wm3dr":
        stored[:, 254:257] = [0, 0, 8]
        stored[5, 256] = -12
        np.savez(tmp_path / "wm3dr.npz", parameters=stored, cell=np.full(24, 32 * 64 + 32))
        made = import_track([tmp_path / "wm3dr.npz"], film)
    else:
        stored[5, 256] = 12
    if tool == "deep3d":
        folder = write_deep3d(tmp_path / "d", stored)
        np.save(tmp_path / "lm.npy", filmed().frame)
        made = import_track([folder], film, landmarks=[tmp_path / "lm.npy"])
    if tool == "geneface":
        held = {"coeff": stored, "lm68": filmed().frame}
        np.save(tmp_path / "vid_coeff.npy", np.array(held, dtype=object), allow_pickle=True)
        made = import_track([tmp_path / "vid_coeff.npy"], film)
    if tool == "sadtalker":
        from scipy.io import savemat

        columns = [stored[:, 80:144], stored[:, 224:227], stored[:, 254:257], windows[:, 3:]]
        savemat(tmp_path / "s.mat", {"coeff_3dmm": np.concatenate(columns, axis=1), "full_3dmm": stored[:1]})
        made = import_track([tmp_path / "s.mat"], film)
    assert "1 of 24 frames has a head behind the camera, or in it, first frame 5: confidence 0" in made.note
    assert np.flatnonzero(made.cache.confidence == 0).tolist() == [5]
    assert np.isfinite(made.cache.parameters).all() and made.cache.parameters[5, 256] < 5


@pytest.mark.parametrize("left", [0.0, np.nan, np.inf])
def test_rows_that_a_tool_leaves_for_frames_without_a_face_are_marked(left, tmp_path):
    film = write_film(tmp_path / "talk.mp4")
    stored, marks = tracked()[0].copy(), filmed().frame.copy()
    stored[[6, 7]], marks[[7, 8]] = left, 0 if left == 0 else np.nan
    held = {"coeff": stored, "lm68": marks}
    np.save(tmp_path / "vid_coeff.npy", np.array(held, dtype=object), allow_pickle=True)
    made = import_track([tmp_path / "vid_coeff.npy"], film)
    assert np.flatnonzero(made.cache.confidence == 0).tolist() == [6, 7, 8]
    assert "3 of 24 frames have no face, first frame 6: confidence 0" in made.note
    top, left_, side, _ = made.cache.crop
    true = (filmed().frame + 0.5 - [left_, top]) * 256 / side - 0.5
    off = np.linalg.norm(landmarks_of(made.cache.parameters, 256) - true, axis=-1)
    assert np.delete(off, [6, 7, 8], 0).mean() < 1 and off.max() < 12


def test_crops_whose_landmarks_lie_in_them_are_known_where_some_rows_are_lost(tmp_path):
    r"""GeneFace's landmarks of the reconstruction: one lost row did not make them landmarks of the frame."""
    film = write_film(tmp_path / "talk.mp4")
    stored = tracked()[0]
    marks = landmarks_of(stored)
    marks[4] = 0
    held = {"coeff": stored, "lm68": marks}
    np.save(tmp_path / "vid_coeff.npy", np.array(held, dtype=object), allow_pickle=True)
    with pytest.raises(TrackError, match="GeneFace's poses belong to a 224-px crop"):
        import_track([tmp_path / "vid_coeff.npy"], film)


def test_a_wm3dr_file_of_one_frame_and_of_lost_frames(tmp_path):
    from dnt_core.tracking import read_track

    one = tracked()[0][:1]
    np.savez(tmp_path / "one.npz", parameters=one[0], cell=np.int64(2080))
    assert len(read_track([tmp_path / "one.npz"])) == 1
    rows, cells = tracked()[0].copy(), np.full(24, 2080.0)
    rows[3], rows[4], cells[5] = 0, np.nan, np.nan
    np.savez(tmp_path / "some.npz", parameters=rows, cell=cells)
    found = read_track([tmp_path / "some.npz"]).parameters
    assert np.flatnonzero(~np.isfinite(found).all(axis=1)).tolist() == [3, 4, 5]


def test_poses_of_a_phones_stored_picture_are_refused(tmp_path):
    film = write_film(tmp_path / "phone.mp4", size=(320, 320))
    turn_upright(film, 320, 320)
    rows = filmed().true.copy()
    rows[:, 226] += np.pi / 2
    with pytest.raises(TrackError, match="header of phone.mp4 says .* run the tool in the picture as shown"):
        import_track([geneface_plus(tmp_path / "coeff_fit.npy", rows)], film)


def test_the_camera_of_the_tool_says_where_a_head_is():
    r"""A face at the edge of WM3DR's square is in a wide frame's picture, one below the frame is not."""
    from dnt_core.tracking.possible_poses import possible_poses

    rows = np.tile(filmed().true[:1], (4, 1))
    rows[:, 254:257] = [0, 0, 0]
    rows[3, 255] = -2.4  # row 256 + 244 of 512, where the padding is
    windows = np.tile([0.0, 0.0, WIDTH], (4, 1))
    kept, said = possible_poses(rows, WM3DR_CAMERA, windows, (WIDTH, HEIGHT), "x.mp4", "WM3DR")
    assert np.flatnonzero(np.isnan(kept[:, 0])).tolist() == [3] and "outside of the picture" in said


def test_the_check_of_a_folder_says_what_the_import_says(tmp_path):
    folder = tmp_path / "ann" / "video" / "front" / "happy" / "level_1"
    rows = filmed().true.copy()
    rows[7, 254] += 30.0
    degrees = rows.copy()
    degrees[:, 224:227] *= 180 / np.pi
    degrees[:, 225] += 10
    marked = np.ones(24)
    marked[7] = 0
    for number, held, trust in ((1, rows, marked), (2, rows, None), (3, degrees, None)):
        film = write_film(folder / f"00{number}.mp4", size=(320, 320))
        write_face_cache(film, FaceCache(held, 30, "bfm2009", "me", confidence=trust))
    index = scan(tmp_path)
    said = [str(problem) for problem in impossible_caches(index.clips)]
    assert len(said) == 2
    assert "002.face3d.npz: impossible poses: 1 of 24 frames have a head outside" in said[0]
    assert "003.face3d.npz: impossible poses:" in said[1] and "as if in degrees" in said[1]
    done = CliRunner().invoke(app, ["data", "check", str(tmp_path)])
    assert "impossible poses" in " ".join(done.output.split())
