r"""Type and intensity read from the voice, as a path that changes type only at zero."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from scipy.signal import resample_poly

from dnt_core.actor.speech import SENTENCES, VOICES, Voice, synthesize
from dnt_core.audio.prosody import FEATURES, phrases, pitch_track, prosody_features
from dnt_core.audio.voice_expression import (
    PhraseExpression,
    ProsodyNetwork,
    auto_path,
    is_sure,
    load_prosody_network,
    read_expression,
)
from dnt_core.checkpoint import write_checkpoint
from dnt_core.ciec import EXPRESSIONS
from dnt_core.clips.sound import write_audio
from dnt_core.training.lips.moods import MoodConfig, MoodPhrases, evaluate_crema_d, measure_moods, train_moods
from dnt_core.training.lips.weights import save_prosody_network


def spoken(k=0, voice="M003", expression="neutral", intensity=0.0):
    r"""One of the actor's sentences."""
    return synthesize(SENTENCES[k], 3, VOICES[voice], expression, intensity)


def reading(start, end, kind, intensity=0.5):
    chance = {name: float(name == (kind or "sad")) for name in EXPRESSIONS}
    return PhraseExpression(start, end, kind, intensity, chance)


@pytest.mark.parametrize("f0", [85, 120, 200, 320])
def test_pitch_of_a_voice(f0):
    speech = synthesize(SENTENCES[1], 0, Voice(f0=f0, f0_range=0.0))
    track = pitch_track(speech.waveform)
    voiced = track.hertz > 0
    assert 0.4 < voiced.mean() < 0.9
    assert np.median(track.hertz[voiced]) == pytest.approx(f0, rel=0.06)


def test_pitch_of_a_tone_and_of_noise():
    times = np.arange(16000) / 16000
    tone = pitch_track(np.sin(2 * np.pi * 150 * times))
    assert np.median(tone.hertz[tone.hertz > 0]) == pytest.approx(150, rel=0.01)
    assert (pitch_track(np.random.default_rng(0).standard_normal(16000)).hertz > 0).mean() < 0.1


def test_phrases_lie_between_pauses():
    one, two = spoken(0).waveform, spoken(1).waveform
    sound = np.concatenate([one, np.zeros(12000, np.float32), two])
    found = phrases(sound)
    assert len(found) == 2
    assert found[0][0] == pytest.approx(0.14, abs=0.1)
    assert found[1][0] == pytest.approx((len(one) + 12000) / 16000 + 0.14, abs=0.1)
    assert phrases(np.zeros(16000, np.float32)) == [] and phrases(np.zeros(10, np.float32)) == []


@pytest.mark.parametrize("rate", [16000, 22050, 44100, 48000])
def test_a_phrase_ends_with_the_sound_at_the_latest(rate):
    r"""Cut within a word: the last column and the resampled sound reach a little beyond the sound's end."""
    ratio = Fraction(rate, 16000)
    sound = resample_poly(spoken(expression="sad", intensity=1.0).waveform, *ratio.as_integer_ratio())
    for seconds in (1.503, 1.5071):
        cut = np.clip(sound[: int(seconds * rate)], -1, 1).astype(np.float32)
        (found,) = read_expression(cut, rate, sure=0.0)
        assert len(cut) / rate - 0.02 < found.end <= len(cut) / rate
        assert auto_path([found]).key_points[-1].time <= len(cut) / rate + 1e-6  # as much as talk allows


@pytest.mark.parametrize("gain", [0.05, 2.0])
def test_features_do_not_depend_on_the_level(gain):
    speech = spoken(2, "W009", "happy", 0.7).waveform
    plain, louder = prosody_features(speech), prosody_features((gain * speech).astype(np.float32))
    assert plain.shape == (FEATURES,)
    np.testing.assert_allclose(louder, plain, atol=0.05)


def test_no_voice_gives_no_features():
    assert prosody_features(np.zeros(16000, np.float32)) is None
    assert prosody_features(np.random.default_rng(0).standard_normal(16000).astype(np.float32) * 0.1) is None
    assert read_expression(np.zeros(16000, np.float32), 16000, ProsodyNetwork()) == []


def test_unsure_phrases_are_left_neutral():
    torch.manual_seed(0)
    network = ProsodyNetwork().eval()
    (read,) = read_expression(spoken(3).waveform, 16000, network, sure=0.99)
    assert read.type is None and read.intensity == 0.0 and "not sure" in str(read)
    (read,) = read_expression(spoken(3).waveform, 16000, network, sure=0.0)
    assert read.type == max(read.probabilities, key=read.probabilities.get)
    assert sum(read.probabilities.values()) == pytest.approx(1.0, abs=1e-5)


def test_the_path_changes_its_type_only_at_zero():
    readings = [
        reading(0.2, 2.0, "happy", 0.8), reading(2.4, 4.0, "happy", 0.4), reading(4.3, 6.0, "sad", 0.6),
        reading(6.5, 8.0, None), reading(8.2, 9.0, "neutral", 0.0), reading(9.5, 11.0, "sad", 0.9),
    ]  # fmt: skip
    path = auto_path(readings)
    times = np.linspace(0, 12, 1201)
    vectors = path.at(times)
    active = vectors.argmax(1)
    changes = np.flatnonzero(np.diff(active) & (vectors[1:].max(1) > 0) & (vectors[:-1].max(1) > 0))
    assert len(changes) == 0
    at = lambda t: {e: float(v) for e, v in zip(EXPRESSIONS, path.at(t), strict=False) if v > 0}  # noqa: E731
    assert at(1.0) == pytest.approx({"happy": 0.8}) and at(3.2) == pytest.approx({"happy": 0.4})
    assert 0.4 < at(2.2)["happy"] < 0.8  # held from phrase to phrase of one type
    assert at(5.0) == pytest.approx({"sad": 0.6}) and at(7.2) == {} and at(4.15) == {}
    assert at(10.0) == pytest.approx({"sad": 0.9}) and at(11.5) == {}
    assert np.abs(np.diff(vectors, axis=0)).max() < 0.05  # no jump
    assert auto_path([]).at(1.0).max() == 0.0
    assert auto_path([reading(0.0, 1.0, None)]).at(0.5).max() == 0.0


def separable(n, seed):
    generator = np.random.default_rng(seed)
    kinds = generator.integers(8, size=n)
    features = generator.standard_normal((n, FEATURES)).astype(np.float32)
    features[np.arange(n), kinds] += 5.0
    intensity = np.where(kinds == EXPRESSIONS.index("neutral"), 0.0, 1.0).astype(np.float32)
    return MoodPhrases(features, kinds, intensity)


def test_training_reads_what_can_be_read_and_reports_beside_chance():
    network = train_moods(separable(600, 0), MoodConfig(steps=300, width=64))
    report = measure_moods(network, separable(200, 1))
    assert report["accuracy"] > 0.9 > report["chance"] == report["always_neutral"] == 0.125
    assert report["accuracy_when_sure"] >= report["accuracy"] - 0.02
    blind = measure_moods(ProsodyNetwork(32).eval(), separable(200, 1), sure=0.9)
    assert blind["accuracy"] < 0.4 and blind["sure"] < 0.1


def test_crema_d_is_measured_where_it_is(tmp_path):
    with pytest.raises(ValueError, match="named like CREMA-D"):
        evaluate_crema_d(tmp_path)
    folder = tmp_path / "AudioWAV"
    folder.mkdir()
    for k, (code, level) in enumerate([("HAP", "HI"), ("SAD", "LO"), ("NEU", "XX"), ("ANG", "MD")]):
        write_audio(folder / f"10{k:02d}_IEO_{code}_{level}.wav", spoken(k).waveform)
    write_audio(folder / "notes.wav", spoken(0).waveform)
    report = evaluate_crema_d(tmp_path, ProsodyNetwork().eval())
    assert report["files"] == report["phrases"] == 4
    assert report["chance"] == 0.25 and report["always_neutral"] == 0.25
    assert evaluate_crema_d(tmp_path, ProsodyNetwork().eval(), limit=2)["files"] == 2


def test_sure_is_what_is_likely_enough_in_a_familiar_voice():
    chances = np.full((4, 8), 0.4 / 7, np.float32)
    chances[[0, 1], 2], chances[2:, 2] = 0.6, 0.5
    assert is_sure(chances, np.array([True, False, True, False])).tolist() == [True, False, False, False]


def test_of_a_voice_unlike_all_it_has_learnt_from_it_is_not_sure():
    data = separable(400, 0)
    network = train_moods(data, MoodConfig(steps=60))
    features = torch.from_numpy(data.features)
    assert float(network.is_familiar(features).float().mean()) == pytest.approx(0.95, abs=0.02)
    strange = features + 12.0 * network.spread * torch.randn(
        FEATURES, generator=torch.Generator().manual_seed(1)
    )
    assert not network.is_familiar(strange).any()
    report = measure_moods(network, MoodPhrases(strange.numpy(), data.type, data.intensity), sure=0.0)
    assert report["familiar"] == report["sure"] == 0.0

    voice = spoken().waveform
    network.farthest.fill_(0.0)
    unsure = read_expression(voice, 16_000, network, sure=0.01)[0]
    assert unsure.type is None and not unsure.familiar and "an unfamiliar voice" in str(unsure)
    assert read_expression(voice, 16_000, network, sure=0.0)[0].type is not None
    network.farthest.fill_(float("inf"))
    assert read_expression(voice, 16_000, network, sure=0.01)[0].familiar


def test_weights_of_before_take_every_voice_for_familiar(tmp_path):
    network = ProsodyNetwork(8).eval()
    del network.whitening, network.farthest
    path = write_checkpoint(tmp_path / "old.safetensors", {"width": 8, "features": FEATURES}, network=network)
    assert load_prosody_network(path).is_familiar(torch.full((3, FEATURES), 1e6)).all()


def test_weights_that_were_written_anew_are_read_anew(tmp_path):
    path = tmp_path / "moods.safetensors"
    for width in (8, 12):
        save_prosody_network(path, ProsodyNetwork(width), {})
        assert load_prosody_network(path) is load_prosody_network(str(path))
        assert (
            next(load_prosody_network(path).parameters()).shape
            == next(ProsodyNetwork(width).parameters()).shape
        )
