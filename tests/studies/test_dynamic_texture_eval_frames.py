r"""Moments of a film: split as the training split it, cached, taken up after a kill, what the film shows."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dnt_core.actor import ActorConfig, FilmConfig
from dnt_core.actor.filming import film_shot
from dnt_core.clips import load_clip, scan
from dnt_core.metrics.lip_reader import landmarks_of
from dnt_core.metrics.psnr import psnr
from dnt_core.networks.decoupling_network import DecouplingNetwork
from dnt_core.studies.dynamic_texture import eval_frames
from dnt_core.studies.dynamic_texture.eval_frames import clip_of, draw_moments, split_shots, spread_frames
from dnt_core.training.generator_stages import hold_out
from dnt_core.training.preprocessing import DataConfig, prepare_data
from tests.studies import toy_film


@pytest.mark.parametrize("seed", [0, 3])
def test_shots_and_frames_are_split_as_the_training_split_them(toy_data, seed):
    plan, held = toy_film.PLAN, hold_out(toy_data, seed)
    train, tested = split_shots(plan, seed)
    assert not set(train) & set(tested) and len(train) + len(tested) == len(plan.shots())

    def named(rows):
        return {(toy_data.clips[c].name, i) for c, i in toy_data.rows[rows]}

    def chosen(shots, first, last):
        found = spread_frames(shots, plan.n_frames, first, last, plan.n_frames)
        return {(clip_of(shot).name, i) for shot, frames in found.items() for i in frames}

    assert chosen(train, 0, 0.8) == named(held.train)
    assert chosen(train, 0.8, 1) == named(held.within)
    assert chosen(tested, 0, 1) == named(held.clips)


def test_frames_are_evenly_spread_and_two_parts_of_a_clip_share_none():
    (shot,) = toy_film.shots(expression="happy", level="2", number=1)
    assert spread_frames([shot], 3, 0, 1, 60) == {shot: [10, 30, 50]}
    assert spread_frames([shot], 99, 0, 1, 4) == {shot: [0, 1, 2, 3]}
    for n_frames in range(2, 80):
        early, late = (
            spread_frames([shot], n_frames, *part, n_frames)[shot] for part in ((0, 0.8), (0.8, 1))
        )
        assert early + late == list(range(n_frames))


def test_a_shot_s_clip_has_its_labels():
    plan = replace(toy_film.PLAN, intensities=(0.5 / 3, 1.5 / 3))
    half = toy_film.shots(plan, expression="sad", number=2)
    assert [clip_of(shot).level for shot in half] == [0.5, 1.5]
    assert [clip_of(shot).intensity for shot in half] == pytest.approx([0.5 / 3, 0.5])
    (neutral,) = toy_film.shots(expression="neutral", number=1)
    assert not clip_of(neutral).ciec.any() and clip_of(neutral).name == "M003/front/neutral/level_1/001"


def test_drawn_once_and_again_only_where_something_differs(tmp_path):
    drawn = []

    def note(plan, shot, frames):
        drawn.append((shot.number, list(frames)))
        return toy_film.draw(plan, shot, frames)

    def ask(frames, plan=toy_film.PLAN, **options):
        drawn.clear()
        wanted = {shot: frames for shot in toy_film.shots(expression="fear", level="1")}
        data = draw_moments(plan, wanted, tmp_path, jobs=1, progress=False, draw=note, **options)
        return data, [number for number, _ in drawn]

    first, made = ask([1, 3])
    assert made == [1, 2, 3] and first.rows.tolist() == [[c, i] for c in range(3) for i in range(2)]
    again, made = ask([1, 3])
    assert made == [] and again.key == first.key
    assert torch.equal(again.batch([0, 5]).target, first.batch([0, 5]).target)
    assert ask([1, 4])[1] == ask([1, 3], image_size=32)[1] == [1, 2, 3]
    assert ask([1, 3], replace(toy_film.PLAN, seed=1))[1] == [1, 2, 3]
    assert ask([1, 3], decoupling=DecouplingNetwork((8,)))[1] == [1, 2, 3]


def test_a_stopped_drawing_goes_on_where_it_was(tmp_path, monkeypatch):
    wanted = {shot: [0, 2] for shot in toy_film.shots(expression="sad", level="3")}
    whole = toy_film.film(tmp_path / "whole", wanted)
    done, save = [], eval_frames.save_file

    def half_a_file(arrays, path):
        if len(done) == 2:
            path.write_bytes(b"half")
            raise KeyboardInterrupt
        save(arrays, path)
        done.append(path)

    monkeypatch.setattr(eval_frames, "save_file", half_a_file)
    with pytest.raises(KeyboardInterrupt):
        toy_film.film(tmp_path / "stopped", wanted)
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "stopped").iterdir()}
    assert set(kept) < {path.name for path in whole.files} and len(kept) == 2
    monkeypatch.undo()
    data = toy_film.film(tmp_path / "stopped", wanted)
    assert torch.equal(data.batch(range(6)).target, whole.batch(range(6)).target)
    assert all((tmp_path / "stopped" / name).stat().st_mtime_ns == time for name, time in kept.items())


def test_a_file_cut_short_is_named(tmp_path):
    wanted = {shot: [0] for shot in toy_film.shots(expression="sad", level="3")}
    cut = toy_film.film(tmp_path, wanted).files[1]
    cut.write_bytes(cut.read_bytes()[:900])
    with pytest.raises(ValueError, match=f"{cut.name} is not a whole file of prepared frames"):
        toy_film.film(tmp_path, wanted)


@pytest.mark.parametrize("frames", [[5], [-1, 2], []])
def test_frames_that_the_shot_does_not_have(tmp_path, frames):
    (shot,) = toy_film.shots(expression="sad", level="3", number=1)
    with pytest.raises(ValueError, match="M003/front/sad/level_3/001 has 5 frames; asked for numbers"):
        toy_film.film(tmp_path, {shot: frames})
    with pytest.raises(ValueError, match="no moments"):
        toy_film.film(tmp_path, {})
    assert not list(tmp_path.iterdir())


def test_moments_of_the_actor_are_the_film_s_frames(tmp_path):
    plan = FilmConfig(seconds=0.8, fps=5, image_size=64, knobs=ActorConfig(mesh_resolution=2000))
    happy, sad = (toy_film.shots(plan, expression=name, level="3")[0] for name in ("happy", "sad"))
    for shot in (happy, sad):
        film_shot(plan, shot, tmp_path / "film")
    clips = {clip.expression: clip for clip in scan(tmp_path / "film").clips}
    filmed = prepare_data(
        [clips["happy"], clips["sad"]], tmp_path / "prepared", DataConfig(64), jobs=1, progress=False
    )
    drawn = draw_moments(plan, {happy: [1, 3], sad: [2]}, tmp_path / "moments", jobs=1, progress=False)
    rows = [1, 3, 4 + 2]  # four frames a clip
    film, moment = filmed.batch(rows), drawn.batch([0, 1, 2])
    assert (psnr(film.target, moment.target) > 33).all()  # all that H.264 took away
    others = torch.stack([psnr(film.target[[0]], moment.target[[k]])[0] for k in (1, 2)])
    assert (others < psnr(film.target[:1], moment.target[:1]) - 3).all()  # of these frames and no others
    for name in ("mask", "mouth", "hole"):
        differ = (getattr(film.frame, name) != getattr(moment.frame, name)).double().mean()
        assert differ < 1e-4, name  # of rounding, in batches of other sizes
    both = film.frame.mask * moment.frame.mask
    assert ((film.frame.uv_map - moment.frame.uv_map) * both).abs().max() < 1e-3
    torch.testing.assert_close(film.frame.mouth_box, moment.frame.mouth_box, atol=1e-3, rtol=0)
    assert torch.equal(film.ciec, moment.ciec)
    truth = load_clip(clips["happy"]).face.landmarks[[1, 3], 48:68]
    np.testing.assert_allclose(landmarks_of(drawn, np.array([0, 1])), truth, atol=1e-4)


def test_landmarks_follow_the_picture_s_size(tmp_path):
    (shot,) = toy_film.shots(expression="fear", level="3", number=1)
    large, small = (toy_film.film(tmp_path, {shot: [0, 4]}, image_size=size) for size in (64, 32))
    assert small.image_size == 32 and small.batch([0]).target.shape[-1] == 32
    rows = np.array([0, 1])
    np.testing.assert_allclose(
        landmarks_of(small, rows) + 0.5, (landmarks_of(large, rows) + 0.5) / 2, atol=1e-4
    )
