r"""Every use of caches and weights compares their face models; a mismatch is one sentence."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from dnt_core.clips import FaceCache, load_clip, read_face_cache, write_face_cache, write_video
from dnt_core.clips.expression_frames import frames_from_caches
from dnt_core.live.errors import LiveError
from dnt_core.live.scene import Scene
from dnt_core.networks.decoupling_network import DecouplingNetwork
from dnt_core.training.decoupling_command import _frames
from dnt_core.training.decoupling_command import train_with_progress as train_decoupling
from dnt_core.training.decoupling_weights import load_decoupling_network
from dnt_core.training.preprocessing import DataConfig, prepare_data


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    r"""Two cells of two tiny clips whose numbers belong to the Basel model."""
    root = tmp_path_factory.mktemp("film")
    for expression in ("neutral", "happy"):
        for number in (1, 2):
            video = root / "M003" / "video" / "front" / expression / "level_1" / f"{number:03d}.mp4"
            write_video(video, np.full((3, 32, 32, 3), 128, np.uint8), 10, mark=False)
            write_face_cache(video, FaceCache(np.zeros((3, 257), np.float32), 10, "bfm2009", "test"))
    return root


def clips_of(folder):
    from dnt_core.clips import scan

    return list(scan(folder).clips)


def network(face_model):
    made = DecouplingNetwork((8,)).eval()
    made.face_model = face_model
    return made


def test_training_f_d_takes_the_caches_face_model_and_refuses_another(folder, tmp_path):
    said = r"holds numbers of the face model 'bfm2009', but --face-model belongs to 'procedural:900'"
    with pytest.raises(ValueError, match=said):
        train_decoupling("M003", folder, tmp_path / "f.safetensors", "procedural:900", 0, dict, steps=1)
    assert not list(tmp_path.iterdir())
    with pytest.raises(FileNotFoundError, match="face model 'bfm2009' needs a file of yours"):
        train_decoupling("M003", folder, tmp_path / "f.safetensors", None, 0, dict, steps=1)


def test_preparing_clips_refuses_another_plan_or_f_d(folder, tmp_path):
    clips = clips_of(folder)
    with pytest.raises(ValueError, match="face model 'bfm2009', but the data plan belongs to 'procedural'"):
        prepare_data(clips, tmp_path, DataConfig(32, "procedural"), jobs=1, progress=False)
    with pytest.raises(ValueError, match="face model 'bfm2009', but f_d belongs to 'procedural:35709'"):
        prepare_data(clips, tmp_path, DataConfig(32), network("procedural:35709"), jobs=1, progress=False)


def test_live_says_a_mismatch_and_a_missing_face_model_as_its_own_error(folder):
    video = clips_of(folder)[0].video
    with pytest.raises(LiveError, match="'bfm2009', but the generator belongs to 'procedural:4000'"):
        Scene(video, 32, face_model="procedural:4000")
    with pytest.raises(LiveError, match="'bfm2009', but f_d belongs to 'ict'"):
        Scene(video, 32, network("ict"))
    with pytest.raises(LiveError, match="face model 'bfm2009' needs a file of yours"):
        Scene(video, 32)
    cache = read_face_cache(video)
    write_face_cache(video, replace(cache, face_model="somebody's"))
    try:
        with pytest.raises(LiveError, match='face model "somebody\'s": expected procedural'):
            Scene(video, 32)
    finally:
        write_face_cache(video, cache)


def test_shipped_f_d_knows_its_face_model():
    assert load_decoupling_network("M003").face_model.startswith("procedural")


def test_one_face_model_at_two_resolutions_is_one_face_model(folder):
    clips = clips_of(folder)[:2]
    cache = load_clip(clips[0]).face
    frames = frames_from_caches(
        clips, [replace(cache, face_model=name) for name in ("procedural:400", "procedural")]
    )
    assert len(frames) == 6 and torch.equal(frames.clip, torch.tensor([0, 0, 0, 1, 1, 1]))


def test_other_peoples_caches_are_left_alone(folder, tmp_path):
    r"""One folder of several people, tracked with different face models: each trains by herself."""
    both = tmp_path / "clips"
    for who, face_model in (("M003", "bfm2009"), ("W009", "procedural")):
        shutil.copytree(folder / "M003", both / who)
        for cache in (both / who).rglob("*.face3d.npz"):
            write_face_cache(cache, replace(read_face_cache(cache), face_model=face_model))
    found = {who: _frames(who, both, seed=0) for who in ("M003", "W009")}
    assert found["M003"].face_model == "bfm2009" and found["W009"].face_model == "procedural"
    assert {clip.actor for clip in found["W009"].clips} == {"W009"}
    with pytest.raises(ValueError, match="no actor 'ann'; expected one of M003, W009"):
        _frames("ann", both, seed=0)


def test_what_is_prepared_with_one_file_of_a_face_model_is_not_taken_for_anothers(tmp_path, monkeypatch):
    from dnt_core.clips.labelled_frames import LabelledFrames
    from dnt_core.metrics.classifier_input import InputConfig
    from dnt_core.studies.where_are_expressions.input_cache import make_inputs
    from tests.face3d.scan_files import write_h5

    file = tmp_path / "model2019.h5"
    monkeypatch.setenv("DNT_BFM2019", str(file))
    video = tmp_path / "data" / "M003" / "video" / "front" / "happy" / "level_1" / "001.mp4"
    write_video(video, np.full((4, 48, 48, 3), 128, np.uint8), 10, mark=False)
    rows = np.zeros((4, 257), np.float32)
    rows[:, 80:144] = 1
    write_face_cache(video, FaceCache(rows, 10, "bfm2019", "test"))
    clips, made = clips_of(tmp_path / "data"), []
    for sign in (1, -1):
        write_h5(file, lambda arrays, sign=sign: arrays | {
            "expression/model/pcaBasis": arrays["expression/model/pcaBasis"] * sign})  # fmt: skip
        uv = prepare_data(clips, tmp_path / "uv", DataConfig(32), jobs=1, progress=False)
        frames = LabelledFrames(tuple(clips), np.zeros(2, np.int64), np.array([0, 2]))
        pictures = make_inputs(frames, tmp_path / "five", InputConfig(16, 32), 1, False).pictures
        made.append((uv.files[0].name, {name: held.tobytes() for name, held in pictures.items()}))
    assert made[0][0] != made[1][0] and len(list((tmp_path / "uv").glob("*.safetensors"))) == 2
    assert made[0][1] != made[1][1] and len(list((tmp_path / "five").glob("*.npz"))) == 2
