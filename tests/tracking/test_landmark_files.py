r"""Landmarks from files as other programs write them."""

import pickle

import numpy as np
import pytest

from dnt_core.tracking.foreign_track import TrackError, in_px
from dnt_core.tracking.landmark_files import read_landmarks
from dnt_core.tracking.mediapipe_landmarks import OF_478


@pytest.mark.parametrize("points", [468, 478])
@pytest.mark.parametrize("columns", [2, 3])
def test_mediapipes_mesh_gives_its_68(points, columns, tmp_path):
    mesh = np.random.default_rng(0).uniform(10, 200, (5, points, columns))
    mesh[2] = np.nan
    np.save(tmp_path / "mesh.npy", mesh)
    found = read_landmarks([tmp_path / "mesh.npy"]).landmarks
    np.testing.assert_array_equal(found, mesh[:, list(OF_478), :2])


def test_shares_of_the_picture_become_pixels(tmp_path):
    r"""MediaPipe's points as it gives them: columns in shares of the width, rows of the height."""
    rng = np.random.default_rng(0)
    shares = rng.uniform(0.2, 0.8, (5, 478, 3))
    shares[1] = np.nan
    shares[2, :, 0] -= 0.5  # a face that is half outside
    np.save(tmp_path / "shares.npy", shares)
    read = read_landmarks([tmp_path / "shares.npy"])
    assert read.landmarks_in == "shares"
    found = in_px(read, 1080, 1920)
    assert found.landmarks_in == "frame"
    # a share of 0 is the left edge of the first pixel, whose centre is column 0
    np.testing.assert_allclose(found.landmarks[..., 0], shares[:, list(OF_478), 0] * 1080 - 0.5)
    np.testing.assert_allclose(found.landmarks[..., 1], shares[:, list(OF_478), 1] * 1920 - 0.5)
    table = rng.uniform(0.2, 0.8, (4, 136))
    np.savetxt(tmp_path / "shares.csv", table, delimiter=",")
    np.savetxt(tmp_path / "0.lms", table[0].reshape(68, 2))
    assert read_landmarks([tmp_path / "shares.csv"]).landmarks_in == "shares"
    assert read_landmarks([tmp_path / "0.lms"]).landmarks_in == "shares"


def test_numbers_from_minus_one_to_one_are_neither(tmp_path):
    np.save(tmp_path / "grid.npy", np.random.default_rng(0).uniform(-0.6, 0.7, (5, 68, 2)))
    with pytest.raises(TrackError, match=r"grid.npy: numbers from -0.60 to 0.70 are neither px nor shares"):
        read_landmarks([tmp_path / "grid.npy"])


@pytest.mark.parametrize("points", [68, 5])
@pytest.mark.parametrize("lost", ["zeros", "nan", "empty"])
def test_a_file_of_zeros_of_nan_or_of_nothing_is_a_frame_without_a_face(points, lost, tmp_path):
    seen = np.random.default_rng(0).uniform(50, 200, (4, points, 2))
    for t, value in enumerate(seen):
        np.savetxt(tmp_path / f"{t}.lms", value)
    none = {"zeros": np.zeros((points, 2)), "nan": np.full((points, 2), np.nan), "empty": np.zeros((0, 2))}
    np.savetxt(tmp_path / "2.lms", none[lost])
    found = read_landmarks(sorted(tmp_path.glob("*.lms")))
    assert np.isnan(found.landmarks[2]).all()
    np.testing.assert_allclose(found.landmarks[[0, 1, 3]], seen[[0, 1, 3]])
    with pytest.raises(TrackError, match="0 points, expected 68|no frame has a face"):
        read_landmarks([tmp_path / "2.lms"])


def test_frames_are_in_order_where_a_number_further_on_is_always_the_same(tmp_path):
    r"""``me_1_lm68.txt``, ``me_10_lm68.txt``, ``me_2_lm68.txt`` is how a folder sorts them."""
    seen = np.arange(1, 13)[:, None, None] * np.ones((12, 68, 2))
    for t, value in enumerate(seen, 1):
        np.savetxt(tmp_path / f"me2_{t}_lm68.txt", value)
    found = read_landmarks(sorted(tmp_path.glob("*.txt")))
    np.testing.assert_array_equal(found.landmarks, seen)
    assert found.numbers.tolist() == list(range(1, 13))


def test_of_several_people_in_openfaces_table_one_is_followed(tmp_path):
    r"""Rows of a frame begin with whoever is still seen: where the first is lost, that is the other one."""
    head = ["frame", "face_id", "confidence", "success", *(f"{c}_{i}" for c in "xy" for i in range(68))]
    rows = []
    for frame in range(1, 9):
        for who, column in ((0, 300.0), (1, 100.0)):
            if not (who == 0 and frame > 5):
                rows.append([frame, who, 0.9, 1, *[column] * 68, *[50.0] * 68])
    text = "\n".join([",".join(head), *(",".join(map(str, row)) for row in rows)])
    (tmp_path / "people.csv").write_text(text)
    found = read_landmarks([tmp_path / "people.csv"])
    assert len(found) == 8 and (found.landmarks[..., 0] == 100).all() and found.rows is None
    late = [row for row in rows if row[1] == 0 or 2 < row[0] < 8]  # the second is not there at either end
    late += [[t, 1, 0.9, 1, *[100.0] * 68, *[50.0] * 68] for t in (4, 5, 6)]  # as a second model of the face
    (tmp_path / "people.csv").write_text("\n".join([",".join(head), *(",".join(map(str, r)) for r in late)]))
    found = read_landmarks([tmp_path / "people.csv"])
    assert (found.landmarks[..., 0] == 100).all() and found.rows.tolist() == [2, 3, 4, 5, 6]


def test_another_number_of_points_is_said(tmp_path):
    np.save(tmp_path / "few.npy", np.ones((5, 98, 2)))
    with pytest.raises(TrackError, match=r"expected landmarks \(frames, 68, 2\), got \(5, 98, 2\)"):
        read_landmarks([tmp_path / "few.npy"])


def test_a_list_of_each_frames_faces_gives_the_largest(tmp_path):
    r"""face_alignment's ``get_landmarks`` per frame: a list of faces, or None."""
    points = np.random.default_rng(0).uniform(50, 200, (5, 68, 2))
    frames = [[face, face / 4] for face in points]
    frames[1], frames[3] = None, frames[3][::-1]
    for path in (tmp_path / "faces.pkl", tmp_path / "faces.npy"):
        if path.suffix == ".pkl":
            path.write_bytes(pickle.dumps(frames))
        else:
            held = np.empty(5, dtype=object)
            held[:] = frames
            np.save(path, held, allow_pickle=True)
        found = read_landmarks([path]).landmarks
        assert np.isnan(found[1]).all()
        np.testing.assert_allclose(found[[0, 2, 3, 4]], points[[0, 2, 3, 4]])
    np.save(tmp_path / "one.npy", points[:, None])
    np.testing.assert_allclose(read_landmarks([tmp_path / "one.npy"]).landmarks, points)
    (tmp_path / "mixed.pkl").write_bytes(pickle.dumps([points[0], points[1, :5]]))
    with pytest.raises(
        TrackError, match=r"mixed.pkl: expected as many points in every frame, found \[5, 68\]"
    ):
        read_landmarks([tmp_path / "mixed.pkl"])
