r"""What the actor does before any picture is made: knobs, intensities, speech, truth."""

import numpy as np
import pytest

from dnt_core.actor.actor_config import ActorConfig
from dnt_core.actor.performance import perform
from dnt_core.actor.speech import PHRASES, mouth_movements, synthesize
from dnt_core.ciec import EXPRESSIONS
from dnt_core.face3d.procedural import bases, flat_domain
from dnt_core.face3d.procedural.movements import MOVEMENTS

SPEECH = synthesize(PHRASES[0], seed=0)
MACHINE = ActorConfig(variation=0.0, head_motion=0.0, light_variation=0.0)


def clip(expression="happy", intensity=1.0, seed=1, knobs=MACHINE):
    return perform("M003", expression, intensity, SPEECH, 30, 24, seed, knobs)


def test_a_seed_gives_the_same_clip_and_another_gives_another():
    a, b, c = clip(knobs=ActorConfig()), clip(knobs=ActorConfig()), clip(knobs=ActorConfig(), seed=2)
    np.testing.assert_array_equal(a.storage_vectors(True), b.storage_vectors(True))
    assert np.abs(a.pose - c.pose).max() > 1e-3


@pytest.mark.parametrize("expression", [e for e in EXPRESSIONS if e != "neutral"])
def test_movement_grows_with_intensity(expression):
    intensities = (0.0, 1 / 6, 0.33, 0.5, 0.67, 5 / 6, 1.0)
    size = [np.abs(clip(expression, x).emotion_weights).sum() for x in intensities]
    assert size[0] == 0 and (np.diff(size) > 0).all()


def test_neutral_has_no_expression_but_speaks():
    neutral = clip("neutral", 0.8)
    assert neutral.intensity.max() == 0 and not neutral.emotion_weights.any()
    np.testing.assert_allclose(neutral.expression_coefficients, neutral.speech_expression)
    assert neutral.speech_weights[:, MOVEMENTS.index("jawOpen")].max() > 0.1


def test_what_the_numbers_miss_of_anger_shows_at_the_brows_and_hardly_at_the_lids():  # notebook 01 says so
    basis = bases.expression_basis(flat_domain.landmarks_flat())  # (68, 3, 64)
    some, all_ = (clip("angry", knobs=MACHINE.turned(geometry_share=g)) for g in (0.35, 1.0))
    missing = (all_.expression_coefficients - some.expression_coefficients).mean(0)
    moved = np.linalg.norm(basis @ missing, axis=1)
    brows, lids, lips = (moved[part].mean() for part in (slice(17, 27), slice(36, 48), slice(48, 68)))
    assert brows > 5 * lids and brows > 50 * lips


def test_geometry_share_moves_the_expression_between_geometry_and_skin():
    brow, lips = MOVEMENTS.index("browInnerUp_L"), MOVEMENTS.index("mouthFrown_L")
    none, all_ = (clip("sad", knobs=MACHINE.turned(geometry_share=g)) for g in (0.0, 1.0))
    assert none.geometry_weights[:, brow].max() == 0 and none.fold_gain > 0.5
    np.testing.assert_allclose(all_.geometry_weights[:, brow], all_.emotion_weights[:, brow])
    assert all_.fold_gain == 0 and not all_.film_weights.any() and not all_.skin.any()
    np.testing.assert_allclose(none.geometry_weights[:, lips], all_.geometry_weights[:, lips])
    total = none.geometry_weights + none.film_weights
    np.testing.assert_allclose(total, all_.geometry_weights)  # the film shows the same movement either way


def test_reconstruction_noise_touches_only_the_expression_numbers():
    clean, noisy = (clip(knobs=MACHINE.turned(reconstruction_noise=n)) for n in (0.0, 0.5))
    np.testing.assert_array_equal(clean.storage_vectors(True), clean.storage_vectors(False))
    difference = noisy.storage_vectors(True) - noisy.storage_vectors(False)
    assert difference[:, 80:144].std() == pytest.approx(0.5, rel=0.15)
    assert not np.delete(difference, np.s_[80:144], axis=1).any()


def test_the_expression_does_not_part_closing_lips():
    closed = mouth_movements(SPEECH, 30, 24).closed
    assert closed.any()
    opening = [MOVEMENTS.index(m) for m in ("mouthUpperUp_L", "mouthLowerDown_L", "jawOpen")]
    emotion = clip("disgusted").emotion_weights[:, opening]
    assert emotion[closed].max() < 0.35 * emotion.max()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"expression": "bored"}, "unknown expression 'bored'"),
        ({"intensity": 1.5}, r"\[0, 1\]"),
        ({"intensity": float("nan")}, r"\[0, 1\]"),
    ],
)
def test_bad_input_is_said(wrong, message):
    with pytest.raises(ValueError, match=message):
        clip(**wrong)


@pytest.mark.parametrize(
    "knob", [{"geometry_share": 1.2}, {"mesh_resolution": 10}, {"reconstruction_noise": -1.0}]
)
def test_knobs_have_ranges(knob):
    with pytest.raises(ValueError, match=f"knob {next(iter(knob))}"):
        ActorConfig(**knob)


def test_an_unknown_person_is_named():
    with pytest.raises(ValueError, match="M003, W009, M011"):
        perform("M999", "happy", 1.0, SPEECH, 30, 10, 0)
