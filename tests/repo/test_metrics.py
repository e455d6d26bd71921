import json
import math

import numpy as np
import pytest
import torch

from dnt_core.actor.film_config import FilmConfig
from dnt_core.actor.filming import _manifest, _write_manifest
from dnt_core.workbook import check_bands, collect_metrics, load_bands, open_notebook, record_metrics


def test_recorded_metrics_are_collected_flat(tmp_path):
    record_metrics("02_where", {"ce_type.frames": np.float32(0.5), "folds": 10}, tmp_path)
    record_metrics("02_where", {"ce_level.frames": torch.tensor(0.25)}, tmp_path)
    record_metrics("01_face", {"ok": True}, tmp_path)
    assert collect_metrics(tmp_path) == {
        "01_face.ok": 1,
        "02_where.ce_level.frames": 0.25,
        "02_where.ce_type.frames": 0.5,
        "02_where.folds": 10,
    }


@pytest.mark.parametrize("value", [math.nan, math.inf, "high", None, [1, 2]])
def test_a_metric_is_one_finite_number(tmp_path, value):
    with pytest.raises(ValueError, match="'psnr'.*finite number"):
        record_metrics("01_face", {"psnr": value}, tmp_path)
    assert collect_metrics(tmp_path) == {}


def test_metric_names_are_checked(tmp_path):
    with pytest.raises(ValueError, match="metric name 'a b'"):
        record_metrics("01_face", {"a b": 1.0}, tmp_path)


def test_a_damaged_result_is_said(tmp_path):
    path = record_metrics("01_face", {"x": 1.0}, tmp_path)
    path.write_text('{"x": 1.0')
    with pytest.raises(ValueError, match="result.json is not JSON"):
        collect_metrics(tmp_path)


def test_bands():
    bands = {"a": (0.0, 1.0), "b": (None, 2.0), "c": (3.0, None), "gone": (0.0, 1.0)}
    problems = check_bands({"a": 1.0, "b": 2.5, "c": 2.0, "new": 7.0}, bands)
    assert [p.split()[0] for p in problems] == ["b", "c", "gone", "new"]
    assert check_bands({"a": 0.0}, {"a": (0.0, 1.0)}) == []
    assert check_bands({"a": math.nan}, {"a": (0.0, 1.0)}) != []


def test_bands_file(tmp_path):
    path = tmp_path / "bands.json"
    path.write_text(json.dumps({"quick": {"a": [0, None]}, "nbval": {"a": [2, 1]}, "laptop": {"a": 3}}))
    assert load_bands(path, "quick") == {"a": (0, None)}
    assert load_bands(path, "paper") == {}
    for profile in ("nbval", "laptop"):
        with pytest.raises(ValueError, match="band of 'a'"):
            load_bands(path, profile)


def test_an_optional_band_holds_only_where_its_metric_was_measured(tmp_path):
    path = tmp_path / "bands.json"
    quick = {"a": [0, 1, "optional"], "b": [0, 1]}
    path.write_text(json.dumps({"quick": quick, "nbval": {"a": [0, 1, "maybe"]}}))
    bands = load_bands(path, "quick")
    assert check_bands({"b": 0.5}, bands) == [] == check_bands({"a": 1, "b": 0.5}, bands)
    (problem,) = check_bands({"a": 1.5, "b": 0.5}, bands)
    assert problem == "a = 1.5 lies outside its band [0, 1]"
    with pytest.raises(ValueError, match="maybe"):
        load_bands(path, "nbval")


def test_a_session_has_folders_and_says_what_it_runs_on(tmp_path, monkeypatch):
    monkeypatch.delenv("DNT_PROFILE", raising=False)
    monkeypatch.setenv("DNT_HOME", str(tmp_path))
    run = open_notebook("01_face")
    assert run.out_dir == tmp_path / "runs" / "quick" and run.synthetic and "built-in actor" in str(run)
    assert str(tmp_path) not in str(run)
    run.record({"a.b": 1.5}, c=2)
    assert collect_metrics(run.out_dir) == {"01_face.a.b": 1.5, "01_face.c": 2}
    with pytest.raises(FileNotFoundError, match="data folder 'nowhere'"):
        open_notebook("01_face", data_dir="nowhere")
    assert not open_notebook("01_face", data_dir=str(tmp_path)).synthetic


def test_saved_figures_of_the_actor_say_so(tmp_path):
    from matplotlib.figure import Figure

    run = open_notebook("01_face", out_dir=str(tmp_path))
    figure = Figure()
    run.save_figure(figure, "face")
    assert (tmp_path / "figures" / "face.png").read_bytes().startswith(b"\x89PNG")
    assert [t.get_text() for t in figure.texts] == ["built-in synthetic actor"]
    real = open_notebook("01_face", data_dir=str(tmp_path), out_dir=str(tmp_path))
    unmarked = Figure()
    real.save_figure(unmarked, "real")
    assert unmarked.texts == []
    _write_manifest(tmp_path, _manifest(FilmConfig(("M003",), 1, 1.0)))  # dnt film --out, dnt run --data
    people = Figure()
    real.save_figure(people, "people", synthetic=False)
    assert people.texts == []
    real.save_figure(unmarked, "given")
    assert [t.get_text() for t in unmarked.texts] == ["built-in synthetic actor"]
