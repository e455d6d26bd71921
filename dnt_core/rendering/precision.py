r"""The floating-point types of edge functions, and of places in pictures and textures."""

import torch

from dnt_core.arguments import check_type


def exact_dtype(device: torch.device) -> torch.dtype:
    r"""float64 where the device has it, float32 on Apple's GPUs, which do not."""
    return torch.float32 if torch.device(device).type == "mps" else torch.float64


def single_or_wider(tensor: torch.Tensor) -> torch.Tensor:
    r"""Half precision as float32, other types as they are: where a texel lies takes more than the 8
    or 11 bits of a half number, whatever the type of the colours there.

    Args:
        tensor: (...) float.
    """
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))


def as_mask(mask: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    r"""A mask as numbers to multiply by: floating ones as they are; of others, such as bool or a picture's 0
    and 255, what is not 0 is 1.

    Args:
        mask: (...).
        dtype: of the result.
    """
    return (mask if mask.is_floating_point() else mask != 0).to(dtype)


def check_floating(name: str, values: torch.Tensor, within: str = "") -> None:
    r"""TypeError for what is no tensor, and for values of whole numbers, such as a uint8 picture.

    Args:
        name: of the values, for the sentence.
        values: (...).
        within: their range, for the sentence.

    Raises:
        TypeError: no tensor, or its values are not floating.
    """
    check_type(values, torch.Tensor, name, "a torch tensor")
    if not values.is_floating_point():
        raise TypeError(f"{name} must be floating{within and ' in ' + within}, got dtype {values.dtype}")
