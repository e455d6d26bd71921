r"""Landmarks from files as other programs write them."""

import pickle
from fractions import Fraction

import numpy as np
import pytest

from dnt_core.clips import VideoInfo
from dnt_core.tracking.foreign_track import TrackError
from dnt_core.tracking.frame_size import in_shown_px
from dnt_core.tracking.landmark_files import read_landmarks
from dnt_core.tracking.mediapipe_landmarks import OF_478
from tests.tracking.tool_tracks import filmed


@pytest.mark.parametrize("points", [468, 478])
@pytest.mark.parametrize("columns", [2, 3])
def test_mediapipes_mesh_gives_its_68(points, columns, tmp_path):
    mesh = np.random.default_rng(0).uniform(10, 200, (5, points, columns))
    mesh[2] = np.nan
    np.save(tmp_path / "mesh.npy", mesh)
    found = read_landmarks([tmp_path / "mesh.npy"]).landmarks
    np.testing.assert_array_equal(found, mesh[:, list(OF_478), :2])


@pytest.mark.parametrize("points", [468, 478, 70, 98])
@pytest.mark.parametrize("name", ["{}_{}", "{}{}"])
def test_points_of_a_table_are_those_that_their_number_says(points, name, tmp_path):
    r"""MediaPipe's first 68 points are not iBUG's, nor are WFLW's; OpenPose's pupils stand behind them."""
    mesh = np.random.default_rng(0).uniform(10, 200, (5, points, 3)).round(2)
    head = ",".join(["frame", *(name.format(axis, i) for i in range(points) for axis in "xyz")])
    rows = np.column_stack([np.arange(5), mesh.reshape(5, -1)])
    np.savetxt(tmp_path / "mesh.csv", rows, delimiter=",", header=head, comments="", fmt="%.2f")
    if points == 98:
        with pytest.raises(TrackError, match="mesh.csv: columns of 98 points, expected 68"):
            read_landmarks([tmp_path / "mesh.csv"])
        return
    found = read_landmarks([tmp_path / "mesh.csv"]).landmarks
    np.testing.assert_allclose(found, mesh[:, range(68) if points == 70 else list(OF_478), :2])


def test_shares_of_the_picture_become_pixels(tmp_path):
    r"""MediaPipe's points as it gives them: columns in shares of the width, rows of the height."""
    rng = np.random.default_rng(0)
    shares = rng.uniform(0.2, 0.8, (5, 478, 3))
    shares[1] = np.nan
    shares[2, :, 0] -= 0.5  # a face that is half outside
    np.save(tmp_path / "shares.npy", shares)
    read = read_landmarks([tmp_path / "shares.npy"])
    assert read.landmarks_in == "shares"
    found = in_shown_px(read, VideoInfo(tmp_path, 1920, 1080, Fraction(30), 5, False, {}, (1920, 1080)))
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
@pytest.mark.parametrize("lost", ["zeros", "nan", "empty", "one place"])
def test_a_file_of_zeros_of_nan_or_of_nothing_is_a_frame_without_a_face(points, lost, tmp_path):
    seen = np.random.default_rng(0).uniform(50, 200, (4, points, 2))
    for t, value in enumerate(seen):
        np.savetxt(tmp_path / f"{t}.lms", value)
    none = {"zeros": np.zeros((points, 2)), "nan": np.full((points, 2), np.nan), "empty": np.zeros((0, 2))}
    none["one place"] = np.full((points, 2), 128.0)
    np.savetxt(tmp_path / "2.lms", none[lost])
    found = read_landmarks(sorted(tmp_path.glob("*.lms")))
    assert np.isnan(found.landmarks[2]).all()
    np.testing.assert_allclose(found.landmarks[[0, 1, 3]], seen[[0, 1, 3]])
    with pytest.raises(TrackError, match="0 points, expected 68|no frame has a face"):
        read_landmarks([tmp_path / "2.lms"])


def test_frames_are_in_order_where_a_number_further_on_is_always_the_same(tmp_path):
    r"""``me_1_lm68.txt``, ``me_10_lm68.txt``, ``me_2_lm68.txt`` is how a folder sorts them."""
    seen = np.arange(1, 13)[:, None, None] + np.arange(136).reshape(68, 2)
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
                rows.append([frame, who, 0.9, 1, *[column] * 68, *range(50, 118)])
    text = "\n".join([",".join(head), *(",".join(map(str, row)) for row in rows)])
    (tmp_path / "people.csv").write_text(text)
    found = read_landmarks([tmp_path / "people.csv"])
    assert len(found) == 8 and (found.landmarks[..., 0] == 100).all() and found.rows is None
    late = [row for row in rows if row[1] == 0 or 2 < row[0] < 8]  # the second is not there at either end
    late += [
        [t, 1, 0.9, 1, *[100.0] * 68, *range(50, 118)] for t in (4, 5, 6)
    ]  # as a second model of the face
    (tmp_path / "people.csv").write_text("\n".join([",".join(head), *(",".join(map(str, r)) for r in late)]))
    found = read_landmarks([tmp_path / "people.csv"])
    assert (found.landmarks[..., 0] == 100).all() and found.rows.tolist() == [2, 3, 4, 5, 6]


@pytest.mark.parametrize("name", ["lm_mp_{}_{}", "{}_{}", "face_{}_{}"])
@pytest.mark.parametrize("count", [68, 478])
def test_columns_of_points_by_any_name_with_a_number_and_a_letter(name, count, tmp_path):
    r"""LibreFace's ``lm_mp_0_x``, and those of many a script, stood for no landmarks; depths are left out."""
    places = np.zeros((4, count, 3))
    chosen = range(68) if count == 68 else list(OF_478)
    places[:, chosen, :2] = filmed(12).frame[:4]
    head = ["frame_idx", *(name.format(i, axis) for i in range(count) for axis in "xyz"), "gaze_x", "gaze_y"]
    table(tmp_path / "a.csv", head, [[t, *row.ravel(), 0, 0] for t, row in enumerate(places)])
    np.testing.assert_allclose(
        read_landmarks([tmp_path / "a.csv"]).landmarks, filmed(12).frame[:4], atol=1e-6
    )


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


def test_openfaces_points_in_space_are_not_taken_for_those_in_the_picture(tmp_path):
    r"""Its table has x_0 … y_67 in px and, further on, X_0 … Z_67 in mm, which were read in their place."""
    px = np.random.default_rng(0).uniform(50, 200, (3, 68, 2))
    head = ["frame", "success", *(f" {c}_{i}" for c in "xyXYZ" for i in range(68))]
    rows = [
        [t + 1, 1, *points[:, 0], *points[:, 1], *(points.T.ravel() / 3), *points[:, 0]]
        for t, points in enumerate(px)
    ]
    table(tmp_path / "a.csv", head, rows)
    np.testing.assert_allclose(read_landmarks([tmp_path / "a.csv"]).landmarks, px)
    table(tmp_path / "b.csv", head[:2] + head[138:], [row[:2] + row[138:] for row in rows])
    with pytest.raises(TrackError, match="columns x_0 to y_67 .*which are px; X_0 to Z_67 are mm in space"):
        read_landmarks([tmp_path / "b.csv"])


def table(path, head, rows):
    path.write_text("\n".join(",".join(map(str, row)) for row in [head, *rows]))


def test_the_order_of_a_tables_columns_is_that_of_its_header(tmp_path):
    px = np.random.default_rng(0).uniform(50, 200, (3, 68, 2))
    pairs, halves = px.reshape(3, -1), px.transpose(0, 2, 1).reshape(3, -1)
    for number, (head, rows) in enumerate((
        ([f"x{i}" for i in range(1, 69)] + [f"y{i}" for i in range(1, 69)], halves),
        ([f"landmark_{i}_{c}" for c in "xy" for i in range(68)], halves),
        ([f"{c}_{i}" for i in range(1, 69) for c in "xy"], pairs),
        (list(range(136)), pairs),  # as pandas names columns
    )):  # fmt: skip
        table(tmp_path / f"{number}.csv", head, rows.tolist())
        np.testing.assert_allclose(read_landmarks([tmp_path / f"{number}.csv"]).landmarks, px)


def test_tables_with_semicolons_and_decimal_commas_or_with_tabs(tmp_path):
    px = filmed().frame.round(2)
    lines = [[f"{c}_{i}" for c in "xy" for i in range(68)]]
    lines += [[str(number) for number in points.T.ravel()] for points in px]
    for name, sign, point in (("a", ";", ","), ("b", ";", "."), ("c", "\t", ",")):
        text = "\n".join(sign.join(row) for row in lines)
        (tmp_path / f"{name}.csv").write_text(text.replace(".", point))
        np.testing.assert_allclose(read_landmarks([tmp_path / f"{name}.csv"]).landmarks, px)
    table(tmp_path / "pandas.csv", ["", *range(136)], [[t, *row.ravel()] for t, row in enumerate(px)])
    np.testing.assert_allclose(read_landmarks([tmp_path / "pandas.csv"]).landmarks, px)


def test_the_order_of_136_numbers_without_names_is_the_one_that_gives_faces(tmp_path):
    px = filmed().frame.round(3)
    px[2] = np.nan
    orders = {"pairs": px, "rows first": px[..., ::-1]}
    orders |= {f"{name} by halves": points.transpose(0, 2, 1) for name, points in list(orders.items())}
    for name, points in orders.items():
        values = points.reshape(len(px), 136)
        np.save(tmp_path / f"{name}.npy", values)
        np.savetxt(tmp_path / f"{name}.csv", values, delimiter=",")
        np.savetxt(tmp_path / f"{name}.txt", np.nan_to_num(values))
        for suffix in ("npy", "csv", "txt"):
            found = read_landmarks([tmp_path / f"{name}.{suffix}"]).landmarks
            np.testing.assert_allclose(found, px, err_msg=f"{name}.{suffix}")
    head = [f"p{i}_{c}" for i in range(68) for c in "yx"]
    table(tmp_path / "named.csv", head, px[..., ::-1].reshape(len(px), 136).tolist())
    np.testing.assert_allclose(read_landmarks([tmp_path / "named.csv"]).landmarks, px)


@pytest.mark.parametrize("wrong", ["", 1e12, 2.5])
def test_numbers_of_frames_that_are_none_are_said(wrong, tmp_path):
    r"""An empty cell made one frame of the table, a huge number a list of as many."""
    head = ["frame", *(f"{c}_{i}" for c in "xy" for i in range(68))]
    rows = [[t + 1, *np.arange(136)] for t in range(4)]
    rows[2][0] = wrong
    table(tmp_path / "a.csv", head, rows)
    with pytest.raises(TrackError, match="a.csv: expected whole numbers in the column 'frame'"):
        read_landmarks([tmp_path / "a.csv"])


def test_text_files_as_tools_write_them(tmp_path):
    px = np.random.default_rng(0).uniform(50, 200, (3, 68, 2)).round(3)
    np.savetxt(tmp_path / "sadtalker.txt", px.reshape(-1))
    np.savetxt(tmp_path / "rows.txt", px.reshape(3, -1))
    for name in ("sadtalker.txt", "rows.txt"):
        np.testing.assert_allclose(read_landmarks([tmp_path / name]).landmarks, px)
    lines = {
        "counted": [f"{i} {x} {y}" for i, (x, y) in enumerate(px[0])],
        "counted from 1": [f"{i},{x},{y}" for i, (x, y) in enumerate(px[0], 1)],
        "with depth": [f"{x} {y} 0.5" for x, y in px[0]],
        "decimal commas": [f"{x:.3f} {y:.3f}".replace(".", ",") for x, y in px[0]],
        "commas": ["x,y", *(f"{x},{y}" for x, y in px[0])],
        "iBUG, from 1": ["version: 1", "n_points:  68", "{", *(f"{x + 1} {y + 1}" for x, y in px[0]), "}"],
    }
    for name, of_file in lines.items():
        (tmp_path / f"{name}.lms").write_text("\n".join(of_file))
        np.testing.assert_allclose(read_landmarks([tmp_path / f"{name}.lms"]).landmarks[0], px[0])
    (tmp_path / "four.lms").write_text("\n".join(f"{x} {y} 1 2" for x, y in px[0]))
    with pytest.raises(TrackError, match="four.lms: lines of 4 to 4 numbers, expected 68 lines of column"):
        read_landmarks([tmp_path / "four.lms"])


def test_frames_of_minus_one_have_no_face_and_points_that_are_never_found_are_said(tmp_path):
    px = np.random.default_rng(0).uniform(50, 200, (4, 68, 2))
    px[1] = -1  # as SadTalker's detector says that there is none
    np.save(tmp_path / "a.npy", px)
    assert np.isnan(read_landmarks([tmp_path / "a.npy"]).landmarks[1]).all()
    px[:, :17] = np.nan
    np.save(tmp_path / "b.npy", px)
    with pytest.raises(TrackError, match="no frame has all 68 landmarks; 17 of them are found in none"):
        read_landmarks([tmp_path / "b.npy"])


def test_confidences_are_shares(tmp_path):
    px = np.random.default_rng(0).uniform(50, 200, (4, 68, 2))
    np.savez(tmp_path / "a.npz", landmarks=px, confidence=[np.nan, -3, 0.5, 98])
    assert read_landmarks([tmp_path / "a.npz"]).confidence.tolist() == [0, 0, 0.5, 1]


@pytest.mark.parametrize("name", ["JawOpen", "jaw_open"])
def test_a_table_of_arkit_blend_shapes_is_told_as_such(name, tmp_path):
    (tmp_path / "take.csv").write_text(f"Timecode,BlendshapeCount,{name}\n13:22:10:01.250,61,0.5\n")
    with pytest.raises(TrackError, match="take.csv: ARKit's blend shapes, and no landmarks; .* --lips"):
        read_landmarks([tmp_path / "take.csv"])
