r"""Wav2Lip as the first step of Table 2: its sound is that of the frame, and only the hole changes."""

import dataclasses

import numpy as np
import pytest
import torch

from dnt_core.audio.mel import log_mel, mel_windows
from dnt_core.clips import FaceCache, write_face_cache
from dnt_core.networks.exprgan import ExprGANConfig, ExprGANGenerator
from dnt_core.studies.table2.methods import LABELS, WITH_WAV2LIP
from dnt_core.studies.table2.results import ROWS
from dnt_core.studies.table2.test_clips import Method, TestClips
from dnt_core.studies.table2.two_steps import edit_of
from dnt_core.studies.table2.wav2lip_step import edit_step, wav2lip_step

FPS = 25.0
LOST = 3  # frames at a clip's beginning in which no face was found


class GreyByLoudness(torch.nn.Module):
    r"""Wav2Lip's call; the face it draws is as bright as its window of sound is loud."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.heard = []

    def forward(self, mel, faces):
        self.heard.append(mel[:, 0])
        return torch.sigmoid(mel.mean((1, 2, 3)))[:, None, None, None].expand(-1, 3, 96, 96)


@pytest.fixture
def clips(toy_data, tmp_path):
    clips = object.__new__(TestClips)
    clips.clips, clips.size = toy_data.clips[:2], toy_data.image_size
    clips.decoupled = clips.reconstructed = toy_data
    rng = np.random.default_rng(0)
    loud = np.linspace(0, 0.5, 16_000) * rng.normal(size=16_000)
    clips._loaded = {0: (FPS, loud.astype(np.float32)), 1: (FPS, None)}
    return clips


def film(batch):
    return batch.target


def test_the_clips_sound_reaches_the_network_frame_by_frame(clips):
    network = GreyByLoudness()
    made = clips.draw(Method(film, then=(wav2lip_step(network),)), 0)
    windows = mel_windows(log_mel(clips.sound(0)[1]), FPS, len(made))
    np.testing.assert_allclose(torch.cat(network.heard).numpy(), windows)
    frame = clips.film(0).frame
    hole, outside = frame.hole.expand_as(made) > 0, (frame.hole == 0).expand_as(made)
    torch.testing.assert_close(made[outside], frame.background[outside])
    in_box = made[:, 0, clips.size // 2, clips.size // 2]
    loudness = torch.sigmoid(torch.from_numpy(windows).mean((1, 2)))
    torch.testing.assert_close(in_box, loudness, atol=1 / 255, rtol=0)
    assert hole.any()


def test_frames_without_a_face_do_not_shift_the_sound(clips, tmp_path):
    count = len(clips.rows(0))
    trust = np.ones(LOST + count)
    trust[:LOST] = 0
    numbers = np.zeros((LOST + count, 257), np.float32)
    path = write_face_cache(tmp_path / "001.mp4", FaceCache(numbers, FPS, "toy", "test", confidence=trust))
    clips.clips = (dataclasses.replace(clips.clips[0], face_cache=path),)
    network = GreyByLoudness()
    clips.draw(Method(film, then=(wav2lip_step(network),)), 0)
    windows = mel_windows(log_mel(clips.sound(0)[1]), FPS, LOST + count)[LOST:]
    np.testing.assert_allclose(torch.cat(network.heard).numpy(), windows)


def test_a_clip_without_sound_stays_as_it_is(clips):
    torch.testing.assert_close(clips.draw(Method(film, then=(wav2lip_step(GreyByLoudness()),)), 1),
                               clips.draw(Method(film), 1))  # fmt: skip


def test_the_second_step_edits_what_wav2lip_drew(clips):
    network = ExprGANGenerator(ExprGANConfig(width=4, face_channels=3, code=2)).eval()
    first = wav2lip_step(GreyByLoudness())
    alone = clips.draw(Method(film, then=(first,)), 0)
    with torch.no_grad():
        both = clips.draw(Method(film, then=(first, edit_step(edit_of("exprgan", network)))), 0)
    outside = (clips.film(0).frame.hole == 0).expand_as(both)
    torch.testing.assert_close(both[outside], alone[outside])
    assert (both - alone).abs().mean() > 1e-3


def test_the_rows_have_labels_and_their_place_in_the_table():
    assert set(WITH_WAV2LIP) <= set(LABELS) and set(WITH_WAV2LIP) <= set(ROWS)
    assert dataclasses.fields(Method)[-1].default == ()
