r"""RGB ↔ H.264's YUV 4:2:0, through FFmpeg's scaler with the settings that keep a face's colours.

Two settings matter. With the scaler's defaults a round trip darkens a picture by 1.1 to 1.4 levels of
255 (it truncates instead of rounding), which a study of skin colour would see; ``ACCURATE_RND`` and full
chroma take that away. And matrix and range are always passed: files that do not say are read as BT.709
from 1280 columns or 577 lines on and as BT.601 below, in limited range, which is what players do.
"""

from __future__ import annotations

import threading
from collections import defaultdict

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from dnt_core.clips.standard_colors import needs_conversion, to_standard

# FFmpeg's numbers, the same in all of its versions
_BILINEAR, _BICUBIC = 0x2, 0x4
_EXACT = 0x40000 | 0x2000 | 0x4000 | 0x80000  # accurate rounding, full chroma (two flags), bit-exact
BT709, BT601 = 1, 5  # SWS_CS_ITU709, SWS_CS_ITU601
_SWS_MATRIX = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9}  # AVColorSpace of the file → the scaler's number
_UNNAMED = {0, 2, 3}  # RGB has no matrix, "unspecified", "reserved"
LIMITED, FULL = 1, 2  # AVCOL_RANGE_MPEG, AVCOL_RANGE_JPEG


_of_thread = threading.local()
# newer PyAV cuts even 128 px into slices for a pool of threads and waits longer for them than it scales
_ONE_THREAD = {"threads": 1} if "threads" in (VideoReformatter.reformat.__doc__ or "") else {}


def _reformatter(*colors: int) -> VideoReformatter:
    r"""This thread's scaler: FFmpeg sets up its tables once and keeps them while sizes and formats stay.

    Args:
        colors: matrix and range of the frame. Each pair has a scaler of its own, because not every PyAV sees
            that they are others than the last frame's.
    """
    if not hasattr(_of_thread, "scalers"):
        _of_thread.scalers = defaultdict(VideoReformatter)
    return _of_thread.scalers[colors]


def rgb_to_yuv(rgb: np.ndarray) -> av.VideoFrame:
    r"""One frame (H, W, 3) uint8 RGB, H and W even → yuv420p, BT.709, limited range, tagged so."""
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
    yuv = _reformatter().reformat(
        frame,
        format="yuv420p",
        src_colorspace=BT709,
        dst_colorspace=BT709,
        src_color_range=FULL,
        dst_color_range=LIMITED,
        interpolation=_BILINEAR | _EXACT,
        **_ONE_THREAD,
    )
    yuv.colorspace, yuv.color_range = BT709, LIMITED
    return yuv


def yuv_to_rgb(frame: av.VideoFrame, size: tuple[int, int] | None = None) -> np.ndarray:
    r"""A decoded frame → (H, W, 3) uint8 RGB as an SDR screen shows it, scaled to ``size`` = (H, W) if given.

    Raises:
        ValueError: the frame's colour matrix is one that the scaler does not know.
    """
    height, width = size or (frame.height, frame.width)
    scaled = (height, width) != (frame.height, frame.width)
    matrix = _matrix(frame)
    full = int(frame.color_range) == FULL or frame.format.name.startswith("yuvj")
    transfer, primaries = int(frame.color_trc), int(frame.color_primaries)
    hdr = needs_conversion(transfer, primaries)
    rgb = _reformatter(matrix, full).reformat(
        frame,
        width=width,
        height=height,
        # not rgb48: with full chroma the scaler of FFmpeg 8 gets its green and blue wrong
        format="gbrp16le" if hdr else "rgb24",
        src_colorspace=matrix,
        dst_colorspace=matrix,
        src_color_range=FULL if full else LIMITED,
        dst_color_range=FULL,
        interpolation=(_BICUBIC if scaled else _BILINEAR) | _EXACT,
        **_ONE_THREAD,
    )
    return to_standard(rgb.to_ndarray(), transfer, primaries) if hdr else rgb.to_ndarray()


def is_transparent(frame: av.VideoFrame) -> bool:
    r"""Whether any part of a frame is not opaque."""
    if not any(part.is_alpha for part in frame.format.components):
        return False
    alpha = frame.reformat(format="rgba").to_ndarray()[..., 3]
    return bool(alpha.min() < 255)


def _matrix(frame: av.VideoFrame) -> int:
    named = int(frame.colorspace)
    if named in _SWS_MATRIX:
        return _SWS_MATRIX[named]
    if named not in _UNNAMED:
        raise ValueError(
            f"its colours are stored by a matrix (FFmpeg's number {named}) that is not read here"
        )
    return BT709 if frame.width >= 1280 or frame.height > 576 else BT601


def resize_rgb(rgb: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    r"""(H, W, 3) uint8 RGB → (size[0], size[1], 3), bicubic and anti-aliased."""
    if rgb.shape[:2] == tuple(size):
        return rgb
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
    scaled = _reformatter().reformat(
        frame,
        width=size[1],
        height=size[0],
        format="rgb24",
        interpolation=_BICUBIC | _EXACT,
        **_ONE_THREAD,
    )
    return scaled.to_ndarray()
