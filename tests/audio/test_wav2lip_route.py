r"""The paper's route behind the call that all routes share, with random checkpoints on a clip on disk."""

import numpy as np
import pytest
import torch

from dnt_core.audio.wav2lip_route import Wav2LipLips
from dnt_core.clips import FaceCache, write_face_cache, write_video
from dnt_core.networks.decoupling_network import DecouplingNetwork
from tests.networks.random_state_dict import random_state_dict


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("route")
    state = random_state_dict("wm3dr")
    state["hm.2.bias"] += 20  # every cell is sure
    torch.save({"state_dict": {f"module.{k}": v for k, v in state.items()}}, folder / "wm3dr.pth")
    torch.save({"state_dict": random_state_dict("wav2lip")}, folder / "wav2lip.pth")
    frames = np.random.default_rng(0).integers(0, 256, (6, 64, 64, 3), dtype=np.uint8)
    write_video(folder / "clip.mp4", frames, 30)
    landmarks = np.zeros((6, 68, 2), np.float32)
    landmarks[:] = np.random.default_rng(1).uniform(14, 50, (68, 2))
    cache = FaceCache(np.zeros((6, 257)), 30, "bfm2009", "test", (64, 64), None, landmarks)
    write_face_cache(folder / "clip.mp4", cache)
    return folder


@pytest.fixture(scope="module")
def route(files):
    networks = {"wav2lip": files / "wav2lip.pth", "wm3dr": files / "wm3dr.pth"}
    return Wav2LipLips(files / "clip.mp4", DecouplingNetwork(), **networks)


def test_rows_at_any_rate_of_sound_and_film(route):
    sound = 0.1 * np.random.default_rng(0).standard_normal(4410)
    lips = route(sound, 44100, 30, 3)
    assert lips.shape == (3, 64) and lips.dtype == np.float32 and np.isfinite(lips).all()
    assert route.result.found == 1 and lips.std() > 0
    torch.testing.assert_close(route.result.neutral, route.result.expression)  # f_d is untrained


def test_no_frames_and_hardly_any_sound(route):
    assert route(np.zeros(10), 16000, 25, 0).shape == (0, 64)
    assert route(np.zeros(10), 16000, 25, 1).shape == (1, 64)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((np.zeros(0), 16000, 25, 2), "N > 0"),
        ((np.full(900, np.nan), 16000, 25, 2), "NaN"),
        ((np.zeros(900), 0, 25, 2), "sample rate is 0"),
        ((np.zeros(900), 16000, 0, 2), "fps must be above 0"),
        ((np.zeros(900), 16000, 25, -1), "frames is -1"),
    ],
)
def test_bad_input_is_one_sentence(route, given, said):
    with pytest.raises(ValueError, match=said):
        route(*given)


def test_without_checkpoints_it_says_where_they_were_looked_for(files, monkeypatch, tmp_path):
    monkeypatch.setenv("DNT_ASSETS", str(tmp_path))
    for variable in ("DNT_WAV2LIP", "DNT_WM3DR"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(FileNotFoundError, match="Wav2Lip checkpoint was not found .*DNT_WAV2LIP"):
        Wav2LipLips(files / "clip.mp4", DecouplingNetwork())
