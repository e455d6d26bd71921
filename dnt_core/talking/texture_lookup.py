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


@kernel
def _corner(place, size):
    """Left texel, right texel and the right one's share, of a bilinear look-up with a border that goes on."""
    at = min(max(place, 0.0), size - 1.0)
    low = int(np.floor(at))
    return low, min(low + 1, size - 1), at - low


@kernel
def _taps(place, size, small, first, share):
    """Texels of the small grid and their shares (4,), for a look-up in its enlargement to ``size``."""
    low, high, right = _corner(place, size)
    ratio = small / size
    for k in range(2):
        texel, weight = (low, 1.0 - right) if k == 0 else (high, right)
        a, b, c = _corner((texel + 0.5) * ratio - 0.5, small)
        first[2 * k], first[2 * k + 1] = a, b
        share[2 * k], share[2 * k + 1] = weight * (1.0 - c), weight * c


@kernel(fastmath=True)
def _look_up(face, bary, triangles, uv, corner, neutral, change, sampled):
    """Fills sampled (N, h, w), which is 0 off the face."""
    size, small, channels = neutral.shape[0], change.shape[0], neutral.shape[2]
    texel = np.empty(channels, np.float32)
    rows, columns = np.empty(4, np.int64), np.empty(4, np.int64)
    row_share, column_share = np.empty(4, np.float32), np.empty(4, np.float32)
    for i in range(sampled.shape[1]):
        for j in range(sampled.shape[2]):
            f = face[corner[0] + i, corner[1] + j]
            if f < 0:
                for n in range(channels):
                    sampled[n, i, j] = 0.0
                continue
            u = v = 0.0
            for k in range(3):
                weight = bary[corner[0] + i, corner[1] + j, k]
                u += weight * uv[triangles[f, k], 0]
                v += weight * uv[triangles[f, k], 1]
            across, down = u * size - 0.5, (1.0 - v) * size - 0.5
            left, right, x = _corner(across, size)
            top, low, y = _corner(down, size)
            a, b = np.float32((1 - x) * (1 - y)), np.float32(x * (1 - y))
            c, d = np.float32((1 - x) * y), np.float32(x * y)
            for n in range(channels):
                texel[n] = (
                    a * neutral[top, left, n] + b * neutral[top, right, n]
                    + c * neutral[low, left, n] + d * neutral[low, right, n]
                )  # fmt: skip
            _taps(across, size, small, columns, column_share)
            _taps(down, size, small, rows, row_share)
            for p in range(4):
                for q in range(4):
                    weight = row_share[p] * column_share[q]
                    if weight > 0.0:
                        r, s = rows[p], columns[q]
                        for n in range(channels):
                            texel[n] += weight * change[r, s, n]
            for n in range(channels):
                sampled[n, i, j] = texel[n]


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
        self._of_last: tuple[bytes, np.ndarray] | None = None

    @staticmethod
    def can(texture: NeuralTexture) -> bool:
        r"""Whether a texture is one that is looked up here: with bases, none of them larger than it."""
        return texture.basis is not None and texture.basis.shape[-1] <= texture.size

    def __call__(
        self, face: np.ndarray, bary: np.ndarray, triangles: np.ndarray, uv: np.ndarray,
        corner: tuple[int, int], size: tuple[int, int], ciec: Tensor,
    ) -> Tensor:  # fmt: skip
        r"""The texture of an expression on the face, (1, N, h, w).

        Args:
            face, bary: (S, S) and (S, S, 3) of the rasteriser. triangles: (F, 3) int32. uv: (V, 2) float32.
            corner, size: the rectangle that is wanted, px. ciec: (1, 7).
        """
        sampled = np.empty((self._neutral.shape[2], *size), np.float32)
        _look_up(face, bary, triangles, uv, corner, self._neutral, self._change(ciec), sampled)
        return torch.from_numpy(sampled)[None]

    def _change(self, ciec: Tensor) -> np.ndarray:
        key, last = ciec.numpy().tobytes(), self._of_last
        if last is None or last[0] != key:
            weights = self._texture.weights(ciec)
            weights = weights if self._onto is None else weights.to(self._onto) @ self._onto
            change = torch.mv(self._bases.flatten(1).T, weights[0].to(self._bases))
            self._of_last = last = key, change.view(self._bases.shape[1:]).numpy()
        return last[1]
