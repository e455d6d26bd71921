r"""The data of the lips, their training and its judges."""

import numpy as np
import pytest

from dnt_core.actor.speech import VOICES
from dnt_core.audio.built_in import BuiltInLips, load_lips_network
from dnt_core.audio.espeak import espeak_available
from dnt_core.audio.lips_network import LipsNetwork
from dnt_core.audio.mouth_movements import LIP_MOVEMENTS
from dnt_core.training.lips.augmentation import music, noise, recorded, resampled
from dnt_core.training.lips.evaluation import measure, restlessness, true_movements
from dnt_core.training.lips.landmarks import lips_mm, opening_mm
from dnt_core.training.lips.shards import (
    COLUMNS,
    HELD_OUT_ACTOR,
    HELD_OUT_VARIANTS,
    SYMBOLS,
    VARIANTS,
    Shard,
    make_shard,
    shard,
    symbols_at,
)
from dnt_core.training.lips.spoken import from_actor
from dnt_core.training.lips.training import LipsConfig, LipsTraining
from dnt_core.training.lips.weights import save_lips_network

SMALL = LipsConfig(steps=6, batch_size=4, columns=80, width=16)


@pytest.fixture(scope="module")
def clip():
    return from_actor(HELD_OUT_ACTOR[0], VOICES["W009"], 5)


def toy_shard(seed=0):
    r"""A "voice" whose mel says where the jaw is."""
    generator = np.random.default_rng(seed)
    jaw = 0.2 + 0.2 * np.sin(np.arange(COLUMNS) / 6 + generator.uniform(0, 6, (2, 1)))
    movements = np.zeros((2, COLUMNS, 11), np.float16)
    movements[..., 0] = jaw
    mel = np.clip(90 + 300 * jaw[:, None, :, None] * np.linspace(0, 1, 80), 0, 255).astype(np.uint8)
    silent = SYMBOLS.index("SIL")
    return Shard(mel, movements, np.zeros((2, COLUMNS), bool), np.full((2, COLUMNS), silent, np.uint8))


def test_what_is_held_out_is_in_no_training():
    assert not set(VARIANTS) & set(HELD_OUT_VARIANTS)
    from dnt_core.training.lips.shards import _ACTOR_SENTENCES, ENGLISH, OTHER_LANGUAGES
    from dnt_core.training.lips.texts import HELD_OUT_LANGUAGE

    assert not set(_ACTOR_SENTENCES) & set(HELD_OUT_ACTOR)
    assert HELD_OUT_LANGUAGE not in (*ENGLISH, *OTHER_LANGUAGES)


@pytest.mark.skipif(not espeak_available(), reason="espeak-ng is not installed")
def test_a_shard_depends_on_its_number_alone(tmp_path):
    one = shard(3, tmp_path, items=2, recordings=1, people=())
    again, other = make_shard(3, 2, 1), make_shard(4, 2, 1)
    kept = shard(3, tmp_path, items=2, recordings=1, people=())
    for name in ("mel", "movements", "closed", "symbol"):
        np.testing.assert_array_equal(getattr(one, name), getattr(again, name))
        np.testing.assert_array_equal(getattr(one, name), getattr(kept, name))
    assert (one.mel != other.mel).any()
    assert one.movements.max() <= 1 and one.closed.any()


def test_sounds_at_times(clip):
    times = np.array([s.start + 1e-4 for s in clip.segments if s.end > s.start])
    symbols = [s.symbol for s in clip.segments if s.end > s.start]
    assert [SYMBOLS[k] for k in symbols_at(clip.segments, times)] == symbols
    assert SYMBOLS[symbols_at(clip.segments, np.array([99.0]))[0]] == "SIL"


def test_played_slower_the_truth_is_slower(clip):
    slow, factor = resampled(clip.waveform, 1.2)
    moved = clip.stretched(factor, slow)
    assert len(slow) == pytest.approx(1.2 * len(clip.waveform), rel=1e-3)
    mouth, _ = true_movements(clip, 25 * factor, 40)
    later, _ = true_movements(moved, 25, 40)
    # the reach of coarticulation is the mouth's own, so the two differ a little
    assert np.corrcoef(opening_mm(mouth), opening_mm(later))[0, 1] > 0.97


def test_a_recording_keeps_time_and_bounds(clip):
    for seed in range(6):
        heard = recorded(clip.waveform, np.random.default_rng(seed))
        assert heard.shape == clip.waveform.shape and heard.dtype == np.float32
        assert np.isfinite(heard).all() and np.abs(heard).max() <= 1.0
    for made in (noise(16000, np.random.default_rng(1)), music(16000, np.random.default_rng(1))):
        assert np.sqrt(np.mean(made**2)) == pytest.approx(1.0, rel=1e-3)


def test_the_truth_measures_best_and_the_still_mouth_worst(clip):
    truth = lambda sound, rate, fps, frames: true_movements(clip, fps, frames)[0]  # noqa: E731
    still = lambda sound, rate, fps, frames: np.zeros((frames, 11))  # noqa: E731
    late = lambda sound, rate, fps, frames: np.roll(true_movements(clip, fps, frames)[0], 4, 0)  # noqa: E731
    best, none, off = (measure(way, [clip]) for way in (truth, still, late))
    assert best["correlation"] == pytest.approx(1.0) and best["error_mm"] == pytest.approx(0.0)
    assert best["closure_recall"] == best["closure_frames"] == best["closure_precision"] == 1.0
    assert none["correlation"] == 0.0 and none["closure_recall"] == 1.0  # shut lips miss no closure …
    assert none["closure_precision"] < 0.6  # … but close where nothing closes
    assert off["correlation"] < 0.6 and off["error_mm"] > 1.0


def test_millimetres_of_lips():
    rest = np.zeros(11)
    jaw = np.eye(11)[LIP_MOVEMENTS.index("jawOpen")]
    assert opening_mm(rest) == 0.0 and 20 < opening_mm(jaw) < 45
    shut = jaw + np.eye(11)[LIP_MOVEMENTS.index("mouthClose")]
    assert opening_mm(shut) < 0.0
    assert lips_mm(np.stack([rest, jaw])).shape == (2, 20, 3)


def test_a_training_without_data_is_one_sentence():
    with pytest.raises(ValueError, match="needs a shard"):
        LipsTraining([], SMALL)


def test_training_learns_what_the_sound_says():
    training = LipsTraining(
        [toy_shard(k) for k in range(3)],
        LipsConfig(steps=80, batch_size=4, columns=80, width=16, learning_rate=2e-2, equaliser_db=0, warp=0),
    )
    list(training.run())
    first, last = np.mean(training.history["lips_mm"][:5]), np.mean(training.history["lips_mm"][-5:])
    assert last < 0.6 * first


def test_stored_weights_give_the_same_lips(tmp_path, clip):
    training = LipsTraining([toy_shard()], SMALL)
    list(training.run())
    path = save_lips_network(tmp_path / "lips.safetensors", training.averaged, {"command": "a test"})
    assert path.with_suffix(".json").exists()
    stored, kept = BuiltInLips(weights=path), BuiltInLips(network=training.averaged)
    frames = 40
    np.testing.assert_allclose(
        stored.movements(clip.waveform, 16000, 25, frames),
        kept.movements(clip.waveform, 16000, 25, frames),
        atol=0.02,
    )
    training.save(tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match="holds no network from sound to lips"):
        load_lips_network(tmp_path / "other.safetensors")


def test_a_mouth_without_a_voice_is_measured():
    moving = lambda sound, rate, fps, frames: np.eye(11)[:1] * (np.arange(frames) % 2)[:, None]  # noqa: E731
    assert restlessness(moving, np.zeros(16000))["change_mm"] > 10


def test_weights_that_were_written_anew_are_read_anew(tmp_path, monkeypatch):
    def widths(name="lips.safetensors"):
        return load_lips_network(name).width

    for folder, width in (("a", 8), ("b", 24)):
        (tmp_path / folder).mkdir()
        monkeypatch.chdir(tmp_path / folder)
        save_lips_network("lips.safetensors", LipsNetwork(width), {})
        assert widths() == width  # the same name in another folder is another file
    kept = load_lips_network("lips.safetensors")
    assert load_lips_network("lips.safetensors") is kept
    save_lips_network("lips.safetensors", LipsNetwork(16), {})
    assert widths() == 16
