r"""Nets, fits and their files: what learns, what resumes, what a cluster changes (nothing)."""

import math
import socket
from dataclasses import replace

import numpy as np
import pytest
import torch

from dnt_core.ciec import EXPRESSIONS
from dnt_core.clips.clip import CELLS
from dnt_core.clips.labelled_frames import LabelledFrames
from dnt_core.metrics.classifier_fit import (
    FitConfig,
    FitResult,
    _batches,
    fit_classifier,
    train_classifier,
)
from dnt_core.metrics.expression_classifier import (
    build_classifier,
    load_classifier,
    save_classifier,
    small_residual_net,
)
from dnt_core.metrics.intervals import mean_interval
from dnt_core.rendering.five_renderings import RENDERINGS
from dnt_core.studies.where_are_expressions import cluster, cross_validation
from dnt_core.studies.where_are_expressions.cross_validation import CrossValidation, confusion, cross_validate
from dnt_core.studies.where_are_expressions.input_cache import StudyInputs
from dnt_core.studies.where_are_expressions.saliency import heat_over, occlusion_map
from dnt_core.studies.where_are_expressions.table import (
    ORDER,
    group_gap,
    paper_ratio,
    table_of,
)
from dnt_core.studies.where_are_expressions.warm_start import cell_labels, make_warm_start
from tests.studies.where_clips import make_clips

PLAN = FitConfig("small", epochs=6, batch_size=16, learning_rate=5e-3, shift=0, brightness=0.0)


@pytest.fixture(scope="module")
def inputs():
    r"""Pictures in which a square at a place of its own says the type; "noise" says nothing."""
    clips = make_clips(2)
    frames = LabelledFrames(clips, np.repeat(np.arange(len(clips)), 3), np.tile(np.arange(3), len(clips)))
    generator = np.random.default_rng(0)
    told = generator.integers(90, 120, (len(frames), 3, 16, 16)).astype(np.uint8)
    for row, k in enumerate(frames.labels("type")):
        told[row, :, 4 * (k // 4) + 4 : 4 * (k // 4) + 8, 4 * (k % 4) : 4 * (k % 4) + 4] = 250
    blind = generator.integers(0, 255, (len(frames), 3, 16, 16)).astype(np.uint8)
    return StudyInputs(frames, {"told": told, "noise": blind})


def test_a_classifier_is_trained_on_the_device_that_was_asked_for(monkeypatch):
    monkeypatch.setenv("DNT_DEVICE", "toaster")
    pictures, labels = np.zeros((4, 3, 16, 16), np.uint8), np.array([0, 1, 0, 1])
    with pytest.raises(ValueError, match="DNT_DEVICE=toaster"):
        train_classifier(pictures, labels, np.arange(4), 2, FitConfig(network="small"))


def fold(inputs):
    return inputs.frames.folds("type", "clip", 2)[0]


def test_a_fit_learns_what_is_there_and_nothing_from_noise(inputs):
    train, test = fold(inputs)
    labels = inputs.frames.labels("type")
    told = fit_classifier(inputs.pictures["told"], labels, train, test, 8, PLAN)
    noise = fit_classifier(inputs.pictures["noise"], labels, train, test, 8, PLAN)
    assert told.losses[-1] < 0.5 * told.losses[0]
    assert told.cross_entropy < 1.0 < math.log(8) - 0.1 < noise.cross_entropy
    assert told.accuracy > 0.8


def test_cross_entropy_against_a_loop(inputs):
    train, test = fold(inputs)
    result = fit_classifier(inputs.pictures["told"], inputs.frames.labels("type"), train, test, 8, PLAN)
    by_hand = -sum(
        math.log(p[k]) for p, k in zip(result.probabilities.tolist(), result.labels, strict=True)
    ) / len(test)
    assert result.cross_entropy == pytest.approx(by_hand, rel=1e-4)
    assert result.probabilities.sum(1) == pytest.approx(1.0, abs=1e-5)
    assert (result.labels == inputs.frames.labels("type")[test]).all()


def test_the_same_seed_gives_the_same_numbers_and_leaves_the_global_generator_alone(inputs):
    train, test = fold(inputs)
    torch.manual_seed(5)
    state = torch.get_rng_state()
    args = (inputs.pictures["told"], inputs.frames.labels("type"), train, test, 8)
    first, again = fit_classifier(*args, PLAN), fit_classifier(*args, PLAN)
    other = fit_classifier(*args, FitConfig(**{**PLAN.__dict__, "seed": 3}))
    assert (first.probabilities == again.probabilities).all()
    assert (first.probabilities != other.probabilities).any()
    assert (torch.get_rng_state() == state).all()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda train, test, labels: (train, train[:3], labels), "is both trained and tested"),
        (
            lambda train, test, labels: (train[labels[train] != 7], test, labels),
            "class 7 is tested but never trained",
        ),
        (lambda train, test, labels: (train, test, labels + 1), "labels must lie in 0 … 7"),
    ],
)
def test_rows_that_make_no_sense(inputs, change, sentence):
    train, test = fold(inputs)
    train, test, labels = change(train, test, inputs.frames.labels("type"))
    with pytest.raises(ValueError, match=sentence):
        fit_classifier(inputs.pictures["told"], labels, train, test, 8, PLAN)


@pytest.mark.parametrize("options", [{"network": "vgg"}, {"epochs": 0}, {"learning_rate": 0.0}])
def test_plans_out_of_range(options):
    with pytest.raises(ValueError, match="unknown network|above 0"):
        FitConfig(**options)


WHAT = CrossValidation(("told", "noise"), ("type",), "clip", 2, plan=FitConfig("small", 1, 32, shift=0))


def test_an_interrupted_study_goes_on_where_it_stopped(inputs, tmp_path, monkeypatch):
    ran = []
    fit = fit_classifier

    def stopping(*args):
        ran.append(1)
        if len(ran) == 3:
            raise KeyboardInterrupt
        return fit(*args)

    monkeypatch.setattr(cross_validation, "fit_classifier", stopping)
    with pytest.raises(KeyboardInterrupt):
        cross_validate(inputs, WHAT, tmp_path, jobs=1, progress=False)
    assert len(list(tmp_path.glob("*.npz"))) == 2
    monkeypatch.setattr(cross_validation, "fit_classifier", lambda *args: ran.append(1) or fit(*args))
    whole = cross_validate(inputs, WHAT, tmp_path, jobs=1, progress=False)
    assert len(ran) == 5 and len(list(tmp_path.iterdir())) == 4  # two of four were not run again
    assert {len(folds) for folds in whole.values()} == {2}


def test_other_pictures_labels_or_plans_are_other_fits(inputs, tmp_path):
    cross_validate(inputs, WHAT, tmp_path, jobs=1, progress=False)
    changed = inputs.pictures["told"].copy()
    changed[0, 0, 0, 0] ^= 1
    for more, what in (
        (inputs.with_pictures(told=changed), WHAT),
        (inputs, replace(WHAT, shuffled="clip")),
        (inputs, replace(WHAT, plan=replace(WHAT.plan, epochs=2))),
    ):
        before = len(list(tmp_path.iterdir()))
        cross_validate(more, what, tmp_path, jobs=1, progress=False)
        assert len(list(tmp_path.iterdir())) > before


def test_a_broken_result_is_named(inputs, tmp_path):
    cross_validate(inputs, WHAT, tmp_path, jobs=1, progress=False)
    broken = sorted(tmp_path.glob("*.npz"))[0]
    broken.write_bytes(broken.read_bytes()[:100])
    with pytest.raises(ValueError, match=f"{broken.name} is not a whole result"):
        cross_validate(inputs, WHAT, tmp_path, jobs=1, progress=False)


def same(a, b):
    return all(
        (x.probabilities == y.probabilities).all() for key in a for x, y in zip(a[key], b[key], strict=True)
    )


@pytest.mark.slow
def test_two_processes_and_a_cluster_of_two_workers_give_the_serial_numbers(inputs, tmp_path):
    distributed = pytest.importorskip("distributed")
    serial = cross_validate(inputs, WHAT, tmp_path / "serial", jobs=1, progress=False)
    assert same(serial, cross_validate(inputs, WHAT, tmp_path / "processes", jobs=2, progress=False))
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as two:
        there = cross_validate(inputs, WHAT, tmp_path / "dask", cluster=two.scheduler_address, progress=False)
    assert same(serial, there)


def test_a_cluster_that_does_not_answer(inputs, tmp_path):
    pytest.importorskip("distributed")
    with pytest.raises(ValueError, match="nothing answers at cluster 'tcp://127.0.0.1:1'"):
        cross_validate(inputs, WHAT, tmp_path, cluster="tcp://127.0.0.1:1", progress=False)


def test_a_scheduler_without_workers_and_a_cluster_that_is_another_server(inputs, tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "WORKER_SECONDS", 0.5)
    with distributed.LocalCluster(n_workers=0, dashboard_address=None) as idle:
        address = idle.scheduler_address
        with pytest.raises(ValueError, match=f"the Dask scheduler at '{address}' has no worker after 0.5 s"):
            cross_validate(inputs, WHAT, tmp_path, cluster=address, progress=False)

    def silent(*args, **kwargs):
        raise OSError("timed out")

    monkeypatch.setattr(distributed, "Client", silent)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(ValueError, match=f"no Dask scheduler answers at '{address}'"):
            cross_validate(inputs, WHAT, tmp_path, cluster=address, progress=False)
    assert not list(tmp_path.iterdir())


def test_shuffled_labels_keep_their_counts_and_by_clip_their_clips(inputs):
    true = inputs.frames.labels("level")
    for kind in ("frame", "clip"):
        labels = CrossValidation(("told",), shuffled=kind).labels(inputs, "level")
        assert sorted(labels) == sorted(true) and (labels != true).any()
        assert ((labels >= 0) == (true >= 0)).all()
        per_clip = {len(set(labels[inputs.frames.clip == i])) for i in range(len(inputs.frames.clips))}
        assert (per_clip == {1}) == (kind == "clip")


def test_classifiers_have_the_classes_asked_for_and_travel(tmp_path):
    for network, size in (("small", 24), ("resnet18", 32), ("resnet50", 32)):
        net = build_classifier(network, 3).eval()
        x = torch.rand(2, 3, size, size)
        assert net(x).shape == (2, 3)
        if network != "small":
            continue
        again = load_classifier(save_classifier(net, network, tmp_path / "net.safetensors"))
        torch.testing.assert_close(again(x), net(x))
    (tmp_path / "bad.safetensors").write_bytes(b"no")
    with pytest.raises(ValueError, match="bad.safetensors is not a classifier of this study"):
        load_classifier(tmp_path / "bad.safetensors")


@pytest.mark.parametrize(
    ("net", "network", "said"),
    [
        (build_classifier("small", 3), "resnet18", "not those of ResNet-18: conv1.weight is missing"),
        (build_classifier("small", 3), "resnet99", "unknown network 'resnet99'"),
        (small_residual_net(3, width=32), "small", "0.weight is missing or of another shape"),
        (torch.nn.Sequential(torch.nn.Identity(), small_residual_net(3)), "small", "0.weight is missing"),
        (small_residual_net(3).append(torch.nn.Linear(3, 3)), "small", "9.weight is none of its weights"),
    ],
)
def test_a_classifier_that_could_not_be_read_again_is_not_written(net, network, said, tmp_path):
    with pytest.raises(ValueError, match=said):
        save_classifier(net, network, tmp_path / "net.safetensors")
    assert not list(tmp_path.iterdir())  # it was written, and refused when read


def test_weights_from_a_local_file(tmp_path):
    donor = build_classifier("resnet18", 22)
    path = save_classifier(donor, "resnet18", tmp_path / "donor.safetensors")
    net = build_classifier("resnet18", 8, path)
    torch.testing.assert_close(net.conv1.weight, donor.conv1.weight)
    assert net.fc.weight.shape == (8, 512)
    with pytest.raises(ValueError, match="does not hold torchvision's resnet50"):
        build_classifier("resnet50", 8, path)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        build_classifier("resnet18", 8, tmp_path / "nowhere.pth")


def results_with(ce):
    def fit(value):
        return FitResult(value, np.arange(2), np.full((2, 8), 1 / 8), np.array([0, 1]), np.ones(1), 1.0, 10)

    return {(s, "type"): [fit(value + d) for d in (-0.01, 0.0, 0.01)] for s, value in ce.items()}


def test_table_ranks_and_gaps():
    clear = results_with(dict(zip(ORDER, (0.1, 0.12, 0.11, 0.5, 0.6), strict=True)))
    table = table_of(clear, "type")
    assert [table[s].rank for s in ORDER] == [1, 3, 2, 4, 5]
    assert table["frames"].low < 0.1 < table["frames"].high
    tied = table_of(results_with(dict(zip(ORDER, (0.1, 0.1002, 0.11, 0.5, 0.6), strict=True))), "type")
    assert [str(tied[s]) for s in ORDER[:3]] == ["0.100 (1)", "0.100 (1)", "0.110 (3)"]
    gap = group_gap(clear, "type")
    assert gap.clear and gap.ratio == pytest.approx(5.0)
    turned = group_gap(results_with(dict(zip(ORDER, (0.5, 0.5, 0.5, 0.1, 0.1), strict=True))), "type")
    assert not turned.clear and turned.difference == pytest.approx(-0.4)
    assert paper_ratio("type") == pytest.approx(24.4, abs=0.1) and paper_ratio("level") == pytest.approx(
        5.1, abs=0.1
    )


def test_interval_is_student_s():
    low, high = mean_interval([1.0, 2.0, 3.0])
    assert (low, high) == pytest.approx((2 - 4.30265 / 3**0.5, 2 + 4.30265 / 3**0.5), rel=1e-4)
    assert all(math.isnan(x) for x in mean_interval([1.0]))


def test_confusion_rows_are_shares():
    probabilities = np.eye(8)[[0, 1, 1, 2]]
    result = FitResult(0.0, np.arange(4), probabilities, np.array([0, 0, 1, 2]), np.ones(1), 1.0, 1)
    matrix = confusion([result])
    assert matrix[0, :2].tolist() == [0.5, 0.5] and matrix[1, 1] == matrix[2, 2] == 1
    assert np.isnan(matrix[7]).all()


def test_saliency_finds_the_square_that_tells(inputs):
    labels = inputs.frames.labels("type")
    net, _ = train_classifier(inputs.pictures["told"], labels, np.arange(len(labels)), 8, PLAN)
    row = int(np.flatnonzero(labels == 5)[0])  # its square: rows 8 to 12, columns 4 to 8
    mean = inputs.pictures["told"].mean(0).astype(np.uint8)
    heat = occlusion_map(net, inputs.pictures["told"][[row]], labels[[row]], mean, patch=0.25, steps=4)[0]
    assert np.unravel_index(heat.argmax(), heat.shape) == (2, 1)
    shown = heat_over(inputs.pictures["told"][row], heat, heat.max())
    assert shown.shape == (16, 16, 3) and shown.dtype == np.uint8


def test_warm_start_labels_are_mead_s_22_cells(inputs):
    labels = cell_labels(inputs)
    assert set(labels) == set(range(22))
    assert CELLS[labels[-1]] == ("neutral", 1) and EXPRESSIONS[-1] == "neutral"


def test_a_warm_start_is_kept_for_the_same_pictures_and_plan_alone(inputs, tmp_path):
    r"""``dnt run 02 -p seed=1`` after seed 0 began from the net of seed 0."""
    five = StudyInputs(inputs.frames, dict.fromkeys(RENDERINGS, inputs.pictures["told"]))
    path, short = tmp_path / "warm.safetensors", replace(PLAN, epochs=2)

    def made(plan):
        return load_classifier(make_warm_start(five, plan, path)).state_dict()

    def alike(one, other):
        return all(torch.allclose(one[name], other[name], atol=1e-5) for name in one)

    first, stamp = made(short), path.stat().st_mtime_ns
    assert alike(made(replace(short, weights="ignored")), first) and path.stat().st_mtime_ns == stamp
    assert not alike(made(replace(short, seed=1)), first)
    path.with_suffix(".json").unlink()  # as an older version left it
    assert alike(made(short), first)


@pytest.mark.parametrize(("n", "batch_size"), [(7, 3), (17, 4), (241, 16)])
def test_no_batch_holds_one_picture(n, batch_size):
    steps = -(-n // batch_size)
    batches = _batches(n, steps, torch.Generator().manual_seed(0))
    assert len(batches) == steps and 2 <= min(map(len, batches)) <= max(map(len, batches)) <= batch_size
    assert torch.equal(torch.cat(list(batches)).sort().values, torch.arange(n))


def test_a_batch_norm_over_a_single_texel_is_fitted():
    pictures = np.random.default_rng(0).integers(0, 255, (7, 3, 8, 8)).astype(np.uint8)
    plan = FitConfig("small", epochs=1, batch_size=3)
    assert np.isfinite(train_classifier(pictures, np.arange(7) % 2, np.arange(7), 2, plan)[1]).all()
