r"""One fit: a classifier trained on some rows of one setting's pictures, its cross-entropy on the others."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from dnt_core.metrics.expression_classifier import NETWORKS, build_classifier
from dnt_core.own_torch import one_device, seeded
from dnt_core.parallel import torch_threads


@dataclass(frozen=True)
class FitConfig:
    r"""How a classifier is trained; the same for all settings.

    Args:
        network: one of :data:`NETWORKS`.
        epochs: higher: slower, trained longer.
        batch_size: pictures a step.
        learning_rate: highest rate of the one-cycle schedule.
        weight_decay: of AdamW.
        shift: higher: training pictures are moved by up to this many pixels.
        brightness: higher: training pictures are made darker or lighter by up to this share, each its own,
            so that a net does not know a clip by its exposure.
        early_size: side in px at which the first half of the epochs is trained ("progressive size"); 0
            trains at full size throughout.
        weights: file with ImageNet weights, or "".
        seed: of initial weights, order and shifts.
        threads: of torch within one fit; fixed, so that a fit gives the same numbers wherever it runs.
    """

    network: str = "resnet50"
    epochs: int = 12
    batch_size: int = 16
    learning_rate: float = 1e-3
    weight_decay: float = 1e-2
    shift: int = 2
    brightness: float = 0.2
    early_size: int = 0
    weights: str = ""
    seed: int = 0
    threads: int = 1

    def __post_init__(self) -> None:
        if self.network not in NETWORKS:
            raise ValueError(f"unknown network {self.network!r}; expected one of {', '.join(NETWORKS)}")
        if min(self.epochs, self.batch_size, self.threads) < 1 or not self.learning_rate > 0:
            raise ValueError("epochs, batch_size, threads and learning_rate must be above 0")


@dataclass(frozen=True)
class FitResult:
    r"""What a fit found.

    Attributes:
        cross_entropy: mean over the test rows of -ln p(right class), nats.
        test: (T,) row numbers.
        probabilities: (T, C), each row sums to 1.
        labels: (T,) the right classes.
        losses: (epochs,) mean training loss in nats.
        seconds: wall time.
        seen: pictures trained on, all epochs together.
    """

    cross_entropy: float
    test: np.ndarray
    probabilities: np.ndarray
    labels: np.ndarray
    losses: np.ndarray
    seconds: float
    seen: int

    @property
    def accuracy(self) -> float:
        r"""Share of the test rows whose class is the most probable one."""
        return float((self.probabilities.argmax(1) == self.labels).mean())


class Normalise(nn.Module):
    r"""uint8 (B, 3, S, S) → floats, each channel with mean 0 and standard deviation 1 over the training
    pictures."""

    def __init__(self, pictures: np.ndarray) -> None:
        super().__init__()
        some = torch.from_numpy(np.ascontiguousarray(pictures[:: max(1, len(pictures) // 256)])).float()
        self.register_buffer("mean", some.mean((0, 2, 3), keepdim=True))
        self.register_buffer("scale", some.std((0, 2, 3), keepdim=True).clamp(min=1.0))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        r"""(B, 3, S, S) any type → float (B, 3, S, S)."""
        return (pictures.float() - self.mean) / self.scale


def fit_classifier(
    pictures: np.ndarray,
    labels: np.ndarray,
    train: np.ndarray,
    test: np.ndarray,
    n_classes: int,
    plan: FitConfig,
) -> FitResult:
    r"""Trains and tests one classifier.

    Args:
        pictures: (N, 3, S, S) uint8.
        labels: (N,) int64 in [0, n_classes).
        train: row numbers that train.
        test: row numbers that test.
        n_classes: C.
        plan: how it is trained.

    Raises:
        ValueError: a class among the test rows that no training row has, a row in both.
    """
    _check_rows(labels, train, test, n_classes)
    start = time.perf_counter()
    net, losses = train_classifier(pictures, labels, train, n_classes, plan)
    with torch_threads(plan.threads):
        log_p = predict(net, pictures[test]).double()
    truth = labels[test]
    cross_entropy = -log_p[torch.arange(len(truth)), torch.from_numpy(truth)].mean().item()
    return FitResult(
        cross_entropy,
        test,
        log_p.exp().float().numpy(),
        truth,
        losses,
        time.perf_counter() - start,
        len(train) * plan.epochs,
    )


def _check_rows(labels, train, test, n_classes):
    known = set(labels[train].tolist())
    if not known <= set(range(n_classes)):
        raise ValueError(f"labels must lie in 0 … {n_classes - 1}, got {min(known)} … {max(known)}")
    if set(labels[test].tolist()) - known:
        raise ValueError(f"class {min(set(labels[test].tolist()) - known)} is tested but never trained")
    if np.intersect1d(train, test).size:
        raise ValueError(f"row {np.intersect1d(train, test)[0]} is both trained and tested")


def train_classifier(
    pictures: np.ndarray, labels: np.ndarray, train: np.ndarray, n_classes: int, plan: FitConfig
) -> tuple[nn.Sequential, np.ndarray]:
    r"""The trained net (normalisation inside, evaluation mode) and its mean loss in every epoch (epochs,).

    Args:
        pictures: (N, 3, S, S) uint8 RGB.
        labels: (N,) int64 in [0, n_classes).
        train: row numbers that train.
        n_classes: C.
        plan: how it is trained.
    """
    with torch_threads(plan.threads):
        return _train(pictures, labels, train, n_classes, plan)


def _train(pictures, labels, train, n_classes, plan):
    with seeded(plan.seed):
        net = nn.Sequential(
            Normalise(pictures[train]), build_classifier(plan.network, n_classes, plan.weights or None)
        )
    generator = torch.Generator().manual_seed(plan.seed + 1)
    device = one_device(apple=False)  # nobody has tried Apple's
    net = net.to(device, memory_format=torch.channels_last).train()
    x = torch.from_numpy(np.ascontiguousarray(pictures[train])).to(device)
    y = torch.from_numpy(labels[train]).to(device)
    steps = -(-len(x) // plan.batch_size)
    optimiser = torch.optim.AdamW(
        net.parameters(), plan.learning_rate, weight_decay=plan.weight_decay, fused=True
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, plan.learning_rate, total_steps=steps * plan.epochs
    )
    losses = []
    for epoch in range(plan.epochs):
        size = plan.early_size if epoch < plan.epochs // 2 else 0
        total = 0.0
        for rows in _batches(len(x), steps, generator):
            batch = _varied(x[rows.to(device)], plan, generator)
            if size:
                batch = F.interpolate(batch.float(), (size, size), mode="bilinear", antialias=True)
            loss = F.cross_entropy(net(batch), y[rows.to(device)])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(rows)
        losses.append(total / len(x))
    return net.eval(), np.array(losses)


def _batches(n, steps, generator):
    """Row numbers in random order in ``steps`` batches, none of one picture: a batch norm has no variance
    of it."""
    rows = torch.randperm(n, generator=generator)
    batches = rows.chunk(steps if steps * 2 <= n else 1)
    return batches if len(batches[-1]) > 1 else rows.tensor_split(steps)


def _varied(x, plan, generator):
    """The batch moved by the same few pixels (what leaves on one side comes in on the other), each picture
    lighter or darker."""
    if plan.shift:
        down, right = torch.randint(-plan.shift, plan.shift + 1, (2,), generator=generator).tolist()
        x = torch.roll(x, (down, right), (2, 3))
    if plan.brightness:
        gain = 1 + plan.brightness * (2 * torch.rand(len(x), 1, 1, 1, generator=generator) - 1)
        x = x * gain.to(x.device)
    return x


@torch.no_grad()
def predict(net: nn.Module, pictures: np.ndarray, batch_size: int = 64) -> torch.Tensor:
    r"""(N, C) log-probabilities, on the CPU.

    Args:
        net: gives (B, C) log-probabilities or logits.
        pictures: (N, 3, S, S) uint8 RGB.
        batch_size: pictures at once.
    """
    device = next(net.parameters()).device
    parts = torch.from_numpy(np.ascontiguousarray(pictures)).split(batch_size)
    return torch.cat([net(part.to(device)).log_softmax(1).cpu() for part in parts])
