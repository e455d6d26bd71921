r"""From posed vertices to pictures: rasteriser, UV map, texture sampling and its inverse, masks, the five
renderings of section 3.2."""

from dnt_core.lazy_exports import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "dnt_core.rendering.barycentrics": ["perspective_barycentrics"],
        "dnt_core.rendering.five_renderings": ["FiveRenderings"],
        "dnt_core.rendering.interpolate": ["interpolate_attributes"],
        "dnt_core.rendering.masks": ["background_frame", "face_mask", "mouth_mask"],
        "dnt_core.rendering.rasterizer": ["Fragments", "available_backends", "rasterize"],
        "dnt_core.rendering.uv_map": ["sample_texture"],
    },
)
