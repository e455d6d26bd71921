r"""A clip's frames as arrays that compress well and that a page unpacks with additions alone.

UV maps are rounded to 13 bits and kept as differences from what their neighbours foretell; the background
as differences from the frame before, in which most of an encoded film stands still. Both come back exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dnt_core.live.scene import Scene
from dnt_core.networks.face_window import face_window
from dnt_core.networks.frame_inputs import face_and_hole
from dnt_core.networks.generator import FrameInputs, Generator

UV_STEPS = 2**13 - 1  # of 1.0, to which a UV map is rounded: 1/32 texel of a texture of 256
HOLE, MASK, MOUTH = 1, 2, 4  # bits of ``planes``


@dataclass(frozen=True)
class ClipArrays:
    r"""T frames of S px, of which a rectangle of h × w px is drawn.

    Attributes:
        size: (h, w).
        corners: (T, 2) integer, row and column of each rectangle.
        mouths: (T, 2) integer, of the mouth's window in it.
        planes: (T, h, w) uint8, bits ``HOLE``, ``MASK``, ``MOUTH``.
        uv: (T, 2, h, w) uint16, ``uv_steps`` for 1.0.
        around: (T, S, S, 3) uint8, what was filmed; in the filmed face's hole what was there before.
        moved: how many mouths do not fit into their window, whose pictures differ from the generator's.
    """

    size: tuple[int, int]
    corners: np.ndarray
    mouths: np.ndarray
    planes: np.ndarray
    uv: np.ndarray
    uv_steps: int
    around: np.ndarray
    moved: int

    def __len__(self) -> int:
        return len(self.planes)

    def inputs(self, frame: int) -> tuple[Tensor, ...]:
        r"""What ``page_graphs.Prepare`` takes, as a page makes it of the arrays."""
        bits = torch.from_numpy(self.planes[frame])[None, None]
        hole, mask, mouth = ((bits & bit > 0).float() for bit in (HOLE, MASK, MOUTH))
        (row, column), (height, width) = self.corners[frame], self.size
        cut = self.around[frame, row : row + height, column : column + width]
        background = torch.from_numpy(cut.copy()).permute(2, 0, 1)[None].float() / 255
        uv = torch.from_numpy(self.uv[frame].astype(np.float32))[None] / self.uv_steps
        corner = torch.from_numpy(self.mouths[frame])
        return torch.where(hole > 0, 0.5, background), hole, mask, mouth, uv, corner


@torch.no_grad()
def clip_arrays(generator: Generator, scene: Scene) -> ClipArrays:
    r"""All frames of a clip in its own poses."""
    frames = [scene.inputs(k) for k in range(len(scene))]
    window = face_window(torch.cat([f.hole for f in frames]), generator.config.face_window)
    whole = FrameInputs(*map(torch.cat, zip(*frames, strict=True)))
    inside = whole.inside(window)
    uv = (inside.uv_map * inside.mask * UV_STEPS).round().numpy().astype(np.uint16)
    planes = sum((plane > 0).byte() * bit for plane, bit in ((inside.hole, HOLE), (inside.mask, MASK),
        (inside.mouth, MOUTH)))[:, 0].numpy()  # fmt: skip
    mouths, moved = _mouths(generator, inside, window.size)
    around, side = scene.frames.copy(), scene.frames.shape[1]
    filmed = (scene.seen[k : k + 1] for k in range(len(scene)))
    _fill(around, torch.cat([face_and_hole(scene.model, seen, None, side)[1] for seen in filmed]))
    corners = window.corners.expand(len(frames), -1).numpy()
    return ClipArrays(window.size, corners, mouths, planes, uv, UV_STEPS, around, moved)


def _mouths(generator: Generator, inside: FrameInputs, size: tuple[int, int]) -> tuple[np.ndarray, int]:
    """Corners (T, 2) of the mouth's windows, moved into the rectangle; how many that changes."""
    if generator.teeth is None:
        return np.zeros((len(inside.mask), 2), np.int64), 0
    place = generator.teeth.place(inside.mouth_box.float(), size).numpy()  # (T, 3) column, row, scale
    window = np.array(generator.teeth.window_size(size))
    wanted = np.rint(place[:, 1::-1] - (window - 1) / 2).astype(np.int64)
    corners = np.clip(wanted, 0, np.array(size) - window)
    return corners, int(((corners != wanted).any(1) | (place[:, 2] != 1)).sum())


def _fill(around: np.ndarray, holes: Tensor) -> None:
    """Puts into each hole (T, 1, S, S) what the frame before shows there: no differences to be kept.

    The face that is drawn may need a larger one, and a face with other lips another: there the film stays.
    """
    cuts = holes[:, 0].numpy() > 0
    around[0][cuts[0]] = 128
    for before, now, cut in zip(around, around[1:], cuts[1:], strict=False):
        now[cut] = before[cut]


def pack_uv(uv: np.ndarray, mask: np.ndarray) -> bytes:
    r"""UV maps as differences from left + above − above left, modulo 2¹⁶, small ones first in size; all low
    bytes, then all high bytes. Off the face nothing differs: what is foretold there stands for the edge.

    Args:
        uv: (T, 2, h, w) uint16. mask: (T, h, w) of truth.
    """
    frames, axes, height, width = uv.shape
    known = np.zeros((height + 1, width + 1, frames, axes), np.uint16)
    rest = np.zeros((height, width, frames, axes), np.uint16)
    true, shown = uv.transpose(2, 3, 0, 1), mask.transpose(1, 2, 0)[..., None]
    for y, x in np.ndindex(height, width):
        foretold = known[y + 1, x] + known[y, x + 1] - known[y, x]
        now = known[y + 1, x + 1] = np.where(shown[y, x], true[y, x], foretold)
        rest[y, x] = now - foretold
    signed = rest.view(np.int16).astype(np.int32)
    folded = ((signed << 1) ^ (signed >> 31)).astype(np.uint16).transpose(2, 3, 0, 1)
    return (folded & 255).astype(np.uint8).tobytes() + (folded >> 8).astype(np.uint8).tobytes()


def pack_around(around: np.ndarray) -> bytes:
    r"""(T, S, S, 3) uint8 → differences from the frame before, red and blue less green's, modulo 256."""
    change = np.diff(around, axis=0, prepend=np.zeros_like(around[:1]))
    change[..., 0] -= change[..., 1]
    change[..., 2] -= change[..., 1]
    return change.tobytes()


def pack_planes(planes: np.ndarray) -> bytes:
    r"""(T, h, w) uint8 → what differs from the frame before."""
    changed = planes.copy()
    changed[1:] ^= planes[:-1]
    return changed.tobytes()


def seen_texels(uv: np.ndarray, mask: np.ndarray, size: int, reach: int = 1) -> np.ndarray:
    r"""Where looking a texture up reads it: (size, size) of truth, row 0 at v = 1.

    Args:
        uv: (T, 2, h, w) in [0, 1]. mask: (T, h, w) of truth. reach: texels beyond the nearest on each side.
    """
    u, v = (uv[:, axis][mask] for axis in (0, 1))
    columns, rows = (np.clip((at * size).astype(int), 0, size - 1) for at in (u, 1 - v))
    seen = np.zeros((size, size), bool)
    seen[rows, columns] = True
    for axis in (0, 1):
        around = [np.roll(seen, shift, axis) for shift in range(-reach, reach + 1)]
        seen = np.logical_or.reduce(around)
    return seen
