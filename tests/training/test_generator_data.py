r"""Clips → cached UV maps, masks, backgrounds: right, resumable, and only what is asked for in memory."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dnt_core.clips import load_clip, read_face_cache, write_face_cache
from dnt_core.clips.expression_frames import frames_from_caches
from dnt_core.networks.decoupling_network import DecouplingNetwork
from dnt_core.networks.face_window import face_window, hole_box, window_around
from dnt_core.networks.texture_mapping import map_texture
from dnt_core.training import preprocessing
from dnt_core.training.generator_data import GeneratorData
from dnt_core.training.light_augmentation import relight
from dnt_core.training.preprocessing import DataConfig, prepare_data
from tests.training.generator_clips import write_clips

PLAN = DataConfig(image_size=32, texture_size=24)
close = torch.testing.assert_close


@pytest.fixture(scope="module", autouse=True)
def toy(toy_model):
    patch = pytest.MonkeyPatch()
    patch.setattr(preprocessing, "load_face_model", lambda source: toy_model)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def clips(tmp_path_factory, toy_model):
    return write_clips(tmp_path_factory.mktemp("clips"), toy_model)


@pytest.fixture(scope="module")
def data(clips, tmp_path_factory):
    return prepare_data(clips.clips, tmp_path_factory.mktemp("data"), PLAN, progress=False)


def test_batch_is_what_the_clips_and_the_geometry_say(data, clips, toy_model):
    row = int(np.flatnonzero((data.rows == (3, 2)).all(1))[0])
    batch = data.batch([row, 0])
    assert torch.equal(data.batch((row, 0)).target, batch.target)
    loaded = load_clip(clips.clips[3])
    close(batch.target[0], torch.from_numpy(loaded.frames[2]).permute(2, 0, 1) / 255)
    mapped = map_texture(toy_model, loaded.parameters[2:3], 32)
    close(batch.frame.uv_map[:1], mapped.uv_map, atol=1e-5, rtol=0)
    close(batch.frame.mask[:1], mapped.mask)
    close(batch.frame.mouth[:1], mapped.mouth)
    close(batch.frame.mouth_box[:1], mapped.mouth_box)
    hole = batch.frame.hole
    close(batch.frame.background, batch.target * (1 - hole) + 0.5 * hole)
    assert ((mapped.mask + mapped.mouth) * (1 - hole[:1]) == 0).all() and 0 < hole.mean() < 1
    assert mapped.mouth.sum() > 0
    assert batch.ciec[0].tolist() == pytest.approx(clips.clips[3].ciec.tolist())


def test_labels_or_true_intensities(clips, tmp_path):
    truth = prepare_data(clips.clips[:2], tmp_path, replace(PLAN, intensity="truth"), progress=False)
    labels = prepare_data(clips.clips[:2], tmp_path, PLAN, progress=False)
    assert truth.batch(range(5)).ciec[:, 4].tolist() == pytest.approx(
        np.linspace(0, 1 / 3, 5).tolist(), abs=1e-6
    )
    assert labels.batch(range(5)).ciec[:, 4].tolist() == pytest.approx([0.33] * 5)


def test_frames_without_a_face_are_not_learned_from(tmp_path, toy_model):
    clip = write_clips(tmp_path / "clips", toy_model, numbers=(1,)).clips[1]
    whole = prepare_data([clip], tmp_path / "data", PLAN, progress=False)
    cache = read_face_cache(clip.face_cache)
    write_face_cache(clip.video, replace(cache, confidence=np.array([1, 0, 0.2, 1, 0])))
    data = prepare_data([clip], tmp_path / "data", PLAN, progress=False)
    assert (len(whole.rows), len(data.rows)) == (5, 3)
    close(data.batch(range(3)).target, whole.batch([0, 2, 3]).target)
    step = 1.01 / 65535  # UV maps are kept in 16 bits, and a batch of other frames sums in another order
    close(data.batch(range(3)).frame.uv_map, whole.batch([0, 2, 3]).frame.uv_map, rtol=0, atol=step)
    frames = frames_from_caches([clip], [read_face_cache(clip.face_cache)])
    close(frames.expression, torch.from_numpy(cache.parameters[[0, 2, 3], 80:144]))
    assert len(frames.type) == 3 and frames.clip.tolist() == [0, 0, 0]
    write_face_cache(clip.video, replace(cache, confidence=np.zeros(5)))
    with pytest.raises(ValueError, match="001.face3d.npz: no face to learn from: 0 of 5 frames have one"):
        prepare_data([clip], tmp_path / "data", PLAN, progress=False)


def test_prepared_clips_are_found_again_and_a_broken_run_goes_on(clips, tmp_path, monkeypatch):
    made = []
    original = preprocessing.prepare_clip

    def counted(clip, *args):
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(clip.name)
        return original(clip, *args)

    monkeypatch.setattr(preprocessing, "prepare_clip", counted)
    with pytest.raises(KeyboardInterrupt):
        prepare_data(clips.clips[:3], tmp_path, PLAN, jobs=1, progress=False)
    assert len(list(tmp_path.iterdir())) == 2
    monkeypatch.setattr(
        preprocessing, "prepare_clip", lambda clip, *args: made.append(clip.name) or original(clip, *args)
    )
    prepare_data(clips.clips[:3], tmp_path, PLAN, jobs=1, progress=False)
    assert made == [clip.name for clip in clips.clips[:3]]


def test_a_face_model_is_looked_at_once_for_all_clips(clips, tmp_path, monkeypatch):
    r"""The face kit's folder of 155 files was listed anew for each clip."""
    asked = []
    monkeypatch.setattr(preprocessing, "face_model_key", lambda name: asked.append(name) or "")
    prepare_data(clips.clips[:2], tmp_path, PLAN, jobs=1, progress=False)
    assert len(asked) == 1


def test_decoupled_geometry_changes_the_uv_map_but_not_the_frame(clips, data, tmp_path):
    clip = clips.clips[:1]
    network = DecouplingNetwork(hidden=(8,))
    identity = prepare_data(clip, tmp_path, PLAN, network, progress=False).batch([1])
    torch.nn.init.normal_(network.layers[-1].bias, std=2.0)
    changed = prepare_data(clip, tmp_path, PLAN, network, progress=False).batch([1])
    speech = prepare_data(clip, tmp_path, replace(PLAN, geometry="speech"), progress=False).batch([1])
    plain = data.batch([1])
    assert len(list(tmp_path.iterdir())) == 3  # other weights, other files
    close(identity.frame.uv_map, plain.frame.uv_map, atol=1e-4, rtol=0)
    for other in (changed, speech):
        assert (other.frame.uv_map - plain.frame.uv_map).abs().max() > 1e-3
        assert torch.equal(other.target, plain.target)
        # the background shows neither the filmed face nor the one to be drawn
        both = torch.maximum(other.frame.mask, plain.frame.mask)
        assert ((1 - other.frame.hole) * both == 0).all()


def test_splits(data):
    train, test = data.split("within")
    assert len(train) == 8 * 4 and len(test) == 8 and (data.rows[test, 1] == 4).all()
    train, test = data.split("clip", seed=1)
    assert not set(data.rows[train, 0]) & set(data.rows[test, 0]) and len(train) + len(test) == len(data)
    with pytest.raises(ValueError, match="'actor'"):
        data.split("actor")


def test_means(data):
    rows = np.array([0, 7, 11])
    close(data.mean_frame(rows), data.batch(rows).target.mean(0), atol=1e-6, rtol=0)
    texture = data.mean_texture([2, 3])  # happy, level 1: redder than neutral
    assert texture.shape == (3, 24, 24) and 0 <= texture.min() and texture.max() <= 1
    assert (texture - data.mean_texture([0, 1]))[0].mean() > 0.03


def test_the_mean_texture_has_seen_no_frame_that_the_paper_tests_on(clips, toy_model):
    loaded = load_clip(clips.clips[2])
    changed = loaded.frames.copy()
    changed[4] = 255 - changed[4]  # of five frames, the last fifth
    arguments = (loaded.parameters, loaded.parameters, PLAN)
    kept, other = (
        preprocessing.frame_arrays(toy_model, frames, *arguments)["texture_sum"]
        for frames in (loaded.frames, changed)
    )
    np.testing.assert_array_equal(kept, other)
    whole = replace(PLAN, texture_share=1.0)
    seen = preprocessing.frame_arrays(toy_model, changed, *arguments[:2], whole)["texture_sum"]
    assert np.abs(seen - kept).max() > 0.1


def test_only_the_rows_asked_for_are_read(data, monkeypatch):
    read = []
    original = GeneratorData._read
    monkeypatch.setattr(GeneratorData, "_read", lambda self, *at: read.append(at) or original(self, *at))
    data.batch([4, 9])
    assert read == [tuple(data.rows[4]), tuple(data.rows[9])]


def test_refusals(clips, tmp_path):
    bare = replace(clips.clips[0], face_cache=None)
    for make, message in (
        (lambda: prepare_data([], tmp_path), "no clip to learn from"),
        (lambda: prepare_data([bare], tmp_path, PLAN), "no 3DMM parameters"),
        (lambda: DataConfig(geometry="neutral"), "neutral"),
        (lambda: DataConfig(texture_share=0), "texture_share must lie in"),
    ):
        with pytest.raises(ValueError, match=message):
            make()
    data = prepare_data(clips.clips[:1], tmp_path, PLAN, progress=False)
    data.files[0].write_bytes(data.files[0].read_bytes()[:1000])
    with pytest.raises(ValueError, match="not a whole file of prepared frames"):
        prepare_data(clips.clips[:1], tmp_path, PLAN, progress=False)


def test_light_falls_on_frame_and_background_and_not_into_the_hole(data):
    rows, light = [0, 3], torch.tensor([[0.2, 0.0], [0.0, -0.2]])
    plain, lit = data.batch(rows), data.batch(rows, light=light)
    assert torch.equal(lit.target, relight(plain.target, light)) and not torch.equal(lit.target, plain.target)
    hole = plain.frame.hole.expand(-1, 3, -1, -1) > 0
    assert torch.equal(lit.frame.background[~hole], lit.target[~hole])
    assert (lit.frame.background[hole] == 0.5).all() and torch.equal(lit.frame.uv_map, plain.frame.uv_map)


def test_where_the_holes_lie_is_known_without_looking_at_the_batch(data):
    batch, share = data.batch([5, 0, 2]), (0.5, 0.4)
    assert torch.equal(batch.hole_box, hole_box(batch.frame.hole))
    size = tuple(batch.target.shape[-2:])
    known, found = window_around(batch.hole_box, share, size), face_window(batch.frame.hole, share)
    assert torch.equal(known.corners, found.corners) and known[1:] == found[1:]
