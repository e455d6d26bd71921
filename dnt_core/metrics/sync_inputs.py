r"""What the sync network sees: mouths that follow the head, in windows of five frames."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from dnt_core.clips.sound import SAMPLE_RATE
from dnt_core.networks.sync_network import LIP_FRAMES, LIP_SIZE

FPS = 25
_NOSE, _EYE_RIGHT, _EYE_LEFT = (
    33,
    36,
    45,
)  # of the 68 landmarks: below the nose, the outer corners of the eyes
_SIDE = 0.9  # of a mouth's square, in distances of the eyes
_BELOW_NOSE = 0.3  # of its centre, likewise


def mouth_crops(frames: np.ndarray, landmarks: np.ndarray, size: int = LIP_SIZE) -> Tensor:
    r"""Squares around the mouth that follow the head and not the lips.

    Each lies below the landmark under the nose, upright; its side is one for the whole clip.

    Args:
        frames: (T, H, W, 3) uint8, red, green, blue.
        landmarks: (T, 68, 2), column and row in px of the frames.
        size: px of the result; the square's side grows with it, 48 being 0.9 distances of the eyes.

    Returns:
        (T, 3, size, size) uint8.

    Raises:
        ValueError: a wrong shape or type, NaN, or eyes that lie in one point.
    """
    from torchvision.ops import roi_align  # it brings torch's compiler: a second of CPU

    if frames.ndim != 4 or frames.shape[-1] != 3 or frames.dtype != np.uint8:
        raise ValueError(f"expected frames (T, H, W, 3) uint8, got {frames.shape} {frames.dtype}")
    landmarks = np.asarray(landmarks, dtype=np.float32)
    if landmarks.shape != (len(frames), 68, 2) or not np.isfinite(landmarks).all():
        raise ValueError(f"expected finite landmarks ({len(frames)}, 68, 2), got {landmarks.shape}")
    eyes = float(np.median(np.linalg.norm(landmarks[:, _EYE_LEFT] - landmarks[:, _EYE_RIGHT], axis=1)))
    if not eyes > 1:
        raise ValueError(f"the eyes' landmarks are {eyes:.2g} px apart, expected more than 1")
    half = _SIDE * eyes * size / LIP_SIZE / 2
    centre = landmarks[:, _NOSE] + np.float32([0.5, 0.5 + _BELOW_NOSE * eyes])  # from pixel edges
    boxes = np.concatenate([centre - half, centre + half], axis=1)  # (T, 4)
    pictures = torch.from_numpy(np.ascontiguousarray(frames)).permute(0, 3, 1, 2)
    crops = [
        roi_align(picture[None].float(), [torch.from_numpy(box[None])], size, sampling_ratio=2, aligned=False)
        for picture, box in zip(pictures, boxes - np.float32(0.5), strict=True)
    ]
    return torch.cat(crops).round().byte()


def count_windows(n_frames: int, n_samples: int) -> int:
    r"""Windows of five frames at 25 per second that lie wholly within picture and sound; 0 or more."""
    return max(0, min(n_frames, n_samples * FPS // SAMPLE_RATE) - LIP_FRAMES + 1)


def lip_windows(mouths: Tensor, starts: Tensor) -> Tensor:
    r"""(T, 3, S, S) uint8 and first frames (B,) → (B, 5, 3, S, S) float32 in [0, 1]."""
    return mouths[starts[:, None] + torch.arange(LIP_FRAMES)].float() / 255
