r"""The live face as a widget, in a notebook and in Voilà: the page draws raw frames, the kernel answers.

``answers`` (a request of the page → a message and bytes; no browser needed), ``live_widget`` (the anywidget
around it), ``page/`` (what runs in the browser, one idea a file, joined into one module).
"""

from __future__ import annotations

from importlib import import_module

_WHERE = {"RequestHandler": "request_handler", "LiveFaceWidget": "live_widget"}
__all__ = ["RequestHandler", "LiveFaceWidget"]


def __getattr__(name: str):
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
