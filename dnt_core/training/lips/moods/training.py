r"""Training of expression from the voice on the actor's moods."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from dnt_core.audio.prosody import FEATURES
from dnt_core.audio.voice_expression import ProsodyNetwork
from dnt_core.ciec import NEUTRAL
from dnt_core.own_torch import seeded
from dnt_core.training.lips.moods.phrases import MoodPhrases

_NEUTRAL_UP_TO = 0.12  # intensity below which a mood is called neutral in training


@dataclass(frozen=True)
class MoodConfig:
    r"""Everything that decides a training.

    Args:
        phrases: the actor's, in training; each sentence is heard twice, clean and as a recording.
        steps: updates.
        batch_size: phrases in an update.
        learning_rate: of AdamW; falls as a cosine.
        width: of the network.
        seed: of voices, words and weights.
    """

    phrases: int = 3000
    steps: int = 1000
    batch_size: int = 256
    learning_rate: float = 2e-3
    width: int = 96
    seed: int = 0


def train_moods(
    data: MoodPhrases, config: MoodConfig = MoodConfig(), progress: Callable[[int], None] | None = None
) -> ProsodyNetwork:
    r"""Trains the network; a minute at most, so it starts anew rather than resume.

    Args:
        data: of :func:`acted_phrases`.
        config: everything else.
        progress: called with the number of steps done.
    """
    with seeded(config.seed):
        network = ProsodyNetwork(config.width)
        features, kinds = torch.from_numpy(data.features), torch.from_numpy(data.type)
        intensity = torch.from_numpy(data.intensity)
        kinds = torch.where(intensity < _NEUTRAL_UP_TO, NEUTRAL, kinds)
        network.mean.copy_(features.mean(0))
        network.spread.copy_(features.std(0) + 1e-3)
        network.remember_voices(features)
        optimizer = torch.optim.AdamW(network.parameters(), config.learning_rate, weight_decay=0.05)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, config.steps)
        for step in range(config.steps):
            rows = torch.randint(len(features), (config.batch_size,))
            noisy = features[rows] + 0.1 * network.spread * torch.randn(config.batch_size, FEATURES)
            logits, strength = network(noisy)
            # a faint mood is nearly neutral: its share of the truth is the mood's, the rest neutral's
            share = (intensity[rows] / 0.35).clamp(0.0, 1.0)[:, None]
            truth = share * F.one_hot(kinds[rows], 8) + (1 - share) * F.one_hot(
                torch.full_like(rows, NEUTRAL), 8
            )
            loss = F.cross_entropy(logits, truth, label_smoothing=0.02)
            loss = loss + 2.0 * F.smooth_l1_loss(strength, intensity[rows], beta=0.2)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            if progress is not None:
                progress(step + 1)
    return network.eval().requires_grad_(False)
