r"""What the sliders drive: weights and a clip in, a picture for every expression, intensity and frame out."""

from __future__ import annotations

from importlib import import_module

_WHERE = {  # name → module; imported when first asked for, since torch takes seconds
    "LiveFace": "dnt_core.live.engine",
    "LiveError": "dnt_core.live.errors",
    "film_face": "dnt_core.live.film",
}
__all__ = ["LiveError", "LiveFace", "film_face"]


def __getattr__(name: str):
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
