r"""HDR and wide-gamut film → the colours of an ordinary screen (SDR, BT.709).

Phones film in HLG by default, some cameras in PQ. Shown as if they were SDR such frames are pale. Both are
taken to light in nits (ITU-R BT.2100: HLG at 1,000 nits with its system gamma 1.2, which is applied to each
channel, as FFmpeg's zscale does), a white of 203 nits (ITU-R BT.2408) becomes SDR's white, BT.2020's
primaries become BT.709's, and the inverse of BT.1886 (gamma 2.4) gives the value again. Highlights above that
white are
clipped: what was SDR before it was put into an HDR file comes back as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

HLG, PQ = 18, 16  # AVCOL_TRC_ARIB_STD_B67, AVCOL_TRC_SMPTE2084
TRANSFER_NAMES = {HLG: "HLG", PQ: "PQ"}
WHITE_NITS = 203.0
_GAMMA = 2.4
_WHITE = (0.3127, 0.3290)  # D65
_709 = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))
_IS_709 = 1  # AVCOL_PRI_BT709
_PRIMARIES = {  # AVColorPrimaries → red, green, blue in CIE xy; only those wider than BT.709
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),  # BT.2020
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),  # Display P3
}


def needs_conversion(transfer: int, primaries: int) -> bool:
    r"""Whether a frame's colours mean something else than an ordinary screen shows."""
    return transfer in TRANSFER_NAMES or primaries in _PRIMARIES


def to_standard(rgb: np.ndarray, transfer: int, primaries: int) -> np.ndarray:
    r"""(H, W, 3) uint16 with these FFmpeg numbers → (H, W, 3) uint8 RGB as an SDR screen shows it."""
    table = _light_table(transfer)
    light = table[rgb]  # 1 is SDR's white
    if primaries != _IS_709:  # HDR without a name for its primaries has BT.2020's
        light = light @ _to_709(primaries if primaries in _PRIMARIES else 9).T
    return (np.clip(light, 0, 1) ** (1 / _GAMMA) * 255 + 0.5).astype(np.uint8)


@lru_cache(maxsize=4)
def _light_table(transfer: int) -> np.ndarray:
    r"""(65536,) float32: the light of each of the 16 bit values, 1 is SDR's white."""
    value = np.arange(65536) / 65535
    to_light: Callable[[np.ndarray], np.ndarray] = {HLG: _hlg, PQ: _pq}.get(transfer, lambda v: v**_GAMMA)
    return to_light(value).astype(np.float32)


def _hlg(value: np.ndarray) -> np.ndarray:
    a = 0.17883277
    b, c = 1 - 4 * a, 0.5 - a * np.log(4 * a)
    scene = np.where(value <= 0.5, value**2 / 3, (np.exp((value - c) / a) + b) / 12)
    return 1000 / WHITE_NITS * scene**1.2


def _pq(value: np.ndarray) -> np.ndarray:
    m1, m2 = 2610 / 16384, 2523 / 32
    c1, c2, c3 = 3424 / 4096, 2413 / 128, 2392 / 128
    power = value ** (1 / m2)
    return 10000 / WHITE_NITS * (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1)


@lru_cache(maxsize=4)
def _to_709(primaries: int) -> np.ndarray:
    r"""(3, 3) float32: linear RGB of these primaries → linear RGB of BT.709."""
    return (np.linalg.inv(_to_xyz(_709)) @ _to_xyz(_PRIMARIES[primaries])).astype(np.float32)


def _to_xyz(primaries: tuple[tuple[float, float], ...]) -> np.ndarray:
    columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in primaries]).T
    x, y = _WHITE
    return columns * np.linalg.solve(columns, [x / y, 1, (1 - x - y) / y])
