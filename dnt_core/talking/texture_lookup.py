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


@kernel
def _cell(place, size):
    """Left texel, right texel and the right one's share, of a bilinear look-up with a border that goes on."""
    at = min(max(place, np.float32(0)), np.float32(size - 1))
    low = int(at)
    return low, min(low + 1, size - 1), at - np.float32(low)


@kernel
def _taps(low, high, share, size, small, texels, weights):
    """Three texels of the small grid and their weights, of a look-up between two of its enlargement."""
    ratio, half = np.float32(small) / np.float32(size), np.float32(0.5)
    first, _, a = _cell((low + half) * ratio - half, small)
    second, _, b = _cell((high + half) * ratio - half, small)
    for k in range(3):
        texels[k] = min(first + k, small - 1)
        weights[k] = 0.0
    weights[0] += (1 - share) * (1 - a)
    weights[1] += (1 - share) * a
    weights[second - first] += share * (1 - b)
    if b > 0:
        weights[second - first + 1] += share * b


@kernel(fastmath=True)
def _look_up(face, bary, triangles, uv, first_row, first_column, neutral, change, sampled):
    """Fills sampled (h, w, N), which is 0 off the face; neutral (T, T, N) and change (t, t, N), t <= T.

    Flat arrays and unsigned places: a row cut out of an array counts a reference, and a signed place is
    checked for being negative, both for every pixel.
    """
    size, small, channels = neutral.shape[0], change.shape[0], _Place(neutral.shape[2])
    width = sampled.shape[1]
    still, moved, line = neutral.reshape(-1), change.reshape(-1), sampled.reshape(-1)
    rows, columns = np.empty(3, np.int64), np.empty(3, np.int64)
    row_weights, column_weights = np.empty(3, np.float32), np.empty(3, np.float32)
    for i in range(sampled.shape[0]):
        for j in range(width):
            texel, shown = _Place(i * width + j) * channels, face[first_row + i, first_column + j]
            if shown < 0:
                for n in range(channels):
                    line[texel + n] = 0.0
                continue
            u = v = np.float32(0)
            for k in range(3):
                corner, share = triangles[shown, k], bary[first_row + i, first_column + j, k]
                u += share * uv[corner, 0]
                v += share * uv[corner, 1]
            left, right, x = _cell(u * size - np.float32(0.5), size)
            top, low, y = _cell((1 - v) * size - np.float32(0.5), size)
            a, b, c, d = (1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y
            p, q = _Place(top * size + left) * channels, _Place(top * size + right) * channels
            r, s = _Place(low * size + left) * channels, _Place(low * size + right) * channels
            _taps(left, right, x, size, small, columns, column_weights)
            _taps(top, low, y, size, small, rows, row_weights)
            e, f = row_weights[0] * column_weights[0], row_weights[0] * column_weights[1]
            g, h = row_weights[1] * column_weights[0], row_weights[1] * column_weights[1]
            pp, qq = _Place(rows[0] * small + columns[0]), _Place(rows[0] * small + columns[1])
            rr, ss = _Place(rows[1] * small + columns[0]), _Place(rows[1] * small + columns[1])
            pp, qq, rr, ss = pp * channels, qq * channels, rr * channels, ss * channels
            for n in range(channels):
                line[texel + n] = (
                    a * still[p + n] + b * still[q + n] + c * still[r + n] + d * still[s + n]
                    + e * moved[pp + n] + f * moved[qq + n] + g * moved[rr + n] + h * moved[ss + n]
                )  # fmt: skip
            for m in range(3):  # a third texel on either side
                for k in range(3):
                    weight = row_weights[m] * column_weights[k]
                    if weight > 0 and (m == 2 or k == 2):
                        at = _Place(rows[m] * small + columns[k]) * channels
                        for n in range(channels):
                            line[texel + n] += weight * moved[at + n]


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
        self._of_last: tuple[bytes, np.ndarray] = b"", self._neutral

    @staticmethod
    def can(texture: NeuralTexture) -> bool:
        r"""Whether a texture is one that is looked up here: with bases, none of them larger than it."""
        return texture.basis is not None and texture.basis.shape[-1] <= texture.size

    def __call__(
        self, face: np.ndarray, bary: np.ndarray, triangles: np.ndarray, uv: np.ndarray,
        corner: tuple[int, int], size: tuple[int, int], change: np.ndarray,
    ) -> np.ndarray:  # fmt: skip
        r"""The texture of an expression on the face, (h, w, N) float32.

        Args:
            face, bary: (S, S) and (S, S, 3) of the rasteriser. triangles: (F, 3) int32. uv: (V, 2) float32.
            corner, size: the rectangle that is wanted, px. change: one of :meth:`changes`.
        """
        sampled = np.empty((*size, self._neutral.shape[2]), np.float32)
        _look_up(face, bary, triangles, uv, *corner, self._neutral, change, sampled)
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
