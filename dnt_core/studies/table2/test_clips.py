r"""The clips that every method is tested on: frames, both geometries, landmarks and sound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from torch import Tensor, nn

from dnt_core.clips import Clip, load_clip, read_face_cache
from dnt_core.metrics.image_metrics import in_parts
from dnt_core.training.generator_data import Batch, GeneratorData
from dnt_core.training.preprocessing import DataConfig, prepare_data

Draw = Callable[[Batch], Tensor]  # a batch → pictures (B, 3, S, S) in [0, 1]
#: The clips, the number of one and all its pictures (T, 3, S, S) so far → the pictures after a step that
#: wants the clip's sound or geometry.
Step = Callable[["TestClips", int, Tensor], Tensor]


@dataclass(frozen=True)
class Method:
    r"""One row of the table.

    Attributes:
        draw: what it makes of a batch.
        decoupled: whether its batches have f_d's geometry, or the reconstructed one.
        then: what is done to a whole clip's pictures afterwards, one step after the other.
    """

    draw: Draw
    decoupled: bool = True
    then: tuple[Step, ...] = ()


class TestClips:
    r"""Clips prepared for every method.

    Args:
        clips: with caches of 257 numbers; none of them trained a method or a judge.
        folder: for what is prepared.
        image_size: S px.
        decoupling: f_d; None: both geometries are the reconstructed one.
    """

    __test__ = False  # its name is no test's

    def __init__(
        self, clips: Sequence[Clip], folder: Path, image_size: int, decoupling: nn.Module | None,
        progress: bool = True,
    ) -> None:  # fmt: skip
        self.clips, self.size = tuple(clips), image_size
        plan = DataConfig(image_size=image_size)
        self.reconstructed = prepare_data(self.clips, folder, plan, progress=progress)
        self.decoupled = self.reconstructed
        if decoupling is not None:
            self.decoupled = prepare_data(self.clips, folder, plan, decoupling, progress=progress)
        self._loaded: dict[int, tuple[float, np.ndarray | None]] = {}

    def data(self, decoupled: bool) -> GeneratorData:
        r"""The clips with one of the two geometries; rows and frames are the same in both."""
        return self.decoupled if decoupled else self.reconstructed

    def rows(self, clip: int) -> np.ndarray:
        r"""The rows of a clip's frames, in time."""
        return np.flatnonzero(self.decoupled.rows[:, 0] == clip)

    def frames(self, clip: int) -> np.ndarray:
        r"""(T,) the film's number of each of a clip's frames: those without a face are not among them."""
        cache = self.clips[clip].face_cache
        if cache is None:  # frames that were drawn in memory
            return np.arange(len(self.rows(clip)))
        return np.flatnonzero(read_face_cache(cache).has_face)

    def landmarks(self, clip: int) -> np.ndarray | None:
        r"""(T, 68, 2) px of a clip's frames; None where its cache has none."""
        with safe_open(self.decoupled.files[clip], framework="np") as file:
            return file.get_tensor("landmarks") if "landmarks" in file.keys() else None

    def sound(self, clip: int) -> tuple[float, np.ndarray | None]:
        r"""Frames per second, and the sound (N,) at 16 kHz or None."""
        if clip not in self._loaded:
            loaded = load_clip(self.clips[clip], size=16)
            self._loaded[clip] = float(loaded.fps), loaded.audio
        return self._loaded[clip]

    def mouth_boxes(self, clip: int, every: int = 1) -> Tensor:
        r"""(T, 4) left, top, right, bottom px: where the film's own geometry has the mouth hole, in each
        ``every``-th frame."""
        with safe_open(self.reconstructed.files[clip], framework="np") as file:
            return torch.from_numpy(file.get_tensor("mouth_box")[::every])

    @torch.no_grad()
    def draw(self, method: Method, clip: int) -> Tensor:
        r"""A clip as a method draws it, (T, 3, S, S) in [0, 1]."""
        data, rows = self.data(method.decoupled), self.rows(clip)
        pictures = torch.cat([method.draw(batch).clamp(0, 1) for batch in map(data.batch, in_parts(rows))])
        for step in method.then:
            pictures = step(self, clip, pictures).clamp(0, 1)
        return pictures

    def film(self, clip: int) -> Batch:
        r"""All frames of a clip with f_d's geometry."""
        return self.decoupled.batch(self.rows(clip))


def uint8_frames(pictures: Tensor) -> np.ndarray:
    r"""(T, 3, S, S) in [0, 1] → (T, S, S, 3) uint8."""
    return (pictures.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).contiguous().numpy()
