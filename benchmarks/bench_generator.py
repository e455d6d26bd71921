r"""The generator: a step of its training, a frame of its drawing, and how much arithmetic that is.

``generator.train_step_s`` is a step of the laptop recipe's first stage (128 px, four frames, pixels and
gradients, Adam) with batches from memory. ``generator.frame_ms.<size>`` is one frame of the shipped weights,
``….batch_8`` a frame of eight drawn at once; ``….peer`` and ``….naive`` beside a name are those of the two
below. ``generator.gflop.<size>`` counts multiplications and additions of a frame's products and convolutions.
UV maps and masks are given: ``rasterize.*`` says what they take.

*The peer* is torchvision's LR-ASPP with MobileNetV3-Large, untrained, asked for four numbers a pixel. A
picture goes in and one of the same size comes out, its arithmetic is of the same order, and people who build
nets for telephones have tuned it. It is unfair to ours in that its last layers work at an eighth of the size
and are only enlarged, where ours draws every pixel; unfair to it in that depth-wise convolutions are slow on
a processor, and in that it looks at the whole picture, ours at the face alone.

*Naive* is the same generator, to rounding, with the sum the other way round: the neutral texture and every
basis are kept at full resolution, looked up one by one with ``grid_sample`` and mixed on the screen, as one
does who keeps a set of textures. ``generator.texture_ms.256`` is that step alone.

*Before* is a generator of the sizes that version 0.2 shipped first, untrained: ``….before``, and
``….ratio_to_before`` of the whole generator, of the exported graph that plays and of the one that is dragged,
measured in turns. ``train.cpu_hours.<identity>_<size>`` are those that the shipped weights' records say.

The paper's 245 ms for eight frames on an A100 are quoted (``generator.quoted.…``), not measured.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dnt_core.ciec import encode
from dnt_core.live.prepared_frame import prepare_frame
from dnt_core.live.runtimes import Drawing
from dnt_core.networks.generator import FrameInputs, Generator, count_gflop, example_inputs
from dnt_core.networks.generator_config import GENERATOR_CONFIGS
from dnt_core.networks.neural_texture import NeuralTexture
from dnt_core.own_torch import one_device
from dnt_core.parallel import torch_threads
from dnt_core.rendering.uv_map import sample_texture
from dnt_core.training.generator_stages import RECIPES

sys.path.insert(0, str(Path(__file__).parent))
from fresh_clone import checkout

WEIGHTS = checkout() / "weights"
SIZES = (128, 256)
TOGETHER = 8  # frames at once, as in section 5.1
PAPER_MS = 245 / TOGETHER
BEFORE = {
    128: ("laptop_128", {"bases": 10, "basis_size": 48}),
    256: ("laptop", {"bases": 16, "basis_size": 128}),
}
SEED = 0


def run(seconds: float = 2.0) -> dict[str, float]:
    r"""Measures on the first GPU if there is one, else on the CPU with torch's threads.

    Args:
        seconds: spent on each number; the least time counts, as other work on the machine only ever adds.

    Raises:
        AssertionError: the naive generator draws another picture than ours.
    """
    torch.manual_seed(SEED)
    device = one_device()
    numbers = {"generator.quoted.paper_a100.frame_ms": PAPER_MS}
    for name, value in _training(device, seconds).items():
        numbers[f"generator.{name}"] = value
    for size in SIZES:
        for name, value in _drawing(size, device, seconds).items():
            numbers[f"generator.{name}"] = value
        numbers |= _beside_before(size, seconds)
    for record in sorted(WEIGHTS.glob("generator_*.json")):
        made = json.loads(record.read_text())
        hours = made["seconds"] / 3600
        numbers[f"train.cpu_hours.{made['identity']}_{made['image_size']}"] = hours
    return numbers


def peer(device: torch.device) -> nn.Module:
    r"""A net that turns a picture into four numbers a pixel."""
    from torchvision.models.segmentation import lraspp_mobilenet_v3_large

    return lraspp_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=4).to(device)


class FramesInMemory:
    r"""Stands where ``GeneratorData`` stands in a training; a step's frames are always the same."""

    def __init__(self, image_size: int, batch: int, device: torch.device) -> None:
        frame, ciec = inputs(image_size, batch, device)
        generator = torch.Generator().manual_seed(SEED)
        target = torch.rand(batch, 3, image_size, image_size, generator=generator).to(device)
        self.made, self.key = (frame, ciec, target), "bench"

    def batch(self, rows, device, light=None):
        from dnt_core.training.generator_data import Batch

        return Batch(*self.made)


def inputs(image_size: int, batch: int, device: torch.device) -> tuple[FrameInputs, Tensor]:
    r"""A face in the middle of grey, each frame of the batch a little happier than the last."""
    frame = example_inputs(image_size, batch).each(lambda t: t.to(device))
    return frame, encode("happy", torch.linspace(1 / batch, 1, batch)).to(device)


def _training(device: torch.device, seconds: float) -> dict[str, float]:
    import numpy as np

    from dnt_core.training.generator_training import GeneratorTraining

    stage = RECIPES["laptop"].stages[0]
    plan, size = stage.plan, stage.image_size
    data = FramesInMemory(size, plan.batch_size, device)
    rows = np.arange(plan.batch_size)
    ours = GeneratorTraining(Generator(GENERATOR_CONFIGS["laptop"]), data, rows, rows[:0], plan, device)
    net = peer(device).train()
    optimizer = torch.optim.Adam(net.parameters(), plan.learning_rate)
    _, _, target = data.made

    def step() -> None:
        loss = ours.loss(torch.sigmoid(net(target)["out"][:, :3]), target)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    found = _least_ms({"train_step": ours.take_step, "train_peer": step}, device, 2 * seconds)
    return {"train_step_s": found["train_step"] / 1000, "train_step_s.peer": found["train_peer"] / 1000}


@torch.inference_mode()
def _drawing(size: int, device: torch.device, seconds: float) -> dict[str, float]:
    from dnt_core.training.generator_weights import load_generator

    path = WEIGHTS / f"generator_M003_{size}.safetensors"
    ours, naive = (load_generator(path, str(device))[0] for _ in range(2))
    naive.texture.sample = TexturesOnScreen(naive.texture)
    net = peer(device).eval()
    one, several = inputs(size, 1, device), inputs(size, TOGETHER, device)
    torch.testing.assert_close(naive(*several).image, ours(*several).image, atol=1e-4, rtol=0)
    key = f"frame_ms.{size}"
    calls = {
        key: partial(ours, *one), f"{key}.naive": partial(naive, *one),
        f"{key}.peer": partial(net, torch.rand(1, 3, size, size, device=device)),
        f"{key}.batch_8": partial(ours, *several), f"{key}.batch_8.naive": partial(naive, *several),
        f"{key}.batch_8.peer": partial(net, torch.rand(TOGETHER, 3, size, size, device=device)),
    }  # fmt: skip
    frame, ciec = one
    if size == SIZES[-1]:
        texture = (ciec, frame.uv_map, frame.mask)
        calls |= {f"texture_ms.{size}": partial(ours.texture.sample, *texture)}
        calls |= {f"texture_ms.{size}.naive": partial(naive.texture.sample, *texture)}
    found = _least_ms(calls, device, seconds)
    found |= {name: value / TOGETHER for name, value in found.items() if ".batch_8" in name}
    found[f"gflop.{size}"] = count_gflop(ours, size)
    found[f"gflop.{size}.peer"] = _peer_gflop(net, size, device)
    return found


@torch.inference_mode()
def _beside_before(size: int, seconds: float) -> dict[str, float]:
    """``generator.frame_ms.<size>.….ratio_to_before`` on one thread of the CPU, and both times."""
    from dnt_core.training.generator_weights import load_generator

    name, sizes = BEFORE[size]
    pair = {
        "now": load_generator(WEIGHTS / f"generator_M003_{size}.safetensors")[0],
        "before": Generator(replace(GENERATOR_CONFIGS[name], **sizes)),
    }
    frame, ciec = inputs(size, 1, torch.device("cpu"))
    middle = torch.tensor([[0.44, 0.62, 0.56, 0.68]]) * size  # a mouth that fits into its window
    frame, calls = frame._replace(mouth_box=middle), {}
    with torch_threads(1):
        for which, generator in pair.items():
            generator = generator.eval().requires_grad_(False).to(memory_format=torch.channels_last)
            generator.texture.to(memory_format=torch.contiguous_format)
            prepared = prepare_frame(generator, frame)
            drawing = Drawing(generator, "auto", prepared)
            folded = drawing.fold(prepared)
            calls[f"whole.{which}"] = partial(generator, frame, ciec)
            calls[f"played.{which}"] = partial(drawing.picture, prepared, None, ciec)
            calls[f"dragged.{which}"] = partial(drawing.picture, prepared, folded, ciec)
        found = _least_ms(calls, torch.device("cpu"), seconds)
    numbers = {}
    for way in ("whole", "played", "dragged"):
        key = f"generator.frame_ms.{size}.{way}"
        numbers[key], numbers[f"{key}.before"] = found[f"{way}.now"], found[f"{way}.before"]
        numbers[f"{key}.ratio_to_before"] = found[f"{way}.now"] / found[f"{way}.before"]
    return numbers


class TexturesOnScreen:
    r"""What ``NeuralTexture.sample`` gives, one look-up for every texture of a full-resolution set."""

    def __init__(self, texture: NeuralTexture) -> None:
        self.weights = texture.weights
        self.textures = torch.cat([texture.neutral[None], texture.full_bases()])  # (1 + K, N, T, T)

    def __call__(self, ciec: Tensor, uv_map: Tensor, mask: Tensor) -> Tensor:
        shares = F.pad(self.weights(ciec), (1, 0), value=1.0)[..., None, None, None]  # (B, 1 + K, 1, 1, 1)
        mixed = 0.0
        for number, one in enumerate(self.textures):
            seen = sample_texture(one.expand(len(ciec), -1, -1, -1), uv_map, mask)
            mixed = mixed + shares[:, number] * seen
        return mixed


def _peer_gflop(net: nn.Module, size: int, device: torch.device) -> float:
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        net(torch.rand(1, 3, size, size, device=device))
    return counter.get_total_flops() / 1e9


def _least_ms(calls: dict[str, Callable], device: torch.device, seconds: float) -> dict[str, float]:
    r"""The least time of each in ms; they take turns, so that a neighbour's load falls on all alike."""
    wait = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    for call in calls.values():
        call()
    least = dict.fromkeys(calls, float("inf"))
    end, rounds = time.perf_counter() + seconds * len(calls), 0
    while time.perf_counter() < end or not rounds:
        for name, call in calls.items():
            wait()
            start = time.perf_counter()
            call()
            wait()
            least[name] = min(least[name], 1000 * (time.perf_counter() - start))
        rounds += 1
    return least


if __name__ == "__main__":
    for name, value in run().items():
        print(f"{name:40s} {value:10.3f}")
