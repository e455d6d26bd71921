r"""Pictures that grow, frames that are held out twice, and `dnt train generator` from clips to a record."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from dnt_core.checkpoint import names_key
from dnt_core.clips import scan
from dnt_core.metrics.image_metrics import mean_face, measure
from dnt_core.networks.generator import Generator
from dnt_core.training import generator_command, generator_measures, generator_stages, preprocessing
from dnt_core.training.generator_stages import (
    RecipeConfig,
    StageConfig,
    hold_out,
    seconds_trained,
    train_stages,
)
from dnt_core.training.generator_weights import load_generator
from dnt_core.training.preprocessing import DataConfig, prepare_data
from dnt_core.training.train_config import TrainConfig
from tests.networks.generator_inputs import TINY
from tests.training.generator_clips import write_clips

CONFIG = replace(TINY, texture_size=16, width=4)
PLAN = TrainConfig(4, 2, 1e-3, 1e-3, loss="pixel_gradient", report_every=2, test_frames=2)
STAGES = (StageConfig(16, PLAN), StageConfig(32, replace(PLAN, steps=2)))


@pytest.fixture(scope="module")
def clips(tmp_path_factory, toy_model):
    with pytest.MonkeyPatch.context() as patch:
        for module in (preprocessing, generator_measures):
            patch.setattr(module, "load_face_model", lambda source: toy_model)
        yield write_clips(tmp_path_factory.mktemp("clips"), toy_model)


@pytest.fixture(scope="module")
def data(clips, tmp_path_factory):
    return prepare_data(clips.clips, tmp_path_factory.mktemp("data"), DataConfig(32), progress=False)


def test_three_parts_share_nothing_and_every_cell_trains(data):
    held = hold_out(data)
    parts = [set(part.tolist()) for part in (held.train, held.within, held.clips)]
    assert sum(map(len, parts)) == len(set.union(*parts)) == len(data)
    clip_of = data.rows[:, 0]
    assert set(clip_of[held.within]) == set(clip_of[held.train])
    assert not set(clip_of[held.clips]) & set(clip_of[held.train])
    cells = {data.clips[c].ciec.tobytes() for c in clip_of[held.train]}
    assert cells == {clip.ciec.tobytes() for clip in data.clips}


def test_clips_that_are_filmed_besides_train_and_change_nothing_of_what_is_held_out(toy_model, tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(preprocessing, "load_face_model", lambda source: toy_model)
        few, many = (
            prepare_data(
                write_clips(tmp_path / str(n), toy_model, numbers=range(1, n + 1)).clips,
                tmp_path / "data", DataConfig(32), progress=False,
            )
            for n in (2, 5)
        )  # fmt: skip
    for seed in range(4):
        without, held = hold_out(few, seed), hold_out(many, seed, more_clips=3)
        names = [{data.clips[c].take for c in data.rows[rows, 0]} for data, rows in
                 ((few, without.clips), (many, held.clips), (many, held.train))]  # fmt: skip
        assert names[0] == names[1] and not names[1] & names[2]
        assert len(names[2]) == len(many.clips) - len(names[1])


def test_where_cells_have_one_clip_their_last_frames_are_looked_at(clips, tmp_path):
    first = {clip.ciec.tobytes(): clip for clip in clips.clips}
    single = prepare_data(list(first.values()), tmp_path, DataConfig(32), progress=False)
    held = hold_out(single)
    assert len(held.clips) == 0 and np.array_equal(held.tested, held.within)
    assert len(held.within) and len(held.train) + len(held.within) == len(single)


def test_one_cell_with_a_single_clip_keeps_no_other_cell_from_being_held_out(clips, tmp_path):
    whole = prepare_data(clips.clips, tmp_path, DataConfig(32), progress=False)
    alone = clips.clips[0]
    same_cell = [clip for clip in clips.clips if clip.take[:3] == alone.take[:3] and clip != alone]
    kept = [clip for clip in clips.clips if clip not in same_cell]
    data = prepare_data(kept, tmp_path, DataConfig(32), progress=False)
    held = hold_out(data)
    tested = {data.clips[c].take for c in data.rows[held.clips, 0]}
    cells = {clip.take[:3] for clip in whole.clips}
    assert {take[:3] for take in tested} == cells - {alone.take[:3]} and np.array_equal(
        held.tested, held.clips
    )
    assert alone.take in {data.clips[c].take for c in data.rows[held.train, 0]}


def test_stages_go_on_from_each_other_and_after_a_stop(clips, tmp_path):
    whole, stopped = Generator(CONFIG), Generator(CONFIG)
    seen = []

    def note(stage, progress, training):
        seen.append((stage.image_size, progress.step))

    train_stages(whole, clips.clips, STAGES, tmp_path / "data", tmp_path / "a", report=note)
    assert seen == [(16, 2), (16, 4), (32, 2)]
    spent = [seconds_trained(tmp_path / "a", STAGES[:n]) for n in (1, 2)]
    assert 0 < spent[0] < spent[1]
    train_stages(stopped, clips.clips, STAGES[:1], tmp_path / "data", tmp_path / "b")
    again = Generator(CONFIG)
    train_stages(again, clips.clips, STAGES, tmp_path / "data", tmp_path / "b")
    pairs = zip(whole.state_dict().values(), again.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_what_is_measured(data):
    rows = np.arange(4)
    perfect = measure(lambda batch: batch.target, data, rows, batch_size=3)
    assert perfect["psnr"] == 100 and perfect["ssim"] == pytest.approx(1, abs=1e-4)  # float32 sums
    grey = measure(lambda batch: batch.target + 0.1 * batch.frame.mask, data, rows)
    assert grey["psnr_face"] == pytest.approx(20, abs=1.5) and grey["psnr"] > grey["psnr_face"] + 1
    mean = mean_face(data, rows)(data.batch(rows))
    hole = data.batch(rows).frame.hole
    assert torch.equal(mean * (1 - hole), data.batch(rows).frame.background * (1 - hole))


def test_the_command_writes_weights_and_their_record(clips, tmp_path, monkeypatch):
    monkeypatch.setitem(generator_stages.RECIPES, "tiny", RecipeConfig(CONFIG, STAGES))
    out = tmp_path / "generator.safetensors"
    folder = clips.clips[0].video.parents[5]
    metrics = generator_command.train_with_progress("M003", folder, out, "tiny", test_frames=4)
    generator, notes = load_generator(out)
    assert generator.config == CONFIG and notes == json.loads(out.with_suffix(".json").read_text())
    assert notes["metrics"] == metrics
    wanted = {"held_out_clips.psnr", "mean_face.within_clips.ssim", "held_out_clips.sharpness_skin"}
    wanted |= {f"{part}held_out_clips.ce_{of}" for part in ("", "film.") for of in ("type", "level")}
    assert wanted | {"held_out_clips.feature_distance"} <= set(metrics)
    assert "--size 16 --steps 4 --size 32 --steps 2" in notes["command"] and "user's" in notes["measured_on"]
    front = [clip.name for clip in scan(folder).filter(view="front")]
    assert notes["clips"] == len(front) and notes["clips_key"] == names_key(reversed(front))
    assert names_key(front[1:]) != names_key(front)
    assert (tmp_path / "generator" / "progress.png").exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"profile": "huge"}, "there is no recipe 'huge'"),
        ({"actor": "M999"}, "there are no clips of M999"),
        ({"steps": (1, 2, 3)}, "3 numbers of steps for 2 stages"),
    ],
)
def test_bad_input(clips, tmp_path, monkeypatch, options, sentence):
    monkeypatch.setitem(generator_stages.RECIPES, "tiny", RecipeConfig(CONFIG, STAGES))
    folder = clips.clips[0].video.parents[5]
    asked = {"actor": "M003", "data": folder, "out": tmp_path / "x.safetensors", "profile": "tiny"} | options
    with pytest.raises(ValueError, match=sentence):
        generator_command.train_with_progress(**asked)


def test_only_a_size_that_stays_takes_the_plan_that_finishes_one():
    small, large, last = generator_stages.RECIPES["laptop"].stages
    assert small.image_size < large.image_size == last.image_size
    for sizes, plans in (
        ((128, 256, 256), (small, large, last)),
        ((128, 256, 512), (small, large, large)),
        ((128, 256, 512, 512), (small, large, large, last)),
        ((64,), (small,)),
    ):
        found = generator_command._stages((small, large, last), (), sizes, seed=0)
        assert [stage.image_size for stage in found] == list(sizes)
        assert [stage.plan.steps for stage in found] == [stage.plan.steps for stage in plans]
