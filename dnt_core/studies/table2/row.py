r"""One row of the table: every metric of one method, clip by clip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dnt_core.clips.labelled_frames import LEFT_OUT, TARGETS
from dnt_core.face3d.morphable_model import MOUTH
from dnt_core.metrics.classifier_eval import labels_of
from dnt_core.metrics.flicker import flicker
from dnt_core.metrics.image_metrics import picture_metrics
from dnt_core.metrics.landmark_distance import landmark_distance_px
from dnt_core.metrics.sync_confidence import MAX_SHIFT, sync_confidence
from dnt_core.metrics.sync_network_vectors import sync_vectors
from dnt_core.networks.sync_network import SyncNetwork
from dnt_core.studies.table2.judges import Judges
from dnt_core.studies.table2.test_clips import Method, TestClips, uint8_frames
from dnt_core.training.generator_data import Batch

#: What is measured, in the table's order; True: higher is better.
METRICS: dict[str, bool] = {
    "psnr": True, "ssim": True, "ce_level": False, "ce_type": False, "lmd_px": False, "css": True,
}  # fmt: skip
#: Measured too, and shown below the table.
EXTRA: dict[str, bool] = {
    "psnr_face": True, "psnr_mouth": True, "ssim_face": True, "lmd_mm": False, "lmd_px_sum": False,
    "flicker": False,
}  # fmt: skip
LABELS = {
    "psnr": "PSNR", "ssim": "SSIM", "ce_level": "CE level", "ce_type": "CE type", "lmd_px": "LMD",
    "css": "CSS", "psnr_face": "PSNR face", "psnr_mouth": "PSNR mouth", "ssim_face": "SSIM face",
    "lmd_mm": "LMD mm", "lmd_px_sum": "LMD, summed", "flicker": "flicker",
}  # fmt: skip

Row = dict[str, list[float]]  # metric → a number per clip, NaN where there is none


@dataclass(frozen=True)
class Tools:
    r"""What a row is measured with.

    Attributes:
        clips: the test.
        judges: classifiers and lip reader.
        sync: our sync network; None: no CSS.
    """

    clips: TestClips
    judges: Judges
    sync: SyncNetwork | None = None


def measure_row(method: Method, tools: Tools) -> Row:
    r"""All metrics of a method on every test clip.

    Returns:
        metric → numbers of the clips in order. ``lmd_px`` is the mean over the 20 points in px of a picture
        of 256, ``lmd_px_sum`` their sum (public implementations differ by this factor P = 20), ``lmd_mm`` in
        the plane of the picture. ``css`` is by our sync network, with windows that exist on both sides.
    """
    row: Row = {}
    for clip in range(len(tools.clips.clips)):
        pictures = tools.clips.draw(method, clip)
        for name, value in measure_clip(pictures, clip, tools).items():
            row.setdefault(name, []).append(value)
    return row


@torch.no_grad()
def measure_clip(pictures: Tensor, clip: int, tools: Tools) -> dict[str, float]:
    r"""All metrics of one clip as it was drawn, (T, 3, S, S) in [0, 1]."""
    batch = tools.clips.film(clip)
    found = {name: float(values.nanmean()) for name, values in picture_metrics(pictures, batch).items()}
    found = {name: found[name] for name in (*METRICS, *EXTRA) if name in found}
    found |= _cross_entropies(pictures, batch, clip, tools)
    found |= _lips(pictures, batch.target, clip, tools)
    found["css"] = css(pictures, clip, tools)
    found["flicker"] = float(flicker(pictures, batch.target, batch.frame.hole).nanmean())
    return found


def film_row(tools: Tools) -> Row:
    r"""What the judges say of the film itself, and the sync network of its sound begun in the middle."""
    row: Row = {}
    for clip in range(len(tools.clips.clips)):
        batch = tools.clips.film(clip)
        found = _cross_entropies(batch.target, batch, clip, tools)
        found["css"] = css(batch.target, clip, tools)
        found["css_shuffled_sound"] = css(batch.target, clip, tools, shuffled=True)
        found["reader_error_px"] = _reader_error(batch, clip, tools)
        for name, value in found.items():
            row.setdefault(name, []).append(value)
    return row


def _cross_entropies(pictures: Tensor, batch: Batch, clip: int, tools: Tools) -> dict[str, float]:
    data, rows = tools.clips.decoupled, tools.clips.rows(clip)
    found = {}
    for target in TARGETS:
        labels = labels_of(data, rows, target)
        if (labels == LEFT_OUT).all():
            found[f"ce_{target}"] = float("nan")
            continue
        log_p = tools.judges.classifiers.opinion(pictures, batch.frame, target)
        found[f"ce_{target}"] = float(-log_p[torch.arange(len(labels)), torch.from_numpy(labels)].mean())
    return found


def _lips(pictures: Tensor, film: Tensor, clip: int, tools: Tools) -> dict[str, float]:
    reader = tools.judges.reader
    if reader is None:
        return {name: float("nan") for name in ("lmd_px", "lmd_px_sum", "lmd_mm")}
    box = tools.clips.mouth_boxes(clip)  # the same windows for the film and every method
    drawn, real = (torch.from_numpy(reader(x, box) / reader.millimetres) for x in (pictures, film))
    size = tools.clips.size
    return {
        "lmd_px": float(landmark_distance_px(real, drawn, size)),
        "lmd_px_sum": float(landmark_distance_px(real, drawn, size, convention="sum")),
        "lmd_mm": float(landmark_distance_px(real, drawn, size, size)) * reader.millimetres,
    }


def _reader_error(batch: Batch, clip: int, tools: Tools) -> float:
    """How far the reader is from the true landmarks on film, as LMD counts it, px of 256."""
    reader, landmarks = tools.judges.reader, tools.clips.landmarks(clip)
    if reader is None or landmarks is None:
        return float("nan")
    read = torch.from_numpy(reader(batch.target, tools.clips.mouth_boxes(clip)) / reader.millimetres)
    return float(landmark_distance_px(torch.from_numpy(landmarks[:, MOUTH]), read, tools.clips.size))


def css(pictures: Tensor, clip: int, tools: Tools, shuffled: bool = False) -> float:
    r"""Confidence of the sync network; NaN without one, without sound, or for a clip too short.

    Args:
        pictures: (T, 3, S, S) in [0, 1].
        clip: number of the clip whose sound and landmarks they go with.
        shuffled: with the same sound begun in the middle.
    """
    landmarks = tools.clips.landmarks(clip)
    fps, samples = tools.clips.sound(clip)
    if tools.sync is None or landmarks is None or samples is None:
        return float("nan")
    lips, sound = sync_vectors(tools.sync, uint8_frames(pictures), landmarks, samples, fps)
    if len(lips) < 2 * MAX_SHIFT + 1:
        return float("nan")
    return sync_confidence(lips, sound.roll(len(sound) // 2, 0) if shuffled else sound).confidence


def row_means(row: Mapping[str, list[float]]) -> dict[str, float]:
    r"""Each metric's mean over the clips that have it; NaN where none has."""
    return {
        name: float(np.nanmean(values)) if not np.isnan(values).all() else float("nan")
        for name, values in row.items()
    }
