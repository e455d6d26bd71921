r"""Diagrams: the sizes in them are those of a pass through the network."""

from dataclasses import replace

import pytest

from dnt_core.networks.generator import Generator
from dnt_core.networks.generator_config import GENERATOR_CONFIGS
from dnt_core.studies.dynamic_texture.diagrams import renderer_diagram, teeth_diagram

TEXTS = {
    "laptop": ({"8 × 64 × 96", "32 × 16 × 24", "added"}, {"16 × 112 × 80", "32 × 7 × 5", "added"}),
    "quick": ({"8 × 16 × 24", "concatenated"}, {"16 × 64 × 64", "128 × 8 × 8", "concatenated"}),
}


@pytest.mark.parametrize("name, size", [("laptop", 256), ("quick", 64)])
def test_the_sizes_are_the_networks(name, size):
    generator = Generator(GENERATOR_CONFIGS[name])
    for draw, wanted in zip((teeth_diagram, renderer_diagram), TEXTS[name], strict=True):
        shown = {text.get_text() for text in draw(generator, size).texts}
        assert wanted <= shown


def test_a_generator_without_teeth_has_no_diagram_of_them():
    with pytest.raises(ValueError, match="no teeth submodule"):
        teeth_diagram(Generator(replace(GENERATOR_CONFIGS["nbval"], teeth=False)), 64)
