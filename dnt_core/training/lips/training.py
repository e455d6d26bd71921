r"""Training of the built-in network from sound to lips."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from dnt_core.audio.lips_network import FUTURE, PAST, LipsNetwork, composed, relative_to_level
from dnt_core.audio.mel import BANDS, MAX_VALUE, SILENCE
from dnt_core.audio.mouth_movements import LIP_MOVEMENTS
from dnt_core.own_torch import seeded
from dnt_core.training.lips.landmarks import lip_basis_mm
from dnt_core.training.lips.shards import COLUMNS, STEPS, SYMBOLS, Shard
from dnt_core.training.step_training import StepTraining, data_key, update_average

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
        averaging: decay of the running mean of weights, which is the result but for ``kept`` and ``closing``.
        equaliser_db: standard deviation of a smooth curve over the bands, drawn per crop.
        warp: largest relative shift of the bands, as of another length of vocal tract.
        kept: share of the start's weights in the result, from 0 to 1, where there is a start.
        closing: added in the result to the closure before its sigmoid: lips that nearly close do close.
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
    kept: float = 0.0
    closing: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.columns % 2 or not 2 <= self.columns <= COLUMNS:
            raise ValueError(f"columns must be even and from 2 to {COLUMNS}, got {self.columns}")
        if min(self.steps, self.batch_size, self.width) < 1:
            raise ValueError("steps, batch_size and width must be at least 1")
        if not 0 <= self.kept <= 1:
            raise ValueError(f"kept is {self.kept}, expected a share from 0 to 1")


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


class LipsTraining(StepTraining):
    r"""A training of the network from sound to lips that can be stopped and gone on with.

    Args:
        shards: of recordings whose mouths are known.
        config: everything else.
        start: network to go on from, instead of weights of chance.

    Attributes:
        network: as trained.
        averaged: the running mean of its weights.

    Raises:
        ValueError: no data, or a start of another width.
    """

    def __init__(
        self, shards: Sequence[Shard], config: LipsConfig | None = None, start: LipsNetwork | None = None
    ) -> None:
        self.config = config = config or LipsConfig()
        self.crops = Crops(shards, config)
        data = data_key(*(part for s in shards for part in (s.mel, s.movements, s.closed, s.symbol)))
        identity = {"config": asdict(config), "data": data}
        if start is not None:
            identity["start"] = data_key(*start.state_dict().values())
        super().__init__(identity, config.steps, config.seed)
        self.basis = torch.from_numpy(lip_basis_mm().copy()).float().flatten(1)  # (11, 60)
        with seeded(config.seed):
            self.network = LipsNetwork(config.width, len(SYMBOLS))
        if start is not None:
            if start.width != config.width:
                raise ValueError(f"the start has width {start.width}, the training {config.width}")
            self.network.load_state_dict(start.state_dict(), strict=False)  # it tells no sounds apart
        self.averaged = copy.deepcopy(self.network).requires_grad_(False)
        self._start = start
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(),
            config.learning_rate,
            betas=(0.9, 0.98),
            weight_decay=config.weight_decay,
        )
        self.generator = torch.Generator().manual_seed(config.seed)

    def parts(self) -> dict:
        r"""All that a checkpoint holds, by name."""
        return {"network": self.network, "averaged": self.averaged, "optimizer": self.optimizer,
                "generator": self.generator}  # fmt: skip

    @property
    def result(self) -> LipsNetwork:
        r"""The running mean of weights, moved towards the start by ``kept``, to keep more of what the
        start could do (Wortsman et al. 2022, Robust fine-tuning of zero-shot models)."""
        made = copy.deepcopy(self.averaged)
        state = made.state_dict()  # shares the network's memory
        if self._start is not None:
            before = self._start.state_dict()
            for name, value in state.items():
                if name in before and value.is_floating_point():
                    value.lerp_(before[name], self.config.kept)
        state["output.bias"].view(2, -1)[:, _CLOSE] += self.config.closing
        return made.eval()

    def take_step(self) -> dict[str, float]:
        r"""One update of the network and of its running mean."""
        c, network = self.config, self.network
        heard, truth, closed, symbol = self.crops.draw(self.generator)
        rise, fall = min(1.0, (self.step + 1) / 300), 0.5 + 0.5 * np.cos(np.pi * self.step / c.steps)
        self.optimizer.param_groups[0]["lr"] = c.learning_rate * rise * max(fall, 1e-3)
        hidden = network.hidden(heard)
        raw = network.logits(hidden)
        made = composed(torch.sigmoid(raw))

        weight = 1.0 + c.closed * closed.float()
        off = ((made - truth) @ self.basis).unflatten(-1, (20, 3))  # (B, T, 20, 3) mm
        distance = (off.square().sum(-1) + 1e-3).sqrt().mean(-1)
        lips = (weight * distance).sum() / weight.sum()
        speed = (off[:, 1:] - off[:, :-1]).square().sum(-1).add(1e-4).sqrt().mean()
        jaw = truth[..., LIP_MOVEMENTS.index("jawOpen")]
        shut = torch.where(closed, 1.0, (truth[..., _CLOSE] / jaw.clamp(min=0.02)).clamp(0.0, 1.0))
        shut = torch.where(jaw < 0.02, closed.float(), shut)
        closure = (
            weight * F.binary_cross_entropy_with_logits(raw[..., _CLOSE], shut, reduction="none")
        ).mean()
        heard_as = network.symbol_logits(hidden).flatten(0, 1)
        symbols = F.cross_entropy(heard_as, symbol.flatten(), label_smoothing=0.05)
        total = lips + c.speed * speed + c.closure * closure + c.symbols * symbols
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        self.optimizer.step()
        update_average(self.averaged, network, c.averaging, self.step + 1)
        losses = {"lips_mm": lips, "speed": speed, "closure": closure, "symbols": symbols, "total": total}
        return {name: float(loss.detach()) for name, loss in losses.items()}
