r"""Trains the sync network on an actor's film: which 0.2 s of a clip's sound belong to these five mouths?"""

from __future__ import annotations

import copy
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from dnt_core.atomic_write import write_json
from dnt_core.checkpoint import read_checkpoint, to_be_filled, write_checkpoint
from dnt_core.metrics.sync_clips import MARGIN, SyncClip
from dnt_core.metrics.sync_inputs import lip_windows
from dnt_core.networks.sync_network import LIP_SIZE, SyncNetwork, in_clip_loss
from dnt_core.own_torch import seeded
from dnt_core.paths import weights_file
from dnt_core.training.step_training import StepTraining, data_key

_LOUDER = 1.0  # by how much the log-mel's level is changed at most: 12.5 dB
_NOISE = 0.1  # standard deviation of the noise on the log-mel
_TEMPERATURE = 0.1


@dataclass(frozen=True)
class SyncConfig:
    r"""How the sync network is trained.

    Args:
        steps: updates; more: closer to converged.
        clips: per update.
        windows: of each clip, compared with each other; more: harder to find the right one.
        learning_rate: of Adam, at the start; it falls to 0 along a half cosine.
        seed: of weights, batches and augmentation.
    """

    steps: int = 1500
    clips: int = 8
    windows: int = 16
    learning_rate: float = 2e-3
    seed: int = 0

    def __post_init__(self) -> None:
        if self.steps < 1 or self.clips < 1 or self.windows < 2 or not self.learning_rate > 0:
            raise ValueError(
                f"a sync training needs steps and clips >= 1, windows >= 2, a learning rate > 0; got {self}"
            )


class SyncTraining(StepTraining):
    r"""A training on windows of clips that can be stopped and gone on with.

    Its one loss is "loss"; ln(windows) is what a network scores that knows nothing.

    Args:
        clips: that train, from :func:`dnt_core.metrics.sync_clips.read_sync_clips`.
        config: sizes and seed.

    Raises:
        ValueError: no clips.
    """

    def __init__(self, clips: Sequence[SyncClip], config: SyncConfig | None = None) -> None:
        self.config = config = config or SyncConfig()
        if not clips:
            raise ValueError("there is no clip to train the sync network on")
        data = data_key(*(part for clip in clips for part in (clip.mouths, clip.mel)))
        super().__init__({"config": asdict(config), "data": data}, config.steps, config.seed)
        self.clips, self.network = clips, untrained_network(config.seed)
        self.optimizer = torch.optim.AdamW(self.network.parameters(), config.learning_rate, weight_decay=0.01)
        self.generator = torch.Generator().manual_seed(config.seed)

    def parts(self) -> dict[str, Any]:
        r"""All that a checkpoint holds, by name."""
        return {"network": self.network, "optimizer": self.optimizer, "generator": self.generator}

    def take_step(self) -> dict[str, float]:
        r"""One update."""
        config = self.config
        rate = config.learning_rate * (1 + math.cos(math.pi * self.step / config.steps)) / 2
        self.optimizer.param_groups[0]["lr"] = rate
        mouths, mel = draw_batch(self.clips, config, self.generator)
        lips, sound = self.network.embed_lips(mouths), self.network.embed_sound(mel)
        loss = in_clip_loss(*(x.unflatten(0, (config.clips, -1)) for x in (lips, sound)), _TEMPERATURE)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return {"loss": float(loss.detach())}


def untrained_network(seed: int = 0) -> SyncNetwork:
    r"""A network with fresh weights from a seed; torch's global random state is left alone."""
    with seeded(seed):
        return SyncNetwork()


def draw_batch(
    clips: Sequence[SyncClip], config: SyncConfig, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    r"""Windows of a few clips, each clip with a shift, a mirror, a level and noise of its own.

    Args:
        clips: that train.
        config: how many clips and windows; a clip with fewer windows repeats some.
        generator: of all that is random.

    Returns:
        mouths (clips * windows, 5, 3, 48, 48) in [0, 1] and sound (clips * windows, 1, 80, 16), clip by clip.
    """

    def whole(limit: int, *shape: int) -> Tensor:
        return torch.randint(limit, shape, generator=generator)

    mouths, mels = [], []
    for number in whole(len(clips), config.clips).tolist():
        clip = clips[number]
        starts = torch.randperm(len(clip), generator=generator)[: config.windows]
        if len(starts) < config.windows:
            starts = torch.cat([starts, whole(len(clip), config.windows - len(starts))])
        row, column = whole(2 * MARGIN + 1, 2).tolist()
        some = lip_windows(clip.mouths[..., row : row + LIP_SIZE, column : column + LIP_SIZE], starts)
        mouths.append(some.flip(-1) if int(whole(2, 1)) else some)
        level = _LOUDER * (2 * torch.rand((), generator=generator) - 1)
        mel = clip.mel[starts]
        noise = _NOISE * torch.randn(mel.shape, generator=generator)
        mels.append((mel + level + noise).clamp(-4, 4))
    return torch.cat(mouths), torch.cat(mels)


def save_sync_network(path: str | os.PathLike, network: SyncNetwork, made_with: Mapping[str, Any]) -> Path:
    r"""Writes the network alone, in 16-bit floats, and beside it a ``.json`` that says how it was made.

    Args:
        path: ends in ``.safetensors``.
        network: trained.
        made_with: command, seed, metrics …
    """
    write_checkpoint(path, {"made_with": dict(made_with)}, sync_network=copy.deepcopy(network).half())
    write_json(Path(path).with_suffix(".json"), dict(made_with))
    return Path(path)


def load_sync_network(path: str | os.PathLike) -> SyncNetwork:
    r"""A network that :func:`save_sync_network` wrote, ready to use.

    Args:
        path: a file, or the name of a shipped one.

    Raises:
        FileNotFoundError: no such file.
        ValueError: the file holds no sync network.
    """
    checkpoint = read_checkpoint(weights_file(path))
    with to_be_filled():
        network = SyncNetwork().float()
        checkpoint.restore(sync_network=network)
    return network.eval().requires_grad_(False)
