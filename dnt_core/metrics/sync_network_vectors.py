r"""A film's picture, landmarks and sound → the sync network's vectors; how well it tells in-sync sound."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import torch
from torch import Tensor

from dnt_core.audio.mel import log_mel, mel_windows
from dnt_core.clips.frame_grid import nearest_frames, resample_linear
from dnt_core.metrics.sync_clips import SyncClip
from dnt_core.metrics.sync_confidence import MAX_SHIFT, sync_confidence
from dnt_core.metrics.sync_inputs import FPS, count_windows, lip_windows, mouth_crops
from dnt_core.networks.sync_network import SyncNetwork


@torch.no_grad()
def sync_vectors(
    network: SyncNetwork,
    frames: np.ndarray,
    landmarks: np.ndarray,
    samples: np.ndarray,
    fps: Fraction | float = FPS,
    batch: int = 64,
) -> tuple[Tensor, Tensor]:
    r"""One vector per window of five frames and one per window of sound, for CSS.

    :func:`dnt_core.metrics.sync_confidence.sync_confidence` takes the two.

    Args:
        network: trained, in evaluation mode.
        frames: (T, H, W, 3) uint8, red, green, blue.
        landmarks: (T, 68, 2), column and row in px of the frames.
        samples: (N,) floating in [-1, 1], mono, 16 kHz; the first sample belongs to the first frame.
        fps: of frames and landmarks; other rates than 25 are brought to 25.
        batch: windows at once; it changes nothing but time and memory.

    Returns:
        lips and sound, (windows, 128) each.

    Raises:
        ValueError: a wrong shape or type, or too short for one window (0.2 s).
    """
    rows = nearest_frames(len(frames), fps, FPS)
    at_25 = resample_linear(np.asarray(landmarks, np.float32), fps, FPS)
    mouths = mouth_crops(frames[rows], at_25)
    windows = count_windows(len(mouths), len(samples))
    if windows < 1:
        raise ValueError(f"{len(mouths)} frames with {len(samples)} samples are too short; expected 0.2 s")
    mel = torch.from_numpy(mel_windows(log_mel(samples), FPS, windows))[:, None]
    return window_vectors(network, mouths, mel, batch)


@torch.no_grad()
def window_vectors(
    network: SyncNetwork, mouths: Tensor, mel: Tensor, batch: int = 64
) -> tuple[Tensor, Tensor]:
    r"""As :func:`sync_vectors`, of mouths (T, 3, 48, 48) uint8 and windows of sound (windows, 1, 80, 16)."""
    weight = next(network.parameters())
    starts = torch.arange(len(mel))
    lips = [network.embed_lips(lip_windows(mouths, some).to(weight)) for some in starts.split(batch)]
    sound = [network.embed_sound(some.to(weight)) for some in mel.split(batch)]
    return torch.cat(lips), torch.cat(sound)


def measure_sync_network(network: SyncNetwork, clips: Sequence[SyncClip]) -> dict[str, float]:
    r"""How well the network tells in-sync sound, on held-out clips.

    Args:
        network: trained.
        clips: held out, of 13 windows (0.7 s) or more; shorter ones are passed over.

    Returns:
        ``confidence``: mean CSS with the clip's own sound; ``confidence_shuffled_sound``: with the same sound
        begun in the middle, the control: same voice and words, wrong time; ``offset_within_1``: share of
        clips whose offset is found to one frame; ``offset_chance``: that share by guessing; ``clips``: how
        many.

    Raises:
        ValueError: no clip is long enough.
    """
    network.eval()
    clips = [clip for clip in clips if len(clip) >= 13]
    if not clips:
        raise ValueError("no held-out clip has 13 windows (0.7 s) or more, so that nothing can be measured")
    own, control, hits, chance = [], [], [], []
    for clip in clips:
        lips, sound = window_vectors(network, clip.centred, clip.mel)
        shift = min(MAX_SHIFT, (len(lips) - 1) // 2)
        found = sync_confidence(lips, sound, shift)
        own.append(found.confidence)
        hits.append(abs(found.offset) <= 1)
        chance.append(3 / (2 * shift + 1))
        half = len(lips) // 2  # further than is searched, so that nothing is in sync
        control.append(sync_confidence(lips, sound.roll(half, 0), min(shift, half - 1)).confidence)
    return {
        "confidence": float(np.mean(own)),
        "confidence_shuffled_sound": float(np.mean(control)),
        "offset_within_1": float(np.mean(hits)),
        "offset_chance": float(np.mean(chance)),
        "clips": float(len(clips)),
    }
