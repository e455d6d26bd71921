r"""Scatter over seeds and clips, the linear map at a chosen lip error, and what moves where."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dnt_core.clips import read_provenance, read_video
from dnt_core.metrics.intervals import mean_interval
from dnt_core.studies import decoupling as study_room
from dnt_core.studies.decoupling.baselines import keeping_the_lips, kept_for_the_lips
from dnt_core.studies.decoupling.before_after_film import before_after_film
from dnt_core.studies.decoupling.intervals import Spread, seed_spread
from dnt_core.studies.decoupling.judged_faces import share_judged_rightly
from dnt_core.studies.decoupling.recorded import recorded_metrics
from dnt_core.studies.decoupling.regions import moved_by_region, region_vertices
from dnt_core.studies.decoupling.tradeoff import (
    lambda2_at,
    linear_at_lip_error,
    lip_error_of,
    weight_at_lip_error,
)
from dnt_core.training.decoupling import (
    PAPER,
    SMOOTH_AND_INFORMED,
    DecouplingTraining,
    train_decoupling,
)
from dnt_core.training.decoupling_losses import MouthLandmarks
from tests.training.decoupling_frames import made_up_frames


@pytest.fixture(scope="module")
def study(toy_model):
    train, test = made_up_frames(clips_per_cell=8, length=15).split(0.25)
    return study_room.DecouplingStudy.prepare(train, test, MouthLandmarks(toy_model), every=2, mlp=False)


def test_the_mean_is_the_tables_number(study):
    linear = study_room.linear_to_neutral(study.train)
    spread, row = seed_spread(study, [linear], draws=50), study.measure(linear)
    for name, one in spread.items():
        assert one.mean == pytest.approx(getattr(row, name), abs=1e-6)
        low, high = one.interval
        assert low <= one.mean <= high and low < high
    assert spread["accuracy"].over == f"{len(study.test.clips)} clips"


def test_seeds_widen_the_interval_and_are_told(study):
    one, other = study_room.identity_map(), study_room.neutral_mean(study.train)
    alone, both = seed_spread(study, [one], 200), seed_spread(study, [one, other], 200)
    assert np.ptp(alone["lip_error_mm"].interval) == 0  # a face that is left alone has no lip error
    assert both["lip_error_mm"].mean == pytest.approx(
        seed_spread(study, [other], 50)["lip_error_mm"].mean / 2
    )
    assert np.ptp(both["lip_error_mm"].interval) > 1 and both["accuracy"].over.startswith("2 seeds and ")
    assert len(both["lip_error_mm"].seeds) == 2


def test_a_difference_is_taken_draw_by_draw(study):
    linear = study_room.linear_to_neutral(study.train)
    same = seed_spread(study, [linear], 100)["truth_error"] - seed_spread(study, [linear], 100)["truth_error"]
    assert same.mean == 0 and same.interval == (0, 0)
    half = Spread(1.0, np.ones(1), np.array([0.5, 1.5])) / Spread(2.0, np.ones(1), np.array([1.0, 3.0]))
    assert half.mean == 0.5 and half.interval == (0.5, 0.5)


def test_the_interval_of_three_seeds_is_students():
    low, high = mean_interval(np.array([1.0, 2.0, 3.0]))
    assert (low, high) == pytest.approx((2 - 4.30265 / 3**0.5, 2 + 4.30265 / 3**0.5), rel=1e-5)


def test_the_linear_map_keeps_its_lips_by_as_much_as_is_asked(study):
    linear, basis = study_room.linear_to_neutral(study.train), study.mouth.basis
    free = study.measure(linear).lip_error_mm
    wanted = 0.3 * free
    assert study.measure(linear_at_lip_error(study, wanted)).lip_error_mm == pytest.approx(wanted, rel=0.02)
    held = keeping_the_lips(linear, study.train, basis, weight_at_lip_error(study, wanted))
    assert lip_error_of(study, held) == study.measure(linear_at_lip_error(study, wanted)).lip_error_mm
    x = study.test.expression[:5]
    torch.testing.assert_close(keeping_the_lips(linear, study.train, basis, 0.0)(x), linear(x))
    still = keeping_the_lips(linear, study.train, basis, 1e12)(x)
    assert (study.mouth(still) - study.mouth(x)).abs().max() < 1e-4


def test_what_is_put_back_for_the_lips_is_the_minimum(study):
    weight, basis = 50.0, study.mouth.basis
    kept = kept_for_the_lips(study.train, basis, weight).double()
    spread = torch.linalg.inv(torch.cov(study.train.expression[study.train.neutral].double().T))
    moves = basis.double().flatten(0, 1)
    change = torch.randn(64, generator=torch.Generator().manual_seed(0)).double()

    def cost(put_back):
        missed = moves @ (put_back - change)
        return weight * missed @ missed + put_back @ spread @ put_back

    best = kept @ change
    nudges = torch.randn(20, 64, generator=torch.Generator().manual_seed(1)).double()
    assert all(cost(best) < cost(best + 0.05 * nudge) for nudge in nudges)


def test_few_neutral_frames_or_shapes_put_back_what_neutral_faces_do_and_nothing_else(study):
    few = study.train.at(study.train.neutral)
    few = few.at(slice(0, 20))
    unused = torch.arange(64) >= 53  # as with ICT-FaceKit, which has 53 shapes
    few = replace(few, expression=few.expression.masked_fill(unused, 0.0))
    kept = kept_for_the_lips(few, study.mouth.basis, 50.0).double()
    moves = 50**0.5 * study.mouth.basis.double().flatten(0, 1)
    spread = torch.cov(few.expression.double().T)
    # the same minimum, sought among mixtures of the ways in which these faces differ
    size, ways = torch.linalg.eigh(spread)
    ways = (ways * size.clamp(min=0).sqrt())[:, size > 1e-9]  # (64, 19)
    mixed = moves @ ways
    best = ways @ torch.linalg.solve(torch.eye(19).double() + mixed.mT @ mixed, mixed.mT @ moves)
    torch.testing.assert_close(kept, best, atol=1e-5, rtol=0)
    assert (kept[unused] == 0).all()


def test_lambda2_is_read_off_on_a_logarithmic_scale():
    rows = [{"lambda2": 0.0, "lip_error_mm": 9.0}, {"lambda2": 100.0, "lip_error_mm": 3.0}]
    rows.append({"lambda2": 10_000.0, "lip_error_mm": 1.0})
    assert lambda2_at(rows, 2.0) == pytest.approx(1000.0)
    assert lambda2_at(rows, 20.0) == pytest.approx(100.0) and lambda2_at(rows, 0.1) == pytest.approx(10_000.0)


def test_who_takes_exactly_the_expression_moves_all_of_what_should_move(study, toy_model):
    assert all(len(vertices) for vertices in region_vertices(toy_model).values())
    shift = study.test.truth - study.test.speech
    half = {
        tuple(b.tolist()): a
        for b, a in zip(study.test.expression, study.test.expression - 0.5 * shift, strict=True)
    }
    moved = moved_by_region(study, toy_model, lambda x: torch.stack([half[tuple(one.tolist())] for one in x]))
    parts = np.array([part for row in moved.values() for part in row.values() if part[0] > 0.01])
    assert len(parts) and np.allclose(parts[:, 1], 0.5, atol=1e-3)
    assert np.allclose(parts[:, 2], 0.5 * parts[:, 0], atol=1e-3)
    still = moved_by_region(study, toy_model, study_room.identity_map())
    assert all(part[1] == part[2] == 0 for row in still.values() for part in row.values())


def test_a_film_of_before_and_after_is_side_by_side(study, toy_model, tmp_path):
    film = before_after_film(
        tmp_path / "film.mp4", study, toy_model, {"after": study_room.identity_map()}, 0, image_size=64
    )
    video = read_video(film)
    frames = int((study.test.clip == 0).sum())
    assert video.frames.shape == (frames, 64, 3 * 64, 3)  # before, after, the speech alone
    assert video.fps == study.test.fps[0] == 25
    assert read_provenance(film)


def test_what_a_run_records_is_what_its_tables_say(study):
    linear, alone = study_room.linear_to_neutral(study.train), study_room.identity_map()
    decouplers = {"leave it alone": alone, "mean neutral face": study_room.neutral_mean(study.train)}
    decouplers |= dict.fromkeys(("linear", "linear, lips as ours", "paper's equations"), linear)
    decouplers["smooth and informed"] = linear
    spread = {name: seed_spread(study, [f], draws=20) for name, f in decouplers.items()}
    table = study.table(decouplers)
    found = recorded_metrics(spread, table, spread["linear"])
    lips = spread["linear"]["lip_error_mm"].mean
    assert found["lip_error_mm"] == found["unheard_sentences_lip_error_mm"] == lips
    assert found["truth_error_same_lips_ours_minus_linear"] == 0
    assert found["truth_error_ratio_to_identity_clean"] == pytest.approx(
        table.truth_error_clean["linear"] / table.truth_error_clean["leave it alone"]
    )
    assert found["seed_spread.ours.accuracy.low"] <= found["accuracy_after"]
    assert not any("unheard" in name for name in recorded_metrics(spread, table))


def test_a_discriminator_without_a_bend_is_judged_on_both_kinds(study, toy_model):
    for config in (PAPER, SMOOTH_AND_INFORMED):
        training = DecouplingTraining(study.train, toy_model, replace(config, steps=2))
        with torch.no_grad():  # D calls everything real: right on all real faces, wrong on all made ones
            last = training.discriminator.layers[-1]
            last.weight.zero_()
            last.bias.fill_(1.0)
        assert share_judged_rightly(training, study.test) == 0.5
    training = train_decoupling(study.train, toy_model, replace(SMOOTH_AND_INFORMED, steps=60))
    assert share_judged_rightly(training, study.train) > 0.5
