r"""Face models by name: where their files are found, and what goes together."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dnt_core.face3d import check_face_model, face_model_family, load_face_model, same_face_model
from dnt_core.face3d.illumination import spherical_harmonics_shading
from dnt_core.face3d.parameters import FaceParameters
from tests.face3d.basel_files import basel_arrays, to_chj, write_chj, write_mat, write_uv

VARIABLES = ("DNT_BFM", "DNT_BFM_UV", "DNT_BFM_VERTICES", "DNT_BFM2017", "DNT_FLAME", "DNT_ICT_FACEKIT")


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    for name in (*VARIABLES, "DNT_ASSETS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DNT_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def arrays():
    return basel_arrays()


@pytest.mark.filterwarnings("ignore:.*vertices, expected 35709")
def test_bfm2009_is_the_users_file_with_its_uv(tmp_path, monkeypatch, arrays):
    folder = tmp_path / "assets" / "BFM"
    folder.mkdir(parents=True)
    write_mat(folder / "BFM_model_front.mat", arrays)
    write_uv(folder, arrays["_uv"])
    model = load_face_model("bfm2009")
    assert model.name == "bfm2009"
    assert_allclose(model.uv, arrays["_uv"], atol=1e-6)
    elsewhere = tmp_path / "elsewhere"  # the variables name the UV files of a model that lies alone
    elsewhere.mkdir()
    write_uv(elsewhere, 1 - arrays["_uv"])
    monkeypatch.setenv("DNT_BFM", str(write_chj(tmp_path / "wm3dr.chj", to_chj(arrays))))
    monkeypatch.setenv("DNT_BFM_UV", str(elsewhere / "BFM_UV.mat"))
    monkeypatch.setenv("DNT_BFM_VERTICES", str(elsewhere / "select_vertex_id.mat"))
    model = load_face_model("bfm2009")
    assert model.name == "bfm2009"
    assert_allclose(model.uv, 1 - arrays["_uv"], atol=1e-6)


@pytest.mark.filterwarnings("ignore:.*vertices, expected 35709")
def test_uv_files_that_are_named_after_the_first_look_are_taken(tmp_path, monkeypatch, arrays):
    r"""The warning names the variables; whoever sets them then has to get the texture's coordinates."""
    path, elsewhere = write_mat(tmp_path / "BFM_model_front.mat", arrays), tmp_path / "elsewhere"
    with pytest.warns(UserWarning, match="DNT_BFM_UV and .DNT_BFM_VERTICES may name it"):
        load_face_model(path)
    elsewhere.mkdir()
    write_uv(elsewhere, arrays["_uv"])
    monkeypatch.setenv("DNT_BFM_UV", str(elsewhere / "BFM_UV.mat"))
    monkeypatch.setenv("DNT_BFM_VERTICES", str(elsewhere / "select_vertex_id.mat"))
    assert_allclose(load_face_model(path).uv, arrays["_uv"], atol=1e-6)
    assert load_face_model(path) is load_face_model(path)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("bfm2009", "BFM_model_front.mat"),
        ("bfm2017", "model2017"),
        ("ict", "ICT-FaceKit"),
        ("flame", "generic_model"),
    ],
)
def test_a_missing_file_is_one_sentence_that_says_where_it_was_looked_for(name, file):
    with pytest.raises(FileNotFoundError, match=f"face model '{name}' needs a file of yours.*{file}.*DNT_"):
        load_face_model(name)


def test_a_variable_that_points_at_nothing_says_so(monkeypatch):
    monkeypatch.setenv("DNT_BFM", "/gone.mat")
    with pytest.raises(FileNotFoundError, match="DNT_BFM=/gone.mat names no file"):
        load_face_model("bfm2009")


def test_what_means_the_same_numbers():
    assert same_face_model("procedural", "procedural:4000")
    assert same_face_model("bfm2009", "somewhere/BFM_model_front.mat")
    assert same_face_model("x/bfm.chj", "BFM 2009 (BFM_model_front.mat)")
    assert (
        same_face_model("", "bfm2009")
        and same_face_model(None, "flame")
        and same_face_model("unnamed", "ict")
    )
    assert not same_face_model("procedural", "bfm2009")
    assert not same_face_model("bfm2017", "bfm2009")
    assert face_model_family("x/model2019_face12.h5") == "bfm2019"
    with pytest.raises(
        ValueError, match="a.npz holds numbers of the face model 'ict', but w.* belongs to 'bfm2009'"
    ):
        check_face_model("bfm2009", "ict", "w.safetensors", "a.npz")


@pytest.mark.filterwarnings("ignore")
def test_basel_faces_are_lit_with_evenly_weighted_normals(tmp_path, arrays):
    r"""Deep3DFaceRecon's: each triangle's unit normal counts alike, whatever its area."""
    model = load_face_model(write_mat(tmp_path / "BFM_model_front.mat", arrays))
    rng = np.random.default_rng(0)
    parameters = FaceParameters.from_vector(
        rng.normal(scale=0.3, size=257).astype(np.float32), order="storage"
    )
    vertices = model.posed(parameters)
    triangles, points = model.triangles.numpy(), vertices.numpy().astype(np.float64)
    normals = np.zeros_like(points)
    for a, b, c in triangles:
        normal = np.cross(points[b] - points[a], points[c] - points[a])
        for corner in (a, b, c):
            normals[corner] += normal / np.linalg.norm(normal)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    light = spherical_harmonics_shading(vertices.new_tensor(normals), parameters.illumination)
    assert_allclose(model.colors(parameters), model.albedo(parameters.texture) * light, atol=2e-4)
    by_area = model.albedo(parameters.texture) * spherical_harmonics_shading(
        model.normals(vertices, "area"), parameters.illumination
    )
    assert (by_area - model.colors(parameters)).abs().max() > 0.01
