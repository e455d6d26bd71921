r"""Pictures small enough to commit: a large PNG is written again with a palette, and smaller if need be."""

from __future__ import annotations

import base64
import io
from typing import Any

from PIL import Image

LIMIT = 200_000  # bytes
SCALES = (1.0, 0.8, 0.65)  # tried in turn until the file is below the limit
NEARLY_WHITE = 248


def small_png(data: bytes, limit: int = LIMIT) -> bytes:
    r"""The bytes of a PNG file; above ``limit`` without its transparency, then with 256 dithered colours, and
    then in fewer pixels.

    The last of :data:`SCALES` is taken even when it is above the limit. Transparent parts become white.
    """
    if len(data) <= limit:
        return data
    picture = Image.open(io.BytesIO(data))
    opaque = Image.new("RGB", picture.size, "white")
    opaque.paste(picture, mask=picture.getchannel("A") if "A" in picture.getbands() else None)
    small = _written(opaque, picture.info.get("dpi"))
    if len(small) <= limit:
        return small
    for scale in SCALES:
        small = _with_palette(opaque, scale, picture.info.get("dpi"))
        if len(small) <= limit:
            break
    return min(data, small, key=len)


def shrink_pictures(notebook: Any, limit: int = LIMIT) -> Any:
    r"""Write the PNG outputs of a notebook again with :func:`small_png`, in place; returns the notebook."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                small = small_png(base64.b64decode(data["image/png"]), limit)
                data["image/png"] = base64.b64encode(small).decode("ascii")
    return notebook


def _with_palette(picture: Image.Image, scale: float, dpi: tuple[float, float] | None) -> bytes:
    size = [max(1, round(scale * side)) for side in picture.size]
    scaled = picture if scale == 1 else picture.resize(size, Image.Resampling.LANCZOS)
    # Maximum coverage keeps what is small and bright, such as lips; a median cut would dither them away.
    palette = scaled.quantize(256, method=Image.Quantize.MAXCOVERAGE, kmeans=1)
    entries = palette.getpalette()
    colors = [entries[k : k + 3] for k in range(0, len(entries), 3)]
    white = [[255] * 3 if min(color) >= NEARLY_WHITE else color for color in colors]  # paper stays white
    palette.putpalette([value for color in white for value in color])
    dithered = scaled.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    return _written(dithered, tuple(scale * value for value in dpi) if dpi else None)


def _written(picture: Image.Image, dpi: tuple[float, ...] | None = None) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", optimize=True, **({"dpi": dpi} if dpi else {}))
    return buffer.getvalue()
