r"""A film's picture and sound → SyncNet's vectors, from which CSS is computed."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from dnt_core.audio.mfcc import VIDEO_FPS, mfcc, mfcc_windows, sync_windows
from dnt_core.clips.frame_grid import nearest_frames
from dnt_core.networks.syncnet import LIP_FRAMES, LIP_SIZE, SyncNet


@torch.no_grad()
def syncnet_vectors(
    network: SyncNet,
    frames: np.ndarray,
    samples: np.ndarray,
    fps: Fraction | float = VIDEO_FPS,
    batch: int = 8,
) -> tuple[Tensor, Tensor]:
    r"""One vector per window of five frames, and one per 0.2 s of sound.

    Args:
        network: from :func:`dnt_core.networks.syncnet.load_syncnet`.
        frames: (T, H, W, 3) uint8, red, green, blue: a square around the face, chin and cheeks included; it
            is scaled to 224 px.
        samples: (N,) floating in [-1, 1], mono, 16 kHz; the first sample belongs to the first frame.
        fps: frames per second of ``frames``; other rates than 25 are brought to 25 by nearest frames.
        batch: windows at once; it changes nothing but time and memory.

    Returns:
        lips and sound, (windows, 1024) each; windows = min(frames at 25 fps, floor(samples / 640)) - 5.
        :func:`dnt_core.metrics.sync_confidence.sync_confidence` takes the two.

    Raises:
        ValueError: a wrong shape or type, or too short for one window (0.24 s).
    """
    if frames.ndim != 4 or frames.shape[-1] != 3 or frames.dtype != np.uint8:
        raise ValueError(f"expected frames (T, H, W, 3) uint8, got {frames.shape} {frames.dtype}")
    rows = nearest_frames(len(frames), fps, VIDEO_FPS)
    windows = sync_windows(len(rows), len(samples))
    if windows < 1:
        raise ValueError(
            f"{len(rows)} frames at {VIDEO_FPS} per second with {len(samples)} samples of sound are too "
            f"short; expected at least {LIP_FRAMES + 1} frames and {(LIP_FRAMES + 1) * 640} samples"
        )
    weight = next(network.parameters())
    cepstra = torch.from_numpy(mfcc_windows(mfcc(samples), windows)).to(weight)
    lips, sound = [], []
    for start in range(0, windows, batch):
        stop = min(start + batch, windows)
        faces = _faces(frames[rows[start : stop + LIP_FRAMES - 1]]).to(weight)  # (3, frames, 224, 224)
        stacked = torch.stack([faces[:, k : k + LIP_FRAMES] for k in range(stop - start)])
        lips.append(network.embed_lips(stacked))
        sound.append(network.embed_sound(cepstra[start:stop]))
    return torch.cat(lips), torch.cat(sound)


def _faces(frames: np.ndarray) -> Tensor:
    r"""Frames as blue, green, red in whole numbers from 0 to 255, (3, T, 224, 224), not normalised."""
    x = torch.from_numpy(np.ascontiguousarray(frames[..., ::-1])).permute(0, 3, 1, 2).float()
    if x.shape[-2:] != (LIP_SIZE, LIP_SIZE):
        x = F.interpolate(x, (LIP_SIZE, LIP_SIZE), mode="bilinear", align_corners=False).round()
    return x.transpose(0, 1)
