r"""An address as a QR code, for phones: on the terminal, and as a picture in a page."""

from __future__ import annotations

import io


def for_terminal(address: str, encoding: str | None) -> str:
    r"""The code in half blocks, dark on light; "" where the terminal's ``encoding`` has none of them."""
    import segno

    rows = [[bool(dot) for dot in row] for row in segno.make(address, error="m").matrix]
    width = len(rows[0]) + 8  # four light dots on every side
    rows = [[False] * 4 + row + [False] * 4 for row in rows]
    blank = [[False] * width]
    rows = blank * 4 + rows + blank * (4 + len(rows) % 2)
    # light dots are drawn and dark ones left, as most terminals are dark; phones read both
    drawn = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
    lines = [
        "".join(drawn[pair] for pair in zip(*rows[i : i + 2], strict=True)) for i in range(0, len(rows), 2)
    ]
    text = "\n".join(lines)
    try:
        text.encode(encoding or "ascii")
    except UnicodeEncodeError:
        return ""
    return text


def as_svg(address: str) -> str:
    r"""The code as an SVG picture without a size of its own."""
    import segno

    out = io.BytesIO()
    segno.make(address, error="m").save(
        out, kind="svg", xmldecl=False, omitsize=True, border=4, light="#fff", dark="#000", title=address
    )
    return out.getvalue().decode()
