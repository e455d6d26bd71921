r"""Training of the built-in network from sound to lips."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from dnt_core.audio.lips_network import FUTURE, PAST, LipsNetwork, composed, relative_to_level
from dnt_core.audio.mel import BANDS, MAX_VALUE, SILENCE
from dnt_core.audio.mouth_movements import LIP_MOVEMENTS
from dnt_core.training.checkpoint import read_checkpoint, write_checkpoint
from dnt_core.training.lips.landmarks import lip_basis_mm
from dnt_core.training.lips.shards import COLUMNS, STEPS, SYMBOLS, Shard

LOSSES = ("lips_mm", "speed", "closure", "symbols", "total")
_CLOSE = LIP_MOVEMENTS.index("mouthClose")
_AFTER = FUTURE - 1  # of the later column of a pair


@dataclass(frozen=True)
class LipsConfig:
    r"""Everything that decides a training but the data.

    Args:
        steps: updates.
        batch_size: crops in an update.
        columns: of 12.5 ms in a crop, even.
        learning_rate: of AdamW at its highest; it rises over the first 300 steps and falls as a cosine.
        weight_decay: of AdamW.
        width: channels of the network.
        speed: weight of the error in mm per column, against the error in mm. closure: of the closure's
            cross-entropy. symbols: of the cross-entropy of which sound is heard.
        closed: how much more a frame counts in which p, b or m holds the lips.
        averaging: decay of the running mean of weights, which is the result.
        equaliser_db: standard deviation of a smooth curve over the bands, drawn per crop.
        warp: largest relative shift of the bands, as of another length of vocal tract.
        seed: of weights and crops.
    """

    steps: int = 4000
    batch_size: int = 16
    columns: int = 200
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    width: int = 128
    speed: float = 1.0
    closure: float = 1.5
    symbols: float = 0.25
    closed: float = 1.0
    averaging: float = 0.998
    equaliser_db: float = 4.0
    warp: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        if self.columns % 2 or not 2 <= self.columns <= COLUMNS:
            raise ValueError(f"columns must be even and from 2 to {COLUMNS}, got {self.columns}")
        if min(self.steps, self.batch_size, self.width) < 1:
            raise ValueError("steps, batch_size and width must be at least 1")


@dataclass
class LipsTraining:
    r"""A training between two steps.

    Attributes:
        network: as trained; averaged: the running mean of its weights, which is the result.
        history: name of :data:`LOSSES` → one value per step.
    """

    config: LipsConfig
    network: LipsNetwork
    averaged: LipsNetwork
    optimizer: torch.optim.Optimizer
    generator: torch.Generator
    step: int = 0
    history: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in LOSSES})

    @classmethod
    def start(cls, config: LipsConfig) -> LipsTraining:
        r"""A network with fresh weights from the seed; torch's global random state is left alone."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            network = LipsNetwork(config.width, len(SYMBOLS))
        optimizer = torch.optim.AdamW(
            network.parameters(), config.learning_rate, betas=(0.9, 0.98), weight_decay=config.weight_decay
        )
        averaged = copy.deepcopy(network).eval().requires_grad_(False)
        return cls(config, network, averaged, optimizer, torch.Generator().manual_seed(config.seed))

    def parts(self) -> dict:
        r"""All that a checkpoint holds, by name."""
        return {"network": self.network, "averaged": self.averaged, "optimizer": self.optimizer,
                "generator": self.generator}  # fmt: skip

    def save(self, path: str | os.PathLike) -> Path:
        r"""Writes everything a resumed training needs."""
        notes = {"config": asdict(self.config), "step": self.step, "history": self.history}
        return write_checkpoint(path, notes, **self.parts())

    @classmethod
    def load(cls, path: str | os.PathLike) -> LipsTraining:
        r"""Reads what :meth:`save` wrote.

        Raises:
            FileNotFoundError, ValueError: no such file, or not one of this training.
        """
        checkpoint = read_checkpoint(path)
        try:
            training = cls.start(LipsConfig(**checkpoint.notes["config"]))
            checkpoint.restore(**training.parts())
            training.step, training.history = checkpoint.notes["step"], checkpoint.notes["history"]
        except (KeyError, TypeError) as error:
            raise ValueError(f"{path} is no checkpoint of a training of lips: {error}") from error
        return training


class Crops:
    r"""Crops of recordings with their truth, drawn with replacement from shards in memory.

    Args:
        shards: the data.
        config: of the training.
    """

    def __init__(self, shards: Sequence[Shard], config: LipsConfig) -> None:
        if not shards:
            raise ValueError("a training of lips needs a shard of data at least")
        self.config = config
        self.mel = [torch.from_numpy(s.mel) for s in shards]
        self.movements = [torch.from_numpy(s.movements) for s in shards]
        self.closed = [torch.from_numpy(s.closed) for s in shards]
        self.symbol = [torch.from_numpy(s.symbol) for s in shards]

    def draw(self, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        r"""heard (B, T + context, 80), movements (B, T, 11), closed (B, T), symbol (B, T)."""
        n, t = self.config.batch_size, self.config.columns

        def pick(limit: int) -> int:
            return int(torch.randint(limit, (1,), generator=generator))

        mel = torch.full((n, PAST + t + _AFTER, BANDS), SILENCE)
        movements = torch.empty(n, t, len(LIP_MOVEMENTS))
        closed, symbol = torch.empty(n, t, dtype=torch.bool), torch.empty(n, t, dtype=torch.long)
        for i in range(n):
            k = pick(len(self.mel))
            item, recording = pick(self.mel[k].shape[0]), pick(self.mel[k].shape[1])
            start = pick(COLUMNS - t + 1)
            first, last = max(0, start - PAST), min(COLUMNS, start + t + _AFTER)
            piece = self.mel[k][item, recording, first:last]
            at = first - (start - PAST)
            mel[i, at : at + len(piece)] = piece / STEPS - MAX_VALUE
            movements[i] = self.movements[k][item, start : start + t].float()
            closed[i] = self.closed[k][item, start : start + t]
            symbol[i] = self.symbol[k][item, start : start + t].long()
        heard = relative_to_level(self._varied(mel, generator))
        return heard, movements, closed, symbol

    def _varied(self, mel: Tensor, generator: torch.Generator) -> Tensor:
        r"""Another microphone and another vocal tract for each crop, of chance."""
        n, c = len(mel), self.config
        knots = torch.randn(n, 1, 7, generator=generator) * (c.equaliser_db * 2 * MAX_VALUE / 100.0)
        curve = F.interpolate(knots, size=BANDS, mode="linear", align_corners=True)
        factor = 1.0 + c.warp * (2 * torch.rand(n, 1, generator=generator) - 1)
        places = (torch.arange(BANDS) * factor).clamp(max=BANDS - 1.0)  # (n, 80)
        low = places.long().clamp(max=BANDS - 2)
        share = (places - low)[:, None]
        index = low[:, None].expand(-1, mel.shape[1], -1)
        mel = mel.gather(2, index) * (1 - share) + mel.gather(2, index + 1) * share
        return (mel + curve * (mel > SILENCE)).clamp(-MAX_VALUE, MAX_VALUE)


def train_lips(
    shards: Sequence[Shard],
    config: LipsConfig = LipsConfig(),
    checkpoint: str | os.PathLike | None = None,
    every: int = 500,
    stop_at: int | None = None,
    progress: Callable[[LipsTraining], None] | None = None,
) -> LipsTraining:
    r"""Trains the network on shards of recordings whose mouths are known.

    Args:
        shards: the data.
        config: everything else.
        checkpoint: file to go on from, if it is there, and to write every so many steps, at the end and when
            interrupted. A resumed training gives the same weights, bit for bit, as an uninterrupted one.
        every: steps between two writings.
        stop_at: stop after this step; default: the configuration's last.
        progress: called after every step.

    Raises:
        ValueError: no data; the checkpoint belongs to another configuration.
        FloatingPointError: a loss is not finite.
    """
    if checkpoint is not None and Path(checkpoint).exists():
        training = LipsTraining.load(checkpoint)
        if training.config != config:
            raise ValueError(f"{checkpoint} was written with {training.config}, not with {config}")
    else:
        training = LipsTraining.start(config)
    crops = Crops(shards, config)
    basis = torch.from_numpy(lip_basis_mm().copy()).float().flatten(1)  # (11, 60)
    last = min(config.steps, config.steps if stop_at is None else stop_at)
    try:
        while training.step < last:
            _step(training, basis, *crops.draw(training.generator))
            if progress is not None:
                progress(training)
            if checkpoint is not None and training.step % every == 0 and training.step < last:
                training.save(checkpoint)
    finally:
        if checkpoint is not None and all(np.isfinite(v[-1:]).all() for v in training.history.values()):
            training.save(checkpoint)
    return training


def _step(
    t: LipsTraining, basis: Tensor, heard: Tensor, truth: Tensor, closed: Tensor, symbol: Tensor
) -> None:
    c = t.config
    rise, fall = min(1.0, (t.step + 1) / 300), 0.5 + 0.5 * np.cos(np.pi * t.step / c.steps)
    t.optimizer.param_groups[0]["lr"] = c.learning_rate * rise * max(fall, 1e-3)
    t.network.train()
    hidden = t.network.hidden(heard)
    raw = t.network.logits(hidden)
    made = composed(torch.sigmoid(raw))

    weight = 1.0 + c.closed * closed.float()
    off = ((made - truth) @ basis).unflatten(-1, (20, 3))  # (B, T, 20, 3) mm
    distance = (off.square().sum(-1) + 1e-3).sqrt().mean(-1)
    lips = (weight * distance).sum() / weight.sum()
    speed = (off[:, 1:] - off[:, :-1]).square().sum(-1).add(1e-4).sqrt().mean()
    jaw = truth[..., LIP_MOVEMENTS.index("jawOpen")]
    shut = torch.where(closed, 1.0, (truth[..., _CLOSE] / jaw.clamp(min=0.02)).clamp(0.0, 1.0))
    shut = torch.where(jaw < 0.02, closed.float(), shut)
    closure = (weight * F.binary_cross_entropy_with_logits(raw[..., _CLOSE], shut, reduction="none")).mean()
    heard_as = t.network.symbol_logits(hidden).flatten(0, 1)
    symbols = F.cross_entropy(heard_as, symbol.flatten(), label_smoothing=0.05)
    total = lips + c.speed * speed + c.closure * closure + c.symbols * symbols
    t.optimizer.zero_grad(set_to_none=True)
    total.backward()
    torch.nn.utils.clip_grad_norm_(t.network.parameters(), 2.0)
    t.optimizer.step()

    t.step += 1
    keep = min(c.averaging, t.step / (t.step + 10))
    with torch.no_grad():
        for mean, now in zip(t.averaged.state_dict().values(), t.network.state_dict().values(), strict=True):
            mean.lerp_(now, 1 - keep) if mean.is_floating_point() else mean.copy_(now)
    for name, loss in zip(LOSSES, (lips, speed, closure, symbols, total), strict=True):
        value = float(loss.detach())
        t.history[name].append(value)
        if not np.isfinite(value):
            raise FloatingPointError(
                f"step {t.step}: the {name} loss is {value}; try a smaller learning rate"
            )
