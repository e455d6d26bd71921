r"""The recipe of commit 708379d, trained on the prepared film of now: its network, loss, rates and light.

::

    python benchmarks/old_recipe/train.py --work PLACE --actor M003

Five rounds, as the records of that commit's weights name them; each starts from the 16-bit weights of the
one before. Not repeated is what differed between those rounds (another decoupling network in the first one,
smaller networks in the first three): all five have the network and the plan of the last. A stopped training
goes on.

Without ``--few`` it learns from all clips that the new recipe learns from, nine per expression and level less
those held out; with it from the first three less those, as its film had.

Today's code does what that commit's did: from the same start, on the same files, the losses of the first
30 steps were the same to the last digit.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from held_out import film_of, old_weights

from dnt_core.atomic_write import write_json
from dnt_core.networks.generator import Generator
from dnt_core.networks.generator_config import GENERATOR_CONFIGS
from dnt_core.training.generator_data import GeneratorData
from dnt_core.training.generator_training import GeneratorTraining
from dnt_core.training.generator_weights import save_generator, start_from
from dnt_core.training.train_config import TrainConfig

STEPS = (3200, 2000, 1200, 2400, 2400)
NETWORK = replace(GENERATOR_CONFIGS["laptop_128"], bases=10, basis_size=48)
PLAN = TrainConfig(
    batch_size=4, learning_rate=1e-3, texture_learning_rate=1e-3, warm_up=100, max_gradient=0.2,
    loss="pixel_gradient", mouth_weight=10.0, light=0.2, report_every=200,
)  # fmt: skip


def train(work: Path, actor: str, few: bool) -> None:
    r"""All rounds of one person."""
    data, rows = film_of(work, actor)
    chosen = rows["train"]
    if few:
        chosen = chosen[np.isin(data.rows[chosen, 0], first_three(data))]
    clips = sorted(set(data.rows[chosen, 0].tolist()))
    print(actor, len(clips), "clips,", len(chosen), "frames", flush=True)
    for number, steps in enumerate(STEPS, 1):
        weights = old_weights(work, actor, few, number)
        if weights.exists():
            continue
        weights.parent.mkdir(parents=True, exist_ok=True)
        generator = Generator(NETWORK)
        if number > 1:
            start_from(generator, old_weights(work, actor, few, number - 1))
        generator.texture.set_color(data.mean_texture(clips))
        plan = replace(PLAN, steps=steps)
        training = GeneratorTraining(generator, data, chosen, rows["clips"], plan)
        for now in training.run(weights.with_name(f"round{number}_steps.safetensors")):
            said = f"loss {now.loss:.4f}, {now.psnr:.2f} dB, {now.seconds:.0f} s; {time.strftime('%X')}"
            print(f"{actor} round {number} step {now.step}: {said}", flush=True)
        notes = {"actor": actor, "round": number, "steps": steps, "seconds": round(training.seconds)}
        save_generator(weights, training.result, notes, half=True)
        write_json(weights.with_suffix(".json"), notes | {"torch": torch.__version__})


def first_three(data: GeneratorData) -> list[int]:
    r"""The clips of the film that the old recipe had: the first three of each expression and level."""
    cells: dict[tuple, list[int]] = {}
    for clip in sorted(range(len(data.clips)), key=lambda clip: data.clips[clip].take):
        cells.setdefault(tuple(data.clips[clip].take[:3]), []).append(clip)
    return [clip for of in cells.values() for clip in of[:3]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="the folder of prepare.py")
    parser.add_argument("--actor", required=True)
    parser.add_argument("--few", action="store_true", help="learn from three clips per cell, as it did")
    chosen = parser.parse_args()
    train(chosen.work, chosen.actor, chosen.few)


if __name__ == "__main__":
    main()
