r"""ICT-FaceKit, FLAME and the Basel models 2017/2019, against files of their exact formats."""

from __future__ import annotations

import io
import json
import os
import pickle
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from dnt_core.clips import FaceCache, read_face_cache, write_face_cache
from dnt_core.clips.cache_model import expect_maker, marks_of
from dnt_core.face3d import FaceParameters, face_model_key, load_face_model
from dnt_core.face3d.flame import load_flame
from dnt_core.face3d.ict import load_ict
from dnt_core.face3d.mesh_parts import uv_without_seams
from dnt_core.face3d.procedural.movements import MEASURED
from dnt_core.face3d.restricted_pickle import read_npy, read_pickle
from tests.face3d.scan_files import write_flame, write_h5, write_ict

pytest.importorskip("h5py")


@pytest.fixture(autouse=True)
def no_assets(monkeypatch, tmp_path):
    for name in ("DNT_BFM", "DNT_BFM2017", "DNT_BFM2019", "DNT_FLAME", "DNT_ICT_FACEKIT", "DNT_ASSETS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def quietly(function, *arguments, **named):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*arguments, **named)


# ---- ICT-FaceKit ----


def test_ict_is_read_in_decimetres_with_its_holes_and_shapes(tmp_path):
    made = write_ict(tmp_path / "ICT-FaceKit" / "FaceXModel")
    model = load_ict(tmp_path / "ICT-FaceKit", face_vertices=len(made["vertices"]))
    mean = made["vertices"]
    assert_allclose(model.mean_shape, mean - mean.mean(0), atol=1e-5)
    assert sorted(len(loop) for loop in model.check_topology(4).boundary_loops)[-1] == 4 * 29
    lips = model.mean_shape[model.mouth_loop]
    assert (lips[:, 1] + torch.tensor(mean.mean(0)[1]) < -0.3).all()  # the mouth's hole, not an eye's
    assert_allclose(model.identity_basis[..., 1], made["moved"]["identity001"][: len(mean)] / 10, atol=1e-5)
    jaw, smile = (MEASURED.index(name) for name in ("jawOpen", "mouthSmile_L"))
    assert_allclose(model.expression_basis[..., jaw], made["moved"]["jawOpen"][: len(mean)] / 10, atol=1e-5)
    others = np.delete(np.arange(64), [jaw, smile])
    assert model.expression_basis[..., others].abs().max() == 0
    assert_array_equal(model.landmark_indices, made["landmarks"])
    assert_allclose(model.uv, mean[:, :2] / 2.2 + 0.5, atol=1e-5)
    with pytest.raises(
        ValueError, match=r"mouth hole has V - E \+ F = 0 and two boundary loops, found .* 4 loops"
    ):
        model.check_topology()


def test_ict_numbers_mean_the_same_in_whatever_order_a_version_lists_its_shapes(tmp_path, monkeypatch):
    r"""And what is computed with a version is found again with that one alone."""
    names = ("jawOpen", "mouthSmile_L", "cheekRaiser_R", "browDown_L", "cheekRaiser_L")
    made = write_ict(tmp_path / "a", expressions=names)
    write_ict(tmp_path / "b", expressions=names)
    path = tmp_path / "b" / "vertex_indices.json"
    listed = json.loads(path.read_text())
    path.write_text(json.dumps(listed | {"expressions": listed["expressions"][::-1]}))
    count = len(made["vertices"])
    one, other = (load_ict(tmp_path / folder, face_vertices=count) for folder in "ab")
    assert_array_equal(one.expression_basis, other.expression_basis)
    for column, name in ((0, "browDown_L"), (53, "cheekRaiser_L"), (54, "cheekRaiser_R")):
        moved = made["moved"][name][:count] / 10
        assert_allclose(one.expression_basis[..., column], moved, atol=1e-5)

    monkeypatch.setattr("dnt_core.face3d.ict.load_ict", lambda folder: load_ict(folder, count))
    keys = [face_model_key(tmp_path / folder) for folder in "ab"]
    assert keys[0] == keys[1] != "" == face_model_key("procedural:900") == face_model_key("flame")
    (tmp_path / "b" / "jawOpen.obj").write_text((tmp_path / "b" / "browDown_L.obj").read_text())
    assert face_model_key(tmp_path / "b") != keys[1]  # in the process that had read the folder before
    monkeypatch.setenv("DNT_ICT_FACEKIT", str(tmp_path / "a"))
    assert face_model_key("ict") == keys[0]
    monkeypatch.setenv("DNT_ICT_FACEKIT", str(tmp_path / "b"))
    assert face_model_key("ict") != keys[0]


def test_ict_folders_that_are_not_whole(tmp_path):
    with pytest.raises(FileNotFoundError, match="has no generic_neutral_mesh.obj; expected ICT-FaceKit's"):
        load_ict(tmp_path)
    made = write_ict(tmp_path)
    (tmp_path / "jawOpen.obj").unlink()
    with pytest.raises(FileNotFoundError, match="jawOpen.obj: no such file"):
        load_ict(tmp_path, len(made["vertices"]))
    with pytest.raises(ValueError, match="generic_neutral_mesh.obj: .* vertices, expected 26719"):
        load_ict(tmp_path)
    most = max(made["landmarks"])
    with pytest.raises(
        ValueError, match=f"a landmark is vertex {most}, but the face is the first {most}: expec"
    ):
        load_ict(write_ict(tmp_path) and tmp_path, most)  # as in a version whose vertices come otherwise


def test_a_triangle_across_a_seam_is_left_out():
    triangles = np.array([[0, 1, 2], [0, 2, 3], [0, 3, 4]])
    corners = np.array([[0, 1, 2], [0, 2, 3], [5, 6, 4]])  # the last one lies on another part of the texture
    uv, whole = uv_without_seams(triangles, corners, np.arange(14).reshape(7, 2), 5)
    assert whole.tolist() == [True, True, False]
    assert_array_equal(uv[[0, 1, 2]], [[0, 1], [2, 3], [4, 5]])


# ---- Basel 2017 and 2019 ----


def test_h5_bases_are_scaled_and_millimetres_become_decimetres(tmp_path):
    path = tmp_path / "model2017-1_face12_nomouth.h5"
    made = write_h5(path)
    said = "68 landmarks are placed by the 15 that the file names", "no texture coordinates"
    with pytest.warns(UserWarning, match=said[0]), pytest.warns(UserWarning, match=said[1]):
        model = load_face_model(path)
    n = len(made["vertices"])
    assert model.name == "bfm2017" and model.normal_weighting == "uniform"
    assert_allclose(model.mean_shape, made["vertices"] - made["vertices"].mean(0), atol=1e-5)
    column = made["shape/model/pcaBasis"][:, 79] * np.sqrt(made["shape/model/pcaVariance"][79]) / 100
    assert_allclose(model.identity_basis[..., 79], column.reshape(n, 3), atol=1e-6)
    column = made["color/model/pcaBasis"][:, 2] * np.sqrt(made["color/model/pcaVariance"][2])
    assert_allclose(model.texture_basis[..., 2], column.reshape(n, 3), rtol=1e-4, atol=1e-5)
    assert_array_equal(model.triangles, made["triangles"])
    assert len(model.check_topology().boundary_loops) == 2
    there = model.mean_shape[model.landmark_indices] - model.mean_shape[torch.tensor(made["landmarks"])]
    assert float(there.norm(dim=-1).mean()) < 0.12  # dm; two vertices of this coarse mesh


def test_h5_landmarks_and_uv_beside_the_file_are_used(tmp_path):
    path = tmp_path / "model2019_face12.h5"
    made = write_h5(path)
    np.savetxt(path.with_suffix(".landmarks68.txt"), made["landmarks"], fmt="%d")
    uv = (made["vertices"][:, :2] / 2.2 + 0.5).astype(np.float32)
    np.save(path.with_suffix(".uv.npy"), uv)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = load_face_model(path)
    assert model.name == "bfm2019"
    assert_array_equal(model.landmark_indices, made["landmarks"])
    assert_allclose(model.uv, uv)
    path.with_suffix(".uv.npy").write_bytes(b"\x93NUMPY cut off")
    with pytest.raises(ValueError, match="model2019_face12.uv.npy is not a whole NumPy file"):
        load_face_model(path)  # read anew, although the model's own file is the same


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: {"color/model/mean": None}, "no array 'color/model/mean'"),
        (lambda a: {"shape/model/pcaBasis": a["shape/model/pcaBasis"].T}, r"pcaBasis \(199, .*\(3V, n\)"),
        (lambda a: {"shape/model/pcaBasis": 3 * a["shape/model/pcaBasis"]}, "lengths 3 to 3, expected 1"),
        (
            lambda a: {"shape/model/mean": a["shape/model/mean"] / 1000},
            "spans 0.0019, expected 0.8 to 5 decimetres",
        ),
        (lambda a: {"shape/representer/cells": a["shape/representer/cells"] + 1}, "expected 0 to"),
        (lambda a: {"metadata/landmarks/json": None}, "0 named landmarks, expected eight or more"),
    ],
)
def test_wrong_h5_files_are_one_sentence(tmp_path, change, message):
    path = tmp_path / "model2017.h5"
    write_h5(path, change)
    with pytest.raises(ValueError, match=message) as caught:
        quietly(load_face_model, path)
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


def test_a_file_that_is_no_hdf5(tmp_path):
    (tmp_path / "model2017.h5").write_bytes(b"<html>" * 50)
    with pytest.raises(ValueError, match="not a readable HDF5 file"):
        load_face_model(tmp_path / "model2017.h5")


# ---- FLAME ----


def test_flame_without_chumpy(tmp_path):
    made = write_flame(tmp_path)
    model = load_face_model(tmp_path / "generic_model.pkl")
    n = len(made["vertices"])
    assert (model.name, model.n_vertices) == ("flame", n)  # the eyeball is gone
    assert_allclose(model.mean_shape, made["vertices"] - made["vertices"].mean(0), atol=1e-5)
    assert_array_equal(model.landmark_indices, made["landmarks"])
    still, opened = FaceParameters.zeros(1), FaceParameters.zeros(1)
    opened.expression[:, 61] = 2.0  # 0.2 rad about x
    moved = (model.posed(opened) - model.posed(still))[0].norm(dim=-1).numpy()
    assert moved[made["weights"][:n, 2] == 0].max() == 0  # above the jaw nothing moves
    chin = made["vertices"][:, 1].argmin()
    lever = np.linalg.norm((made["vertices"][chin] - made["vertices"][made["vertices"][:, 1].argmax()])[1:])
    assert_allclose(moved[chin], 0.2 * lever * made["weights"][chin, 2], rtol=0.02)


def test_flame_without_its_template_takes_the_front_half(tmp_path):
    write_flame(tmp_path, template=False)
    embedding = read_npy(tmp_path / "landmark_embedding.npy")
    of_outline = {"dynamic_lmk_faces_idx", "dynamic_lmk_bary_coords"}
    assert set(embedding) == {"full_lmk_faces_idx", "full_lmk_bary_coords"} | of_outline
    with pytest.warns(UserWarning, match="no head_template.obj beside it"):
        with pytest.raises(
            ValueError, match="landmark 0 lies outside the face's sheet"
        ):  # this dome is all front
            load_flame(tmp_path / "generic_model.pkl")


def test_a_cache_of_another_flame_is_not_drawn_with_this_one(tmp_path, monkeypatch):
    for folder, seed in (("one", 0), ("other", 1)):
        write_flame(tmp_path / folder, seed=seed)
    one, other = (str(tmp_path / folder / "generic_model.pkl") for folder in ("one", "other"))
    monkeypatch.setenv("DNT_FLAME", one)
    marks = marks_of(load_face_model("flame"))
    face = FaceCache(np.zeros((2, 257)), 25, "flame", "DECA", model_marks=marks)
    face = read_face_cache(write_face_cache(tmp_path / "a.face3d.npz", face))
    expect_maker(load_face_model("flame"), face[:1].resampled(50), "a.face3d.npz")
    monkeypatch.setenv("DNT_FLAME", other)
    with pytest.raises(ValueError, match="a cache was made with another file .* mm; .* DNT_FLAME may name"):
        expect_maker(load_face_model("flame"), face, "a cache")
    expect_maker(load_face_model("flame"), replace(face, model_marks=None), "an older one")
    assert marks_of(load_face_model("procedural:900")) is None


def test_flame_files_that_are_not_whole(tmp_path):
    write_flame(tmp_path, drop="posedirs")
    with pytest.raises(ValueError, match="no array 'posedirs'; expected FLAME's"):
        load_flame(tmp_path / "generic_model.pkl")
    write_flame(tmp_path)
    (tmp_path / "landmark_embedding.npy").unlink()
    with pytest.raises(FileNotFoundError, match="landmark_embedding.npy: no such file; FLAME's 68 landmarks"):
        load_flame(tmp_path / "generic_model.pkl")


@pytest.mark.parametrize("triangle", [-1, 10**6])
def test_flame_landmarks_on_triangles_that_it_has_not(tmp_path, triangle):
    write_flame(tmp_path)
    path = tmp_path / "landmark_embedding.npy"
    embedding = read_npy(path)
    faces = np.array(embedding["full_lmk_faces_idx"])
    faces[..., 5] = triangle
    embedding = {**embedding, "full_lmk_faces_idx": faces}
    np.save(path, np.array(embedding, dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match=f"landmark_embedding.npy: landmarks on triangles .*{triangle}"):
        load_flame(tmp_path / "generic_model.pkl")


# ---- pickles ----


class Evil:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_a_pickle_that_calls_something_is_refused_and_calls_nothing(tmp_path, protocol):
    path, marker = tmp_path / "evil.pkl", tmp_path / "marker"
    for evil in (Evil(os.system, f"touch {marker}"), Evil(eval, f"open({str(marker)!r}, 'w')")):
        path.write_bytes(pickle.dumps({"a": evil}, protocol=protocol))
        with pytest.raises(
            ValueError, match="evil.pkl: not a pickle of arrays that can be read safely: it names"
        ):
            read_pickle(path, inert=("chumpy", "scipy"))
    np.save(tmp_path / "evil.npy", np.array({"a": Evil(os.system, f"touch {marker}")}, dtype=object))
    with pytest.raises(ValueError, match="evil.npy: not a pickle of arrays"):
        read_npy(tmp_path / "evil.npy")
    assert not marker.exists()


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_arrays_scalars_and_containers_come_back(tmp_path, protocol):
    held = {
        "a": np.arange(6, dtype=np.float32).reshape(2, 3), "f": np.asfortranarray(np.eye(3)[:, :2]),
        "s": np.float64(2.5), "b": np.array([True, False]), "n": [1, (2, "x"), None, {3}],
        "o": np.array([{"k": np.int64(3)}, None], dtype=object),
    }  # fmt: skip
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(held, protocol=protocol))
    read = read_pickle(tmp_path / "a.pkl")
    assert_array_equal(read["a"], held["a"])
    assert_array_equal(read["f"], held["f"])
    assert read["s"] == 2.5 and read["n"] == held["n"] and read["o"][0] == {"k": 3}
    assert_array_equal(read["b"], held["b"])
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(held, protocol=protocol)[:-40])
    with pytest.raises(ValueError, match="a.pkl: not a pickle of arrays"):
        read_pickle(tmp_path / "a.pkl")


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_tensors_in_a_pickle_are_arrays_and_run_nothing_either(tmp_path, protocol):
    path, marker = tmp_path / "a.pkl", tmp_path / "marker"
    tensors = [torch.arange(12).view(3, 4)[:, 1:3], torch.rand(3, 2).T, torch.tensor([True, False])]
    tensors += [torch.rand(2, requires_grad=True), torch.zeros(0, 3), torch.ones(2, dtype=torch.bfloat16)]
    path.write_bytes(pickle.dumps(tensors, protocol=protocol))
    for read, tensor in zip(read_pickle(path), tensors, strict=True):
        wanted = tensor.detach()
        assert_array_equal(read, (wanted.float() if wanted.dtype == torch.bfloat16 else wanted).numpy())
    evil = io.BytesIO()
    torch.save(Evil(os.system, f"touch {marker}"), evil)
    held = torch.storage._load_from_bytes, evil.getvalue()
    beyond = torch._utils._rebuild_tensor_v2, tensors[0]._typed_storage(), 8, (3, 4), (4, 1), False, {}
    for call in (held, beyond):
        path.write_bytes(pickle.dumps(Evil(*call), protocol=protocol))
        with pytest.raises(ValueError, match="a.pkl: not a pickle of arrays that can be read safely"):
            read_pickle(path)
    assert not marker.exists()
