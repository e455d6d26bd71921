r"""The comparison of losses: the same batches for all, and the best is the one that measures best."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from test_dynamic_texture_readers import observer

from dnt_core.networks.generator_config import GENERATOR_CONFIGS
from dnt_core.studies.dynamic_texture import loss_comparison
from dnt_core.training.generator_stages import HeldOut
from dnt_core.training.vgg_pretraining import learn_features

SMALL = replace(loss_comparison.PLAN, steps=2, batch_size=2, loss_levels=1, report_every=1)
CONFIG = GENERATOR_CONFIGS["nbval"]


@pytest.fixture(scope="module")
def held(toy_data):
    train, test = toy_data.split("clip")
    return HeldOut(train, test[:0], test)


def compare(plans, data, held):
    return loss_comparison.compare(plans, data, held, observer([0.0] * 8, [0.0] * 3), CONFIG, test_frames=3)


def test_every_loss_is_trained_and_measured(toy_data, held, tmp_path):
    features = tmp_path / "features.safetensors"
    rows = np.arange(0, len(toy_data), 3)
    learn_features(toy_data, rows, features, levels=1, steps=20, batch_size=4, progress=False)
    found = compare(loss_comparison.loss_plans(features, SMALL), toy_data, held)
    assert tuple(found) == loss_comparison.COMPARED
    assert all(np.isfinite(row["psnr_face"]) and row["step_s"] > 0 for row in found.values())
    assert len({row["psnr"] for row in found.values()}) == 3, "losses that train alike are one loss"
    assert [row["ce_type"] for row in found.values()] == pytest.approx(3 * [np.log(8)], abs=1e-4)


def test_the_same_plan_gives_the_same_generator_whatever_ran_before(toy_data, held):
    plan = replace(SMALL, loss="pixel_gradient")
    first = compare({"a": plan, "b": plan, "c": replace(plan, color_weight=0.0)}, toy_data, held)
    torch.rand(7)
    again = compare({"b": plan}, toy_data, held)
    numbers = [{k: v for k, v in row.items() if k != "step_s"} for row in (*first.values(), *again.values())]
    assert numbers[0] == numbers[1] == numbers[3] and numbers[2] != numbers[0]


def test_the_best_loss_is_the_one_that_draws_the_face_best():
    assert loss_comparison.best_loss({"a": {"psnr_face": 21.0}, "b": {"psnr_face": 24.0}}) == "b"
