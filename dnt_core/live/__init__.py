r"""What the sliders drive: weights and a clip in, a picture for every expression, intensity and frame out."""

from dnt_core.lazy_exports import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "dnt_core.live.engine": ["LiveFace"],
        "dnt_core.live.errors": ["LiveError"],
        "dnt_core.live.film": ["film_face"],
    },
)
