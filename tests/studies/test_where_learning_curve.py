r"""How far a net gets with more updates: measured, resumed, and shown from the shipped record."""

import numpy as np
import pytest

from dnt_core.clips.labelled_frames import LabelledFrames
from dnt_core.metrics.classifier_fit import FitConfig
from dnt_core.studies.where_are_expressions import cross_validation
from dnt_core.studies.where_are_expressions.input_cache import StudyInputs
from dnt_core.studies.where_are_expressions.learning_curve import (
    learning_curve,
    reached,
    shipped_curve,
)
from dnt_core.studies.where_are_expressions.study_config import SIZES, with_network
from tests.studies.where_clips import make_clips


@pytest.fixture(scope="module")
def inputs():
    r"""Four frames per clip in which a square tells the type; the grey ones tell nothing."""
    clips = make_clips(1)
    frames = LabelledFrames(clips, np.repeat(np.arange(len(clips)), 4), np.tile(np.arange(4), len(clips)))
    generator = np.random.default_rng(0)
    rich, grey = generator.integers(90, 120, (2, len(frames), 3, 16, 16)).astype(np.uint8)
    for row, k in enumerate(frames.labels("type")):
        rich[row, :, 4 * (k // 4) + 4 : 4 * (k // 4) + 8, 4 * (k % 4) : 4 * (k % 4) + 4] = 250
    return StudyInputs(frames, {"rd_textures": rich, "rd_no_color": grey})


def test_more_updates_read_what_is_there_and_a_second_call_fits_nothing(inputs, tmp_path, monkeypatch):
    plan = FitConfig("small", 1, 16, 5e-3, shift=0, brightness=0.0)
    few, many = learning_curve(inputs, plan, (1, 12), tmp_path)
    assert (few["updates"], many["updates"]) == (5, 60)  # 66 frames train, 16 per update
    assert many["with_texture"] < 0.5 * few["with_texture"] and many["with_texture"] < many["without_texture"]
    monkeypatch.setattr(cross_validation, "fit_classifier", None)
    assert learning_curve(inputs, plan, (1, 12), tmp_path) == [few, many]
    last = reached([few, many], "small")
    assert last["epochs"] == 12 and last["ratio"] == many["without_texture"] / many["with_texture"]


def test_the_shipped_record_is_of_both_nets_and_says_how_it_was_made():
    curve = shipped_curve()
    assert {"command", "seed", "date", "machine", "measured_on"} <= set(curve)
    small, large = (reached(curve["points"], net) for net in ("small", "resnet50"))
    assert small["updates"] == large["updates"]
    # what notebook 02 and the changelog say of it
    assert small["with_texture"] < 0.2 and small["ratio"] > 10 and large["with_texture"] < 0.2
    assert reached(curve["points"], "small", "level")["ratio"] > 3 > large["ratio"]


def test_another_net_keeps_the_profiles_epochs():
    main = SIZES["laptop"].main
    assert with_network(main) is main and with_network(main, "small") is main
    paper = with_network(main, "resnet50")
    assert (paper.network, paper.epochs, paper.batch_size) == ("resnet50", main.epochs, main.batch_size)
    with pytest.raises(ValueError, match="unknown network"):
        with_network(main, "vgg")
