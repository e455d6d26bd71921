r"""Equation 6: the L1 distance of two pictures as VGG-19 sees them, and what stands in for its weights."""

from __future__ import annotations

import os
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from dnt_core.assets import find_asset, require_asset
from dnt_core.own_torch import seeded
from dnt_core.rendering.masks import dilate

# relu1_1, 2_1, 3_1, 4_1, 5_1: number of the layer in torchvision's ``vgg19().features``, and weight.
VGG_LAYERS = {1: 1 / 32, 6: 1 / 16, 11: 1 / 8, 20: 1 / 4, 29: 1.0}
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet's, RGB
LOSSES = ("vgg19", "random_vgg19", "learnt_vgg19", "pixel_gradient")


class Vgg19Features(nn.Module):
    r"""The first layers of VGG-19, frozen: a picture → its activations after relu1_1 … relu5_1.

    Args:
        weights: path of torchvision's ``vgg19`` state dict, or of what ``learn_features`` wrote; None: random
            weights from ``seed``, which still look at edges and textures at five sizes, arbitrary ones.
        levels: how many of the five activations, 1 to 5; the cost is that of the deepest.
        seed: of random weights.

    Raises:
        ValueError: the file is not torchvision's VGG-19, ``levels`` is out of range.
    """

    def __init__(self, weights: str | os.PathLike | None = None, levels: int = 5, seed: int = 0) -> None:
        from torchvision.models.vgg import cfgs, make_layers

        super().__init__()
        if not 1 <= levels <= len(VGG_LAYERS):
            raise ValueError(f"levels must be 1 to {len(VGG_LAYERS)}, got {levels}")
        self.taps = tuple(VGG_LAYERS)[:levels]
        with seeded(seed):  # leaves the caller's random numbers alone
            layers = make_layers(cfgs["E"], batch_norm=False)[: self.taps[-1] + 1]
        for layer in layers:
            if isinstance(layer, nn.ReLU):
                layer.inplace = False
        self.layers = layers
        self._randomise(seed) if weights is None else self._load(Path(weights))
        self.requires_grad_(False).eval()
        self.register_buffer("mean", torch.tensor(MEAN)[:, None, None], persistent=False)
        self.register_buffer("deviation", torch.tensor(DEVIATION)[:, None, None], persistent=False)

    def _randomise(self, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed)
        for layer in self.layers:
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
                nn.init.zeros_(layer.bias)

    def _load(self, path: Path) -> None:
        try:
            state = (
                load_file(path)
                if path.suffix == ".safetensors"
                else torch.load(path, map_location="cpu", weights_only=True)
            )
            wanted = {key: state[f"features.{key}"] for key in self.layers.state_dict()}
            self.layers.load_state_dict(wanted)
        except FileNotFoundError:
            raise
        except Exception as error:  # pickle, zip, key and shape errors have no common kind
            text = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
            raise ValueError(f"{path} is not torchvision's VGG-19 weights: {text}") from error

    def forward(self, picture: Tensor) -> list[Tensor]:
        r"""(B, 3, H, W) RGB in [0, 1], H and W at least 16 → activations, finest first."""
        found, x = [], (picture - self.mean) / self.deviation
        for number, layer in enumerate(self.layers):
            x = layer(x)
            if number in self.taps:
                found.append(x)
        return found


class PerceptualLoss(nn.Module):
    r"""Σₗ wₗ · mean|φₗ(I) − φₗ(Î)| + pixel_weight · mean|I − Î| + gradient_weight · mean|∇I − ∇Î|.

    Args:
        features: φ, a module that turns (B, 3, H, W) into a list of tensors; None: pixels and gradients
            alone.
        weights: wₗ, one for each activation; default those of :data:`VGG_LAYERS`.
        pixel_weight: of mean|I − Î|; the paper has no such term.
        gradient_weight: of mean|∇I − ∇Î|; the paper has no such term.

    Raises:
        ValueError: neither features nor a weight above 0.
    """

    def __init__(
        self, features: nn.Module | None = None, weights: tuple[float, ...] | None = None,
        pixel_weight: float = 0.0, gradient_weight: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__()
        self.features = features
        self.weights = weights if weights is not None else tuple(VGG_LAYERS.values())
        self.pixel_weight, self.gradient_weight = pixel_weight, gradient_weight
        if features is None and not pixel_weight and not gradient_weight:
            raise ValueError("a loss without features needs a pixel or a gradient weight above 0")

    def forward(self, image: Tensor, target: Tensor) -> Tensor:
        r"""Rendered and true pictures, both (B, 3, H, W) RGB in [0, 1] → a number.

        Args:
            image: (B, 3, H, W) RGB in [0, 1], as rendered.
            target: (B, 3, H, W) RGB in [0, 1], the true frame.

        Raises:
            ValueError: pictures of different shapes.
        """
        if image.shape != target.shape:
            raise ValueError(
                f"pictures have shapes {tuple(image.shape)} and {tuple(target.shape)}; expected the same"
            )
        loss = image.new_zeros(())
        if self.features is not None:
            with torch.no_grad():
                wanted = self.features(target)
            for weight, a, b in zip(self.weights, self.features(image), wanted, strict=False):
                loss = loss + weight * (a - b).abs().mean()
        difference = image - target
        if self.pixel_weight:
            loss = loss + self.pixel_weight * difference.abs().mean()
        if self.gradient_weight:
            across, down = difference.diff(dim=-1).abs().mean(), difference.diff(dim=-2).abs().mean()
            loss = loss + self.gradient_weight * (across + down)
        return loss


def make_loss(
    name: str = "auto", levels: int = 5, weights: str | os.PathLike | None = None
) -> tuple[str, PerceptualLoss]:
    r"""A loss by name, with the name it turned out to be.

    Args:
        name: "vgg19" is equation 6, its weights from the ``vgg19`` asset; "random_vgg19" the same network
            untrained, and the pixels' L1; "learnt_vgg19" the same trained on expressions; "pixel_gradient"
            L1 of pixels and of their differences; "auto" the first if its weights are there, else the last.
        levels: of VGG-19, 1 to 5; fewer: faster (3 halves the time of 5).
        weights: of "learnt_vgg19", from :func:`~dnt_core.training.vgg_pretraining.learn_features`.

    Raises:
        ValueError: an unknown name, "learnt_vgg19" without ``weights``.
        FileNotFoundError: "vgg19" without its weights.
    """
    if name == "auto":
        name = "vgg19" if find_asset("vgg19") else "pixel_gradient"
    if name == "vgg19":
        return name, PerceptualLoss(Vgg19Features(require_asset("vgg19"), levels))
    if name == "random_vgg19":
        return name, PerceptualLoss(Vgg19Features(None, levels), pixel_weight=1.0)
    if name == "learnt_vgg19":
        if weights is None:
            raise ValueError("the loss 'learnt_vgg19' needs the file that learn_features wrote")
        return name, PerceptualLoss(Vgg19Features(weights, levels), pixel_weight=1.0)
    if name == "pixel_gradient":
        return name, PerceptualLoss(None, pixel_weight=1.0, gradient_weight=1.0)
    raise ValueError(f"unknown loss {name!r}; expected 'auto' or one of {', '.join(LOSSES)}")


def texture_color_loss(texture_color: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    r"""L1 of the sampled texture's first three channels and the frame, averaged over each face's pixels.

    Sampling is linear, so this asks the same of the texture as comparing it to the unwrapped frame,
    weighted by how many pixels a texel covers.

    Args:
        texture_color: (B, 3, H, W). target: (B, 3, H, W) in [0, 1]. mask: (B, 1, H, W), 1 on the face.
    """
    difference = ((texture_color - target).abs() * mask).sum((1, 2, 3))
    return (difference / (3 * mask.sum((1, 2, 3))).clamp(min=1)).mean()


def mouth_loss(image: Tensor, target: Tensor, mouth: Tensor, margin: float = 1 / 64) -> Tensor:
    r"""L1 of the mouth alone, as its share of the whole picture's: ``w`` times this lets a pixel of the mouth
    count ``1 + w`` times.

    Teeth and tongue are a percent of the picture, and the first thing a viewer looks at. Not in the paper.

    Args:
        image, target: (B, 3, H, W) RGB in [0, 1]. mouth: (B, 1, H, W), 1 in the mouth hole.
        margin: by which share of H the lips around the hole belong to it.
    """
    return ((image - target).abs() * dilate(mouth, round(margin * image.shape[-2]))).mean()


def attention_start_loss(attention: Tensor, hole: Tensor) -> Tensor:
    r"""Binary cross-entropy between the attention mask and the hole of the background: paint there and only
    there.

    For the first steps of a training, while F is still worth nothing and α = 0 would be the quickest way to a
    smaller loss. From a mask that has closed, equation 1 has no gradient; this one has. Not in the paper.

    Args:
        attention: α, (B, 1, H, W) in [0, 1]. hole: (B, 1, H, W), 1 where the background was cut out.
    """
    tiny = 1e-12  # so that a mask of 0 or 1 costs much, and not infinitely much
    return -(hole * (attention + tiny).log() + (1 - hole) * (1 - attention + tiny).log()).mean()
