r"""From posed vertices to pictures: rasteriser, UV map, texture sampling and its inverse, masks, the five
renderings of section 3.2."""
