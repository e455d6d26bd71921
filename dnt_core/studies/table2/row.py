r"""One row of the table: every metric of one method, clip by clip."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from dnt_core.assets import find_asset
from dnt_core.audio.mfcc import VIDEO_FPS, sync_windows
from dnt_core.clips.frame_grid import frames_on_grid
from dnt_core.clips.frame_order import longest_run
from dnt_core.clips.labelled_frames import LEFT_OUT, TARGETS
from dnt_core.clips.sound import SAMPLE_RATE
from dnt_core.face3d.morphable_model import MOUTH
from dnt_core.metrics.classifier_eval import labels_of
from dnt_core.metrics.flicker import flicker
from dnt_core.metrics.image_metrics import picture_metrics
from dnt_core.metrics.landmark_distance import landmark_distance_px
from dnt_core.metrics.lip_reader import mm_per_pixel
from dnt_core.metrics.sync_confidence import MAX_SHIFT, sync_confidence
from dnt_core.metrics.sync_inputs import FPS, count_windows
from dnt_core.metrics.sync_network_vectors import sync_vectors
from dnt_core.metrics.syncnet_vectors import syncnet_vectors
from dnt_core.networks.sync_network import SyncNetwork
from dnt_core.networks.syncnet import SyncNet, load_syncnet
from dnt_core.studies.table2.judges import Judges
from dnt_core.studies.table2.test_clips import Method, TestClips, uint8_frames

#: What is measured, in the table's order; True: higher is better.
METRICS: dict[str, bool] = {
    "psnr": True, "ssim": True, "ce_level": False, "ce_type": False, "lmd_px": False, "css": True,
}  # fmt: skip
#: Measured too, and shown below the table.
EXTRA: dict[str, bool] = {
    "psnr_face": True, "psnr_mouth": True, "ssim_face": True, "lmd_mm": False, "lmd_px_sum": False,
    "flicker": False, "css_syncnet": True,
}  # fmt: skip
LABELS = {
    "psnr": "PSNR", "ssim": "SSIM", "ce_level": "CE level", "ce_type": "CE type", "lmd_px": "LMD",
    "css": "CSS", "psnr_face": "PSNR face", "psnr_mouth": "PSNR mouth", "ssim_face": "SSIM face",
    "lmd_mm": "LMD mm", "lmd_px_sum": "LMD, summed", "flicker": "flicker", "css_syncnet": "CSS, SyncNet",
}  # fmt: skip
#: Those that have a unit which the label does not say.
UNITS = {
    "psnr": "dB", "psnr_face": "dB", "psnr_mouth": "dB", "ce_level": "nats", "ce_type": "nats",
    "lmd_px": "px", "lmd_px_sum": "px", "flicker": "grey levels",
}  # fmt: skip

Row = dict[str, list[float]]  # metric → a number per clip, NaN where there is none


EVERY = 8  # PSNR, SSIM, cross-entropies and LMD take every eighth frame: the frames between are much alike


@dataclass(frozen=True)
class Tools:
    r"""What a row is measured with.

    Attributes:
        clips: the test.
        judges: classifiers and lip reader.
        sync: our sync network; None: no CSS.
        syncnet: SyncNet with its own weights, where a user has them; its CSS is measured beside.
        every: metrics of single pictures take each ``every``-th frame; flicker and CSS take all.
    """

    clips: TestClips
    judges: Judges
    sync: SyncNetwork | None = None
    syncnet: SyncNet | None = None
    every: int = EVERY


def found_syncnet() -> SyncNet | None:
    r"""SyncNet where its own weights are an asset."""
    file = find_asset("syncnet")
    return load_syncnet(file) if file else None


class ClipJudge:
    r"""All that the judges know of one test clip, found once for all methods.

    Args:
        tools: see :class:`Tools`.
        clip: number of the clip.
    """

    def __init__(self, tools: Tools, clip: int) -> None:
        self.tools, self.clip = tools, clip
        self.film = tools.clips.film(clip)
        self.rows = tools.clips.rows(clip)[:: tools.every]
        self.some = tools.clips.decoupled.batch(self.rows)
        self.labels = {target: labels_of(tools.clips.decoupled, self.rows, target) for target in TARGETS}

    @cached_property
    def boxes(self) -> Tensor:
        r"""(T', 4) where the reader looks: the same windows for the film and every method."""
        return self.tools.clips.mouth_boxes(self.clip, self.tools.every)

    @cached_property
    def film_lips(self) -> Tensor | None:
        r"""(T', 20, 2) px as the reader finds them on the film; None without a reader."""
        return self._read(self.some.target)

    @torch.no_grad()
    def measure(self, pictures: Tensor) -> dict[str, float]:
        r"""All metrics of the clip as it was drawn, (T, 3, S, S) in [0, 1]."""
        some = pictures[:: self.tools.every]
        found = {name: float(v.nanmean()) for name, v in picture_metrics(some, self.some).items()}
        found = {name: found[name] for name in (*METRICS, *EXTRA) if name in found}
        found |= self.cross_entropies(some) | self.lip_distances(some)
        found["css"] = self.css(pictures)
        if self.tools.syncnet is not None:
            found["css_syncnet"] = self.css_by_syncnet(pictures)
        found["flicker"] = self.flicker(pictures)
        return found

    @torch.no_grad()
    def of_film(self) -> dict[str, float]:
        r"""What the judges say of the film itself, of its sound begun in the middle, and how far the lip
        reader is from the true landmarks, px of 256."""
        landmarks = self.tools.clips.landmarks(self.clip)
        found = self.cross_entropies(self.some.target)
        found["css"], found["css_shuffled_sound"] = (self.css(self.film.target, x) for x in (False, True))
        found["reader_error_px"] = float("nan")
        if self.film_lips is not None and landmarks is not None:
            true = torch.from_numpy(landmarks[:: self.tools.every, MOUTH])
            found["reader_error_px"] = float(landmark_distance_px(true, self.film_lips, self._size))
        return found

    def cross_entropies(self, some: Tensor) -> dict[str, float]:
        r"""``ce_type`` and ``ce_level`` in nats of some frames; NaN for a neutral clip's level, and where the
        judges' clips had one class only."""
        found, classifiers = {}, self.tools.judges.classifiers
        for target, labels in self.labels.items():
            found[f"ce_{target}"] = float("nan")
            if target in classifiers.nets and (labels != LEFT_OUT).all():
                log_p = classifiers.opinion(some, target)
                right = log_p[torch.arange(len(labels)), torch.from_numpy(labels)]
                found[f"ce_{target}"] = float(-right.mean())
        return found

    def lip_distances(self, some: Tensor) -> dict[str, float]:
        r"""LMD of some frames in its three units."""
        if self.film_lips is None:
            return {name: float("nan") for name in ("lmd_px", "lmd_px_sum", "lmd_mm")}
        pair, size = (self.film_lips, self._read(some)), self._size
        return {
            "lmd_px": float(landmark_distance_px(*pair, size)),
            "lmd_px_sum": float(landmark_distance_px(*pair, size, convention="sum")),
            "lmd_mm": float(landmark_distance_px(*pair, size, size)) * mm_per_pixel(size),
        }

    def css(self, pictures: Tensor, shuffled: bool = False) -> float:
        r"""Confidence of the sync network; NaN without one, without sound, or where clip or
        sound is too short.

        Args:
            pictures: (T, 3, S, S) in [0, 1].
            shuffled: with the same sound begun in the middle.
        """
        landmarks, sync = self.tools.clips.landmarks(self.clip), self.tools.sync
        if sync is None or landmarks is None:
            return float("nan")
        fps, samples = self.tools.clips.sound(self.clip)
        if samples is None:
            return float("nan")
        heard, count = self._heard(samples, fps), frames_on_grid(len(pictures[self.run]), fps, FPS)
        if count_windows(count, len(heard)) <= 2 * MAX_SHIFT:
            return float("nan")
        frames, landmarks = uint8_frames(pictures[self.run]), landmarks[self.run]
        lips, sound = sync_vectors(sync, frames, landmarks, heard, fps)
        return sync_confidence(lips, sound.roll(len(sound) // 2, 0) if shuffled else sound).confidence

    def css_by_syncnet(self, pictures: Tensor) -> float:
        r"""As :meth:`css` by SyncNet itself, with zeros at the ends as published numbers have them; the whole
        picture is its square around the face."""
        fps, samples = self.tools.clips.sound(self.clip)
        if samples is None:
            return float("nan")
        frames, samples = uint8_frames(pictures[self.run]), self._heard(samples, fps)
        if sync_windows(frames_on_grid(len(frames), fps, VIDEO_FPS), len(samples)) < 1:
            return float("nan")
        vectors = syncnet_vectors(self.tools.syncnet, frames, samples, fps)
        return sync_confidence(*vectors, edges="zeros").confidence

    def flicker(self, pictures: Tensor) -> float:
        r"""Mean flicker from frame to frame; from the last before a frame without a face to the next nothing
        is measured."""
        numbers = self.tools.clips.frames(self.clip)
        if len(numbers) < 2:
            return float("nan")
        values = flicker(pictures, self.film.target, self.film.frame.hole)
        return float(values[torch.from_numpy(np.diff(numbers) == 1)].nanmean())

    @cached_property
    def run(self) -> slice:
        r"""The clip's longest part without a frame that has no face: lips and sound are in step there."""
        return longest_run(self.tools.clips.frames(self.clip))

    def _heard(self, samples: np.ndarray, fps: float) -> np.ndarray:
        """The sound from the run's first frame to the end of its last."""
        numbers = self.tools.clips.frames(self.clip)[self.run]
        first, end = (round(k / fps * SAMPLE_RATE) for k in (numbers[0], numbers[-1] + 1))
        return samples[first:end]

    def _read(self, some: Tensor) -> Tensor | None:
        """(T', 20, 2) px of these pictures, of whatever size those were that the reader was fitted to."""
        reader = self.tools.judges.reader
        if reader is None:
            return None
        return torch.from_numpy(reader(some, self.boxes) / mm_per_pixel(self._size))

    @property
    def _size(self) -> int:
        return self.tools.clips.size


def measure_rows(
    methods: Mapping[str, Method], tools: Tools, report: Callable[[], None] | None = None
) -> dict[str, Row]:
    r"""All metrics of some methods on every test clip.

    Returns:
        method → metric → numbers of the clips in order. ``lmd_px`` is the mean over the 20 points in px of a
        picture of 256, ``lmd_px_sum`` their sum (public implementations differ by this factor P = 20),
        ``lmd_mm`` in the plane of the picture. ``css`` is by our sync network, with windows that exist on
        both sides.
    """
    rows: dict[str, Row] = {name: {} for name in methods}
    for clip in range(len(tools.clips.clips)):
        judge = ClipJudge(tools, clip)
        for name, method in methods.items():
            for metric, value in judge.measure(tools.clips.draw(method, clip)).items():
                rows[name].setdefault(metric, []).append(value)
        if report:
            report()
    return rows


def film_row(tools: Tools) -> Row:
    r"""What the judges say of the film itself, clip by clip."""
    row: Row = {}
    for clip in range(len(tools.clips.clips)):
        for name, value in ClipJudge(tools, clip).of_film().items():
            row.setdefault(name, []).append(value)
    return row
