r"""Voices of people for the training of the lips, and what is done to their spectrograms."""

import sys
import types

import numpy as np
import pytest
import torch

from dnt_core.audio.espeak import espeak_available, ipa_of
from dnt_core.audio.mel import SILENCE
from dnt_core.training.lips import alignment, festival
from dnt_core.training.lips.alignment import aligned
from dnt_core.training.lips.mel_augmentation import another_recording


def spectrograms():
    generator = torch.Generator().manual_seed(3)
    mel = (torch.rand(6, 60, 80, generator=generator) * 3 - 1).contiguous()
    mel[:, :20] = SILENCE
    return mel


def test_another_recording_keeps_time_bounds_and_silence_and_is_of_the_seed():
    mel = spectrograms()
    made, again = (
        another_recording(mel, torch.Generator().manual_seed(1), equaliser_db=4.0, warp=0.15, blur=2.5)
        for _ in range(2)
    )
    assert made.shape == mel.shape and torch.equal(made, again)
    assert made.min() >= -4 and made.max() <= 4
    assert float(made[:, :12].max()) < SILENCE + 1e-3  # far enough from the voice for every blur
    assert (made[:, 30:] - mel[:, 30:]).abs().mean() > 0.1


def test_nothing_changes_where_nothing_is_drawn(monkeypatch):
    monkeypatch.setattr(torch, "rand", lambda *shape, generator: torch.full(shape, 0.5))
    monkeypatch.setattr(torch, "randn", lambda *shape, generator: torch.zeros(shape))
    mel = spectrograms()
    made = another_recording(mel, torch.Generator(), equaliser_db=4.0, warp=0.15, blur=0.0)
    torch.testing.assert_close(made, mel)


def test_a_smear_keeps_the_mean_and_takes_the_edges(monkeypatch):
    monkeypatch.setattr(torch, "rand", lambda *shape, generator: torch.full(shape, 0.4))
    monkeypatch.setattr(torch, "randn", lambda *shape, generator: torch.zeros(shape))
    mel = torch.zeros(1, 60, 80)
    mel[:, 30:] = 2.0
    made = another_recording(mel, torch.Generator(), equaliser_db=0.0, warp=0.0, blur=2.5)[0, :, 40]
    steps = made.diff()
    assert steps.min() > -1e-6 and steps.max() < 0.8 and float(steps.sum()) == pytest.approx(2.0, abs=0.3)


@pytest.mark.skipif(not espeak_available(), reason="espeak-ng is not installed")
def test_ipa_of_a_text_keeps_words_and_clauses_apart():
    assert ipa_of("Bobby, come home.").split() == ["bˈɑːbi", "kˈʌm", "hˈoʊm"]
    with pytest.raises(ValueError, match="no voice 'xx'"):
        ipa_of("a", "xx")


class _Decoder:
    r"""Stands for pocketsphinx's: two words in a second."""

    def __init__(self, **settings):
        self.text = None

    def lookup_word(self, word):
        return None if word == "zyx" else "W ER D"

    def set_align_text(self, text):
        self.text = text

    def start_utt(self):
        pass

    end_utt = set_alignment = start_utt

    def process_raw(self, samples, full_utt):
        assert full_utt and len(samples) == 2 * 16000

    def hyp(self):
        return self.text

    def get_alignment(self):
        sound = lambda name, start, duration: types.SimpleNamespace(  # noqa: E731
            name=name, start=start, duration=duration
        )
        return [[sound("SIL", 0, 20)], [sound("P", 20, 10), sound("AA", 30, 20)], [sound("+SPN+", 50, 50)]]


def test_aligned_sounds_are_segments(monkeypatch):
    monkeypatch.setitem(sys.modules, "pocketsphinx", types.SimpleNamespace(Decoder=_Decoder))
    alignment._decoder.cache_clear()
    try:
        said = aligned(np.zeros(16000, np.float32), "Pa!", "me")
        with pytest.raises(ValueError, match="lacks zyx"):
            aligned(np.zeros(16000, np.float32), "zyx", "me")
    finally:
        alignment._decoder.cache_clear()
    assert [(s.symbol, s.start, s.end) for s in said.segments] == [
        ("SIL", 0.0, 0.2), ("P", 0.2, 0.3), ("AA", 0.3, 0.5), ("SIL", 0.5, 1.0)
    ]  # fmt: skip
    assert 0.2 < said.segments[1].release < 0.3


def test_recordings_are_drawn_but_for_the_tenth_that_judges(monkeypatch, tmp_path):
    for k in range(21):
        (tmp_path / "wav").mkdir(exist_ok=True)
        (tmp_path / "lab").mkdir(exist_ok=True)
        (tmp_path / "wav" / f"{k:03d}.wav").touch()
        (tmp_path / "lab" / f"{k:03d}.lab").write_text("#\n0.1 125 pau\n0.3 125 a\n0.5 125 pau\n")
    sounds = sorted((tmp_path / "wav").iterdir())
    monkeypatch.setattr(festival, "_recordings", lambda: sounds)
    heard = []
    monkeypatch.setattr(festival, "read_audio", lambda path: heard.append(path.stem) or np.zeros(8000))
    festival.from_recordings(100, np.random.default_rng(0))
    drawn, heard[:] = set(heard), []
    festival.recordings_held_out()
    assert set(heard) == {"000", "010", "020"} and not drawn & set(heard) and len(drawn) == 18


def test_a_training_goes_on_from_weights_that_lost_their_second_output():
    from dnt_core.audio.lips_network import LipsNetwork
    from dnt_core.training.lips.training import LipsConfig, LipsTraining
    from tests.audio.test_lip_training import toy_shard

    start = LipsNetwork(16)
    training = LipsTraining([toy_shard()], LipsConfig(steps=1, width=16), start)
    for name, value in start.state_dict().items():
        assert torch.equal(training.averaged.state_dict()[name], value), name
    assert training.identity["start"] != LipsTraining([toy_shard()], LipsConfig(width=16)).identity.get(
        "start"
    )
