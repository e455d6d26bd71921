r"""Fitting the networks: losses, data, loops, checkpoints that a stopped run goes on from."""

from dnt_core.lazy_exports import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "dnt_core.checkpoint": ["read_checkpoint", "write_checkpoint"],
        "dnt_core.training.preprocessing": ["DataConfig", "prepare_data"],
        "dnt_core.training.decoupling": ["DecouplingConfig", "DecouplingTraining", "train_decoupling"],
        "dnt_core.training.decoupling_weights": ["load_decoupling_network", "save_decoupling_network"],
        "dnt_core.training.generator_data": ["GeneratorData"],
        "dnt_core.training.generator_stages": ["RECIPES", "StageConfig", "train_stages"],
        "dnt_core.training.generator_training": ["GeneratorTraining"],
        "dnt_core.training.generator_weights": [
            "find_generators",
            "load_generator",
            "open_generator",
            "save_generator",
        ],
        "dnt_core.training.perceptual_loss": ["PerceptualLoss", "make_loss"],
        "dnt_core.training.train_config": ["TrainConfig"],
    },
)
