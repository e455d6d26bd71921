r"""The networks of figure 2, one file each."""

from dnt_core.lazy_exports import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "dnt_core.networks.decoupling_network": ["DecouplingNetwork"],
        "dnt_core.networks.dynamic_texture": ["DynamicTexture", "TranscodingNetwork"],
        "dnt_core.networks.folded_pose": ["FoldedPose"],
        "dnt_core.networks.generator": ["FrameInputs", "Generator"],
        "dnt_core.networks.generator_config": ["GENERATOR_CONFIGS", "GeneratorConfig"],
        "dnt_core.networks.neural_renderer": ["NeuralRenderer", "Rendered"],
        "dnt_core.networks.neural_texture": ["NeuralTexture", "StaticTexture"],
        "dnt_core.networks.neutral_discriminator": ["NeutralDiscriminator"],
        "dnt_core.networks.teeth_submodule": ["TeethSubmodule"],
        "dnt_core.networks.texture_mapping": ["MappedFace", "map_texture"],
        "dnt_core.networks.texture_set": ["TextureSet"],
        "dnt_core.networks.unet": ["UNet"],
    },
)
