from __future__ import annotations

import pytest

from dnt_core.face3d import load_face_model


@pytest.mark.parametrize(
    "source", ["procedural:", "procedural:huge", "procedural:-5", "procedural:0", "procedural:²"]
)
def test_a_wrong_size_is_said(source):
    with pytest.raises(ValueError, match="expected procedural:coarse or procedural:<number>"):
        load_face_model(source)


def test_a_mesh_that_no_memory_holds_is_refused():
    with pytest.raises(ValueError, match="'procedural:100000000': expected at most 200000 vertices"):
        load_face_model("procedural:100000000")


@pytest.mark.parametrize("source", ["bfm", "model.obj", "", "PROCEDURAL"])
def test_an_unknown_source_is_said(source):
    with pytest.raises(
        ValueError,
        match=r"or a path: \.mat \(bfm2009\), .*\.h5 \(bfm2017, bfm2019\), a folder \(ict\), \.pkl",
    ):
        load_face_model(source)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="model.chj: no such file"):
        load_face_model(tmp_path / "model.chj")
