r"""The stills that stand where no kernel runs: words below a picture, and what a widget shows of itself."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from functools import cache
from typing import Any

LINE = 16  # px from one line of a caption to the next


@cache
def font(size: int = 12) -> Any:
    r"""The font of captions, for Pillow.

    Args:
        size: px.
    """
    from matplotlib import font_manager
    from PIL import ImageFont

    return ImageFont.truetype(font_manager.findfont("DejaVu Sans"), size)


def captioned(picture: Any, parts: Sequence[str]) -> bytes:
    r"""A picture with words written below it, as the bytes of a PNG file.

    Args:
        picture: a Pillow image.
        parts: phrases, joined by commas; a line breaks between two of them.
    """
    from PIL import Image, ImageDraw

    lines = _lines(parts, picture.width)
    sheet = Image.new("RGB", (picture.width, picture.height + LINE * len(lines) + LINE // 3), "white")
    sheet.paste(picture, (0, 0))
    draw = ImageDraw.Draw(sheet)
    for k, line in enumerate(lines):
        draw.text((2, picture.height + 2 + LINE * k), line, fill="#333333", font=font())
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    return buffer.getvalue()


def with_still(bundle: Any, plain: str, picture: bytes | None = None, page: str = "") -> Any:
    r"""What a widget shows of itself, with the still for readers without a kernel.

    Args:
        bundle: of the widget's own ``_repr_mimebundle_``: data, (data, metadata) or None.
        plain: the still as text.
        picture: the still as the bytes of a PNG file; None: no picture.
        page: the still as HTML; "": no page.

    Returns:
        (data, metadata), or data alone where the bundle had no metadata.
    """
    data, *metadata = bundle if isinstance(bundle, tuple) else (bundle,)
    data = {**(data or {}), "text/plain": plain}
    if picture is not None:
        data["image/png"] = base64.b64encode(picture).decode("ascii")
    if page:
        data["text/html"] = page
    return (data, *metadata) if metadata else data


def _lines(parts: Sequence[str], width: int) -> list[str]:
    r"""Parts with commas between them, in lines of at most ``width`` px where a part alone is not longer."""
    lines = [parts[0]]
    for part in parts[1:]:
        longer = f"{lines[-1]}, {part}"
        if font().getlength(longer) <= width - 12:
            lines[-1] = longer
        else:
            lines[-1] += ","
            lines.append(part)
    return lines
