r"""The floating-point types of edge functions, and of places in pictures and textures."""

import torch

from dnt_core.arguments import check_type

SLACK = 0.25  # by which a float picture that was resized may leave [0, 1]; others leave it by more
MOST_CHANNELS = 4  # of a picture that somebody hands over with its channels last: RGB, RGBA


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


def check_unit_range(name: str, pictures: torch.Tensor) -> None:
    r"""ValueError for pictures that run from 0 to 255 or from -1 to 1, and not from 0 to 1.

    Args:
        name: of the pictures, for the sentence.
        pictures: (...) float; NaN is let through.

    Raises:
        ValueError: a number that no picture in [0, 1] has, also after it was resized.
    """
    if ((pictures < -SLACK) | (pictures > 1 + SLACK)).any():
        low, high = map(float, pictures.aminmax())
        raise ValueError(f"{name} range from {low:g} to {high:g}; expected [0, 1]")


def check_pictures(name: str, values: torch.Tensor, expected: str, within: str = "") -> None:
    r"""As :func:`check_floating`; ValueError, too, for what is no batch of pictures with channels first.

    A picture has any number of channels, so only its shape tells that they come last: at most four columns,
    and more rows.

    Args:
        name: of the values, for the sentence.
        values: (B, C, H, W).
        expected: their shape, for the sentence.
        within: their range, for the sentence.

    Raises:
        TypeError: no tensor, or its values are not floating.
        ValueError: another number of axes, or channels last.
    """
    check_floating(name, values, within)
    shape = tuple(values.shape)
    if len(shape) != 4:
        raise ValueError(f"{name} has shape {shape}; expected {expected}")
    if shape[3] <= MOST_CHANNELS < min(shape[1:3]):
        raise ValueError(
            f"{name} has shape {shape}, its channels last; expected {expected}: {name}.permute(0, 3, 1, 2)"
        )
