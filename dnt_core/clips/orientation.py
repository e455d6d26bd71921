r"""The way up: a display matrix and a pixel's shape → the picture as players show it.

Phones store what their sensor saw and say in a display matrix how to hold it. The matrix sends a stored pixel
(x, y) to (a x + c y, b x + d y); its nine numbers are a b u, c d v, x y w, of which the first two of each row
are of 1/65536. Cameras of tape and discs store pixels that are not square and say their width : height.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

_STRAIGHT = math.radians(1)  # as players do, a matrix this near to a right angle counts as one
_SHAPES = (Fraction(1, 10), Fraction(10))  # a pixel's width : height beyond these is a damaged header


@dataclass(frozen=True)
class Orientation:
    r"""What is to be done to a stored picture: transpose it, then mirror columns, mirror rows, turn the rest.

    Attributes:
        transpose: columns become rows.
        mirror_columns: left and right change places, after the transposition.
        mirror_rows: top and bottom change places, after the transposition.
        angle: degrees clockwise to turn about the centre within the same frame, 0 for all cameras' files.
        pixel_shape: width : height of a stored pixel.
    """

    transpose: bool = False
    mirror_columns: bool = False
    mirror_rows: bool = False
    angle: float = 0.0
    pixel_shape: Fraction = Fraction(1)

    @classmethod
    def of(cls, matrix: bytes | None, pixel_shape: Fraction | None) -> Orientation:
        r"""From a display matrix as FFmpeg hands it over (nine native int32) and a sample aspect ratio.

        Args:
            matrix: 36 bytes, or None where the file has none.
            pixel_shape: width : height; None, 0 or absurd values count as square.
        """
        if matrix is None and (not pixel_shape or pixel_shape == 1):
            return _PLAIN
        shape = Fraction(pixel_shape or 1)
        shape = shape if _SHAPES[0] <= shape <= _SHAPES[1] else Fraction(1)
        if matrix is None or len(matrix) < 36:
            return cls(pixel_shape=shape)
        a, b, _, c, d, _, *_ = struct.unpack("=9i", matrix[:36])
        if a * d - b * c == 0:  # no picture would be left: damaged
            return cls(pixel_shape=shape)
        transpose = abs(b) > abs(a)
        off_axis = math.atan2(abs(a), abs(b)) if transpose else math.atan2(abs(b), abs(a))
        if off_axis > _STRAIGHT:
            return cls(mirror_columns=a * d - b * c < 0, angle=_turn(a, b, c, d), pixel_shape=shape)
        if transpose:
            return cls(True, c < 0, b < 0, pixel_shape=shape)
        return cls(False, a < 0, d < 0, pixel_shape=shape)

    @property
    def is_plain(self) -> bool:
        r"""Whether a stored picture is shown as it is."""
        return self is _PLAIN or self == _PLAIN

    def shown_size(self, height: int, width: int) -> tuple[int, int]:
        r"""Height and width as shown, of a stored picture's: square pixels, the right way up."""
        width = max(1, round(width * self.pixel_shape))
        return (width, height) if self.transpose else (height, width)

    def stored_size(self, size: tuple[int, int]) -> tuple[int, int]:
        r"""The size that a stored picture is scaled to so that it is shown at ``size``."""
        return size[::-1] if self.transpose else size

    def upright(self, rgb: np.ndarray) -> np.ndarray:
        r"""A stored picture (H, W, 3) with square pixels, the right way up."""
        rgb = rgb.transpose(1, 0, 2) if self.transpose else rgb
        rgb = rgb[:, ::-1] if self.mirror_columns else rgb
        rgb = rgb[::-1] if self.mirror_rows else rgb
        if self.angle:
            from scipy.ndimage import rotate

            rgb = rotate(rgb, -self.angle, reshape=False, order=1)
        return np.ascontiguousarray(rgb)

    @property
    def right_angles(self) -> int | None:
        r"""0, 90, 180 or 270 degrees clockwise by which a stored picture is turned; None: it is mirrored."""
        return _RIGHT_ANGLES.get((self.transpose, self.mirror_columns, self.mirror_rows))

    def __str__(self) -> str:
        words = []
        if self.right_angles:
            words.append(f"turned by {self.right_angles} degrees clockwise")
        elif self.transpose:
            words.append("turned by 90 degrees and mirrored")
        elif self.mirror_columns or self.mirror_rows:
            words.append("mirrored " + ("left to right" if self.mirror_columns else "top to bottom"))
        if self.angle:
            words.append(f"turned by {self.angle:.1f} degrees clockwise")
        if self.pixel_shape != 1:
            words.append(f"its pixels of {self.pixel_shape.numerator}:{self.pixel_shape.denominator} squared")
        return ", ".join(words)


_PLAIN = Orientation()
_RIGHT_ANGLES = {
    (False, False, False): 0,
    (True, True, False): 90,
    (False, True, True): 180,
    (True, False, True): 270,
}


def _turn(a: int, b: int, c: int, d: int) -> float:
    r"""Degrees clockwise (y points down) of a matrix, its mirroring taken off first."""
    return math.degrees(math.atan2(b, a) if a * d - b * c > 0 else math.atan2(-b, -a))


def turned(degrees: int) -> bytes:
    r"""The display matrix of a turn counter-clockwise, as FFmpeg counts it."""
    a, b = (
        round(65536 * value) for value in (math.cos(math.radians(degrees)), math.sin(math.radians(degrees)))
    )
    return struct.pack("=9i", a, -b, 0, b, a, 0, 0, 0, 1 << 30)
