r"""The pictures: made once, found again, changed by controls in the way that each promises."""

import os
from dataclasses import replace

import numpy as np
import pytest
import torch

from dnt_core.actor import ActorConfig, FilmConfig
from dnt_core.actor.filming import film_shot
from dnt_core.actor.scan_geometry import (
    performance_of,
    read_film_plan,
    scan_surface,
    scan_triangles,
    vertex_spacing,
)
from dnt_core.atomic_write import write_json
from dnt_core.clips import FaceCache, read_face_cache, scan, write_face_cache
from dnt_core.clips.labelled_frames import LabelledFrames
from dnt_core.rendering.five_renderings import RENDERINGS
from dnt_core.studies.where_are_expressions import input_cache, resolution_sweep
from dnt_core.studies.where_are_expressions.controls import AVERAGED, averaged_texture, with_averaged_textures
from dnt_core.studies.where_are_expressions.input_cache import InputConfig, load_square, make_inputs
from dnt_core.studies.where_are_expressions.resolution_sweep import noisy, with_noise, with_scans

PLAN = InputConfig(24, 64, "procedural:1000")
FILM = FilmConfig(("M003",), 1, 0.8, 5.0, 64, knobs=ActorConfig(mesh_resolution=1000))


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    r"""Three clips of the actor, not the 22 of a whole film."""
    from dnt_core.actor.filming import _manifest

    root = tmp_path_factory.mktemp("film")
    for shot in FILM.shots():
        if (shot.expression, shot.level) in (("happy", "3"), ("angry", "3"), ("neutral", "1")):
            film_shot(FILM, shot, root)
    write_json(root / "manifest.json", _manifest(FILM))
    return root


@pytest.fixture(scope="module")
def frames(film):
    clips = tuple(scan(film))
    assert len(clips) == 3
    return LabelledFrames(clips, np.repeat([0, 1, 2], 2), np.tile([0, 2], 3))


@pytest.fixture
def inputs(frames, tmp_path):
    return make_inputs(frames, tmp_path / "inputs", PLAN, jobs=1, progress=False)


def test_five_pictures_of_every_frame(inputs):
    assert list(inputs.pictures) == list(RENDERINGS)
    for pictures in inputs.pictures.values():
        assert pictures.shape == (6, 3, 24, 24) and pictures.dtype == np.uint8
    grey = inputs.pictures["rd_no_color"].astype(int)
    assert (grey[:, 0] == grey[:, 1]).all() and grey.std() > 20
    assert (inputs.pictures["frames"][0] != inputs.pictures["frames"][2]).any()


def test_an_interrupted_rendering_goes_on_where_it_stopped(frames, tmp_path, monkeypatch):
    rendered, render = [], input_cache.render_clip

    def stopping(clip, *args):
        rendered.append(clip.name)
        if len(rendered) == 2:
            raise KeyboardInterrupt
        return render(clip, *args)

    monkeypatch.setattr(input_cache, "render_clip", stopping)
    with pytest.raises(KeyboardInterrupt):
        make_inputs(frames, tmp_path, PLAN, jobs=1, progress=False)
    kept = list(tmp_path.glob("*.npz"))
    assert len(kept) == 1 and not list(tmp_path.glob(".*"))
    monkeypatch.setattr(input_cache, "render_clip", lambda clip, *a: rendered.append("") or render(clip, *a))
    make_inputs(frames, tmp_path, PLAN, jobs=1, progress=False)
    assert len(rendered) == 4 and len(list(tmp_path.glob("*.npz"))) == 3


def test_side_by_side_gives_the_same_pictures(inputs, frames, tmp_path):
    again = make_inputs(frames, tmp_path / "others", PLAN, jobs=2, progress=False)
    for name in RENDERINGS:
        assert (again.pictures[name] == inputs.pictures[name]).all()


def test_other_plans_and_touched_videos_are_rendered_anew(inputs, frames, tmp_path):
    folder = tmp_path / "inputs"
    make_inputs(frames, folder, replace(PLAN, image_size=20), jobs=1, progress=False)
    assert len(list(folder.glob("*.npz"))) == 6
    os.utime(frames.clips[0].video)
    make_inputs(frames, folder, PLAN, jobs=1, progress=False)
    assert len(list(folder.glob("*.npz"))) == 7


def test_a_broken_cache_file_is_named(inputs, frames, tmp_path):
    broken = sorted((tmp_path / "inputs").glob("*.npz"))[0]
    broken.write_bytes(b"PK" + bytes(30))
    with pytest.raises(ValueError, match=f"{broken.name} is not a whole file of pictures"):
        make_inputs(frames, tmp_path / "inputs", PLAN, jobs=1, progress=False)


def test_a_film_that_is_not_square_says_what_is_missing(film, tmp_path):
    from dnt_core.clips import Clip, write_video

    video = write_video(tmp_path / "001.mp4", np.zeros((4, 48, 64, 3), np.uint8), 5.0, mark=False)
    cache = read_face_cache(scan(film)[0].face_cache)
    path = write_face_cache(video, replace(cache[:4], image_size=None, landmarks=None))
    clip = Clip("M003", "front", "happy", 3, 1, video, None, path)
    with pytest.raises(ValueError, match="sees a square, but it names none of the picture's 64x48 px"):
        load_square(clip, 32)


def test_frames_that_do_not_come_clip_by_clip_are_refused(frames, tmp_path):
    mixed = replace(frames, clip=frames.clip[::-1].copy(), frame=frames.frame[::-1].copy())
    with pytest.raises(ValueError, match="clip by clip"):
        make_inputs(mixed, tmp_path, PLAN, jobs=1, progress=False)


def test_averaged_texture_against_a_loop_and_counts_types_alike():
    generator = np.random.default_rng(0)
    pictures = generator.integers(0, 256, (5, 3, 4, 4)).astype(np.uint8)
    types = np.array([0, 0, 0, 1, 1])
    slow = np.zeros((3, 4, 4))
    for k in (0, 1):
        mine = [p / 255 for p, t in zip(pictures, types, strict=True) if t == k]
        slow += sum(mine) / len(mine) / 2
    assert averaged_texture(pictures, types) == pytest.approx(slow, abs=1e-6)


def test_averaged_textures_leave_geometry_and_take_the_difference_of_skin(inputs, tmp_path):
    more = with_averaged_textures(inputs, tmp_path / "inputs", PLAN, jobs=1, progress=False)
    own, averaged = more.pictures["rd_textures"].astype(int), more.pictures[AVERAGED].astype(int)
    assert averaged.shape == own.shape
    assert ((own.sum(1) > 0) == (averaged.sum(1) > 0)).mean() > 0.97  # the same outline

    def between(pictures):  # means over the face of the three clips, how far apart
        return np.ptp([pictures[i : i + 2].mean() for i in (0, 2, 4)])

    assert between(averaged) < 0.5 * between(own)


def test_pictures_of_another_number_are_refused(inputs):
    with pytest.raises(ValueError, match="expected 6 of uint8"):
        inputs.with_pictures(more=np.zeros((5, 3, 24, 24), np.uint8))


def test_noise_of_zero_is_the_truth_and_more_moves_more(frames, inputs, tmp_path):
    cache = read_face_cache(frames.clips[0].face_cache)
    truth = cache.face_parameters(truth=True)
    assert (noisy(truth, 0.0, 3).expression == truth.expression).all()
    error = noisy(truth, 2.0, 3).expression - truth.expression
    assert float(error.std()) == pytest.approx(2.0, rel=0.2)
    assert float(error.mean(0).std()) > 1.0  # half of it stays through the clip
    assert torch.equal(noisy(truth, 2.0, 3).identity, truth.identity)
    more = with_noise(inputs, tmp_path / "inputs", PLAN, (0.0, 0.5, 3.0), jobs=1, progress=False)
    exact, little, much = (more.pictures[f"noise_{x:g}"].astype(int) for x in (0.0, 0.5, 3.0))
    assert np.abs(little - exact).mean() < np.abs(much - exact).mean()


def test_a_surface_of_the_same_numbers_is_drawn_as_rd_without_color(frames, inputs, tmp_path, monkeypatch):
    reconstructed = FaceCache.face_parameters
    monkeypatch.setattr(FaceCache, "face_parameters", lambda cache, truth=False: reconstructed(cache))
    more = with_noise(inputs, tmp_path / "reconstructed", PLAN, (0.0,), jobs=1, progress=False)
    assert (more.pictures["noise_0"] == inputs.pictures["rd_no_color"]).all()


def test_a_film_is_acted_again_exactly(film, frames):
    plan = read_film_plan(film)
    assert plan == FILM
    clip = frames.clips[0]
    performance = performance_of(plan, clip)
    cache = read_face_cache(clip.face_cache)
    assert performance.storage_vectors(reconstructed=False) == pytest.approx(cache.truth_parameters, abs=1e-5)


def test_folds_are_in_fine_meshes_and_not_in_coarse_ones(film, frames):
    happy = next(clip for clip in frames.clips if clip.expression == "happy")
    performance = performance_of(read_film_plan(film), happy)

    def relief(n):  # cm, how far the folds move the surface
        flat = scan_surface(performance, 2, n, folds=False)
        return 10 * np.abs(scan_surface(performance, 2, n) - flat).max()

    assert 0.03 < relief(9_000) < 0.5
    assert relief(500) < 0.7 * relief(9_000)
    assert vertex_spacing(500) == pytest.approx(4 * vertex_spacing(8_000))
    assert scan_triangles("M003", 500).max() < len(scan_surface(performance, 2, 500))


def test_the_whole_movement_goes_further_than_the_64_numbers(film, frames):
    angry = next(clip for clip in frames.clips if clip.expression == "angry")
    performance = performance_of(read_film_plan(film), angry)
    whole, numbers = (scan_surface(performance, 2, 500, False, w) for w in (True, False))
    assert np.abs(whole - numbers).max() > 0.01  # dm
    geometric = performance_of(replace(FILM, knobs=ActorConfig(geometry_share=1.0)), angry)
    whole, numbers = (scan_surface(geometric, 2, 500, False, w) for w in (True, False))
    assert np.abs(whole - numbers).max() < 1e-9


def test_scans_become_settings(film, inputs, tmp_path, monkeypatch):
    more = with_scans(inputs, film, tmp_path / "inputs", PLAN, (500,), jobs=1, progress=False)
    again = with_scans(more, film, tmp_path / "inputs", PLAN, (500,), True, jobs=1, progress=False)
    assert {"scan_500", "whole_scan_500"} <= set(again.pictures)
    assert again.pictures["scan_500"].shape == (6, 3, 24, 24)
    monkeypatch.setattr(resolution_sweep, "grey_pictures", None)  # found, not made
    with_scans(inputs, film, tmp_path / "inputs", PLAN, (500,), jobs=1, progress=False)


def test_a_folder_without_a_film_of_the_actor(tmp_path):
    with pytest.raises(ValueError, match="is not the manifest of a film of the built-in actor"):
        read_film_plan(tmp_path)
