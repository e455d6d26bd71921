r"""A frame drawn with a texture of one's own."""

import torch

from dnt_core.ciec import encode
from dnt_core.networks.generator import Generator
from dnt_core.studies.dynamic_texture.figures import drawn_with
from tests.networks.generator_inputs import TINY, random_frames


def test_with_its_own_texture_a_generator_draws_what_it_draws_and_with_another_one_it_does_not():
    torch.manual_seed(0)
    generator, frame = Generator(TINY).eval(), random_frames(1)
    ciec, other = encode("happy", 0.7)[None], encode("sad", 1.0)[None]
    with torch.no_grad():
        generator.texture.basis.normal_()
        wanted, own, foreign = generator(frame, ciec).image, *map(generator.texture, (ciec, other))
    torch.testing.assert_close(drawn_with(generator, frame, own[0], ciec), wanted)
    assert (drawn_with(generator, frame, foreign[0], ciec) - wanted).abs().max() > 1e-3
    with torch.no_grad():
        torch.testing.assert_close(generator(frame, ciec).image, wanted)  # it has kept its texture
