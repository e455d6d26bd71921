r"""A perceptual distance: how differently a net that has learnt to read expressions sees two pictures.

LPIPS (Zhang et al., 2018) weighs the activations of a net trained on photographs with what people said. Such
weights are not at hand here, so the net is one of
:class:`~dnt_core.metrics.classifier_eval.PictureClassifiers`, and all layers count alike: 0 for the same
picture, at most 4, and no number to compare with published ones.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from dnt_core.metrics.expression_classifier import Residual
from dnt_core.metrics.image_metrics import Predict

if TYPE_CHECKING:
    from dnt_core.training.generator_data import GeneratorData

TINY = 1e-6


class FeatureDistance(nn.Module):
    r"""Mean squared difference of unit activations, layer by layer, then the layers' mean.

    Args:
        net: a normalisation and a small residual net, as ``train_classifier`` returns them. It looks at the
            pictures at their own size, so that blur is seen. It is copied, and can be trained on.

    Raises:
        ValueError: a net without residual blocks.
    """

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.normalise, layers = deepcopy(net[0]), list(deepcopy(net[1]))
        last = max((k for k, layer in enumerate(layers) if isinstance(layer, Residual)), default=-1)
        if last < 0:
            raise ValueError("a feature distance needs a small residual net of expression_classifier")
        self.layers = nn.ModuleList(layers[: last + 1])
        self.eval().requires_grad_(False)

    def forward(self, image: Tensor, target: Tensor) -> Tensor:
        r"""Pictures (B, 3, H, W) RGB in [0, 1], twice → (B,)."""
        pairs = zip(self._activations(image), self._activations(target), strict=True)
        return torch.stack([(a - b).square().sum(1).mean((1, 2)) for a, b in pairs]).mean(0)

    def _activations(self, pictures: Tensor) -> list[Tensor]:
        x, found = self.normalise(pictures * 255), []
        for layer in self.layers:
            x = layer(x)
            if isinstance(layer, (nn.ReLU, Residual)):
                norm = x.square().sum(1, keepdim=True).sqrt()
                found.append(x / (norm + TINY))
                x = x.clone()  # the next layer may write into its input
        return found


@torch.no_grad()
def feature_distance(
    net: nn.Module, predict: Predict, data: GeneratorData, rows: np.ndarray, batch_size: int = 8
) -> float:
    r"""Mean distance of drawn frames from film.

    Args:
        net: see :class:`FeatureDistance`; it may lie on another device than the pictures.
        predict: batch → pictures (B, 3, S, S) in [0, 1].
    """
    distance, found = FeatureDistance(net), []
    device = next(net.parameters()).device
    for start in range(0, len(rows), batch_size):
        batch = data.batch(rows[start : start + batch_size])
        drawn = predict(batch).clamp(0, 1).to(device)
        found.append(distance(drawn, batch.target.to(device)))
    return float(torch.cat(found).mean())
