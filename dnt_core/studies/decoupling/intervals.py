r"""How far a decoupler's numbers scatter over training seeds and over test clips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dnt_core.ciec import EXPRESSIONS
from dnt_core.metrics import lip_metrics
from dnt_core.studies.decoupling.baselines import Decoupler
from dnt_core.studies.decoupling.neutrality import fit_classifiers
from dnt_core.studies.decoupling.report import DecouplingStudy

DRAWS = 1000


@dataclass(frozen=True, eq=False)
class Spread:
    r"""One number of a decoupler with its scatter.

    Attributes:
        mean: over the seeds, on all test clips.
        seeds: (S,) one value per seed.
        draws: (D,) the mean again on clips (and seeds) drawn with replacement. Draw d has the same clips for
            every decoupler of a study, so that differences are taken draw by draw.
        over: what was drawn, such as "3 seeds and 134 clips".
    """

    mean: float
    seeds: np.ndarray
    draws: np.ndarray
    over: str = ""

    @property
    def interval(self) -> tuple[float, float]:
        r"""The middle 95 % of the draws, widened where needed to hold the mean."""
        low, high = np.quantile(self.draws, [0.025, 0.975])
        return min(float(low), self.mean), max(float(high), self.mean)

    def __sub__(self, other: Spread) -> Spread:
        return Spread(self.mean - other.mean, self.seeds, self.draws - other.draws, self.over)

    def __truediv__(self, other: Spread) -> Spread:
        return Spread(self.mean / other.mean, self.seeds, self.draws / other.draws, self.over)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.mean:.3f} [{low:.3f}, {high:.3f}]"


def seed_spread(
    study: DecouplingStudy, networks: Sequence[Decoupler], draws: int = DRAWS, seed: int = 0
) -> dict[str, Spread]:
    r"""The numbers of :class:`~dnt_core.studies.decoupling.report.Measured` that a table's rows are compared
    by, with their scatter.

    Args:
        study: whose test clips are measured.
        networks: one decoupler per training seed; a single one where nothing is trained.
        draws: how often clips are drawn with replacement, within each expression, and seeds too.
        seed: of the draws; the same for decouplers that are compared.

    Returns:
        name → spread: ``accuracy``, ``accuracy_fresh``, ``lip_error_mm``, ``neutral_change``, and with the
        actor's truth ``truth_error`` and ``lip_error_to_speech_mm``.
    """
    generator = np.random.default_rng(seed)
    times = drawn_clips(study, draws, generator)  # (D + 1, M), the first row draws each clip once
    n = len(networks)
    chosen = np.vstack([np.ones(n), generator.multinomial(n, [1 / n] * n, draws)]) / n
    each = [on_clips(study, *_decoupled(study, network), times) for network in networks]
    spreads, seeds = {}, f"{n} seeds and " if n > 1 else ""
    over = f"{seeds}{len(study.test.clips)} clips"
    for name in each[0]:
        values = np.stack([one[name] for one in each], axis=1)  # (D + 1, seeds)
        mixed = (values * chosen).sum(1)
        spreads[name] = Spread(float(mixed[0]), values[0], mixed[1:], over)
    return spreads


def drawn_clips(study: DecouplingStudy, draws: int, generator: np.random.Generator) -> np.ndarray:
    r"""How often each test clip comes, (draws + 1, clips): once each in the first row, then with replacement.

    Args:
        study: whose test clips are drawn, within each expression.
        draws: how many.
        generator: of the random numbers.
    """
    expressions = [clip.expression for clip in study.test.clips]
    times = np.zeros((draws + 1, len(expressions)))
    times[0] = 1
    for expression in dict.fromkeys(expressions):
        own = [n for n, other in enumerate(expressions) if other == expression]
        times[1:, own] = generator.multinomial(len(own), [1 / len(own)] * len(own), draws)
    return times


@torch.inference_mode()
def _decoupled(study: DecouplingStudy, decoupler: Decoupler) -> tuple[tuple[Tensor, Tensor], Tensor]:
    r"""Faces and types to fit fresh classifiers on, and the test faces, all decoupled."""
    return study.thinned(study.train, decoupler), decoupler(study.test.expression)


@torch.inference_mode()
def on_clips(
    study: DecouplingStudy, learnt: tuple[Tensor, Tensor], after: Tensor, times: np.ndarray
) -> dict[str, np.ndarray]:
    r"""The numbers of :func:`seed_spread` on the clips of each draw.

    Args:
        study: whose test clips are measured.
        learnt: decoupled training faces (N, 64) and their types (N,), for a fresh classifier.
        after: the decoupled test faces, a row per test frame.
        times: of :func:`drawn_clips`, (D, clips).

    Returns:
        name → (D,).
    """
    test, thin = study.test, slice(None, None, study.every)
    before = test.expression
    types, clips = test.type.numpy(), test.clip.numpy()
    fresh = fit_classifiers(*learnt, seed=study.seed, mlp=study.mlp)
    lips = lip_metrics.lip_error_mm(study.mouth(before), study.mouth(after)).numpy()
    found = {
        "accuracy": _best(study.seen, after[thin], types[thin], clips[thin], times),
        "accuracy_fresh": _best(fresh, after[thin], types[thin], clips[thin], times),
        "lip_error_mm": _mean(lips, clips, times),
    }
    neutral = test.neutral.numpy()
    change = (after - before).abs().mean(1).numpy()[neutral]
    found["neutral_change"] = _mean(change, clips[neutral], times)
    if test.speech is not None:
        square = (after - test.speech).square().mean(1).numpy()
        found["truth_error"] = np.sqrt(_mean(square, clips, times))
        off = lip_metrics.lip_error_mm(study.mouth(test.speech), study.mouth(after)).numpy()
        found["lip_error_to_speech_mm"] = _mean(off, clips, times)
    return found


def _mean(values: np.ndarray, clips: np.ndarray, times: np.ndarray) -> np.ndarray:
    r"""Mean over the frames of the drawn clips, (D,)."""
    count = times.shape[1]
    total = times @ np.bincount(clips, values, count)
    return total / (times @ np.bincount(clips, minlength=count))


def _best(classifiers, faces, types, clips, times) -> np.ndarray:
    r"""Balanced accuracy of the classifier that reads most on all clips, on the clips of each draw, (D,)."""
    tables = []
    for classifier in classifiers:
        right = (classifier.predict(faces) == types).astype(float)
        own = [types == k for k in range(len(EXPRESSIONS)) if (types == k).any()]
        tables.append(np.mean([_mean(right[mask], clips[mask], times) for mask in own], axis=0))
    return max(tables, key=lambda table: table[0])
