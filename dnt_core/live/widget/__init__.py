r"""The live face as a widget, in a notebook and on a page of its own: it draws raw frames.

``answers`` (a request of the page → a message and bytes; no browser needed), ``live_widget`` (the anywidget
around it), ``page/`` (what runs in the browser, one idea a file, joined into one module).
"""

from dnt_core.lazy_exports import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "dnt_core.live.widget.request_handler": ["RequestHandler"],
        "dnt_core.live.widget.live_widget": ["LiveFaceWidget"],
    },
)
