r"""The table of the study: every decoupler measured on clips that nothing was fitted on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from dnt_core.ciec import EXPRESSIONS
from dnt_core.clips.expression_frames import ExpressionFrames
from dnt_core.face3d import MorphableModel
from dnt_core.metrics import lip_metrics
from dnt_core.studies.decoupling.baselines import Decoupler, identity_map
from dnt_core.studies.decoupling.neutrality import (
    Classifier,
    best_accuracy,
    fit_classifiers,
    fresh_accuracy,
    without_the_lips,
)
from dnt_core.training.decoupling_losses import MouthLandmarks, neutral_loss


@dataclass(frozen=True)
class Measured:
    r"""One decoupler's row. Inputs are the numbers *as reconstructed*, noise and all.

    Attributes:
        accuracy: balanced accuracy of classifiers that learnt expressions on undecoupled faces, 1/8 is
            chance.
        accuracy_fresh: the same fitted afresh on this decoupler's output for the training clips.
        accuracy_fresh_beyond_lips: the same again, without the directions that move the mouth's landmarks.
        lip_error_mm: equation 4's landmarks against the input's, mean distance.
        opening_correlation: of the mouth's height over time with the input's.
        width_correlation: of the mouth's width over time with the input's.
        neutral_change: equation 3 on neutral frames.
        truth_error: root mean square distance of the 64 numbers to the speech's own, in standard deviations;
            the input's reconstruction noise counts against everyone. NaN without the actor's truth.
        truth_error_clean: the same when the network is given the true β instead of the reconstructed one.
        lip_error_to_speech_mm: mouth landmarks against those of the speech alone.
        closures_kept: share of p, b, m frames with closed lips.
        closures_kept_clean: the same for the true β.
    """

    accuracy: float
    accuracy_fresh: float
    accuracy_fresh_beyond_lips: float
    lip_error_mm: float
    opening_correlation: float
    width_correlation: float
    neutral_change: float
    truth_error: float = float("nan")
    truth_error_clean: float = float("nan")
    lip_error_to_speech_mm: float = float("nan")
    closures_kept: float = float("nan")
    closures_kept_clean: float = float("nan")

    def to_dict(self) -> dict[str, float]:
        r"""For tables and metrics."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class DecouplingStudy:
    r"""Clips to fit classifiers on and clips to measure on, prepared once for any number of decouplers.

    Args:
        train: frames that decouplers and classifiers may learn from.
        test: frames of other clips.
        mouth: landmarks of the face model the numbers belong to.
        seen: classifiers that were fitted on undecoupled faces.
        every: classifiers see every so many-th frame: neighbours are near-duplicates.
        mlp: use the MLP beside the logistic regression (slower, reads a little more at times).
        seed: of the MLP.
    """

    train: ExpressionFrames
    test: ExpressionFrames
    mouth: MouthLandmarks
    seen: list[Classifier]
    every: int = 3
    mlp: bool = True
    seed: int = 0

    @classmethod
    def prepare(cls, train, test, mouth, every: int = 3, mlp: bool = True, seed: int = 0) -> DecouplingStudy:
        r"""Fits the classifiers that have only seen undecoupled faces.

        Args:
            train: frames that decouplers and classifiers may learn from.
            test: frames of other clips.
            mouth: landmarks of the face model the numbers belong to.
            every: classifiers see every so many-th frame.
            mlp: use the MLP beside the logistic regression.
            seed: of the MLP.
        """
        seen = fit_classifiers(train.expression[::every], train.type[::every], seed, mlp)
        return cls(train, test, mouth, seen, every, mlp, seed)

    @torch.inference_mode()
    def measure(self, decoupler: Decoupler) -> Measured:
        r"""All of a decoupler's numbers on the test clips.

        Args:
            decoupler: β (N, 64) → neutral β (N, 64).
        """
        test = self.test
        before, after = test.expression, decoupler(test.expression)
        mouth_before, mouth_after = self.mouth(before), self.mouth(after)
        row = {
            "accuracy": best_accuracy(self.seen, after[:: self.every], test.type[:: self.every]),
            "accuracy_fresh": self.fresh(decoupler),
            "accuracy_fresh_beyond_lips": self.fresh(decoupler, without_the_lips(self.mouth.basis)),
            "lip_error_mm": float(lip_metrics.lip_error_mm(mouth_before, mouth_after).mean()),
            "neutral_change": float(neutral_loss(before[test.neutral], after[test.neutral])),
        }
        for name, shape in (("opening", lip_metrics.lip_opening_mm), ("width", lip_metrics.lip_width_mm)):
            row[f"{name}_correlation"] = lip_metrics.correlation_over_time(
                shape(mouth_before), shape(mouth_after), test.clip
            )
        if test.speech is not None:
            row["truth_error"] = float((after - test.speech).square().mean().sqrt())
            row["truth_error_clean"] = float((decoupler(test.truth) - test.speech).square().mean().sqrt())
            mouth_speech = self.mouth(test.speech)
            row["lip_error_to_speech_mm"] = float(lip_metrics.lip_error_mm(mouth_speech, mouth_after).mean())
            if test.closed is not None and test.closed.any():
                reference = lip_metrics.lip_opening_mm(mouth_speech)
                faces = {"closures_kept": after, "closures_kept_clean": decoupler(test.truth)}
                for name, face in faces.items():
                    opening = lip_metrics.lip_opening_mm(self.mouth(face))
                    row[name] = lip_metrics.closures_kept(opening, reference, test.closed)
        return Measured(**row)

    def fresh(self, decoupler: Decoupler, projection: Tensor | None = None) -> float:
        r"""Accuracy of classifiers fitted afresh on the output, through a projection (64, 64) if given.

        Args:
            decoupler: β (N, 64) → neutral β (N, 64).
            projection: (64, 64), applied to the output; None: none.
        """
        train, test = (self.thinned(f, decoupler, projection) for f in (self.train, self.test))
        return fresh_accuracy(*train, *test, seed=self.seed, mlp=self.mlp)

    def recall(self, decoupler: Decoupler) -> dict[str, list[float]]:
        r"""Share of frames a fresh logistic regression names rightly, expression → one number a level.

        Args:
            decoupler: β (N, 64) → neutral β (N, 64).
        """
        train, (x, types) = (self.thinned(frames, decoupler) for frames in (self.train, self.test))
        right = fit_classifiers(*train, seed=self.seed, mlp=False)[0].predict(x) == types.numpy()
        level = self.test.level[:: self.every].numpy()
        return {
            name: [
                float(right[(types.numpy() == k) & (level == n)].mean())
                for n in (1, 2, 3)[: 1 if k == 7 else 3]
            ]
            for k, name in enumerate(EXPRESSIONS)
            if (types == k).any()
        }

    def table(self, decouplers: Mapping[str, Decoupler]):
        r"""One row a decoupler, as a pandas DataFrame.

        Args:
            decouplers: name → decoupler.
        """
        import pandas

        return pandas.DataFrame({name: self.measure(d).to_dict() for name, d in decouplers.items()}).T

    @torch.inference_mode()
    def thinned(
        self, frames: ExpressionFrames, decoupler: Decoupler, projection: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        r"""What classifiers are fitted on: every so many-th decoupled frame (N, 64) and its type (N,).

        Args:
            frames: with their types.
            decoupler: β (N, 64) → neutral β (N, 64).
            projection: (64, 64), applied to the output; None: none.
        """
        x = decoupler(frames.expression[:: self.every])
        return (x if projection is None else x @ projection), frames.type[:: self.every]


def lip_shift_by_expression(
    study: DecouplingStudy, decoupler: Decoupler, level: int = 3
) -> dict[str, dict[str, float]]:
    r"""What an expression does to the lips beyond the speech, before and after, in mm: what is given up,
    and where.

    Args:
        study: with the actor's truth.
        decoupler: β (N, 64) → neutral β (N, 64).
        level: of the clips looked at.

    Returns:
        expression → ``before`` and ``after``: mean distance of the mouth landmarks to those of the speech
        alone, of their means over all frames of the expression; ``moved``: how far f_d moved those means.
    """
    test, result = study.test, {}
    for k, name in enumerate(EXPRESSIONS[:7]):
        frames = test.at((test.type == k) & (test.level == level))
        if not len(frames):
            continue
        with torch.inference_mode():
            after = study.mouth(decoupler(frames.expression))
        before, speech = study.mouth(frames.expression), study.mouth(frames.speech)
        mean = lambda a, b: float(lip_metrics.lip_error_mm(a.mean(0), b.mean(0)))  # noqa: E731
        result[name] = {
            "before": mean(before, speech),
            "after": mean(after, speech),
            "moved": mean(before, after),
        }
    return result


def before_and_after(
    train: ExpressionFrames, test: ExpressionFrames, model: MorphableModel, decoupler: Decoupler
) -> dict[str, float]:
    r"""What ``dnt train decoupling`` notes beside its weights: the test clips as they are and decoupled.

    Args:
        train, test: clips that f_d saw, and clips that it did not. model: whose lips are looked at.
        decoupler: (..., 64) → (..., 64).

    Returns:
        the numbers of :class:`Measured`, as ``before.…`` and ``after.…``; NaN where one is undefined.
    """
    study = DecouplingStudy.prepare(train, test, MouthLandmarks(model))
    rows = {"before": study.measure(identity_map()), "after": study.measure(decoupler)}
    return {f"{when}.{name}": value for when, row in rows.items() for name, value in row.to_dict().items()}
