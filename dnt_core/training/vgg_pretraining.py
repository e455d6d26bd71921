r"""Features of VGG-19 learnt from expressions: a substitute for ImageNet's where those are not at hand."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F
from tqdm.auto import tqdm

from dnt_core.atomic_write import atomic_path
from dnt_core.clips.clip import CELLS
from dnt_core.own_torch import seeded
from dnt_core.training.generator_data import GeneratorData
from dnt_core.training.perceptual_loss import Vgg19Features


def learn_features(
    data: GeneratorData, rows: np.ndarray, path: str | os.PathLike, levels: int = 3, steps: int = 200,
    batch_size: int = 16, seed: int = 0, progress: bool = True,
) -> dict[str, float]:  # fmt: skip
    r"""Trains VGG-19's first layers to tell MEAD's 22 cells apart, as notebook 02's classifiers tell types.

    The deepest activation's mean and maximum over the picture go through one linear layer, which is thrown
    away afterwards.

    Args:
        rows: filmed frames to learn from. path: ``.safetensors`` that ``Vgg19Features`` opens.
        levels: of VGG-19, 1 to 5. steps, batch_size: of Adam.

    Returns:
        ``first`` and ``last``, the mean cross-entropy (nats) of the first and last tenth of the steps.

    Raises:
        ValueError: the loss did not fall.
    """
    features = Vgg19Features(levels=levels, seed=seed).requires_grad_(True)
    width = [layer for layer in features.layers if isinstance(layer, nn.Conv2d)][-1].out_channels
    with seeded(seed):
        head = nn.Linear(2 * width, len(CELLS))
    optimizer = torch.optim.Adam([*features.parameters(), *head.parameters()], 3e-4)
    generator = np.random.default_rng(seed)
    cells = np.array([CELLS.index((clip.expression, clip.level)) for clip in data.clips])
    losses = []
    for _ in tqdm(range(steps), desc="VGG-19 on expressions", unit="step", disable=not progress):
        chosen = generator.choice(rows, batch_size)
        deepest = features(data.batch(chosen).target)[-1]
        told = head(torch.cat([deepest.mean((2, 3)), deepest.amax((2, 3))], 1))
        loss = F.cross_entropy(told, torch.from_numpy(cells[data.rows[chosen, 0]]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    tenth = max(1, steps // 10)
    first, last = float(np.mean(losses[:tenth])), float(np.mean(losses[-tenth:]))
    if not last < first:
        raise ValueError(f"VGG-19 learnt nothing: its cross-entropy went from {first:.2f} to {last:.2f}")
    state = {f"features.{name}": value.detach() for name, value in features.layers.state_dict().items()}
    with atomic_path(Path(path)) as part:
        save_file(state, part)
    return {"first": first, "last": last}
