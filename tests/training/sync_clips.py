r"""Made-up clips for the sync network: a mouth that opens with the loudness of its sound."""

from pathlib import Path

import numpy as np
import torch

from dnt_core.audio.mel import log_mel, mel_windows
from dnt_core.clips import Clip, FaceCache, write_audio, write_face_cache, write_video
from dnt_core.metrics.sync_clips import SyncClip
from dnt_core.metrics.sync_inputs import count_windows


def loudness(count: int, seed: int) -> np.ndarray:
    r"""(T,) in [0, 1], smooth over some frames."""
    curve = np.random.default_rng(seed).standard_normal(count + 4)
    curve = np.convolve(curve, np.ones(3) / 3, "same")[2:-2]
    return ((curve - curve.min()) / (np.ptp(curve) + 1e-9)).astype(np.float32)


def sound_of(curve: np.ndarray, fps: int, seed: int) -> np.ndarray:
    r"""Noise whose level follows the curve over 40 dB."""
    t = np.arange(len(curve) * 16000 // fps) / 16000
    level = np.interp(t, np.arange(len(curve)) / fps, curve)
    return (0.3 * 10 ** (2 * (level - 1)) * np.random.default_rng(seed).standard_normal(len(t))).clip(-1, 1)


def made_up_clip(number: int, count: int = 45) -> SyncClip:
    r"""In memory: a dark ellipse of the loudness' height on a skin of random colour."""
    rng, curve = np.random.default_rng(number), loudness(count, number)
    row, column = np.mgrid[-1:1:56j, -1:1:56j]
    skin = rng.uniform(120, 220, 3)
    inside = (column / 0.6) ** 2 + (row / (0.1 + 0.6 * curve[:, None, None])) ** 2 < 1  # (T, 56, 56)
    mouths = np.where(inside[:, None], 40.0, skin[None, :, None, None]) + rng.normal(0, 4, (count, 3, 56, 56))
    samples = sound_of(curve, 25, number)
    mel = mel_windows(log_mel(samples), 25, count_windows(count, len(samples)))[:, None]
    clip = Clip("M003", "front", "happy", 1, number, Path(f"{number:03d}.mp4"))
    return SyncClip(clip, torch.from_numpy(mouths.clip(0, 255).astype(np.uint8)), torch.from_numpy(mel))


def write_clip(folder: Path, number: int, fps: int = 30, count: int = 30) -> None:
    r"""A clip of 64 px in MEAD's layout with sound, landmarks and a cache."""
    curve = loudness(count, number)
    frames = np.full((count, 64, 64, 3), 180, np.uint8)
    for t, value in enumerate(curve):
        half = 1 + int(6 * value)
        frames[t, 46 - half : 46 + half, 24:40] = 40
    video = folder / "M003" / "video" / "front" / "happy" / "level_1" / f"{number:03d}.mp4"
    audio = folder / "M003" / "audio" / "happy" / "level_1" / f"{number:03d}.m4a"
    video.parent.mkdir(parents=True, exist_ok=True)
    audio.parent.mkdir(parents=True, exist_ok=True)
    write_video(video, frames, fps)
    write_audio(audio, sound_of(curve, fps, number).astype(np.float32))
    landmarks = np.zeros((count, 68, 2), np.float32)
    landmarks[:, 33], landmarks[:, 36], landmarks[:, 45] = (32, 36), (16, 20), (48, 20)
    cache = FaceCache(
        np.zeros((count, 257), np.float32), fps, "procedural", "test", (64, 64), None, landmarks
    )
    write_face_cache(video, cache)
