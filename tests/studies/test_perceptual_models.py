"""Shrinkage, simulated observers, ranking models, intervals: against brute force and known truths."""

import itertools

import numpy as np
import pytest
from scipy.optimize import minimize

from dnt_core.studies.perceptual_study.observers import draw_groups, is_simulated, simulate_observers
from dnt_core.studies.perceptual_study.orders import GroupOrders, group_orders, order_matrix
from dnt_core.studies.perceptual_study.ranking_models import bradley_terry, plackett_luce
from dnt_core.studies.perceptual_study.score import group_score, mean_order_matrix, score, slope, summarise
from dnt_core.studies.perceptual_study.shrinkage import (
    expected_scores,
    lapse_order_matrix,
    observers_noise,
    thurstone_order_matrix,
)
from dnt_core.studies.perceptual_study.uncertainty import bootstrap, interval_widths, observers_for_width

ACTORS = ["M003", "W009", "M011"]
X = np.array([0.1, 0.25, 0.6, 0.9])


def _simulated(noise=0.1, guessing=0.0, k=16, seed=1, **design):
    return group_orders(simulate_observers(draw_groups(ACTORS, **design), k, noise, guessing, seed))


# --- shrinkage ------------------------------------------------------------------------------------


@pytest.mark.parametrize("lapse", [0.0, 0.3, 1.0])
def test_lapses_shrink_the_slope_by_exactly_their_share(lapse):
    s = score(lapse_order_matrix(4, lapse), X)
    np.testing.assert_allclose(s, (1 - lapse) * X + lapse * X.mean())
    assert slope([X], [s]) == pytest.approx(1 - lapse)


@pytest.mark.parametrize("noise", [0.02, 0.15, 0.5])
def test_thurstone_integral_agrees_with_sampling(noise):
    matrix = thurstone_order_matrix(X, noise)
    np.testing.assert_allclose(matrix.sum(0), 1, atol=1e-6)
    np.testing.assert_allclose(matrix.sum(1), 1, atol=1e-6)
    percept = X + noise * np.random.default_rng(0).standard_normal((40_000, 4))
    sampled = mean_order_matrix(order_matrix(percept.argsort(axis=1).argsort(axis=1) + 1))
    np.testing.assert_allclose(matrix, sampled, atol=0.012)


def test_thurstone_limits_and_monotone_shrinkage():
    np.testing.assert_array_equal(thurstone_order_matrix(X, 0.0), np.eye(4))
    np.testing.assert_array_equal(thurstone_order_matrix(X, np.inf), np.full((4, 4), 0.25))
    slopes = [
        slope([X], [score(thurstone_order_matrix(X, n), X)]) for n in (0, 0.05, 0.1, 0.2, 0.4, 1.0, 5.0)
    ]
    assert all(a > b for a, b in itertools.pairwise(slopes)) and slopes[0] == 1 and slopes[-1] < 0.15
    with pytest.raises(ValueError, match="noise"):
        thurstone_order_matrix(X, -1.0)


@pytest.mark.parametrize("noise", [0.1, 0.3])
def test_the_observers_noise_is_found_again(noise):
    groups = _simulated(noise, k=150, m=4)
    assert observers_noise(groups) == pytest.approx(noise, rel=0.1)
    expected = np.concatenate(expected_scores(groups, noise))
    seen = np.concatenate([group_score(g) for g in groups])
    assert np.sqrt(np.mean((seen - expected) ** 2)) < 0.03  # s lies on the shrunk curve, not on y = x


def test_noise_of_perfect_and_of_guessing_observers():
    assert observers_noise(_simulated(0.0)) == 0.0
    assert observers_noise([_reversed_group()]) == np.inf
    few = GroupOrders("g", "i", "sad", ("a", "b"), np.array([0.04, 0.41]), ("o",), order_matrix([[1, 2]]))
    assert observers_noise([few]) == 0.0


def _reversed_group() -> GroupOrders:
    return GroupOrders("g", "i", "sad", tuple("abcd"), X, ("o",), order_matrix([[4, 3, 2, 1]]))


# --- simulated observers --------------------------------------------------------------------------


def test_the_papers_design_has_21_groups_of_4_and_tells_nothing_in_names():
    design = draw_groups(ACTORS, seed=3, min_gap=0.05)
    assert design.groupby("group").size().tolist() == [4] * 21
    assert design["clip"].is_unique and design["intensity"].between(0, 1).all()
    gaps = design.sort_values("intensity").groupby("group")["intensity"].diff().dropna()
    assert gaps.min() >= 0.05 - 1e-6
    order = design["clip"].argsort()
    assert abs(np.corrcoef(np.argsort(order), design["intensity"])[0, 1]) < 0.3
    assert draw_groups(ACTORS, seed=3).equals(draw_groups(ACTORS, seed=3))
    assert not draw_groups(ACTORS, seed=3).equals(draw_groups(ACTORS, seed=4))


def test_observers_without_noise_are_right_and_noise_costs():
    perfect = summarise(_simulated(0.0))
    assert (perfect.slope, perfect.rmse, perfect.tau) == pytest.approx((1, 0, 1))
    assert (perfect.groups, perfect.observers, perfect.orders) == (21, 16, 336)
    little, much = summarise(_simulated(0.1)), summarise(_simulated(0.4))
    assert 0.9 < little.slope < 1 and little.rmse < 0.05
    assert much.slope < little.slope - 0.15 and much.rmse > 2 * little.rmse and much.tau < little.tau


def test_guessing_observers_sit_on_the_chance_line():
    summary = summarise(_simulated(guessing=1.0, k=60))
    assert abs(summary.slope) < 0.1 and abs(summary.tau) < 0.05
    assert summary.rmse == pytest.approx(summary.rmse_guessing, rel=0.08)
    half = summarise(_simulated(noise=0.0, guessing=0.5, k=60))
    assert half.slope == pytest.approx(0.5, abs=0.08)


def test_observers_perceive_what_was_measured_not_what_was_asked():
    design = draw_groups(ACTORS)
    design["measured"] = 1 - design["intensity"]  # a generator that does the opposite
    table = simulate_observers(design, 3, noise=0.0)
    assert summarise(group_orders(table)).tau == pytest.approx(-1)
    assert is_simulated(table["observer"].unique()) and not is_simulated(["anna-17"])
    assert simulate_observers(design, 3, 0.2, seed=5).equals(simulate_observers(design, 3, 0.2, seed=5))


# --- ranking models -------------------------------------------------------------------------------


def _pair_likelihood(theta, places, prior):
    total = 0.0
    for i, j in itertools.permutations(range(len(theta)), 2):
        wins = sum(p[i] > p[j] for p in places) + prior / 2
        total += wins * (theta[i] - np.logaddexp(theta[i], theta[j]))
    return total


def _order_likelihood(theta, places, prior):
    total = 0.0
    for p in places:
        left = list(np.argsort(-p))  # strongest first
        while len(left) > 1:
            total += theta[left[0]] - np.log(np.exp(theta[left]).sum())
            left = left[1:]
    for i, j in itertools.permutations(range(len(theta)), 2):
        total += prior / 2 * (theta[i] - np.logaddexp(theta[i], theta[j]))
    return total


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("fit", "likelihood"), [(bradley_terry, _pair_likelihood), (plackett_luce, _order_likelihood)]
)
def test_fits_maximise_the_likelihood(fit, likelihood, seed):
    rng = np.random.default_rng(seed)
    places = (X + 0.3 * rng.standard_normal((9, 4))).argsort(axis=1).argsort(axis=1)
    slow = minimize(lambda t: -likelihood(t - t.mean(), places, 0.5), np.zeros(4), tol=1e-12).x
    np.testing.assert_allclose(fit(places, prior=0.5), slow - slow.mean(), atol=2e-4)


@pytest.mark.parametrize("fit", [bradley_terry, plackett_luce])
def test_unanimous_orders_have_a_finite_fit_in_the_right_order(fit):
    theta = fit(np.tile(np.arange(5), (12, 1)))
    assert np.isfinite(theta).all() and (np.diff(theta) > 0).all() and abs(theta.mean()) < 1e-9
    assert fit(np.tile(np.arange(5), (50, 1))).max() > theta.max()  # more agreement, wider


@pytest.mark.parametrize("fit", [bradley_terry, plackett_luce])
def test_very_many_observers_who_agree_are_fitted_to_the_end(fit):
    k, prior = 100_000, 0.5  # of two clips: log-odds of k + prior / 2 wins against prior / 2
    assert np.diff(fit(np.tile([0.0, 1.0], (k, 1)), prior)) == pytest.approx(np.log((k + 0.25) / 0.25))
    theta = fit(np.tile(np.arange(4.0), (10_000, 1)))
    np.testing.assert_allclose(theta, -theta[::-1], atol=2e-4)  # the orders are alike from either end


def test_ranking_models_refuse_what_they_cannot_fit():
    with pytest.raises(ValueError, match="without ties"):
        plackett_luce(np.array([[0, 1, 1]]))
    with pytest.raises(ValueError, match="prior"):
        bradley_terry(np.array([[0, 1]]), prior=0)
    with pytest.raises(ValueError, match="shape"):
        bradley_terry(np.array([0, 1]))
    for fit in (bradley_terry, plackett_luce):
        with pytest.raises(ValueError, match="NaN"):
            fit(np.array([[0, 1, np.nan]]))


# --- intervals ------------------------------------------------------------------------------------


def test_bootstrap_intervals_are_seeded_and_contain_the_scores():
    groups = _simulated(0.2)
    a, b = bootstrap(groups, 300, seed=4), bootstrap(groups, 300, seed=4)
    summary = summarise(groups)
    for key in ("slope", "rmse", "tau"):
        low, high = getattr(a, key)
        assert (low, high) == getattr(b, key) and low < getattr(summary, key) < high, key
    for g, (low, high) in zip(groups, a.score, strict=True):
        s = group_score(g)
        assert (low <= s + 1e-12).all() and (s <= high + 1e-12).all()
        assert (low >= g.intensity[0] - 1e-12).all() and (high <= g.intensity[-1] + 1e-12).all()


def test_bootstrap_intervals_cover_the_true_score():
    truth = score(thurstone_order_matrix(X, 0.3), X)
    rng = np.random.default_rng(0)
    inside = []
    for seed in range(150):
        places = (X + 0.3 * rng.standard_normal((25, 4))).argsort(axis=1).argsort(axis=1) + 1
        names = tuple(f"o{i}" for i in range(25))
        group = GroupOrders("g", "i", "sad", tuple("abcd"), X, names, order_matrix(places))
        low, high = bootstrap([group], 300, seed=seed).score[0]
        inside.append((low <= truth) & (truth <= high))
    assert 0.88 < np.mean(inside) < 0.99  # 95 % wanted; of 25 observers percentile intervals are a bit narrow


def test_bootstrap_takes_observers_who_did_not_finish_and_one_observer_has_no_interval():
    table = simulate_observers(draw_groups(ACTORS), 4, 0.2)
    some = table[~((table["observer"] == "simulated-01") & (table["group"] > "g05"))]
    intervals = bootstrap(group_orders(some), 200)
    assert all(np.isfinite(b).all() for b in intervals.score) and np.isfinite(intervals.slope).all()
    alone = bootstrap(group_orders(table[table["observer"] == "simulated-01"]), 200)
    assert np.isnan(alone.slope).all() and np.isnan(alone.score[0]).all()


def test_a_group_that_one_observer_alone_has_ordered_has_no_interval_of_its_scores():
    table = simulate_observers(draw_groups(ACTORS), 4, 0.2)
    one = group_orders(table[(table["observer"] == "simulated-01") | (table["group"] > "g05")])
    intervals = bootstrap(one, 200)  # the other three began with the sixth group
    assert all(np.isnan(b).all() for b in intervals.score[:5])  # it was s to s: as if nobody could differ
    assert all(np.isfinite(b).all() for b in intervals.score[5:]) and np.isfinite(intervals.slope).all()


def test_width_falls_with_the_root_of_k_and_tells_how_many_are_enough():
    groups = _simulated(0.3, k=40)
    widths = interval_widths(groups, [8, 32, 128], 600)
    np.testing.assert_allclose(widths[0] / widths[1:], [2, 4], rtol=0.12)
    enough = observers_for_width(groups, 0.1)
    assert interval_widths(groups, [enough], 600)[0] == pytest.approx(0.1, rel=0.2)
    assert observers_for_width(groups, 0.05) == pytest.approx(4 * enough, rel=0.05)
