r"""The training: losses fall, it resumes bit for bit, reads any folder of caches, says what it lacks."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dnt_core.clips.clip import CELLS, Clip
from dnt_core.clips.expression_frames import frames_from_caches, frames_from_folder
from dnt_core.clips.face_cache import FaceCache, write_face_cache
from dnt_core.training.decoupling import DecouplingConfig, train_decoupling
from dnt_core.training.decoupling_weights import load_decoupling_network
from tests.training.decoupling_frames import made_up_frames

SMALL = DecouplingConfig(steps=24, batch_size=32, hidden=(24,), seed=3)


@pytest.fixture(scope="module")
def frames():
    return made_up_frames()


def _weights(training):
    return torch.cat([w.flatten() for w in training.result.parameters()])


@pytest.mark.parametrize("informed", [False, True])
def test_training_makes_faces_more_neutral(frames, toy_model, informed):
    config = replace(
        SMALL, steps=250, lambda2=0.0, saturating=False, informed=informed, smoothness=0.1, hidden=(64,),
        learning_rate=3e-3, discriminator_learning_rate=3e-3, lambda1=0.1,
    )  # fmt: skip
    network = train_decoupling(frames, toy_model, config).result
    strong = frames.at((frames.level == 3) & ~frames.neutral)
    with torch.inference_mode():
        after = network(strong.expression)
    error = lambda x: (x - strong.speech).square().mean().sqrt()  # noqa: E731
    assert error(after) < 0.8 * error(strong.expression)


def test_a_heavy_lambda2_holds_the_lips(frames, toy_model):
    moved = {}
    for lambda2 in (0.0, 1e6):
        config = replace(SMALL, steps=60, saturating=False, lambda2=lambda2, learning_rate=3e-3)
        history = train_decoupling(frames, toy_model, config).history
        moved[lambda2] = np.mean(history["mouth"][-20:])
    assert moved[1e6] < 0.1 * moved[0.0]


def test_the_seed_decides(frames, toy_model):
    short = replace(SMALL, steps=4)
    again = [_weights(train_decoupling(frames, toy_model, short)) for _ in range(2)]
    other = _weights(train_decoupling(frames, toy_model, replace(short, seed=4)))
    assert torch.equal(*again) and not torch.equal(again[0], other)


def test_what_is_missing_is_said(frames, toy_model):
    with pytest.raises(ValueError, match="neutral"):
        train_decoupling(frames.at(~frames.neutral), toy_model, SMALL)
    with pytest.raises(ValueError, match="steps"):
        DecouplingConfig(steps=0)


def test_held_out_clips_are_whole_and_from_every_cell(frames):
    train, test = frames.split(0.25)
    names = lambda part: {clip.name for clip in part.clips}  # noqa: E731
    assert not names(train) & names(test) and len(names(train) | names(test)) == len(frames.clips)
    assert {(c.expression, c.level) for c in test.clips} == set(CELLS)
    for part in (train, test):
        assert len(part) == 12 * len(part.clips)
        first = part.clips[int(part.clip[17])]
        assert part.type[17] == first.type_index and part.intensity[17] == pytest.approx(first.intensity)


def test_sentences_can_be_held_out(frames):
    assert set(frames.of_sentences(["sentence 1"]).sentences) == {"sentence 1"}
    assert set(frames.of_sentences(["sentence 1"], but=True).sentences) == {"sentence 0"}


def _cache(seed, length=5, model="bfm2009"):
    numbers = np.random.default_rng(seed).normal(size=(length, 257)).astype(np.float32)
    return FaceCache(parameters=numbers, fps=30.0, face_model=model, source="somebody's network")


def test_any_mead_folder_with_caches_will_do(tmp_path):
    for k, (expression, level) in enumerate((("happy", 1), ("happy", 3), ("neutral", 1))):
        folder = tmp_path / "W036" / "video" / "front" / expression / f"level_{level}"
        folder.mkdir(parents=True)
        for number in (1, 2):
            video = folder / f"{number:03d}.mp4"
            # the scanner wants the head of an mp4; the numbers are all that is read here
            video.write_bytes(b"\0\0\0\x18ftypisom\0\0\2\0isommp41" + b"\0\0\0\x08moov" + b"\0\0\0\x08mdat")
            write_face_cache(video, _cache(2 * k + number))
    frames = frames_from_folder(tmp_path)
    assert len(frames) == 30 and frames.truth is None and frames.speech is None
    clip = frames.clips[0]
    assert (clip.actor, clip.expression) == ("W036", "happy")
    torch.testing.assert_close(frames.expression[:5], torch.from_numpy(_cache(1).parameters[:, 80:144]))
    with pytest.raises(ValueError, match="none of 6 clips"):
        for cache in tmp_path.rglob("*.npz"):
            cache.unlink()
        frames_from_folder(tmp_path)


def test_numbers_of_two_face_models_do_not_mix():
    clips = [Clip("M003", "front", "neutral", 1, n, None) for n in (1, 2)]
    with pytest.raises(ValueError, match="bfm2009 .*, procedural"):
        frames_from_caches(clips, [_cache(0), _cache(1, model="procedural")])


def test_the_checkpoint_of_a_training_is_opened_as_a_network(frames, toy_model, tmp_path):
    checkpoint = tmp_path / "decoupling.checkpoint"  # as `dnt train decoupling` names it
    training = train_decoupling(frames, toy_model, replace(SMALL, steps=2), checkpoint)
    network = load_decoupling_network(checkpoint)
    torch.testing.assert_close(network(frames.expression), training.result(frames.expression).detach())
