r"""The one way figures look. Every function takes an ``ax`` (or makes one) and returns it.

Importing this package changes nothing; ``use_style()`` sets the look for a notebook, and figures made here
without an ``ax`` have it anyway.
"""

from dnt_core.plotting.charts import curve, matrix
from dnt_core.plotting.image_plots import (
    contact_sheet,
    film_strip,
    image,
    landmarks,
    png,
    to_display,
    uv_image,
)
from dnt_core.plotting.pipeline import PIPELINE_PICTURES, pipeline
from dnt_core.plotting.style import (
    EXPRESSION_COLORS,
    STYLE,
    SYNTHETIC_NOTE,
    mark_synthetic,
    style,
    use_style,
)

__all__ = [
    "EXPRESSION_COLORS",
    "PIPELINE_PICTURES",
    "STYLE",
    "SYNTHETIC_NOTE",
    "contact_sheet",
    "curve",
    "film_strip",
    "image",
    "landmarks",
    "mark_synthetic",
    "matrix",
    "pipeline",
    "png",
    "style",
    "to_display",
    "use_style",
    "uv_image",
]
