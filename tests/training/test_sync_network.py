r"""The sync network: what it sees, that it learns, that it resumes, its file and its command."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from dnt_core.audio.mel import log_mel, mel_windows
from dnt_core.cli import app
from dnt_core.clips import load_clip, read_face_cache, scan, write_face_cache
from dnt_core.metrics.sync_clips import hold_out_numbers, read_sync_clip, read_sync_clips
from dnt_core.metrics.sync_confidence import sync_confidence
from dnt_core.metrics.sync_inputs import count_windows, mouth_crops
from dnt_core.metrics.sync_network_vectors import measure_sync_network, sync_vectors, window_vectors
from dnt_core.networks.sync_network import SyncNetwork, in_clip_loss
from dnt_core.training.sync_network import (
    SyncConfig,
    SyncTraining,
    draw_batch,
    load_sync_network,
    save_sync_network,
)
from tests.training.sync_clips import made_up_clip, write_clip

SMALL = SyncConfig(steps=12, clips=2, windows=6, seed=3)


@pytest.fixture(scope="module")
def clips():
    return [made_up_clip(k) for k in range(1, 11)]


def landmarks(count: int, nose=(60.0, 50.0), eyes: float = 40.0) -> np.ndarray:
    points = np.zeros((count, 68, 2), np.float32)
    points[:, 33] = nose
    points[:, 36], points[:, 45] = (30, 30), (30 + eyes, 30)
    return points


def test_vectors_have_length_one_and_the_network_is_small():
    network = SyncNetwork().eval()
    lips = network.embed_lips(torch.rand(3, 5, 3, 48, 48))
    sound = network.embed_sound(8 * torch.rand(3, 1, 80, 16) - 4)
    assert lips.shape == sound.shape == (3, 128)
    torch.testing.assert_close(lips.norm(dim=1), torch.ones(3))
    torch.testing.assert_close(sound.norm(dim=1), torch.ones(3))
    assert 4 * sum(v.numel() for v in network.state_dict().values()) < 1.1e6
    for call, shape in ((network.embed_lips, (3, 5, 3, 64, 64)), (network.embed_sound, (3, 80, 16))):
        with pytest.raises(ValueError, match="got"):
            call(torch.zeros(shape))


def test_colour_and_light_do_not_count():
    network, mouths = SyncNetwork().eval(), torch.rand(2, 5, 3, 48, 48)
    tint = torch.tensor([0.1, 0.0, -0.1])[:, None, None]
    before, after = network.embed_lips(mouths), network.embed_lips(0.8 * mouths + tint)
    assert (before - after).norm(dim=1).max() < 0.05 * (before[0] - before[1]).norm() + 0.02


def test_the_loss_by_hand():
    lips, sound = (torch.nn.functional.normalize(torch.randn(2, 3, 8), dim=-1) for _ in range(2))
    total = 0.0
    for c in range(2):
        s = [[float(lips[c, i] @ sound[c, j]) / 0.2 for j in range(3)] for i in range(3)]
        for i in range(3):
            total += np.log(sum(np.exp(s[i]))) - s[i][i]
            total += np.log(sum(np.exp(s[j][i]) for j in range(3))) - s[i][i]
    assert float(in_clip_loss(lips, sound, 0.2)) == pytest.approx(total / 12, rel=1e-5)
    same = torch.ones(2, 3, 8) / 8**0.5
    assert float(in_clip_loss(same, same)) == pytest.approx(np.log(3), rel=1e-5)


def test_of_a_clip_with_gaps_the_longest_part_with_a_face_is_learned_from(tmp_path):
    write_clip(tmp_path, 1, fps=25, count=60)
    clip = scan(tmp_path).clips[0]
    whole, cache = read_sync_clip(clip), read_face_cache(clip.face_cache)
    trust = np.ones(60)
    trust[[10, 45]] = 0
    write_face_cache(clip.video, replace(cache, confidence=trust))
    part = read_sync_clip(clip)
    assert torch.equal(part.mouths, whole.mouths[11:45])
    sound = load_clip(clip).audio[11 * 640 : 45 * 640]
    assert torch.equal(part.mel[:, 0], torch.from_numpy(mel_windows(log_mel(sound), 25, 30)))
    read_sync_clips([clip], tmp_path / "mouths", jobs=1, progress=False)
    write_face_cache(clip.video, replace(cache, confidence=np.zeros(60)))
    with pytest.raises(ValueError, match="001.face3d.npz: no frame has a face"):
        read_sync_clip(clip)


def test_mouths_lie_below_the_nose_and_follow_the_head():
    frames = np.zeros((2, 128, 128, 3), np.uint8)
    row, column = np.mgrid[:128, :128]
    frames[..., 0], frames[..., 1] = row, column
    nose = landmarks(2)
    nose[1, 33] += [7.0, 3.0]
    crops = mouth_crops(frames, nose).float()
    assert crops.shape == (2, 3, 48, 48)
    # square of 0.9 x 40 = 36 px, centre 12 px below the nose: rows 44 to 80, columns 42 to 78
    for k, (top, left) in enumerate(((44.5, 42.5), (47.5, 49.5))):
        centres = (torch.arange(48) + 0.5) * 36 / 48 - 0.5
        assert (crops[k, 0, :, 20] - (top + centres)).abs().max() <= 0.51
        assert (crops[k, 1, 20] - (left + centres)).abs().max() <= 0.51
    lips = landmarks(2)
    lips[:, 48:] = 100.0  # the lips do not move the square
    assert (mouth_crops(frames, lips) == mouth_crops(frames, landmarks(2))).all()


@pytest.mark.parametrize(
    ("frames", "points", "said"),
    [
        (np.zeros((2, 64, 64, 3)), landmarks(2), "uint8"),
        (np.zeros((2, 64, 64, 3), np.uint8), landmarks(3), r"\(2, 68, 2\), got \(3, 68, 2\)"),
        (np.zeros((2, 64, 64, 3), np.uint8), landmarks(2, eyes=0.5), "0.5 px apart"),
        (np.zeros((2, 64, 64, 3), np.uint8), landmarks(2) * np.nan, "finite landmarks"),
    ],
)
def test_bad_mouths_are_one_sentence(frames, points, said):
    with pytest.raises(ValueError, match=said):
        mouth_crops(frames, points)


def test_a_batch_keeps_lips_and_sound_together(clips):
    r"""The same random numbers on a clip whose frames and windows carry their number."""
    clip = clips[0]
    marked = type(clip)(
        clip.clip,
        torch.arange(45, dtype=torch.uint8)[:, None, None, None].expand(45, 3, 56, 56),
        (torch.arange(41.0) / 100 - 1)[:, None, None, None].expand(41, 1, 80, 16),
    )
    config = SyncConfig(clips=3, windows=8)
    mouths, mel = draw_batch([marked], config, torch.Generator().manual_seed(0))
    assert mouths.shape == (24, 5, 3, 48, 48) and mel.shape == (24, 1, 80, 16)
    first = (255 * mouths[:, 0, 0, 0, 0]).round()
    torch.testing.assert_close(255 * mouths[:, 4, 0, 0, 0] - first, torch.full((24,), 4.0))
    for k in range(3):
        part = slice(8 * k, 8 * k + 8)
        heard = 100 * (mel[part].mean((1, 2, 3)) + 1)
        assert len(set(first[part].tolist())) == 8
        shift = heard - first[part]  # the level is changed by one number per clip
        assert (shift - shift.mean()).abs().max() < 2  # the noise's share


def test_it_learns_and_finds_the_offset_of_clips_it_never_saw(clips):
    train, test = hold_out_numbers(clips, 0.3)
    assert [c.clip.number for c in test] == [8, 9, 10]
    training = SyncTraining(train, SyncConfig(steps=70, clips=4, windows=12))
    list(training.run())
    losses = training.history["loss"]
    assert losses[0] > 0.8 * np.log(12)
    assert np.mean(losses[-10:]) < 0.7 * np.mean(losses[:3])
    metrics = measure_sync_network(training.network, test)
    assert metrics["confidence"] > 2.5 * metrics["confidence_shuffled_sound"]
    assert metrics["offset_within_1"] == 1 and metrics["offset_chance"] < 0.11
    lips, sound = window_vectors(training.network, test[0].centred, test[0].mel)
    assert sync_confidence(lips[5:], sound[:-5]).offset == -5  # sound that comes five frames late


def test_weights_in_a_file(tmp_path):
    network = SyncNetwork()
    path = save_sync_network(tmp_path / "sync.safetensors", network, {"seed": 1})
    assert path.stat().st_size < 1_000_000
    read = load_sync_network(path)
    mouths = torch.rand(4, 5, 3, 48, 48)
    network.eval()
    torch.testing.assert_close(read.embed_lips(mouths), network.embed_lips(mouths), atol=5e-3, rtol=0)
    assert json.loads(path.with_suffix(".json").read_text())["seed"] == 1


def test_clips_on_disk_are_read_once_and_in_step(tmp_path):
    for number in (1, 2):
        write_clip(tmp_path / "MEAD", number)
    found = scan(tmp_path / "MEAD").clips
    read = read_sync_clips(found, tmp_path / "kept", jobs=1, progress=False)
    assert [c.mouths.shape for c in read] == [(25, 3, 56, 56)] * 2  # 30 frames at 30 are 25 at 25
    assert len(read[0]) == count_windows(25, 16000) == 21
    kept = sorted((tmp_path / "kept").iterdir())
    stamps = [p.stat().st_mtime_ns for p in kept]
    again = read_sync_clips(found, tmp_path / "kept", jobs=1, progress=False)
    assert [p.stat().st_mtime_ns for p in kept] == stamps and len(kept) == 2
    assert torch.equal(again[1].mouths, read[1].mouths) and torch.equal(again[1].mel, read[1].mel)
    # dark pixels of the mouth against the loudness of the first columns of its window
    dark = (read[0].centred.float().mean(1) < 110).float().mean((1, 2))[:21]
    loud = read[0].mel[:, 0, :, :3].mean((1, 2))
    assert np.corrcoef(dark, loud)[0, 1] > 0.7


def test_vectors_of_a_film_at_another_rate():
    network, rng = SyncNetwork().eval(), np.random.default_rng(0)
    frames = rng.integers(0, 256, (30, 64, 64, 3), dtype=np.uint8)
    points, sound = landmarks(30, (32, 36), 30), 0.1 * rng.standard_normal(16000)
    lips, heard = sync_vectors(network, frames, points, sound, fps=30)
    assert lips.shape == heard.shape == (21, 128)
    few = sync_vectors(network, frames, points, sound, fps=30, batch=4)
    torch.testing.assert_close(few[0], lips, atol=1e-5, rtol=1e-4)
    with pytest.raises(ValueError, match="too short; expected 0.2 s"):
        sync_vectors(network, frames[:3], points[:3], sound)


def test_one_number_cannot_be_held_out(clips):
    with pytest.raises(ValueError, match="clips of at least two numbers"):
        hold_out_numbers(clips[:1])


def test_the_command_trains_measures_and_writes(tmp_path):
    for number in (1, 2, 3):
        write_clip(tmp_path / "MEAD", number)
    out = tmp_path / "weights" / "sync.safetensors"
    given = ["train", "sync", "--data", str(tmp_path / "MEAD"), "--out", str(out), "--steps", "3"]
    result = CliRunner().invoke(app, given)
    assert result.exit_code == 0, result.output
    notes = json.loads(out.with_suffix(".json").read_text())
    assert notes["metrics"]["clips"] == 1 and notes["config"]["steps"] == 3
    assert isinstance(load_sync_network(out), SyncNetwork)
    write_clip(tmp_path / "MEAD", 4)
    video = scan(tmp_path / "MEAD").clips[-1].video
    write_face_cache(video, replace(read_face_cache(video), landmarks=None))
    again = CliRunner().invoke(app, given)
    assert again.exit_code == 0 and "left out: 1 clips without landmarks" in again.stderr, again.output
    wrong = CliRunner().invoke(app, ["train", "sync", "--actor", "W009", *given[2:]])
    assert wrong.exit_code == 2 and "no clips of W009" in wrong.output


def test_clips_that_cannot_be_learned_from_do_not_end_a_training_on_the_others(tmp_path):
    folder = tmp_path / "MEAD"
    for number in range(1, 9):
        write_clip(folder, number, count=6 if number == 4 else 30)
    paths = {number: folder / f"M003/video/front/happy/level_1/{number:03d}.mp4" for number in range(1, 9)}
    sounds = {number: folder / f"M003/audio/happy/level_1/{number:03d}.m4a" for number in (7, 8)}
    data = sounds[7].read_bytes()
    sounds[7].write_bytes(data[: len(data) // 2])  # seen by the scan
    begin = data.index(b"mdat") + 8
    sounds[8].write_bytes(data[:begin] + bytes(len(data) - begin))  # seen where it is decoded
    paths[3].write_bytes(paths[3].read_bytes()[:900])  # cut off, as archives of MEAD hold some
    (folder / "M003/audio/happy/level_1/005.m4a").unlink()
    cache = read_face_cache(paths[6])
    write_face_cache(paths[6], replace(cache, confidence=np.zeros(len(cache))))
    out = tmp_path / "sync.safetensors"
    given = ["train", "sync", "--data", str(folder), "--out", str(out), "--steps", "2"]
    done = CliRunner().invoke(app, given)
    assert done.exit_code == 0, done.output
    said = [line for line in done.stderr.splitlines() if "left out" in line]
    assert [next(n for n, path in paths.items() if str(path) in line) for line in said] == [*range(3, 9)]
    damaged = [f"its sound is damaged: {path}" for path in sounds.values()]
    for line, why in zip(
        said, ("truncated", "for 0.20 s, expected 0.4 s", "has no sound", "0.00 s", *damaged), strict=True
    ):
        assert why in line
    for number in (1, 2):
        paths[number].with_suffix(".face3d.npz").unlink()
    none = CliRunner().invoke(app, given)
    assert none.exit_code == 2 and "none of 7 clips can be learned from; " in none.output
    for path in paths.values():
        path.with_suffix(".face3d.npz").write_bytes(b"no cache")
    none = CliRunner().invoke(app, given)
    assert none.exit_code == 2 and f"can be learned from; {paths[3]}: truncated" in none.output
