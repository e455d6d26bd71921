r"""The study of shipped weights: nothing is fitted on what is tested, every method stands in the tables."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dnt_core.checkpoint import write_checkpoint
from dnt_core.metrics.image_metrics import mean_face, measure
from dnt_core.networks.decoupling_network import DecouplingNetwork
from dnt_core.networks.generator import Generator
from dnt_core.studies.dynamic_texture import eval_frames, generator_evaluation
from dnt_core.studies.dynamic_texture.acted_again import Acted
from dnt_core.studies.dynamic_texture.acted_response import acted_response
from dnt_core.studies.dynamic_texture.eval_frames import split_shots
from dnt_core.studies.dynamic_texture.generator_evaluation import (
    EvalConfig,
    GeneratorEvaluation,
    rows_of,
    shipped_weights,
)
from dnt_core.studies.dynamic_texture.inside_lips import error_inside_lips, inside_lips
from dnt_core.studies.dynamic_texture.measured import between_levels, lost_between_levels
from dnt_core.training.generator_data import GeneratorData
from dnt_core.training.generator_weights import save_generator
from tests.networks.generator_inputs import TINY
from tests.studies import toy_film

PLAN = replace(toy_film.PLAN, clips_per_cell=2)
SIZES = EvalConfig(train=2, held=2, within=1, between=2, swept=2, static_steps=3)
SEED = 5  # of the training whose held-out clips the study has to find again


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    generator = Generator(replace(TINY, texture_size=16))
    for size in (32, 64):
        save_generator(folder / f"generator_M003_{size}.safetensors", generator, {"seed": SEED})
    write_checkpoint(folder / "decoupling_M003.safetensors", {"hidden": [8]}, network=DecouplingNetwork((8,)))
    return folder


@pytest.fixture(scope="module")
def toy_actor():
    r"""The actor is the toy face; the list tells which (shot, frame) it has shown."""
    shown = []

    def draw(plan, shot, frames):
        shown.extend((shot, frame) for frame in frames)
        return toy_film.draw(plan, shot, frames)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(eval_frames, "frames_and_faces", draw)
        yield shown


@pytest.fixture(scope="module")
def study(weights, toy_actor, tmp_path_factory):
    folder = tmp_path_factory.mktemp("moments")
    return GeneratorEvaluation(shipped_weights(weights), folder, SIZES, plan=PLAN, progress=False)


def test_what_tests_was_never_shown_to_what_is_fitted(weights, toy_actor, tmp_path):
    study = GeneratorEvaluation(shipped_weights(weights), tmp_path, SIZES, plan=PLAN, progress=False)
    parts = {}
    for name in ("train", "held", "within", "between", "spoken"):
        toy_actor.clear()
        study.folder = tmp_path / name
        data = getattr(study, name)
        parts[name] = set(toy_actor)
        assert len(parts[name]) == len(data) == len(toy_actor)
    fitted, tested = parts["train"], parts["held"] | parts["within"] | parts["between"]
    assert not fitted & tested
    trained_on = set(split_shots(PLAN, SEED)[0])
    assert {shot for shot, _ in fitted} == {shot for shot, _ in parts["within"]} == trained_on
    assert not {shot for shot, _ in parts["held"] | parts["spoken"]} & trained_on
    assert max(frame for _, frame in fitted) == 3 and {frame for _, frame in parts["within"]} == {4}
    assert {shot.expression for shot, _ in parts["spoken"]} == {"neutral"}
    unseen = {round(shot.intensity, 3) for shot, _ in parts["between"]}
    assert unseen == {0.167, 0.5, 0.833} and not unseen & {shot.intensity for shot in trained_on}


def test_moments_between_levels_are_acted_again_at_the_filmed_levels_around(study, monkeypatch):
    acted = []

    def act_again(plan, shot, expression, intensity):
        acted.append((shot.expression == expression, intensity - shot.intensity))
        return shot

    monkeypatch.setattr(generator_evaluation, "act_again", act_again)
    monkeypatch.setattr(generator_evaluation, "frames_of_performance", toy_film.draw)
    for step, around in ((-0.5, {0.0, 0.33, 0.67}), (0.5, {0.33, 0.67, 1.0})):
        acted.clear()
        there = study.between_at(step)
        assert {clip.intensity for clip in there.clips} == around
        assert np.array_equal(there.rows, study.between.rows)  # frame by frame
        assert [clip.expression for clip in there.clips] == [clip.expression for clip in study.between.clips]
        assert all(same and 0.1 < np.sign(step) * way < 0.2 for same, way in acted)
    lost, (low, high) = lost_between_levels(study, between_levels(study))
    assert low <= lost <= high


def test_inside_the_lips_is_what_their_inner_landmarks_enclose(study):
    landmarks = np.zeros((1, 20, 2))
    corners = [(2, 3), (4, 3), (6, 3), (8, 3), (8, 5), (6, 5), (4, 5), (2, 5)]
    landmarks[0, 12:] = corners
    inside = inside_lips(landmarks, 10)
    assert inside.shape == (1, 1, 10, 10) and inside[0, 0, 3:5, 2:8].all() and inside.sum() == 12
    errors = [error_inside_lips(study, study.held, kept, least=1) for kept in (True, False)]
    assert len(errors[0]) == len(errors[1]) == len(study.held) and not np.array_equal(*errors)
    counts = np.isfinite(errors[0])
    assert counts.any() and np.array_equal(counts, np.isfinite(errors[1]))
    assert all(((0 <= one[counts]) & (one[counts] <= 1)).all() for one in errors)
    assert np.isnan(error_inside_lips(study, study.held, True, least=32**2)).all()


@pytest.mark.parametrize("tool", ["observer", "meter", "reader", "static"])
def test_tools_and_baselines_are_fitted_on_training_frames_alone(study, tool, monkeypatch):
    seen, read = set(), GeneratorData.batch

    def noting(self, rows, device="cpu"):
        seen.add(self.key)
        return read(self, rows, device)

    for made in (tool, "_refitted"):
        study.__dict__.pop(made, None)
    monkeypatch.setattr(GeneratorData, "batch", noting)
    getattr(study, tool)
    assert seen == {study.train.key}


def test_methods_between_the_levels_are_measured_on_training_frames_alone(study):
    rows, blend = rows_of(study.between), study.between_baselines["filmed frames, blended"]
    assert blend.data.key == study.train.key
    between = {name: measure(draw, study.between, rows) for name, draw in study.between_baselines.items()}
    mean = measure(mean_face(study.train, rows_of(study.train)), study.between, rows)
    assert between["filmed frames, blended"]["psnr_face"] > mean["psnr_face"]
    assert np.isfinite([value for row in between.values() for value in row.values()]).all()


def test_acted_faces_are_read_at_the_intensities_of_the_sweep(study, monkeypatch):
    asked = set()

    def again(plan, shot, frames, expression, intensity, size):
        asked.add((shot, *frames))
        tint = torch.tensor(toy_film.TINTS[expression], dtype=torch.float32)
        picture = study.spoken.batch([0]).target + 0.3 * intensity * tint[:, None, None]
        return Acted(picture.clamp(0, 1), np.zeros((1, 20, 2)))

    monkeypatch.setattr("dnt_core.studies.dynamic_texture.acted_response.draw_again", again)
    read = acted_response(study)
    assert asked == {(shot, moments[0]) for shot, moments in study.spoken_moments.items()}
    assert read.shape == (len(study.spoken_moments), 7, 7)
    assert (np.diff(read) > 0).mean() > 0.8  # tints grow with the intensity
    assert study.sweep.measured.shape == (2, 7, 7) and np.isfinite(study.sweep.lip_shift_mm).all()


def test_weights_that_are_not_there_or_say_no_name(weights, tmp_path):
    assert shipped_weights(weights).name == "generator_M003_64.safetensors"  # the largest
    with pytest.raises(FileNotFoundError, match="has no generator_W009_<size>.safetensors; `dnt train"):
        shipped_weights(weights, "W009")
    save_generator(tmp_path / "mine.safetensors", Generator(replace(TINY, texture_size=16)), {"seed": SEED})
    with pytest.raises(ValueError, match="does not say whose generator it holds"):
        GeneratorEvaluation(tmp_path / "mine.safetensors", tmp_path)
    with pytest.raises(FileNotFoundError):
        GeneratorEvaluation(tmp_path / "generator_M003_64.safetensors", tmp_path)
