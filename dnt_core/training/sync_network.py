r"""Trains the sync network on an actor's film: which 0.2 s of a clip's sound belong to these five mouths?"""

from __future__ import annotations

import copy
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dnt_core.atomic_write import write_json
from dnt_core.checkpoint import read_checkpoint, write_checkpoint
from dnt_core.metrics.sync_clips import MARGIN, SyncClip
from dnt_core.metrics.sync_inputs import lip_windows
from dnt_core.networks.sync_network import LIP_SIZE, SyncNetwork, in_clip_loss

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


@dataclass
class SyncTraining:
    r"""All that a training consists of, to be stored and gone on from.

    Attributes:
        history: one loss per step; ln(windows) is what a network scores that knows nothing.
    """

    config: SyncConfig
    network: SyncNetwork
    optimizer: torch.optim.Optimizer
    generator: torch.Generator
    step: int = 0
    history: list[float] = field(default_factory=list)

    @classmethod
    def start(cls, config: SyncConfig) -> SyncTraining:
        r"""A network with fresh weights from the seed; torch's global random state is left alone."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            network = SyncNetwork()
        optimizer = torch.optim.AdamW(network.parameters(), config.learning_rate, weight_decay=0.01)
        return cls(config, network, optimizer, torch.Generator().manual_seed(config.seed))

    def save(self, path: str | os.PathLike) -> Path:
        r"""Writes everything that a resumed training needs."""
        notes = {"config": asdict(self.config), "step": self.step, "history": self.history}
        return write_checkpoint(path, notes, **self._parts())

    @classmethod
    def load(cls, path: str | os.PathLike) -> SyncTraining:
        r"""Reads what :meth:`save` wrote.

        Raises:
            FileNotFoundError: no such file.
            ValueError: not a checkpoint of a sync training.
        """
        checkpoint = read_checkpoint(path)
        try:
            training = cls.start(SyncConfig(**checkpoint.notes["config"]))
            checkpoint.restore(**training._parts())
            training.step, training.history = checkpoint.notes["step"], checkpoint.notes["history"]
        except (KeyError, TypeError) as error:
            raise ValueError(f"{path} is no checkpoint of a sync training: {error}") from error
        return training

    def _parts(self) -> dict[str, Any]:
        return {"network": self.network, "optimizer": self.optimizer, "generator": self.generator}


def train_sync_network(
    clips: Sequence[SyncClip],
    config: SyncConfig | None = None,
    checkpoint: str | os.PathLike | None = None,
    every: int = 250,
    stop_at: int | None = None,
    progress: Callable[[SyncTraining], None] | None = None,
) -> SyncTraining:
    r"""Trains on windows of the clips.

    Args:
        clips: that train, from :func:`dnt_core.metrics.sync_clips.read_sync_clips`.
        config: sizes and seed.
        checkpoint: file to go on from, if it is there, and to write every so many steps, at the end and when
            interrupted. A resumed training gives the same weights as an uninterrupted one.
        every: steps between checkpoints.
        stop_at: stop after this step (and write the checkpoint).
        progress: called after every step.

    Raises:
        ValueError: no clips, or the checkpoint belongs to another configuration.
        FloatingPointError: the loss is not finite.
    """
    config = config or SyncConfig()
    if not clips:
        raise ValueError("there is no clip to train the sync network on")
    if checkpoint is not None and Path(checkpoint).exists():
        training = SyncTraining.load(checkpoint)
        if training.config != config:
            raise ValueError(f"{checkpoint} was written with {training.config}, not with {config}")
    else:
        training = SyncTraining.start(config)
    last = min(config.steps, config.steps if stop_at is None else stop_at)
    training.network.train()
    try:
        while training.step < last:
            _step(training, clips)
            if progress is not None:
                progress(training)
            if checkpoint is not None and training.step % every == 0 and training.step < last:
                training.save(checkpoint)
    finally:
        training.network.eval()
        if checkpoint is not None and np.isfinite(training.history[-1:]).all():
            training.save(checkpoint)
    return training


def _step(training: SyncTraining, clips: Sequence[SyncClip]) -> None:
    config = training.config
    rate = config.learning_rate * (1 + math.cos(math.pi * training.step / config.steps)) / 2
    training.optimizer.param_groups[0]["lr"] = rate
    mouths, mel = draw_batch(clips, config, training.generator)
    lips, sound = training.network.embed_lips(mouths), training.network.embed_sound(mel)
    loss = in_clip_loss(*(x.unflatten(0, (config.clips, -1)) for x in (lips, sound)), _TEMPERATURE)
    training.optimizer.zero_grad(set_to_none=True)
    loss.backward()
    training.optimizer.step()
    training.step += 1
    training.history.append(float(loss.detach()))
    if not math.isfinite(training.history[-1]):
        raise FloatingPointError(f"step {training.step}: the loss is {training.history[-1]}")


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

    Raises:
        FileNotFoundError: no such file.
        ValueError: the file holds no sync network.
    """
    checkpoint, network = read_checkpoint(path), SyncNetwork()
    checkpoint.restore(sync_network=network)
    return network.eval().requires_grad_(False)
