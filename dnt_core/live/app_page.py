r"""What ``dnt live`` shows: the words around the face, and the faces, each made when it is chosen."""

from __future__ import annotations

import html
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from dnt_core.live.app_server import LiveApp
from dnt_core.live.page_words import BUILT_IN, GIVEN
from dnt_core.live.widget.live_widget import LiveFaceWidget
from dnt_core.serving import qr
from dnt_core.serving.access import Access, draw_code
from dnt_core.serving.address import LOOPBACK, address, url
from dnt_core.serving.http_server import serve_app
from dnt_core.serving.page_parts import joined
from dnt_core.serving.served_page import ServedPage

SMILING = 40  # a frame of the built-in clip in which the mouth is open
_ABOVE = """\
<header>
<h1>A face that follows your hand</h1>
<p>Drag on the pad: the face shows as much of the expression as you ask, while the lips go on speaking.
<strong>SYNTHETIC</strong> {about}</p>
</header>
"""
_STYLE = """\
body > header { max-width: 62rem; margin: 0 auto; padding: 1.1rem 1rem .4rem; }
body > header h1 { font-size: 1.5rem; line-height: 1.2; font-weight: 650; margin: 0 0 .3rem; color: #16191d; }
body > header p { margin: 0; font-size: 1rem; }
body > header strong { font-size: .72rem; letter-spacing: .06em; padding: .1rem .4rem; border-radius: 4px;
  background: #ffe3a8; color: #5c3d00; vertical-align: 1px; }
#page { max-width: 62rem; margin: 0 auto; padding: .4rem 1rem 2rem; }
@media (prefers-color-scheme: dark) { body > header h1 { color: #f1f3f5; } }
#page > p { margin: 1rem 0; padding: 0; max-width: none; }
"""
_PARTS = (
    "element.js", "browser_memory.js", "message_bytes.js", "http_line.js", "socket_line.js", "line_model.js",
    "code_form.js",
)  # fmt: skip


def live_page(about: str = BUILT_IN) -> ServedPage:
    r"""The page around the face.

    Args:
        about: a sentence on whose face it is.
    """
    script = joined(*_PARTS, Path(__file__).parent / "page" / "own_page.js")
    return ServedPage(
        "live", "A face that follows your hand · Dynamic Neural Textures", script,
        joined("page.css") + LiveFaceWidget._css + _STYLE, "One moment, the face is being prepared…",
        _ABOVE.format(about=html.escape(about)),
    )  # fmt: skip


def serve_faces(
    files: Mapping[str, Path], clip: Path | None = None, port: int = 8867, host: str = "127.0.0.1",
    tell: Callable[[str], None] = print, opened: Callable[[str], None] = lambda url: None, prefix: str = "",
    captions: str | None = None,
) -> None:  # fmt: skip
    r"""Serves the page over some weights until Ctrl-C; the first face is made before anybody comes.

    Args:
        files: identity → weights.
        clip: in which they speak; by default every built-in actor has one.
        port, host: of the page.
        tell: is given lines for whoever runs it.
        opened: called with the page's address once it can be opened.
        prefix: that a proxy leaves in front of every path.
        captions: as ``LiveFace`` takes them.
    """
    from dnt_core.live.engine import LiveFace

    faces = {name: lambda file=file: LiveFace(file, clip, captions=captions) for name, file in files.items()}
    about, frame = (GIVEN, 0) if clip else (BUILT_IN, SMILING)
    serve_page(faces, port, host, tell, opened, prefix, about, frame=frame)


def serve_page(
    faces: Mapping[str, Any], port: int, host: str = "127.0.0.1", tell: Callable[[str], None] = print,
    opened: Callable[[str], None] = lambda url: None, prefix: str = "", about: str = BUILT_IN, **values: Any,
) -> None:  # fmt: skip
    r"""As :func:`serve_faces`, for anything that draws as a face.

    Args:
        faces: identity → what makes the face.
        port, host, tell, opened, prefix: as there.
        about: a sentence on whose face it is.
        values: stand on the page at first.
    """
    alone, code = host in LOOPBACK, draw_code()
    shown = "" if alone else code
    values = {"expression": "happy", "intensity": 0.8} | values
    live = LiveApp(faces, live_page(about), Access(code, alone, tell), values, prefix=prefix)
    with suppress(ValueError, OSError):  # the page says it when it asks for the picture
        live.handler.face(live.handler.names[0])

    def ready() -> None:
        tell(f"{address(host, port, 'to let others in', shown)}. Ctrl-C ends it.")
        place = url(host, port, shown)
        if not alone and (drawn := qr.for_terminal(place, sys.stdout.encoding)):
            tell(drawn)
        if hub := os.environ.get("JUPYTERHUB_SERVICE_PREFIX"):
            tell(f"Behind this JupyterHub the page is at {hub.rstrip('/')}/proxy/{port}/#{code}")
        opened(place)

    serve_app(live.app, port, host, ready=ready)
