r"""The renderer of one rectangle's size: three graphs, and equation 1 in one pass over the pixels."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from dnt_core.cache.kernels import kernel
from dnt_core.live.errors import LiveError
from dnt_core.live.onnx_session import ExportedGraph, can_export, graph_key
from dnt_core.live.split_graphs import BackgroundShare, MouthShare, RendererTrunk
from dnt_core.networks.generator import Generator


@kernel
def _sideways(faces, most):
    """Px to the nearest face (h, w) of the same row, at most ``most``, (h, w) uint8."""
    height, width = faces.shape
    found = np.empty((height, width), np.uint8)
    for i in range(height):
        apart = most
        for j in range(width):
            apart = 0 if faces[i, j] else min(apart + 1, most)
            found[i, j] = apart
        apart = most
        for j in range(width - 1, -1, -1):
            apart = 0 if faces[i, j] else min(apart + 1, most)
            found[i, j] = min(found[i, j], apart)
    return found


@kernel
def _blend(trunk, hole, faces, seam, outside, inside, first_row, first_column, picture):
    """Equation 1, I = α F + (1 − α) B, into picture (H, W, 3) uint8, which shows the frame that was filmed.

    trunk (h / s, w / s, 4 s²) of ``RendererTrunk``; hole (h, w), where B is grey. The mask's logit gets what
    ``attention_start`` adds outside and inside the hole, d: σ(x + d) = σ(x) eᵈ / (σ(x) eᵈ + 1 − σ(x)), with
    eᵈ given. Beside the faces (h, w), drawn or filmed, the hole shows what was filmed: seam (K, K + 1) is the
    share of what is drawn, by the rows and columns to the nearest face.
    """
    height, width = hole.shape
    reach = seam.shape[0]
    sideways = _sideways(faces, reach)
    step = height // trunk.shape[0]
    part = step * step
    for i in range(height):
        for j in range(width):
            near = np.float32(1)
            if hole[i, j] and sideways[i, j]:
                near = seam[0, sideways[i, j]]
                for k in range(1, reach):
                    if i >= k:
                        near = max(near, seam[k, sideways[i - k, j]])
                    if i + k < height:
                        near = max(near, seam[k, sideways[i + k, j]])
                if near == 0:
                    continue
            at = (i % step) * step + j % step
            of, shown = trunk[i // step, j // step], picture[first_row + i, first_column + j]
            mask = of[3 * part + at]
            raised = mask * (inside if hole[i, j] else outside)
            share = raised / (raised + (np.float32(1) - mask))
            for c in range(3):
                behind = np.float32(0.5) if hole[i, j] else np.float32(shown[c]) / np.float32(255)
                value = share * of[c * part + at] + (np.float32(1) - share) * behind
                if near < 1:
                    value = near * value + (np.float32(1) - near) * np.float32(shown[c]) / np.float32(255)
                shown[c] = np.uint8(value * np.float32(255) + np.float32(0.5))


def _seam(margin: float) -> np.ndarray:
    """Share of what is drawn at so many rows and columns from a face, (K, K + 1), for a margin in px.

    It is 1 up to a quarter of the margin, falls to 0 at the whole margin, and is 0 in the last column.
    """
    near, far = margin / 4, max(margin, 1)
    reach = np.arange(math.ceil(far) + 1)
    shares = np.clip((far - np.hypot(reach[:-1, None], reach)) / (far - near), 0, 1)
    shares[:, -1] = 0
    return shares.astype(np.float32)


class SplitRenderer:
    r"""Draws rectangles of one size in ONNX Runtime on the calling thread, else in torch.

    Args:
        generator: whose.
        margin: px by which a hole is wider than the faces that it is cut for.
        size: (h, w) of the rectangle, px.
        runtime: one of :data:`~dnt_core.live.runtimes.RUNTIMES`.

    Raises:
        LiveError: runtime "exported" without ONNX Runtime, or a generator that cannot be exported.
    """

    def __init__(self, generator: Generator, size: tuple[int, int], margin: int, runtime: str) -> None:
        self.size, renderer, teeth = size, generator.renderer, generator.teeth
        self._seam = _seam(margin)
        self._out = tuple(side // renderer.shrink for side in size)
        self._channels = sum(renderer.widths)
        start = renderer.attention_start.double()
        self._raised = [np.float32(value) for value in (start[0].exp(), start.sum().exp())]
        n = generator.texture.channels
        self._graphs: dict[type, Callable[..., np.ndarray]] = {}
        examples = {
            BackgroundShare: (torch.zeros(1, 3, *size), torch.zeros(1, 1, *size)),
            RendererTrunk: (torch.zeros(1, *size, n), torch.zeros(1, self._channels, *self._out)),
        }
        self.mouth_size = None
        if teeth is not None:
            self.mouth_size = h, w = teeth.window_size(size)
            corner = torch.tensor([2, 2])
            examples[MouthShare] = torch.zeros(1, h, w, n), torch.zeros(1, 2, h, w), torch.zeros(1, 7), corner
        self.runtime = (
            "torch" if runtime == "torch" or (runtime == "auto" and not can_export()) else "exported"
        )
        key = graph_key(generator) if self.runtime == "exported" else ""
        for kind, example in examples.items():
            self._graphs[kind] = self._opened(kind(generator), example, key, runtime)
        self._of_thread = threading.local()

    def _opened(self, graph, example, key: str, runtime: str) -> Callable[..., np.ndarray]:
        if self.runtime == "exported":
            try:
                return ExportedGraph(graph, example, key, 1)
            except LiveError:
                if runtime == "exported":
                    raise
                self.runtime = "torch"
        return lambda *tensors: graph(*tensors).numpy()

    def share_of_background(self, background: Tensor, hole: Tensor) -> Tensor:
        r"""(1, 3, h, w) and (1, 1, h, w) → what it gives the first convolution, (1, C, h / s, w / s)."""
        return torch.from_numpy(self._graphs[BackgroundShare](background, hole))

    def draw(
        self, texture: np.ndarray, stem: Tensor, mouth: tuple[Tensor, Tensor] | None, ciec: Tensor,
        hole: np.ndarray, faces: np.ndarray, corner: tuple[int, int], picture: np.ndarray,
    ) -> None:  # fmt: skip
        r"""Draws a face into its frame.

        Args:
            texture: on the face, (h, w, N) float32.
            stem: of :meth:`share_of_background`, any precision.
            mouth: face and mouth masks of the mouth's window (1, 2, h', w'), and its row and column in the
                rectangle (2,); None without teeth submodule.
            ciec: (1, 7).
            hole: (h, w) bool.
            faces: (h, w) bool, where the drawn face is, or the filmed one.
            corner: row and column of the rectangle.
            picture: (S, S, 3) uint8, the frame that was filmed; drawn into.
        """
        whole = self._stem()
        whole.copy_(stem)
        if mouth is not None:
            masks, place = mouth
            (h, w), (row, column) = self.mouth_size, place.tolist()
            cut = torch.from_numpy(np.ascontiguousarray(texture[row : row + h, column : column + w]))[None]
            self._add(whole, self._graphs[MouthShare](cut, masks, ciec, place), row, column)
        trunk = self._graphs[RendererTrunk](torch.from_numpy(texture)[None], whole)
        _blend(trunk[0], hole, faces, self._seam, *self._raised, *corner, picture)

    def _add(self, stem: Tensor, near: np.ndarray, row: int, column: int) -> None:
        """Adds what ``share_near_patch`` gave for a window there, but for what lies outside."""
        shrink, parts = self.size[0] // self._out[0], []
        for first, count, full in zip((row, column), near.shape[-2:], self._out, strict=True):
            begin = first // shrink - 1
            parts.append((max(0, begin), min(full, begin + count), begin))
        (top, below, above), (left, right, before) = parts
        piece = torch.from_numpy(near)[..., top - above : below - above, left - before : right - before]
        stem[..., top:below, left:right] += piece

    def _stem(self) -> Tensor:
        """A buffer of this thread."""
        if not hasattr(self._of_thread, "stem"):
            self._of_thread.stem = torch.empty(1, self._channels, *self._out)
        return self._of_thread.stem
