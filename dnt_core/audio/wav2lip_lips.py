r"""The paper's route from sound to lips (section 3.4): Wav2Lip → WM3DR → the decoupling network.

The clip's frames are given new lips by Wav2Lip, WM3DR reads 257 numbers off each of its pictures, and the
decoupling network takes the expression out of them. Wav2Lip knows 25 frames per second; other rates are
brought to 25 before and back after.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch
from torch import Tensor

from dnt_core.audio.mel import log_mel, mel_windows
from dnt_core.audio.wav2lip_frames import speak
from dnt_core.clips.frame_grid import as_fps, frames_on_grid, nearest_frame, resample_linear
from dnt_core.clips.sound import SAMPLE_RATE
from dnt_core.face3d.wm3dr import CELLS, wm3dr_to_deep3d
from dnt_core.networks.decoupling_network import DecouplingNetwork
from dnt_core.networks.wav2lip import Wav2Lip
from dnt_core.networks.wm3dr_network import WM3DRNetwork, decode, network_input

NETWORK_FPS = 25
BATCH = 16  # frames through Wav2Lip at once
_WM3DR_BATCH = 2  # frames through WM3DR at once: one takes some 150 MB
_LEAST_FOUND = 0.5  # of the frames


@dataclass(frozen=True)
class SpokenExpressions:
    r"""What the route found, one row per frame of the video that is to be made.

    Attributes:
        neutral: (T, 64) expression coefficients that say the sound without an expression.
        expression: (T, 64) as WM3DR read them, before the decoupling network.
        found: share of the pictures in which WM3DR found the face; the others are filled in linearly.
    """

    neutral: Tensor
    expression: Tensor
    found: float


@torch.no_grad()
def lips_by_wav2lip(
    wav2lip: Wav2Lip,
    wm3dr: WM3DRNetwork,
    decoupling: DecouplingNetwork,
    frames: np.ndarray,
    boxes: np.ndarray,
    samples: np.ndarray,
    fps: Fraction | float = NETWORK_FPS,
    count: int | None = None,
    result_fps: Fraction | float | None = None,
    batch: int = BATCH,
    progress: Callable[[int, int], None] | None = None,
) -> SpokenExpressions:
    r"""Sound → neutral expression coefficients, through pictures of the clip.

    Args:
        wav2lip: with a user's weights.
        wm3dr: with a user's weights; its numbers belong to the Basel face model.
        decoupling: f_d, trained on expressions of that same face model.
        frames: (N, H, W, 3) uint8, red, green, blue, one face in them. Where the sound is longer, they are
            played to and fro.
        boxes: (N, 4), from :func:`dnt_core.audio.wav2lip_frames.face_boxes`.
        samples: (M,) floating in [-1, 1], mono, 16 kHz, at least 401.
        fps: frames per second of ``frames``.
        count: T, rows of the result; ``None``: as many as the sound is long.
        result_fps: rows per second; ``None``: ``fps``.
        batch: frames through Wav2Lip at once; it changes nothing but time and memory.
        progress: called with the pictures done and all of them, after every batch.

    Raises:
        ValueError: a wrong shape or type, no frames, too little sound, or WM3DR finds the face in less than
            half of the pictures.
    """
    fps = as_fps(fps)
    result_fps = fps if result_fps is None else as_fps(result_fps)
    if not len(frames) or len(frames) != len(boxes):
        raise ValueError(
            f"expected frames and a box for each, got {len(frames)} frames and {len(boxes)} boxes"
        )
    count = max(1, round(len(samples) * result_fps / SAMPLE_RATE)) if count is None else count
    if count < 1 or batch < 1:
        raise ValueError(f"count and batch must be at least 1, got {count} and {batch}")
    pictures = frames_on_grid(count, result_fps, NETWORK_FPS)
    windows = mel_windows(log_mel(samples), NETWORK_FPS, pictures)
    rows = to_and_fro([nearest_frame(k, fps, Fraction(NETWORK_FPS)) for k in range(pictures)], len(frames))
    read = []
    for start in range(0, pictures, batch):
        some = rows[start : start + batch]
        spoken = speak(wav2lip, frames[some], boxes[some], windows[start : start + batch])
        read.append(read_expressions(wm3dr, spoken, boxes[some]))
        if progress is not None:
            progress(min(start + batch, pictures), pictures)
    expression, found = _filled(torch.cat(read))
    neutral = decoupling(expression.to(next(decoupling.parameters())))
    at_fps = [_on_grid(values, result_fps, count) for values in (neutral, expression)]
    return SpokenExpressions(*at_fps, found)


@torch.no_grad()
def read_expressions(network: WM3DRNetwork, frames: np.ndarray, boxes: np.ndarray) -> Tensor:
    r"""The 64 expression coefficients of the surest face whose centre lies in each frame's box.

    Args:
        network: from :func:`dnt_core.networks.wm3dr_network.load_wm3dr`.
        frames: (B, H, W, 3) uint8, red, green, blue.
        boxes: (B, 4) top, left, bottom, right in px.

    Returns:
        (B, 64) float32; NaN in the rows of frames without such a face.
    """
    weight = next(network.parameters())
    result = torch.full((len(frames), 64), float("nan"))
    cells_per_px = CELLS / max(frames.shape[1:3])
    for start in range(0, len(frames), _WM3DR_BATCH):
        images = network_input(torch.from_numpy(frames[start : start + _WM3DR_BATCH]))
        found = decode(*network(images.to(weight)))
        expressions = wm3dr_to_deep3d(found.vector, found.cell).expression if len(found) else []
        for image, cell, expression in zip(found.image, found.cell, expressions, strict=True):
            k = start + int(image)
            row, column = (int(cell) // CELLS + 0.5) / cells_per_px, (int(cell) % CELLS + 0.5) / cells_per_px
            top, left, bottom, right = boxes[k]
            if torch.isnan(result[k, 0]) and top <= row < bottom and left <= column < right:
                result[k] = expression.float().cpu()
    return result


def to_and_fro(indices: list[int], count: int) -> np.ndarray:
    r"""Indices 0, 1, 2 … beyond ``count`` go back and forth: 0 1 2 1 0 1 … for three frames.

    Args:
        indices: >= 0.
        count: frames there are, >= 1.
    """
    period = max(1, 2 * (count - 1))
    folded = np.asarray(indices, dtype=np.int64) % period
    return np.where(folded < count, folded, period - folded)


def _filled(values: Tensor) -> tuple[Tensor, float]:
    known = ~torch.isnan(values[:, 0])
    found = float(known.double().mean())
    if found < _LEAST_FOUND or not known.any():
        raise ValueError(
            f"WM3DR finds the face in {int(known.sum())} of {len(values)} pictures, expected at least half; "
            "is the whole face in the picture?"
        )
    rows = known.nonzero()[:, 0].numpy()
    place = np.interp(np.arange(len(values)), rows, np.arange(len(rows)))  # between which known rows
    before = np.floor(place).astype(np.int64)
    after = np.minimum(before + 1, len(rows) - 1)
    weight = torch.from_numpy(place - before).to(values)[:, None]
    kept = values[known]
    return torch.lerp(kept[before], kept[after], weight), found


def _on_grid(values: Tensor, fps: Fraction, count: int) -> Tensor:
    rows = resample_linear(values.float().cpu().numpy(), NETWORK_FPS, fps)[:count]
    return torch.from_numpy(np.pad(rows, ((0, count - len(rows)), (0, 0)), mode="edge"))
