r"""The ghost test: a mouth that occurred is none, one that never occurred is found, in millimetres."""

from dataclasses import replace

import numpy as np
import pytest

from dnt_core.actor import ActorConfig, FilmConfig
from dnt_core.networks.decoupling_network import DecouplingNetwork
from dnt_core.studies.dynamic_texture import unseen_combinations
from dnt_core.studies.dynamic_texture.unseen_combinations import (
    find_unseen_combinations,
    lips_moved_by_actor,
    mouth_shapes,
)
from tests.studies import toy_film

PLAN = replace(toy_film.PLAN, clips_per_cell=4)
FULL = [shot for shot in PLAN.shots() if shot.level == "3"]


@pytest.fixture
def mouths(monkeypatch):
    r"""Shots → mouths; what is not set is a mouth of 5 mm by 40."""
    shapes = {}
    usual = np.array([[5.0, 40.0], [6.0, 41.0]])
    monkeypatch.setattr(
        unseen_combinations, "mouth_shapes", lambda plan, shot, network: shapes.get(shot, usual)
    )
    return shapes


def by_number(shots, *numbers):
    return [shot for shot in shots if shot.number in numbers]


def test_a_mouth_that_occurs_is_no_ghost(mouths):
    for ghost in find_unseen_combinations(PLAN, by_number(FULL, 1, 2), by_number(FULL, 3)):
        assert ghost.distance == 0 and ghost.usual == 0


def test_a_mouth_that_never_occurs_is_one_for_those_it_never_occurred_with(mouths):
    train, held = by_number(FULL, 1, 2), by_number(FULL, 3)
    (strange,) = toy_film.shots(PLAN, expression="fear", level="3", number=3)
    mouths[strange] = np.array([[5.0, 40.0], [9.0, 45.0], [5.0, 41.0]])
    (seen,) = toy_film.shots(PLAN, expression="sad", level="3", number=2)
    mouths[seen] = np.array([[9.0, 45.0], [5.0, 40.0]])  # sad was trained with that mouth
    found = {ghost.expression: ghost for ghost in find_unseen_combinations(PLAN, train, held)}
    happy = found["happy"]
    assert (happy.shot, happy.frame, happy.opening, happy.width) == (strange, 1, 9.0, 45.0)
    assert happy.distance == pytest.approx(5.0) and happy.usual == 0  # to (6, 41), 3 and 4 mm away
    assert found["fear"].distance == 0, "its own mouth is no ghost"
    assert found["sad"].distance == pytest.approx(1.0)  # (5, 41) is now the strangest: 1 from (5, 40)
    assert found["sad"].usual == pytest.approx(np.sqrt(2) / 2)  # of 0 and √2 one way, 5 and 0 the other


def test_there_must_be_clips_of_other_expressions(mouths):
    angry = [shot for shot in by_number(FULL, 3) if shot.expression == "angry"]
    with pytest.raises(ValueError, match="no held-out clip of another expression than angry"):
        find_unseen_combinations(PLAN, by_number(FULL, 1, 2), angry)


def test_usual_is_the_median_distance_to_another_clip(mouths):
    train = by_number(FULL, 1, 2)
    for shot in by_number(train, 2):
        mouths[shot] = np.array([[5.0, 42.0]])
    (ghost, *_) = find_unseen_combinations(PLAN, train, by_number(FULL, 3))
    # (5, 40) and (6, 41) to (5, 42): 2 and √2; (5, 42) to the nearer of them: √2
    assert ghost.usual == pytest.approx(np.sqrt(2))


def test_one_clip_cannot_say_what_is_usual(mouths):
    with pytest.raises(ValueError, match="angry has 1 training clips at 1; expected two or more"):
        find_unseen_combinations(PLAN, by_number(FULL, 1), by_number(FULL, 3))


def test_mouths_of_the_actor_in_millimetres():
    plan = FilmConfig(seconds=0.8, fps=10, knobs=ActorConfig(mesh_resolution=2000, reconstruction_noise=0))
    spoken, happy = (
        toy_film.shots(plan, expression=name, level=level)[0]
        for name, level in (("neutral", "1"), ("happy", "3"))
    )
    shapes = mouth_shapes(plan, spoken, None)
    assert shapes.shape == (plan.n_frames, 2)
    assert np.ptp(shapes[:, 0]) > 2 and (shapes[:, 0] > -2).all()  # it speaks: opens by millimetres
    assert ((30 < shapes[:, 1]) & (shapes[:, 1] < 80)).all()  # as wide as mouths are
    untouched = mouth_shapes(plan, happy, DecouplingNetwork((8,)))  # an untrained one changes nothing
    np.testing.assert_allclose(untouched, mouth_shapes(plan, happy, None), atol=1e-4)
    moved = lips_moved_by_actor(plan, [spoken, happy])
    assert moved["neutral"] < 0.05 and moved["happy"] > 1
