r"""What ``dnt live`` shows: the words around the widget, and the widget itself in a visitor's kernel."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from dnt_core.serving.served_page import ServedPage

SMILING = 40  # a frame of the built-in clip in which the mouth is open
_ABOVE = """\
<header>
<h1>A face that follows your hand</h1>
<p>Drag on the pad: the face shows as much of the expression as you ask, while the lips go on speaking.
<strong>SYNTHETIC</strong>: nobody was filmed; a neural network draws a built-in, computed actor.</p>
</header>
"""
_STYLE = """\
body > header { max-width: 62rem; margin: 0 auto; padding: 1.1rem 1rem .4rem; }
body > header h1 { font-size: 1.5rem; line-height: 1.2; font-weight: 650; margin: 0 0 .3rem; color: #16191d; }
body > header p { margin: 0; font-size: 1rem; }
body > header strong { font-size: .72rem; letter-spacing: .06em; padding: .1rem .4rem; border-radius: 4px;
  background: #ffe3a8; color: #5c3d00; vertical-align: 1px; }
#widget { max-width: 62rem; margin: 0 auto; padding: .4rem 1rem 2rem; }
@media (prefers-color-scheme: dark) { body > header h1 { color: #f1f3f5; } }
"""
PAGE = ServedPage(
    "A face that follows your hand · Dynamic Neural Textures",
    waiting="One moment, the face is being prepared…",
    broken="The face cannot be shown. Its terminal says why.",
    above=_ABOVE,
    style=_STYLE,
)


def cell_of(faces: Mapping[str, Path], clip: Path | None = None) -> str:
    r"""The code that a visitor's kernel runs; identity → weights, and the clip if one was given."""
    files = {name: str(path) for name, path in faces.items()}
    given = f"{files!r}, {str(clip)!r}" if clip else repr(files)
    return f"from dnt_core.live.app_page import live_page\nlive_page({given})\n"


def live_page(files: Mapping[str, str], clip: str | None = None):
    r"""The widget over some weights; the first face is made while nobody waits, the others when chosen."""
    from dnt_core.live.engine import LiveFace
    from dnt_core.live.widget import LiveFaceWidget

    faces = {name: lambda file=file: LiveFace(file, clip) for name, file in files.items()}
    widget = LiveFaceWidget(faces, expression="happy", intensity=0.8, frame=0 if clip else SMILING)

    def warm() -> None:
        try:
            widget.answers.face(widget.identity).warm()
        except (ValueError, OSError):
            pass  # the widget says it when it is asked for the picture

    threading.Thread(target=warm, daemon=True).start()
    return widget
