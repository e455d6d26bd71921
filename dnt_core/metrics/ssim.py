r"""Structural similarity (SSIM, Wang et al. 2004), as scikit-image computes it.

A mean over this map counts the pixels within 5 px of the edge. scikit-image's own mean of a picture leaves
them out, as those of piq and pytorch-msssim do; torchmetrics 1.9 counts them, too. Where the edge is the
film's own, as in table 2, the mean over the map is higher: 0.966 where scikit-image's is 0.960, and 0.839
where its is 0.811, in frames of 128 px that ours and StarGAN drew.

torchmetrics gives the same numbers to 1e-5 (the two differ within 5 px of the edge). In double precision on
a CPU it keeps the 121 pixels of every window: eight pictures of 256 px took 4 s and 2.4 GB, here 0.1 s.
"""

from __future__ import annotations

import torch
from torch import Tensor

from dnt_core.rendering.precision import check_unit_range, exact_dtype


def ssim_map(image: Tensor, target: Tensor) -> Tensor:
    r"""The similarity of the windows around each pixel, averaged over the colours.

    The window is a Gaussian of 11 px with σ 1.5. SSIM is computed in double precision, on the CPU: in single
    precision a flat picture is no longer like itself. Beyond the edge a picture is mirrored.

    Args:
        image: (B, C, H, W) in [0, 1], at least 11 px high and wide.
        target: as ``image``.

    Returns:
        (B, 1, H, W) in [-1, 1], on the device of ``image``; float64 where the device has it. No gradient
        flows through it.

    Raises:
        TypeError: pictures of whole numbers, such as uint8.
        ValueError: shapes that differ, pictures that are too small, targets of 0 to 255 or of -1 to 1.
    """
    from skimage.metrics import structural_similarity

    if not (image.is_floating_point() and target.is_floating_point()):
        raise TypeError(f"ssim_map takes pictures in [0, 1], got {image.dtype} and {target.dtype}")
    if image.ndim != 4 or image.shape != target.shape or min(image.shape[-2:]) < 11:
        shapes = f"{tuple(image.shape)} and {tuple(target.shape)}"
        raise ValueError(f"ssim_map takes two pictures (B, C, H, W) of at least 11 px, got {shapes}")
    check_unit_range("targets", target)
    found = torch.empty(len(image), 1, *image.shape[-2:], dtype=torch.float64)
    pictures = (batch.detach().cpu().double().numpy() for batch in (image, target))
    for into, pair in zip(found, zip(*pictures, strict=True), strict=True):
        _, similar = structural_similarity(
            *pair, data_range=1, channel_axis=0, full=True,
            gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
        )  # fmt: skip
        into[0] = torch.from_numpy(similar.mean(0))
    return found.to(image.device, exact_dtype(image.device))
