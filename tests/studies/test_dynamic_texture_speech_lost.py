r"""Speech lost and ghosts: the actor acts again what the generator is asked for, and the truth is known."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from dnt_core.actor import FilmConfig
from dnt_core.actor.film_config import Shot
from dnt_core.actor.filming import act
from dnt_core.ciec import CIEC_TYPES
from dnt_core.metrics.lip_reader import landmarks_of
from dnt_core.studies.dynamic_texture import ghost_truth
from dnt_core.studies.dynamic_texture.acted_again import Acted, act_again, draw_again
from dnt_core.studies.dynamic_texture.ghost_truth import judge_ghosts
from dnt_core.studies.dynamic_texture.speech_lost import SpeechLost, speech_lost
from dnt_core.studies.dynamic_texture.unseen_combinations import UnseenCombination
from tests.studies import toy_film

PLAN = FilmConfig(seconds=1.0, fps=5, image_size=64)
SAD = Shot("M003", "sad", "2", 0.67, 1)


def test_the_same_expression_again_is_the_same_performance():
    own, _ = act(PLAN, SAD)
    again = act_again(PLAN, SAD, "sad", 0.67)
    for name in ("geometry_weights", "film_weights", "pose", "illumination", "gaze", "tongue"):
        np.testing.assert_allclose(getattr(again, name), getattr(own, name), atol=1e-12)


def test_another_expression_keeps_words_head_and_light():
    own, _ = act(PLAN, SAD)
    again = act_again(PLAN, SAD, "happy", 1.0)
    for name in ("speech_weights", "pose", "illumination", "gaze"):
        np.testing.assert_array_equal(getattr(again, name), getattr(own, name))
    assert np.abs(again.emotion_weights - own.emotion_weights).max() > 0.1


def test_what_is_drawn_again_has_the_lips_where_the_truth_says():
    drawn = draw_again(PLAN, SAD, [0, 3], "surprised", 1.0, 32)
    assert drawn.pictures.shape == (2, 3, 32, 32) and 0 <= drawn.pictures.min() <= drawn.pictures.max() <= 1
    assert drawn.lips.shape == (2, 20, 2) and (drawn.lips > 8).all() and (drawn.lips < 28).all()
    large = draw_again(PLAN, SAD, [3], "surprised", 1.0)
    np.testing.assert_allclose((large.lips + 0.5) / 2 - 0.5, drawn.lips[1:], atol=1e-5)


def lost(drawn=0.0, acted=0.0, true=0.0):
    shape = (4, 7, 20, 2)
    arrays = [np.broadcast_to(np.asarray(a, float), shape) for a in (drawn, acted, true)]
    return SpeechLost(np.array([0, 0, 1, 1]), *arrays)


def test_lips_that_an_expression_holds_elsewhere_have_lost_nothing():
    held = lost(drawn=np.array([3.0, 4.0]), acted=np.array([1.0, 0.0]), true=np.array([1.0, 0.0]))
    assert not held.lost.any() and not held.reader_error.any()


def test_the_error_is_the_readers_and_the_loss_the_generators():
    moments = np.array([3.0, -3.0, 3.0, -3.0])[:, None, None, None] * np.array([0.0, 1.0])
    silent = lost(drawn=moments)
    assert silent.lost == pytest.approx(3) and not silent.of_actor.any()
    row = silent.table()["happy"]
    assert row["lost"] == pytest.approx(3) and row["reader_error"] == 0 and row["low"] == pytest.approx(3)
    actors_own = lost(drawn=moments, acted=moments, true=moments)  # the actor's lips do it, too
    assert actors_own.of_actor == pytest.approx(3) and not actors_own.reader_error.any()
    misread = lost(acted=moments)
    assert misread.reader_error == pytest.approx(3) and misread.table()["happy"]["low"] == pytest.approx(-3)


@pytest.fixture
def study(tmp_path):
    r"""A study of the toy film's neutral clips, whose reader gives the truth of the filmed frames."""
    shots = toy_film.shots(expression="neutral")[:2]
    moments = {shot: [1, 3] for shot in shots}
    data = toy_film.film(tmp_path, moments)

    class Reader:
        millimetres = 2.0

        def __call__(self, pictures, box):
            bright = pictures.mean((1, 2, 3))[:, None, None]
            return (bright * torch.ones(1, 20, 2)).numpy()

    rows = np.arange(len(data))
    lips = np.zeros((len(rows), 7, 3, 20, 2))
    lips[:, :, -1, :, 1] = np.arange(len(rows))[:, None, None]
    return SimpleNamespace(
        spoken=data, spoken_moments=moments, plan=toy_film.PLAN, size=64, reader=Reader(),
        sweep=SimpleNamespace(rows=rows, lips=lips),
    )  # fmt: skip


def test_the_actor_is_asked_for_the_moments_of_the_sweep(study, monkeypatch):
    asked = []

    def again(plan, shot, frames, expression, intensity, size):
        asked.append((shot, tuple(frames), expression, intensity))
        own = [
            row for row, (clip, _) in enumerate(study.spoken.rows) if list(study.spoken_moments)[clip] == shot
        ]
        k = CIEC_TYPES.index(expression)
        lips = landmarks_of(study.spoken, np.array(own)) + k  # every expression holds the lips k px elsewhere
        return Acted(study.spoken.batch(own).target + 0.1 * k, lips)

    monkeypatch.setattr("dnt_core.studies.dynamic_texture.speech_lost.draw_again", again)
    found = speech_lost(study)
    assert {(s, f, x) for s, f, _, x in asked} == {(s, (1, 3), 1.0) for s in study.spoken_moments}
    assert [e for _, _, e, _ in asked] == 2 * list(CIEC_TYPES)
    np.testing.assert_allclose(found.true[:, 3], 6.0, rtol=1e-5)  # 3 px of 2 mm
    np.testing.assert_allclose(found.acted[:, 3], 0.3, atol=1e-6)
    assert found.reader_error == pytest.approx(0, abs=1e-4)  # constant over the moments
    np.testing.assert_allclose(found.lost[:, 0], [1.5, 0.5, 0.5, 1.5])


def test_a_ghost_is_judged_by_what_the_actor_shows(study, monkeypatch):
    shot = next(iter(study.spoken_moments))
    study.draw = lambda moments: study.spoken
    study.generator = lambda frame, code: SimpleNamespace(image=torch.full_like(frame.background, 0.5))
    lips = landmarks_of(study.spoken, np.array([0])) + np.array([3.0, 4.0])

    def again(*asked):
        return Acted(torch.full((1, 3, 64, 64), 0.5), lips)

    monkeypatch.setattr(ghost_truth, "draw_again", again)
    (judged,) = judge_ghosts(study, [UnseenCombination("fear", shot, 1, 2.0, 40.0, 5.0, 1.0)])
    assert judged.actor_moved == pytest.approx(10) and judged.moved == 0  # 5 px of 2 mm
    assert judged.lips_off == judged.reader_error and judged.psnr_face == pytest.approx(100)
    assert judged.pictures.shape == (3, 3, 64, 64) and judged.source == "neutral 1"
    assert judged.frame.endswith(") 1")
