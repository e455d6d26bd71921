r"""What the generator's training minimises: equation 6, and what a plan adds to it."""

from __future__ import annotations

from torch import Tensor, nn

from dnt_core.networks.neural_renderer import Rendered
from dnt_core.training.detail_loss import detail_strength_loss, mouth_detail_loss, mouth_error
from dnt_core.training.generator_data import Batch
from dnt_core.training.perceptual_loss import attention_start_loss, mouth_loss, texture_color_loss
from dnt_core.training.train_config import TrainConfig

MOUTH_DETAIL = 4.0  # so many times a pixel of the skin counts one of the mouth, in detail's strength
ATTENTION_WEIGHT = 0.1  # of the loss that holds the attention mask open in the first steps


def generator_loss(
    plan: TrainConfig, picture_loss: nn.Module, step: int, batch: Batch, rendered: Rendered
) -> Tensor:
    r"""Equation 6, the supervision of the texture's colours, more of the mouth, and how strong details are.

    Args:
        plan: gives each part's weight; 0 leaves it out.
        picture_loss: of equation 6, from :func:`~dnt_core.training.perceptual_loss.make_loss`.
        step: from 0; details count from a share of the steps on, the attention mask while it warms up.
        batch: B frames with their targets.
        rendered: what the generator drew of them.

    Returns:
        a scalar ().
    """
    frame, target = batch.frame, batch.target
    loss = picture_loss(rendered.image, target)
    if plan.color_weight:
        colors = texture_color_loss(rendered.texture_color, target, frame.mask)
        loss = loss + plan.color_weight * colors
    if plan.mouth_weight:
        loss = loss + plan.mouth_weight * mouth_loss(rendered.image, target, frame.mouth)
    if plan.mouth_error_weight:
        loss = loss + plan.mouth_error_weight * mouth_error(rendered.image, target, frame.mouth)
    if plan.detail_weight and step >= plan.detail_from * plan.steps:
        strength = detail_strength_loss(rendered.image, target, frame.mask + MOUTH_DETAIL * frame.mouth)
        loss = loss + plan.detail_weight * strength
    if plan.mouth_detail_weight:
        strength = mouth_detail_loss(rendered.image, target, frame.mouth)
        loss = loss + plan.mouth_detail_weight * strength
    if step < plan.warm_up:
        loss = loss + ATTENTION_WEIGHT * attention_start_loss(rendered.attention, frame.hole)
    return loss
