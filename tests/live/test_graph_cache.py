r"""Exported graphs are kept in the cache: made once, anew after weights or code changed, bounded, emptied."""

import os
import time

import numpy as np
import pytest
import torch
from torch import nn

from dnt_core.cache.folder import cache_size, clear_cache
from dnt_core.live import onnx_session
from dnt_core.live.onnx_session import ExportedGraph

pytest.importorskip("onnxruntime", reason="graphs run in ONNX Runtime")
PICTURE = torch.arange(12.0).reshape(2, 2, 3)


class Brighter(nn.Module):
    r"""Stands for a face graph."""

    def forward(self, picture):
        return (picture + 1).to(torch.uint8)


@pytest.fixture
def exports(tmp_path, monkeypatch):
    r"""The paths that were exported to, of a machine of this test's own."""
    monkeypatch.setenv("DNT_HOME", str(tmp_path))
    export, paths = onnx_session.export, []

    def noting(graph, example, names, path):
        paths.append(path)
        export(graph, example, names, path)

    monkeypatch.setattr(onnx_session, "export", noting)
    return paths


def draw(key="weights", picture=PICTURE):
    return ExportedGraph(Brighter(), (picture,), key, 1)(picture)


def test_a_second_process_exports_nothing(exports):
    np.testing.assert_array_equal(draw(), PICTURE.numpy() + 1)
    np.testing.assert_array_equal(draw(), PICTURE.numpy() + 1)
    (path,) = exports
    assert cache_size().files == 1 and cache_size().size == path.stat().st_size
    assert path.is_relative_to(cache_size().folder)


def test_other_weights_shapes_or_code_are_exported_anew(exports, monkeypatch):
    draw()
    draw(key="other weights")
    draw(picture=torch.zeros(3, 2, 3))
    monkeypatch.setattr(onnx_session, "code_digest", lambda *code: b"edited")
    draw()
    assert len(set(exports)) == 4


def test_a_damaged_graph_is_made_anew(exports):
    draw()
    exports[0].write_bytes(exports[0].read_bytes()[:50])
    np.testing.assert_array_equal(draw(), PICTURE.numpy() + 1)
    assert exports == [exports[0]] * 2


def test_another_users_graph_in_a_shared_cache_is_taken_as_it_is(exports, monkeypatch):
    draw()
    os.utime(exports[0], (time.time() - 2 * 86_400,) * 2)
    monkeypatch.setattr(os, "utime", lambda *_: (_ for _ in ()).throw(PermissionError(1, "not yours")))
    np.testing.assert_array_equal(draw(), PICTURE.numpy() + 1)
    assert len(exports) == 1


def test_those_unused_for_longest_leave_and_clearing_takes_all(exports, monkeypatch):
    for key in "abc":
        draw(key)
    size = exports[0].stat().st_size
    monkeypatch.setattr(onnx_session, "MOST", 2.5 * size)
    for path, days in zip(exports, (3, 2, 1), strict=True):
        os.utime(path, (time.time() - days * 86_400,) * 2)
    draw("d")
    assert not exports[0].exists() and exports[2].exists() and exports[3].exists()
    assert clear_cache().files >= 2 and cache_size().files == 0
