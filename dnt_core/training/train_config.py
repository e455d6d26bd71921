r"""How a generator is fitted, and what a training says of itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TrainConfig:
    r"""How the generator is fitted.

    Args:
        steps: optimiser steps in all.
        batch_size: frames a step, over all devices together.
        learning_rate: of the networks (the paper writes 1e-5, peers 2e-4).
        texture_learning_rate: of the texels.
        decay: learning rates fall along a cosine.
        final_share: of their height, to which they fall, [0, 1].
        averaging: decay of the running mean of all weights that is the result; 0: the last weights. The mean
            forgets what the last few batches happened to ask for.
        warm_up: first steps, in which the learning rates rise to their full height and
            :func:`~dnt_core.training.perceptual_loss.attention_start_loss` holds the attention mask open; 0:
            none. Adam's first steps are as long as any: without it five of them can close the mask for good.
        max_gradient: longer gradients (Euclidean norm over all weights) are cut to this; 0: never. A single
            one, a hundred times the usual 0.1, can close the attention mask for good.
        loss: see ``make_loss``.
        loss_levels: of VGG-19, 1 to 5.
        loss_weights: file of "learnt_vgg19".
        color_weight: of the supervision of the texture's first three channels; 0: none.
        mouth_weight: of :func:`~dnt_core.training.perceptual_loss.mouth_loss`; 0: none, as the paper.
        mouth_error_weight: of :func:`~dnt_core.training.detail_loss.mouth_error`; 0: none.
        detail_weight: of :func:`~dnt_core.training.detail_loss.detail_strength_loss`; 0: none.
        detail_from: share of the steps, [0, 1], from which it counts: before, there is no detail to compare.
        mouth_detail_weight: of :func:`~dnt_core.training.detail_loss.mouth_detail_loss`; 0: none.
        light: strength of :func:`~dnt_core.training.light_augmentation.light_fields`; 0: as filmed, and an
            expression is stained by a light that it was never filmed in.
        seed: of the order and the light of frames.
        report_every: steps between two reports, at least 1.
        test_frames: so many test frames, evenly spread, are rendered for each, at least 1.

    Raises:
        ValueError: steps, a batch, reports or test frames below 1; an averaging outside [0, 1); a share
            outside [0, 1]; a weight, a rate or a strength below 0. ``make_loss`` says what loss is unknown.
    """

    steps: int = 2000
    batch_size: int = 8
    learning_rate: float = 2e-4
    texture_learning_rate: float = 1e-3
    decay: bool = True
    final_share: float = 0.1
    averaging: float = 0.0
    warm_up: int = 0
    max_gradient: float = 0.0
    loss: str = "auto"
    loss_levels: int = 5
    loss_weights: str = ""
    color_weight: float = 0.1
    mouth_weight: float = 0.0
    mouth_error_weight: float = 0.0
    detail_weight: float = 0.0
    detail_from: float = 0.0
    mouth_detail_weight: float = 0.0
    light: float = 0.0
    seed: int = 0
    report_every: int = 100
    test_frames: int = 32

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "report_every", "test_frames"):
            if getattr(self, name) < 1:
                raise ValueError(f"training plan: {name} must be at least 1, got {getattr(self, name)}")
        if not 0 <= self.averaging < 1:
            raise ValueError(f"training plan: averaging must lie in [0, 1), got {self.averaging}")
        for name in ("final_share", "detail_from"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"training plan: {name} must lie in [0, 1], got {getattr(self, name)}")
        for name in (
            "learning_rate", "texture_learning_rate", "warm_up", "max_gradient", "color_weight",
            "mouth_weight", "mouth_error_weight", "detail_weight", "mouth_detail_weight", "light", "seed",
        ):  # fmt: skip
            if not 0 <= getattr(self, name) < float("inf"):
                raise ValueError(f"training plan: {name} must be at least 0, got {getattr(self, name)}")


@dataclass(frozen=True)
class Progress:
    r"""One report: step, mean loss since the last report, PSNR (dB) on test frames (NaN without any), and
    seconds of training so far, earlier sessions included."""

    step: int
    loss: float
    psnr: float
    seconds: float
