r"""What the generator learns from: prepared clips on disk, of which a batch reads only its own frames."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from dnt_core.clips import Clip
from dnt_core.clips.splits import Fold, frame_rows, split_by_clip, split_within_clips
from dnt_core.networks.face_window import hole_box
from dnt_core.networks.generator import FrameInputs
from dnt_core.rendering.inpaint import inpaint
from dnt_core.rendering.masks import background_frame
from dnt_core.training.light_augmentation import relight

FACE, MOUTH, HOLE = 1, 2, 4  # bits of the stored masks
UV_STEPS = 65535  # UV maps are stored in 16 bits: a 256th of a texel of a texture of 256


class Batch(NamedTuple):
    r"""Frames to learn from.

    Attributes:
        frame: the generator's inputs.
        ciec: (B, 7).
        target: the true frames (B, 3, S, S) RGB in [0, 1].
        hole_box: (B, 4) integer on the CPU, where the holes lie; None: not known.
    """

    frame: FrameInputs
    ciec: Tensor
    target: Tensor
    hole_box: Tensor | None = None


class GeneratorData:
    r"""Prepared clips on disk; only the frames asked for are read, so memory is that of a batch.

    Rows number all frames of clip 0, then of clip 1 …. A batch is read in the step that sees it, without
    torch's ``DataLoader``: at 128 px that is some 2 % of a step's CPU time, the same through a ``DataLoader``
    without workers, and four times as much through one with a worker process, from which the batch has to be
    taken over (``generator.read_cpu_ms`` of ``make bench``).

    Args:
        clips: labels.
        files: each clip's file, made by :func:`~dnt_core.training.preprocessing.prepare_data`.

    Raises:
        ValueError: prepared clips of different picture sizes.
    """

    def __init__(self, clips: Sequence[Clip], files: Sequence[Path]) -> None:
        self.clips, self.files = tuple(clips), tuple(files)
        self._open = [_open(file) for file in self.files]
        self._boxes: dict[int, Tensor] = {}
        self.counts = [file.get_slice("ciec").get_shape()[0] for file in self._open]
        self.rows = frame_rows(self.counts)  # (N, 2): clip, frame
        sizes = {tuple(file.get_slice("frames").get_shape()[-2:]) for file in self._open}
        if len(sizes) > 1:
            raise ValueError(f"the prepared clips have frames of different sizes: {sorted(sizes)}")
        self.image_size = sizes.pop()[0]

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def key(self) -> str:
        r"""A short name: the same clips prepared the same way, the same key."""
        return hashlib.sha256("\n".join(file.stem for file in self.files).encode()).hexdigest()[:12]

    def split(self, kind: str = "within", seed: int = 0, share: float = 0.2) -> Fold:
        r"""Rows that train and rows that test.

        Args:
            kind: "within": the last 20 % of each clip test (the paper); "clip": whole clips do.
            seed: of the choice of clips.
            share: that tests.

        Raises:
            ValueError: an unknown kind.
        """
        if kind == "within":
            return split_within_clips(self.counts, 1 - share)
        if kind != "clip":
            raise ValueError(f"unknown split {kind!r}; expected 'within' or 'clip'")
        return tuple(
            np.flatnonzero(np.isin(self.rows[:, 0], side)) for side in split_by_clip(self.clips, share, seed)
        )

    def batch(
        self, rows: Sequence[int] | np.ndarray, device: torch.device | str = "cpu",
        light: Tensor | None = None,
    ) -> Batch:  # fmt: skip
        r"""Reads some rows, in the order given, as float32 on ``device``.

        Args:
            rows: (B,) numbers of frames, from 0.
            device: where the tensors are put.
            light: (B, 2) of :func:`~dnt_core.training.light_augmentation.light_fields`, the light in which
                the frames are seen; None: as filmed.
        """
        places = self.rows[np.asarray(rows)]  # (B, 2): clip, frame
        parts = [self._read(*place) for place in places]
        frames, uv, masks, box, ciec = (
            torch.from_numpy(np.stack([part[k] for part in parts])).to(device) for k in range(5)
        )
        target = frames.float() / 255
        target = target if light is None else relight(target, light)
        mask, mouth, hole = (((masks & bit) > 0).float()[:, None] for bit in (FACE, MOUTH, HOLE))
        background, _ = background_frame(target, hole)
        inputs = FrameInputs(background, hole, uv.float() / UV_STEPS, mask, mouth, box)
        holes = torch.stack([self._hole_boxes(clip)[frame] for clip, frame in places.tolist()])
        return Batch(inputs, ciec, target, holes)

    def _hole_boxes(self, clip: int) -> Tensor:
        """(T, 4) of :func:`~dnt_core.networks.face_window.hole_box`, found once for each clip."""
        if clip not in self._boxes:
            masks = torch.from_numpy(self._open[clip].get_tensor("masks"))
            self._boxes[clip] = hole_box(masks[:, None] & HOLE)
        return self._boxes[clip]

    def _read(self, clip: int, frame: int) -> tuple[np.ndarray, ...]:
        file = self._open[clip]
        frames, uv, masks, box, ciec = (
            file.get_slice(name)[frame : frame + 1][0]
            for name in ("frames", "uv", "masks", "mouth_box", "ciec")
        )
        return frames, uv.astype(np.int32), masks, box, ciec  # torch knows little of uint16

    def mean_frame(self, rows: np.ndarray) -> Tensor:
        r"""(3, S, S) in [0, 1]: the mean of some rows, the simplest of all predictions.

        Args:
            rows: (N,) numbers of frames, from 0.
        """
        total = sum(
            self._open[c].get_slice("frames")[i : i + 1][0].astype(np.float64) for c, i in self.rows[rows]
        )
        return torch.from_numpy(total / (255 * len(rows))).float()

    def mean_texture(self, clips: Sequence[int] | None = None) -> Tensor:
        r"""(3, T, T) in [0, 1]: frames of some clips (default: all) taken off the face and averaged.

        Args:
            clips: positions of clips; None: all.
        """
        chosen = range(len(self.files)) if clips is None else clips
        seen = torch.from_numpy(
            sum(self._open[c].get_tensor("texture_seen").astype(np.float64) for c in chosen)
        )
        total = torch.from_numpy(
            sum(self._open[c].get_tensor("texture_sum").astype(np.float64) for c in chosen)
        )
        known = (seen > 0).double()
        return inpaint((total / seen.clamp(min=1))[None], known[None])[0].float()


def _open(file: Path):
    try:
        return safe_open(file, framework="np")
    except (SafetensorError, OSError) as error:
        raise ValueError(
            f"{file} is not a whole file of prepared frames ({error}); remove it and run again"
        ) from error
