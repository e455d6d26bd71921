r"""The face does what muscles do: brows that frown, lips that close, a fear that is no surprise."""

import numpy as np
import pytest

from dnt_core.actor import PEOPLE
from dnt_core.actor.filming import truth
from dnt_core.actor.stills import landmarks_left_out, still_performance
from dnt_core.ciec import CIEC_TYPES
from dnt_core.face3d import MOUTH, load_face_model
from dnt_core.face3d.procedural import bases, flat_domain, movements

PX = 9.7  # of a picture of 256 px a cm
INNER_LIPS = ((61, 67), (62, 66), (63, 65))
AT = flat_domain.landmarks_flat()
FIELDS = movements.displacement_fields(AT)  # (68, 3, 64) cm


def marks(expression, intensity=1.0, person=None):
    r"""(68, 3) cm: the landmarks of an expression, of the average face or of a person."""
    weights = intensity * movements.movement_weights(movements.EMOTION_MOVEMENTS[expression])
    face = bases.mean_position(AT) / bases.CM + FIELDS @ weights
    if person:
        alpha = bases.traits_to_identity(PEOPLE[person].traits)
        face = face + bases.identity_basis(AT) @ alpha / bases.CM
    return face


def inner_above_outer(face):
    r"""px that the inner ends of the brows lie above the outer ends (the points before the tails)."""
    return PX * (face[[21, 22], 1].mean() - face[[18, 25], 1].mean())


@pytest.mark.parametrize("person", list(PEOPLE))
def test_resting_brows_are_flat_and_frowning_ones_a_v(person):
    assert abs(inner_above_outer(marks("neutral", person=person))) < 1.0
    assert -5.5 < inner_above_outer(marks("angry", person=person)) < -3.0
    assert inner_above_outer(marks("sad", person=person)) > 3.0


@pytest.mark.parametrize("person", list(PEOPLE))
def test_resting_lids_are_no_wider_open_than_in_others(person):
    face = marks("neutral", person=person)
    opening = 0.5 * (face[[37, 38], 1] - face[[41, 40], 1]).sum() / (face[39, 0] - face[36, 0])
    assert 0.26 < opening < 0.36, opening


@pytest.mark.parametrize("expression", CIEC_TYPES)
@pytest.mark.parametrize("intensity", [0.33, 0.67, 1.0])
def test_inner_lips_never_pass_through_each_other(expression, intensity):
    face = truth(still_performance("M003", expression, intensity, 0.0), 256).landmarks[0]  # px, y down
    gap = [face[lower, 1] - face[upper, 1] for upper, lower in INNER_LIPS]
    assert min(gap) > -0.4, gap
    if expression in ("angry", "sad"):  # shut: no strip of teeth
        assert max(gap) < 0.6, gap


def test_fear_is_no_surprise():
    fear, surprised, neutral = (marks(name) for name in ("fear", "surprised", "neutral"))

    def opening(face):
        return (face[[37, 38, 43, 44], 1] - face[[41, 40, 47, 46], 1]).mean()

    def between_brows(face):
        return face[22, 0] - face[21, 0]

    def width(face):
        return face[54, 0] - face[48, 0]

    assert opening(fear) < opening(surprised) - 0.1
    assert between_brows(fear) < between_brows(neutral) - 0.2 < between_brows(surprised)
    assert inner_above_outer(fear) > inner_above_outer(surprised) + 3.0
    assert width(fear) > width(neutral) + 0.8 and width(surprised) < width(neutral)


def test_contempt_is_one_sided():
    moved = marks("contempt") - marks("neutral")
    assert moved[54, 1] > 0.5 and abs(moved[48, 1]) < 0.35 * moved[54, 1]


def test_the_table_of_expressions_does_not_set_the_scale_of_the_coefficients(monkeypatch):
    before = bases.performance_weights(50, seed=3)
    monkeypatch.setitem(movements.EMOTION_MOVEMENTS, "angry", {"jawOpen": 5.0})
    np.testing.assert_array_equal(bases.performance_weights(50, seed=3), before)


def test_the_numbers_leave_out_the_upper_lip_of_disgusted_alone():
    model = load_face_model("procedural:500")
    lips = {name: landmarks_left_out("M003", name, 1.0, model)[MOUTH].mean() for name in CIEC_TYPES}
    assert lips.pop("disgusted") > 2.5 and max(lips.values()) < 1.0, lips  # mm: the wrinkled nose pulls it up
    assert landmarks_left_out("M003", "angry", 1.0, model)[17:27].mean() > 5.0  # the brows
    assert (landmarks_left_out("M003", "angry", 0.0, model) == 0).all()
