r"""Training: it learns, goes on to the same bits, refuses foreign files; two processes agree with one."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from dnt_core.checkpoint import write_checkpoint
from dnt_core.metrics.psnr import psnr
from dnt_core.networks.generator import Generator
from dnt_core.training import preprocessing
from dnt_core.training.generator_data import GeneratorData
from dnt_core.training.generator_training import GeneratorTraining
from dnt_core.training.generator_weights import load_generator, save_generator
from dnt_core.training.preprocessing import DataConfig, prepare_data
from dnt_core.training.train_config import TrainConfig
from tests.networks.generator_inputs import TINY, random_ciecs, random_frames
from tests.training.generator_clips import write_clips

CONFIG = replace(TINY, texture_size=24, half_resolution=False, width=6)
PLAN = TrainConfig(
    steps=12, batch_size=4, learning_rate=3e-3, texture_learning_rate=3e-2, warm_up=5,
    loss="pixel_gradient", report_every=4, test_frames=4,
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    r"""On busy cores many times faster for networks this small."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def data(tmp_path_factory, toy_model):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(preprocessing, "load_face_model", lambda source: toy_model)
        clips = write_clips(tmp_path_factory.mktemp("clips"), toy_model)
        return prepare_data(
            clips.clips, tmp_path_factory.mktemp("data"), DataConfig(32, texture_size=24), progress=False
        )


def training(data, plan=PLAN, config=CONFIG, **options):
    return GeneratorTraining(Generator(config), data, *data.split(), plan, **options)


def test_a_long_gradient_is_cut_to_length(data):
    lengths = {}
    for most in (0.0, 0.01):
        one = training(data, replace(PLAN, max_gradient=most))
        one.take_step()
        gradients = [p.grad for p in one.generator.parameters() if p.grad is not None]
        lengths[most] = float(torch.stack([g.norm() for g in gradients]).norm())
    assert lengths[0.0] > 0.02 and lengths[0.01] == pytest.approx(0.01, rel=1e-3)


def test_learning_rates_rise_while_it_warms_up_and_then_fall(data):
    run = training(data)
    rates = []
    for _ in range(PLAN.steps):
        run.take_step()
        rates.append([group["lr"] for group in run.optimizer.param_groups])
    rates = np.array(rates) / (PLAN.learning_rate, PLAN.texture_learning_rate)
    np.testing.assert_allclose(rates[:, 0], rates[:, 1])
    assert rates[0, 0] == pytest.approx(1 / 5) and rates[:, 0].argmax() in (3, 4)
    assert (np.diff(rates[5:, 0]) < 0).all() and rates[-1, 0] < 0.15
    assert run.optimizer.param_groups[0]["betas"] == (0.9, 0.999)
    texels = sum(p.numel() for p in run.optimizer.param_groups[1]["params"])
    assert texels == (1 + CONFIG.bases) * CONFIG.texture_channels * 24 * 24


@pytest.mark.parametrize("warm_up", [0, 60])
def test_a_closed_attention_mask_opens_only_while_it_warms_up(data, warm_up):
    run = training(data, replace(PLAN, steps=60, decay=False, warm_up=warm_up))
    with torch.no_grad():
        run.generator.renderer.head.bias[3] -= 20
    hole = data.batch(run.test).frame.hole
    assert (run.render(run.test).attention * hole).sum() / hole.sum() < 1e-6
    for _ in range(60):
        run.take_step()
    inside = float((run.render(run.test).attention * hole).sum() / hole.sum())
    assert inside > 0.5 if warm_up else inside < 1e-3


def test_the_running_mean_is_what_is_drawn_and_goes_on_after_a_stop(data, tmp_path):
    plan = replace(PLAN, averaging=0.9, final_share=0.0, decay=False)
    run, mean = training(data, plan), None
    for step in range(1, 5):
        run.take_step()
        keep, now = min(0.9, step / (step + 10)), run.generator.renderer.head.weight.detach().clone()
        mean = now * (1 - keep) + keep * (Generator(CONFIG).renderer.head.weight if mean is None else mean)
    torch.testing.assert_close(run.result.renderer.head.weight, mean)
    assert not same(run.result, run.generator)
    batch = data.batch(run.test)
    torch.testing.assert_close(run.render(run.test).image, run.result.eval()(batch.frame, batch.ciec).image)
    whole, stopped = training(data, plan), training(data, plan)
    list(whole.run())
    list(stopped.run(tmp_path / "run.safetensors", until=6))
    again = training(data, plan)
    list(again.run(tmp_path / "run.safetensors"))
    assert same(whole.result, again.result) and same(whole.generator, again.generator)


def test_the_strength_of_detail_and_the_mouths_error_count_when_they_are_asked_for(data):
    def loss(step=0, **changes):
        run = training(data, replace(PLAN, warm_up=0, **changes))
        run.step = step
        batch = run.batch_of_step(0)
        return float(run.losses(batch, run.generator(batch.frame, batch.ciec)).detach())

    plain = loss()
    assert loss(detail_weight=5.0) > plain + 1e-4 and loss(mouth_error_weight=5.0) > plain + 1e-4
    assert loss(mouth_detail_weight=5e4) > plain + 1e-4  # untrained, at 24 px: little to compare
    assert loss(step=8, detail_weight=5.0, detail_from=0.75) == pytest.approx(plain)  # of 12 steps
    assert loss(step=9, detail_weight=5.0, detail_from=0.75) > plain + 1e-4


def same(a, b):
    return all(
        torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True)
    )


def test_it_learns_the_clips(data):
    run = training(data, replace(PLAN, steps=120, report_every=60))
    before = run.test_psnr()
    reports = list(run.run())
    assert [p.step for p in reports] == [60, 120] and reports[1].loss < 0.6 * reports[0].loss
    test = data.split()[1]
    truth = data.batch(test).target
    mean = float(psnr(data.mean_frame(data.split()[0]).expand_as(truth), truth).mean())
    assert reports[1].psnr > max(before + 5, mean + 2)


@pytest.mark.parametrize("stop", [4, 6])
def test_a_stopped_run_goes_on_to_the_same_bits(data, tmp_path, stop):
    whole = training(data)
    reports = list(whole.run())
    first = training(data)
    list(first.run(tmp_path / "run.safetensors", until=stop))
    second = training(data)
    later = list(second.run(tmp_path / "run.safetensors"))
    assert same(whole.generator, second.generator) and second.step == 12
    assert later[-1].psnr == reports[-1].psnr and (stop == 6 or later[-1].loss == reports[-1].loss)
    assert second.seconds > first.seconds


def test_every_epoch_shows_every_frame_once(data):
    run = training(data)
    seen = np.concatenate([run.rows_of_step(step) for step in range(16)])
    assert (
        sorted(seen[:32]) == sorted(seen[32:]) == sorted(data.split()[0]) and (seen[:32] != seen[32:]).any()
    )


def test_another_plan_or_data_is_not_resumed(data, tmp_path):
    path = tmp_path / "run.safetensors"
    list(training(data).run(path, until=4))
    for other, message in (
        (training(data, replace(PLAN, seed=1)), "its seed is 0, not 1; name another file to write, or move"),
        (training(data, config=replace(CONFIG, width=8)), "its width is 6, not 8"),
        (GeneratorTraining(Generator(CONFIG), data, *data.split("clip"), PLAN), "it held out other frames"),
    ):
        with pytest.raises(ValueError, match=message):
            list(other.run(path))


def test_a_checkpoint_from_before_a_part_of_the_loss_goes_on_without_that_part(data, tmp_path, monkeypatch):
    path, older = tmp_path / "run.safetensors", training(data)
    said = {name: value for name, value in older._identity().items() if name != "mouth_detail_weight"}
    monkeypatch.setattr(older, "_identity", lambda: said)
    list(older.run(path, until=4))
    with pytest.raises(ValueError, match="its mouth_detail_weight is .*, not 1"):
        list(training(data, replace(PLAN, mouth_detail_weight=1.0)).run(path))
    again = training(data)
    list(again.run(path, until=6))
    assert again.step == 6


def test_weights_come_back_with_their_sizes(data, tmp_path):
    run = training(data)
    list(run.run(tmp_path / "run.safetensors", until=4))
    frames, ciec = random_frames(), random_ciecs()
    wanted = run.generator.eval()(frames, ciec).image
    save_generator(tmp_path / "g.safetensors", run.generator, {"seed": 3})
    save_generator(tmp_path / "half.safetensors", run.generator, half=True)
    for name, notes, precision in (("run", {}, 0), ("g", {"seed": 3}, 0), ("half", {}, 5e-3)):
        generator, found = load_generator(tmp_path / f"{name}.safetensors")
        assert (
            found == notes and generator.config == CONFIG and generator.texture.neutral.dtype == torch.float32
        )
        torch.testing.assert_close(generator(frames, ciec).image, wanted, atol=precision, rtol=0)
    sizes = [(tmp_path / f"{name}.safetensors").stat().st_size for name in ("g", "half")]
    assert sizes[1] < 0.6 * sizes[0]


def test_foreign_and_broken_files_are_refused(tmp_path):
    whole = save_generator(tmp_path / "g.safetensors", Generator(TINY))
    (tmp_path / "cut.safetensors").write_bytes(whole.read_bytes()[:500])
    write_checkpoint(tmp_path / "other.safetensors", network=torch.nn.Linear(2, 2))
    write_checkpoint(
        tmp_path / "wrong.safetensors", {"config": TINY.to_json()}, generator=torch.nn.Linear(2, 2)
    )
    for name, error, message in (
        ("none", FileNotFoundError, "there is no"),
        ("cut", ValueError, "not a whole safetensors file"),
        ("other", ValueError, "holds no generator; it holds network"),
        ("wrong", ValueError, "does not fit"),
    ):
        with pytest.raises(error, match=message) as caught:
            load_generator(tmp_path / f"{name}.safetensors")
        assert "\n" not in str(caught.value) and name in str(caught.value)


def test_refusals(data):
    with pytest.raises(ValueError, match="no frames to train on"):
        GeneratorTraining(Generator(CONFIG), data, np.array([], int), np.array([], int), PLAN)
    with pytest.raises(ValueError, match="steps must be at least 1"):
        TrainConfig(steps=0)
    run = training(data, replace(PLAN, learning_rate=1e30, texture_learning_rate=1e30))
    with pytest.raises(ValueError, match="smaller learning rate"):
        list(run.run())


def test_without_test_frames_there_is_no_psnr(data, tmp_path):
    run = GeneratorTraining(Generator(CONFIG), data, data.split()[0], np.array([], int), PLAN)
    assert np.isnan(list(run.run(tmp_path / "r.safetensors", until=2))[0].psnr)


@pytest.mark.slow
def test_two_processes_do_what_one_does(data, tmp_path):
    pytest.importorskip("lightning.fabric")
    plan = replace(PLAN, steps=4)
    alone = GeneratorData((), sorted(data.files))
    one = GeneratorTraining(Generator(CONFIG), alone, *alone.split(), plan)
    start = {name: value.clone() for name, value in one.generator.state_dict().items()}
    losses = [report.loss for report in one.run()]
    script, checkpoint = Path(__file__).parent / "train_in_processes.py", tmp_path / "two.safetensors"
    found = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", str(script),
         str(data.files[0].parent), CONFIG.to_json(), json.dumps(asdict(plan)), str(checkpoint)],
        capture_output=True, text=True, timeout=300, env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert found.returncode == 0 and "on 2 devices" in found.stdout, found.stderr[-2000:]
    two, _ = load_generator(checkpoint)
    other = two.state_dict()
    # Adam makes a whole step of the rounding of a gradient near 0: single weights may differ, not their mass
    trained = one.generator.state_dict()
    moved, apart = (
        sum(float((trained[k] - seen[k]).abs().sum()) for k in trained) for seen in (start, other)
    )
    assert moved > 0 and apart < 0.01 * moved, (apart, moved)
    assert float(found.stdout.split()[-1]) == pytest.approx(losses[-1], abs=2e-4)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_makes_the_steps_that_the_processor_makes(data):
    r"""Written without a GPU at hand: nobody has run it yet."""
    here, there = training(data), training(data, device="cuda")
    losses = [[one.take_step() for _ in range(3)] for one in (here, there)]
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-3)
