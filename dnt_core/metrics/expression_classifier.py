r"""The expression classifier of section 3.2: ResNet-50 from torchvision, or smaller nets for small
machines."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn

from dnt_core.checkpoint import to_be_filled

#: name → what it is, as the table says it
NETWORKS = {
    "resnet50": "ResNet-50",
    "resnet18": "ResNet-18",
    "small": "a small residual net",
}


class Residual(nn.Module):
    r"""Two 3×3 convolutions beside a short cut; halves the picture when ``stride`` is 2."""

    def __init__(self, channels_in: int, channels_out: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels_in, channels_out, 3, stride, 1, bias=False),
            nn.BatchNorm2d(channels_out),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels_out, channels_out, 3, 1, 1, bias=False),
            nn.BatchNorm2d(channels_out),
        )
        short = [nn.Conv2d(channels_in, channels_out, 1, stride, bias=False), nn.BatchNorm2d(channels_out)]
        self.short = nn.Sequential(*short) if stride > 1 or channels_in != channels_out else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        r"""(B, C_in, H, W) → (B, C_out, H / stride, W / stride)."""
        return torch.relu_(self.body(x) + self.short(x))


def small_residual_net(n_classes: int, width: int = 16) -> nn.Sequential:
    r"""A ResNet of 8 layers, 16 to 64 channels: some 40 times cheaper than ResNet-50."""
    return nn.Sequential(
        nn.Conv2d(3, width, 5, 2, 2, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(inplace=True),
        Residual(width, width, 2),
        Residual(width, 2 * width, 2),
        Residual(2 * width, 4 * width, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(4 * width, n_classes),
    )


def build_classifier(network: str, n_classes: int, weights: str | os.PathLike | None = None) -> nn.Module:
    r"""An untrained classifier, or one that starts from ImageNet weights in a local file.

    Args:
        network: one of :data:`NETWORKS`.
        n_classes: 8 types or 3 levels.
        weights: a torchvision checkpoint of this network (``resnet50-*.pth`` or ``.safetensors``); its last
            layer is left out. Nothing is downloaded.

    Raises:
        ValueError: unknown network, weights for a net that has none, or a file of another network.
        FileNotFoundError: the file of weights is not there.
    """
    if network not in NETWORKS:
        raise ValueError(f"unknown network {network!r}; expected one of {', '.join(NETWORKS)}")
    if network == "small":
        if weights:
            raise ValueError("the small network has no ImageNet weights; choose resnet18 or resnet50")
        return small_residual_net(n_classes)
    import torchvision

    # every block starts as its short cut: learns in far fewer steps from scratch
    net = getattr(torchvision.models, network)(weights=None, num_classes=n_classes, zero_init_residual=True)
    if weights:
        _start_from(net, network, Path(weights))
    return net


def _start_from(net: nn.Module, network: str, path: Path) -> None:
    if not path.is_file():
        raise FileNotFoundError(f"there is no file of weights {path}")
    state = {k: v for k, v in _read_state(path).items() if not k.startswith("fc.")}
    wanted = {k: v.shape for k, v in net.state_dict().items() if not k.startswith("fc.")}
    if misfit := _misfit(state, wanted):
        raise ValueError(f"{path} does not hold torchvision's {network}: {misfit}")
    net.load_state_dict(state, strict=False)


def _misfit(state: Mapping[str, torch.Tensor], wanted: Mapping[str, torch.Size]) -> str:
    """The first weight that is missing or of another shape, in words; empty where all are right."""
    wrong = [k for k in wanted if k not in state or state[k].shape != wanted[k]]
    return f"{wrong[0]} is missing or of another shape" if wrong else ""


def _read_state(path: Path) -> dict[str, torch.Tensor]:
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    state = torch.load(path, map_location="cpu", weights_only=True)
    return state.get("state_dict", state)


def save_classifier(net: nn.Module, network: str, path: str | os.PathLike) -> Path:
    r"""Writes a trained classifier as safetensors, whole or not at all, with its name and number of classes
    inside.

    Args:
        net: trained, of :func:`build_classifier`: ``net[1]`` of what ``train_classifier`` gives, whose
            normalisation is not kept.
        network: its kind, one of :data:`NETWORKS`.
        path: ends in ``.safetensors``.

    Raises:
        ValueError: the net is not of this kind, so that :func:`load_classifier` would refuse the file.
    """
    from safetensors.torch import save_file

    from dnt_core.atomic_write import atomic_path

    state = {k: v.contiguous() for k, v in net.state_dict().items()}
    n_classes = [len(v) for v in state.values() if v.ndim][-1]  # the last layer's bias
    _built_as(state, network, n_classes)
    with atomic_path(path) as part:
        save_file(state, part, metadata={"network": network, "n_classes": str(n_classes)})
    return Path(path)


def load_classifier(path: str | os.PathLike) -> nn.Module:
    r"""The classifier that :func:`save_classifier` wrote, in evaluation mode.

    Args:
        path: ends in ``.safetensors``.

    Raises:
        ValueError: the file is no classifier of this study.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            about = file.metadata() or {}
            state = {key: file.get_tensor(key) for key in file.keys()}
        net = _built_as(state, about.get("network", ""), int(about.get("n_classes", "0")))
        net.load_state_dict(state)
    except (SafetensorError, RuntimeError, ValueError) as error:
        raise ValueError(f"{path} is not a classifier of this study ({error})") from error
    return net.eval()


def _built_as(state: Mapping[str, torch.Tensor], network: str, n_classes: int) -> nn.Module:
    """An empty net of this kind, whose weights have the names and shapes of ``state``."""
    with to_be_filled():
        net = build_classifier(network, n_classes).float()
    wanted = {k: v.shape for k, v in net.state_dict().items()}
    more = [f"{k} is none of its weights" for k in state if k not in wanted]
    if misfit := _misfit(state, wanted) or "".join(more[:1]):
        raise ValueError(f"the weights are not those of {NETWORKS[network]}: {misfit}")
    return net
