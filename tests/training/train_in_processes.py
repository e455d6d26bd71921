r"""Run by torchrun in each of several processes: some steps of a tiny generator through Lightning Fabric.

Arguments: folder of prepared clips, config as JSON, plan as JSON, checkpoint to write.
"""

import json
import sys
from pathlib import Path

import torch

from dnt_core.networks.generator import Generator
from dnt_core.networks.generator_config import GeneratorConfig
from dnt_core.training.devices import launched_fabric
from dnt_core.training.generator_data import GeneratorData
from dnt_core.training.generator_training import GeneratorTraining
from dnt_core.training.train_config import TrainConfig

torch.set_num_threads(1)
folder, config, plan, checkpoint = sys.argv[1:]
fabric = launched_fabric()
data = GeneratorData((), sorted(Path(folder).iterdir()))
generator, plan = Generator(GeneratorConfig.from_json(config)), TrainConfig(**json.loads(plan))
training = GeneratorTraining(generator, data, *data.split(), plan, fabric=fabric)
for report in training.run(checkpoint):
    fabric.print(f"step {report.step} on {fabric.world_size} devices: loss {report.loss:.4f}")
