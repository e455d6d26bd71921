r"""The study's figures say what was measured, and where the nets started."""

from dataclasses import replace
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from dnt_core.studies.where_are_expressions import (
    ORDER,
    SIZES,
    FitConfig,
    FitResult,
    figures,
    imagenet_weights,
    in_words,
    start_weights,
    table_figure,
    with_start,
)
from tests.studies.where_clips import make_clips

LABELS = np.arange(8).repeat(2)


def result(cross_entropy, right):
    r"""A fit whose first ``right`` of 16 frames are read rightly, the others as the next class."""
    read = np.where(np.arange(16) < right, LABELS, (LABELS + 1) % 8)
    return FitResult(cross_entropy, np.arange(16), np.eye(8)[read], LABELS, np.ones(1), 1.0, 16)


@pytest.fixture
def results():
    yield {
        (s, t): [result(0.1 * (k + 1) + d, 16 - 2 * k) for d in (0.0, 0.02)]
        for k, s in enumerate(ORDER)
        for t in ("type", "level")
    }
    plt.close("all")


def test_table_shows_means_ranks_and_what_was_run(results):
    figure = table_figure.table1(results, "3 folds of a test")
    (ax,) = figure.axes
    cells = {k: c.get_text().get_text() for k, c in ax.tables[0].get_celld().items()}
    assert cells[1, 1] == "0.110 (1)" and cells[5, 1] == "0.510 (5)"  # type: ours
    assert cells[6, 1] == "2.2 ×"  # (0.41 + 0.51) / 2 over (0.11 + 0.21 + 0.31) / 3
    assert any(text.get_text() == "3 folds of a test" for text in ax.texts)


def test_every_setting_has_its_confusion_matrix(results):
    figure = figures.confusions(results, "type")
    shown = [ax for ax in figure.axes if ax.images]
    assert len(shown) == len(ORDER)
    first, last = (ax.images[0].get_array() for ax in (shown[0], shown[-1]))
    assert np.diag(first).tolist() == [100] * 8
    assert np.diag(last).tolist() == [100] * 4 + [0] * 4
    numbers = [text.get_text() for text in shown[-1].texts]
    assert set(numbers) == {"0", "100"}


def test_resolution_curve_names_its_lines():
    sweeps = {500: [0.3, 0.4], 2000: [0.2, 0.3]}, {0.0: [0.2, 0.2], 1.0: [0.9, 1.0]}
    left, right = figures.resolution_curve(*sweeps, [0.1, 0.1], [0.1, 0.2], "level")
    lines = {line.get_label(): line.get_ydata()[0] for line in left.get_lines()}
    assert lines["Rd with textures"] == pytest.approx(0.1)
    assert lines["64 numbers exact, no furrows"] == pytest.approx(0.2)  # where the gap to texture begins
    assert lines["all that moved, scanned"] == pytest.approx(0.15)
    assert left.get_ylim()[0] == 0 and left.get_ylabel() == "cross-entropy of the level, nats"
    assert left.get_title() == "Furrows, finest: 0.25 nats; all that moved: 0.15"
    assert right.get_title().endswith("0.20 nats at σ = 0, 0.95 at σ = 1")
    plt.close("all")


def test_saliency_has_one_scale_and_writes_the_cost_above_each_column():
    pictures = {name: np.full((2, 3, 16, 16), 99, np.uint8) for name in ("frames", "rd_no_color")}
    heats = {name: np.zeros((2, 4, 4), np.float32) for name in pictures}
    for name, cost in (("frames", 0.5), ("rd_no_color", 0.1)):
        heats[name][:, 1, 1] = cost
    ax = figures.saliency_sheet(pictures, heats, ["happy", "sad"])
    assert [x.get_text() for x in ax.get_xticklabels()] == ["Frames\n0.50 nats", "Rd w/o color\n0.10 nats"]
    assert ax.get_xlabel() == "full red: 0.30 nats or more"
    shown = ax.images[0].get_array().astype(int)
    red = shown[..., 0] - shown[..., 2]
    half = red.shape[1] // 2
    assert red[:, half:].max() < 0.6 * red[:, :half].max()  # it had as much red as the other
    plt.close("all")


def test_the_table_says_where_the_nets_started(tmp_path, monkeypatch):
    file = tmp_path / "resnet50-11ad3fa6.pth"
    file.write_bytes(b"weights")
    monkeypatch.setenv("DNT_RESNET50", str(file))
    plan = FitConfig("resnet50")
    assert imagenet_weights("resnet50") == str(file) and imagenet_weights("small") == ""
    assert "from ImageNet's weights" in in_words(replace(plan, weights=str(file)), 48, 9, 10, 5, "frame")
    assert "saw another actor" in in_words(replace(plan, weights="other.safetensors"), 48, 9, 10, 5, "frame")
    words = in_words(plan, 48, 9, 10, 5, "frame")
    assert "from scratch" in words and "5 of 10 folds" in words


def test_a_net_starts_at_imagenet_s_weights_or_at_those_of_another_actor(tmp_path, monkeypatch):
    seen = []
    for name in ("film_for", "scan", "labelled_frames", "make_inputs"):
        monkeypatch.setattr(start_weights, name, lambda *a: a)
    monkeypatch.setattr(start_weights, "make_warm_start", lambda o, plan, path: seen.append(plan) or path)
    monkeypatch.setattr(start_weights, "imagenet_weights", lambda network: "")
    folders, large = (tmp_path / "films", tmp_path / "inputs"), FitConfig("resnet50", seed=3)
    for main, sizes, synthetic in (
        (FitConfig("small"), SIZES["laptop"], True),
        (large, SIZES["paper"], True),  # trained for so long that it needs no other start
        (large, SIZES["laptop"], False),  # clips from outside: another synthetic actor is no help
    ):
        assert with_start(main, sizes, *folders, synthetic) == main
    started = with_start(large, SIZES["laptop"], *folders, True)
    assert started == replace(large, weights=str(tmp_path / "films" / "other_actor.safetensors"))
    assert [plan.seed for plan in seen] == [3]
    monkeypatch.setattr(start_weights, "imagenet_weights", lambda network: "imagenet.pth")
    assert with_start(large, SIZES["laptop"], *folders, True).weights == "imagenet.pth"


def test_a_cell_that_an_actor_lacks_is_shown_at_another_level_or_not_at_all():
    cells = [("happy", 1), ("happy", 2), ("sad", 3), ("neutral", 1)]
    clips = make_clips(takes=1, cells=cells)
    frames = SimpleNamespace(clips=clips, clip=np.repeat(np.arange(4), 3))
    assert figures.one_of_each_type(SimpleNamespace(frames=frames)) == [4, 7, 10]
