r"""The dynamic texture put onto a rasterised face, in one pass over the pixels that show it.

What :meth:`~dnt_core.networks.neural_texture.NeuralTexture.sample` gives, without its intermediate pictures:
bases of half the texture's size are looked up where their enlargement would be, whose two bilinear steps are
one of at most three texels a side.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from dnt_core.cache.kernels import kernel
from dnt_core.live.basis_reduction import reduce_bases
from dnt_core.networks.neural_texture import NeuralTexture

_Place = np.uintp


def _taps(size: int, small: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of a look-up between texel k and the next one of a grid that was enlarged from ``small`` to ``size``:
    three texels of the small grid, their weights on texel k, and what the whole way to the next one adds to
    them, (size, 3) each."""
    rows, near = np.arange(size), np.zeros((2, size, 3), np.float32)
    places = (np.stack([rows, np.minimum(rows + 1, size - 1)]) + 0.5) * small / size - 0.5
    places = np.clip(places, 0, small - 1)
    low = places.astype(np.int64)
    first = low[0]
    for weights, texel, place in zip(near, low, places, strict=True):
        share = place - texel
        weights[rows, texel - first] = 1 - share
        weights[rows, texel - first + 1] += share
    texels = np.minimum(first[:, None] + np.arange(3), small - 1)
    return texels.astype(np.uintp), near[0], near[1] - near[0]


@kernel
def _cell(place, size):
    """Left texel, right texel and the right one's share, of a bilinear look-up with a border that goes on."""
    at = min(max(place, 0.0), size - 1.0)
    low = int(at)
    return _Place(low), _Place(min(low + 1, size - 1)), np.float32(at - low)


@kernel(fastmath=True)
def _look_up(face, mesh, uv, first_row, first_column, neutral, change, taps, channels, sampled):
    """Fills sampled (h, w, N), which is 0 off the face; neutral (T, T, N) and change (t, t, N), t <= T.

    Flat arrays and unsigned places: a row cut out of an array counts a reference, and a signed place is
    checked for being negative, both for every pixel. ``channels`` is a tuple of N, whose length is known when
    the kernel is compiled.
    """
    vertices, inverse_depth, triangles = mesh
    texels, start, slope = taps
    size, small, width = neutral.shape[0], _Place(change.shape[0]), sampled.shape[1]
    still, moved, line = neutral.reshape(-1), change.reshape(-1), sampled.reshape(-1)
    across, one = _Place(len(channels)), np.float32(1)
    for i in range(sampled.shape[0]):
        row = first_row + i
        for j in range(width):
            column = first_column + j
            at, shown = _Place(i * width + j) * across, face[row, column]
            if shown < 0:
                for n in range(len(channels)):
                    line[at + _Place(n)] = 0.0
                continue
            i0, i1, i2 = _Place(triangles[shown, 0]), _Place(triangles[shown, 1]), _Place(triangles[shown, 2])
            u0, u1, u2 = vertices[i0, 0] - column, vertices[i1, 0] - column, vertices[i2, 0] - column
            v0, v1, v2 = vertices[i0, 1] - row, vertices[i1, 1] - row, vertices[i2, 1] - row
            w0 = (u1 * v2 - v1 * u2) * inverse_depth[i0]
            w1 = (u2 * v0 - v2 * u0) * inverse_depth[i1]
            w2 = (u0 * v1 - v0 * u1) * inverse_depth[i2]
            scale = size / (w0 + w1 + w2)
            u = (w0 * uv[i0, 0] + w1 * uv[i1, 0] + w2 * uv[i2, 0]) * scale
            v = (w0 * uv[i0, 1] + w1 * uv[i1, 1] + w2 * uv[i2, 1]) * scale
            left, right, x = _cell(u - 0.5, size)
            top, low, y = _cell(size - v - 0.5, size)
            a, b, c, d = (one - x) * (one - y), x * (one - y), (one - x) * y, x * y
            p, q = (top * _Place(size) + left) * across, (top * _Place(size) + right) * across
            r, s = (low * _Place(size) + left) * across, (low * _Place(size) + right) * across
            x0, x1 = start[left, 0] + x * slope[left, 0], start[left, 1] + x * slope[left, 1]
            y0, y1 = start[top, 0] + y * slope[top, 0], start[top, 1] + y * slope[top, 1]
            x2, y2 = start[left, 2] + x * slope[left, 2], start[top, 2] + y * slope[top, 2]
            c0, c1, c2 = texels[left, 0] * across, texels[left, 1] * across, texels[left, 2] * across
            down = small * across
            r0, r1, r2 = texels[top, 0] * down, texels[top, 1] * down, texels[top, 2] * down
            for k in range(len(channels)):
                n = _Place(k)
                line[at + n] = (
                    a * still[p + n] + b * still[q + n] + c * still[r + n] + d * still[s + n]
                    + y0 * (x0 * moved[r0 + c0 + n] + x1 * moved[r0 + c1 + n] + x2 * moved[r0 + c2 + n])
                    + y1 * (x0 * moved[r1 + c0 + n] + x1 * moved[r1 + c1 + n] + x2 * moved[r1 + c2 + n])
                    + y2 * (x0 * moved[r2 + c0 + n] + x1 * moved[r2 + c1 + n] + x2 * moved[r2 + c2 + n])
                )  # fmt: skip


class TextureLookup:
    r"""A trained texture with its bases in the order in which pixels read them; may be called from any
    thread.

    Args:
        texture: of a generator; of its bases as many are kept as the expressions need, see
            :mod:`~dnt_core.live.basis_reduction`.
    """

    def __init__(self, texture: NeuralTexture) -> None:
        self._texture, fewer = texture, reduce_bases(texture)
        with torch.inference_mode():
            self._neutral = texture.neutral.permute(1, 2, 0).contiguous().numpy()  # (T, T, N)
            bases, self._onto = texture.basis.flatten(1), None
            if fewer is not None:
                bases, self._onto = fewer.back.to(bases) @ bases, fewer.onto
            shape = (len(bases), *texture.basis.shape[1:])
            self._bases = bases.view(shape).permute(0, 2, 3, 1).contiguous()  # (R, t, t, N)
        self._taps, self._channels = _taps(texture.size, shape[-1]), (0,) * texture.channels
        self._of_last: tuple[bytes, np.ndarray] = b"", self._neutral

    @staticmethod
    def can(texture: NeuralTexture) -> bool:
        r"""Whether a texture is one that is looked up here: with bases, none of them larger than it."""
        return texture.basis is not None and texture.basis.shape[-1] <= texture.size

    def __call__(
        self, face: np.ndarray, mesh: tuple[np.ndarray, ...], uv: np.ndarray, corner: tuple[int, int],
        size: tuple[int, int], change: np.ndarray,
    ) -> np.ndarray:  # fmt: skip
        r"""The texture of an expression on the face, (h, w, N) float32.

        Args:
            face: (S, S) that :func:`~dnt_core.rendering.rasterizer_numba.fill_depth` filled. mesh: what it
                was given: vertices on the screen, their inverse depths, triangles. uv: (V, 2) float32.
            corner, size: the rectangle that is wanted, px. change: one of :meth:`changes`.
        """
        sampled = np.empty((*size, len(self._channels)), np.float32)
        _look_up(face, mesh, uv, *corner, self._neutral, change, self._taps, self._channels, sampled)
        return sampled

    def changes(self, ciecs: Tensor) -> np.ndarray:
        r"""What expressions (n, 7) add to the neutral texture, (n, t, t, N); the last call's are kept."""
        key, last = ciecs.numpy().tobytes(), self._of_last
        if last[0] != key:
            weights = self._texture.weights(ciecs)
            weights = weights if self._onto is None else weights.to(self._onto) @ self._onto
            changes = torch.mm(weights.to(self._bases), self._bases.flatten(1))
            self._of_last = last = key, changes.unflatten(1, self._bases.shape[1:]).numpy()
        return last[1]
