r"""Readers of the Basel files, against files of their exact keys, shapes and index conventions."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dnt_core.face3d import load_face_model
from dnt_core.face3d.bfm import load_bfm, read_chj
from dnt_core.face3d.cylindrical_uv import cylindrical_uv, flipped_share
from tests.face3d.basel_files import FULL, basel_arrays, to_chj, write_chj, write_mat, write_uv


@pytest.fixture(scope="module")
def arrays():
    return basel_arrays()


def load_quietly(path, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load_bfm(path, **kwargs)


def test_mat_arrays_arrive_where_they_belong(tmp_path, arrays):
    write_uv(tmp_path, arrays["_uv"])
    with pytest.warns(UserWarning, match="400 vertices, expected 35709"):
        model = load_face_model(write_mat(tmp_path / "BFM_model_front.mat", arrays))
    mean = arrays["meanshape"].reshape(-1, 3)
    assert_allclose(model.mean_shape, mean - mean.mean(0), atol=1e-6)
    assert_allclose(model.mean_shape.mean(0), 0, atol=1e-6)
    for vertex, axis, column in [(0, 0, 0), (7, 1, 3), (399, 2, 63)]:  # xyz interleaved
        assert model.identity_basis[vertex, axis, column] == arrays["idBase"][3 * vertex + axis, column]
        assert model.expression_basis[vertex, axis, column] == arrays["exBase"][3 * vertex + axis, column]
        assert_allclose(
            model.texture_basis[vertex, axis, column],
            arrays["texBase"][3 * vertex + axis, column] / 255,
            rtol=1e-6,
        )
    assert_allclose(model.mean_color, arrays["meantex"].reshape(-1, 3) / 255, rtol=1e-6)
    assert_array_equal(model.triangles, arrays["tri"] - 1)
    assert_array_equal(model.landmark_indices, arrays["keypoints"][0] - 1)
    assert_allclose(model.uv, arrays["_uv"], atol=1e-6)
    assert sorted(model.mouth_loop.tolist()) == list(range(16))
    assert model.check_topology().euler == 0


def test_chj_and_mat_give_the_same_model(tmp_path, arrays):
    write_uv(tmp_path, arrays["_uv"])
    first = load_quietly(write_mat(tmp_path / "BFM_model_front.mat", arrays))
    second = load_quietly(write_chj(tmp_path / "bfm.chj", to_chj(arrays)))
    for name, buffer in first.named_buffers():
        assert_allclose(buffer, dict(second.named_buffers())[name], rtol=1e-6, err_msg=name)


@pytest.mark.slow
@pytest.mark.filterwarnings("error")
def test_full_size(tmp_path):
    arrays = basel_arrays(**FULL)
    assert arrays["tri"].shape == (70_789, 3)
    assert arrays["meanshape"].shape == (1, 107_127)
    write_uv(tmp_path, arrays["_uv"], n_all=53_490)
    model = load_bfm(write_mat(tmp_path / "BFM_model_front.mat", arrays))
    assert (model.n_vertices, model.n_triangles, len(model.mouth_loop)) == (35_709, 70_789, 78)
    assert sorted(len(loop) for loop in model.check_topology().boundary_loops) == [78, 551]


# ---- what can be wrong ----


def broken(arrays, key, change):
    return {**arrays, key: change(arrays[key])}


WRONG = {
    "idBase transposed": (
        "idBase",
        lambda a: a.T,
        r"has shape \(80, 1200\), expected \(1200, 80\): it is transposed",
    ),
    "exBase too narrow": (
        "exBase",
        lambda a: a[:, :29],
        r"exBase has shape \(1200, 29\), expected \(1200, 64\)",
    ),
    "basis of unit columns": (
        "idBase",
        lambda a: a / np.linalg.norm(a, axis=0),
        "columns of idBase have length 1",
    ),
    "tri from 0": ("tri", lambda a: a - 1, "vertices 0 to 399, expected 1 to 400: its indices count from 0"),
    "tri transposed": ("tri", lambda a: a.T, r"tri has shape .*, expected \(n, 3\): it is transposed"),
    "tri fractional": ("tri", lambda a: a + 0.5, "tri must hold whole numbers"),
    "keypoints from 0": ("keypoints", lambda a: np.r_[0, a[0, 1:] - 1][None], "keypoints .* count from 0"),
    "67 keypoints": ("keypoints", lambda a: a[:, :67], r"has shape \(67,\), expected \(68,\)"),
    "point_buf from 0": (
        "point_buf",
        lambda a: a - 1,
        "point_buf .* count from 0, this format counts from 1",
    ),
    "point_buf of another mesh": ("point_buf", lambda a: a[::-1], "do not belong together"),
    "point_buf transposed": ("point_buf", lambda a: a.T, r"point_buf .* expected \(n, 8\): it is transposed"),
    "millimetres": ("meanshape", lambda a: a * 100, "expected 0.8 to 5 decimetres .* like millimetres"),
    "micrometres": ("meanshape", lambda a: a * 1e5, "it looks like micrometres"),
    "not interleaved": ("meanshape", lambda a: a.reshape(-1, 3).T, r"shape \(3, 400\).*it is transposed"),
    "nan": ("meanshape", lambda a: np.where(np.arange(a.size) == 5, np.nan, a), "meanshape .* not finite"),
    "colours to 1": ("meantex", lambda a: a / 255, "expected RGB from 0 to 255, not 0 to 1"),
    "colours of another mesh": ("meantex", lambda a: a[:, :-3], "meantex holds 399 vertices, meanshape 400"),
    "a triangle turned": ("tri", lambda a: np.r_[a[:1, [0, 2, 1]], a[1:]], "must turn the same way"),
    "no mouth hole": ("tri", lambda a: np.r_[a, FAN], "two boundary loops, but the mesh has 1"),
}
FAN = np.array([[1, i, i + 1] for i in range(2, 16)], dtype=np.float64)  # fills the hole of 16 vertices


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_mat_is_said_in_one_sentence(tmp_path, arrays, case):
    key, change, message = WRONG[case]
    if case == "no mouth hole":
        arrays = {k: v for k, v in arrays.items() if k != "point_buf"}
    path = write_mat(tmp_path / "wrong.mat", broken(arrays, key, change))
    with pytest.raises(ValueError, match=message) as caught:
        load_quietly(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_mat_without_a_key_names_it(tmp_path, arrays):
    path = write_mat(tmp_path / "wrong.mat", {k: v for k, v in arrays.items() if k != "exBase"})
    with pytest.raises(ValueError, match="no array 'exBase', expected meanshape, .* it holds .*idBase"):
        load_bfm(path)


def test_the_basel_model_as_its_owners_give_it_says_what_is_made_of_it(tmp_path):
    held = {key: np.zeros((30, 2)) for key in ("shapeMU", "shapePC", "shapeEV", "texMU", "texPC", "tl")}
    path = write_mat(tmp_path / "01_MorphableModel.mat", held)
    with pytest.raises(ValueError, match="as its owners give it, .* expected BFM_model_front.mat, which"):
        load_bfm(path)


def test_files_that_are_no_mat(tmp_path, arrays):
    path = tmp_path / "BFM_model_front.mat"
    with pytest.raises(FileNotFoundError, match="no such file"):
        load_bfm(path)
    path.write_bytes(b"<html>please log in</html>" * 20)
    with pytest.raises(ValueError, match="not a readable MATLAB file"):
        load_bfm(path)
    write_mat(path, arrays)
    path.write_bytes(path.read_bytes()[:100_000])
    with pytest.raises(ValueError, match="not a readable MATLAB file, or truncated|no array"):
        load_bfm(path)


@pytest.mark.filterwarnings("ignore")
def test_clockwise_triangles_are_turned_round(tmp_path, arrays):
    turned = broken(arrays, "tri", lambda a: a[:, [0, 2, 1]])
    with pytest.warns(UserWarning, match="clockwise seen from outside; turned round"):
        model = load_bfm(write_mat(tmp_path / "turned.mat", turned))
    assert (model.normals(model.mean_shape)[:, 2] > 0).all()


def test_optional_arrays_may_be_absent(tmp_path, arrays):
    needed = "meanshape meantex idBase exBase texBase tri keypoints".split()
    assert load_quietly(write_mat(tmp_path / "small.mat", {k: arrays[k] for k in needed})).n_vertices == 400


# ---- .chj ----


def test_chj_arrays_come_back_bit_for_bit(tmp_path, arrays):
    written = to_chj(arrays)
    read = read_chj(write_chj(tmp_path / "bfm.chj", written))
    assert list(read) == list(written)
    for name, value in written.items():
        assert read[name].dtype == value.dtype
        assert_array_equal(read[name], value)


def test_wrong_chj_files(tmp_path, arrays):
    good = to_chj(arrays)
    path = tmp_path / "bfm.chj"
    write_chj(path, good)
    data = path.read_bytes()
    for cut, message in [
        (2, "truncated in the header of the file"),
        (9, "truncated in the header of meanshape"),
        (200, "truncated in meanshape: 4800 bytes announced, 180 left"),
        (len(data) - 1, "truncated in skinmask"),
    ]:
        path.write_bytes(data[:cut])
        with pytest.raises(ValueError, match=message):
            load_bfm(path)
    path.write_bytes(data + b"xy")
    with pytest.raises(ValueError, match="2 bytes follow the last array"):
        load_bfm(path)
    path.write_bytes(data[:4] + b"\xff\xff\xff\x7f" + data[8:])
    with pytest.raises(ValueError, match="meanshape announces 2147483647 dimensions"):
        load_bfm(path)
    write_chj(path, {k: good[k] for k in list(good)[:5]})
    with pytest.raises(ValueError, match="announces 5 arrays, expected 11"):
        load_bfm(path)
    write_chj(path, {**good, "tri": good["tri"] + 1})
    with pytest.raises(ValueError, match="vertices 1 to 400, expected 0 to 399: its indices count from 1"):
        load_bfm(path)
    write_chj(path, {**good, "meantex": good["meantex"] * 255})
    with pytest.raises(ValueError, match="meantex ranges from .* expected RGB from 0 to 1"):
        load_bfm(path)
    write_chj(path, {**good, "point_buf": good["point_buf"] + 1})
    with pytest.raises(ValueError, match="point_buf .* count from 1"):
        load_bfm(path)


# ---- UV ----


@pytest.mark.filterwarnings("ignore")
def test_without_uv_files_a_cylinder_is_unrolled_and_said(tmp_path, arrays):
    path = write_mat(tmp_path / "BFM_model_front.mat", arrays)
    with pytest.warns(UserWarning, match="no BFM_UV.mat and no select_vertex_id.mat .* unrolled cylinder"):
        model = load_bfm(path)
    assert flipped_share(model.uv.numpy(), model.triangles.numpy()) < 0.001


def test_uv_may_lie_elsewhere(tmp_path, arrays):
    folder = tmp_path / "uv"
    folder.mkdir()
    write_uv(folder, arrays["_uv"])
    model = load_quietly(write_mat(tmp_path / "model.mat", arrays), uv_folder=folder)
    assert_allclose(model.uv, arrays["_uv"], atol=1e-6)


def test_uv_files_of_another_convention_or_mesh(tmp_path, arrays):
    path = write_mat(tmp_path / "model.mat", arrays)
    write_uv(tmp_path, arrays["_uv"], first=0)
    with pytest.raises(ValueError, match="select_id.*(counts from 0|count from 0)"):
        load_quietly(path)
    write_uv(tmp_path, arrays["_uv"][::-1])
    with pytest.raises(ValueError, match="of the triangles are flipped: they belong to another mesh"):
        load_quietly(path)
    write_uv(tmp_path, arrays["_uv"][:-1])
    with pytest.raises(ValueError, match=r"select_id has shape \(399, 1\), expected \(400, 1\)"):
        load_quietly(path)
    write_uv(tmp_path, arrays["_uv"] * 2)
    with pytest.raises(ValueError, match="UV ranges from .* expected 0 to 1"):
        load_quietly(path)


def test_cylinder_directions():
    uv = cylindrical_uv(np.array([[0.8, -1.0, 0], [-0.8, 1.0, 0], [0, 0, 1.0]]))
    assert uv[0, 0] > uv[2, 0] > uv[1, 0]  # u grows with x
    assert uv[1, 1] > uv[2, 1] > uv[0, 1]  # v grows upwards
    assert_allclose([uv.min(), uv.max()], [0.02, 0.98], atol=1e-6)
