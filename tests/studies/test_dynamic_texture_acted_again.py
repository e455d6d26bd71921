r"""Lips and ghosts: the actor acts again what the generator is asked for, and the truth is known."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from dnt_core.actor import FilmConfig
from dnt_core.actor.film_config import Shot
from dnt_core.actor.filming import act
from dnt_core.metrics.lip_reader import landmarks_of
from dnt_core.studies.dynamic_texture import ghost_truth
from dnt_core.studies.dynamic_texture.acted_again import Acted, act_again, draw_again
from dnt_core.studies.dynamic_texture.acted_lips import acted_lips
from dnt_core.studies.dynamic_texture.ghost_truth import judge_ghosts
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

    return SimpleNamespace(spoken=data, spoken_moments=moments, plan=toy_film.PLAN, size=64, reader=Reader())


def test_the_actor_is_asked_for_the_moments_and_both_views_lie_at_their_rows(study, monkeypatch):
    asked, data = [], study.spoken

    def again(plan, shot, frames, expression, intensity, size):
        asked.append((shot, tuple(frames), expression, intensity))
        own = [row for row, (clip, _) in enumerate(data.rows) if list(study.spoken_moments)[clip] == shot]
        return Acted(data.batch(own).target + 0.1, landmarks_of(data, np.array(own)) + 3)

    monkeypatch.setattr("dnt_core.studies.dynamic_texture.acted_lips.draw_again", again)
    read, true = acted_lips(study, data, study.spoken_moments, "fear")
    assert asked == [(shot, (1, 3), "fear", 1.0) for shot in study.spoken_moments]
    rows = np.arange(len(data))
    np.testing.assert_allclose(true, 2 * (landmarks_of(data, rows) + 3), rtol=1e-5)  # 2 mm per px
    film = study.reader(data.batch(rows).target, None)
    assert np.ptp(film) > 0.01  # the frames differ, so their order is told
    np.testing.assert_allclose(read, film + 0.1, atol=1e-6)


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
