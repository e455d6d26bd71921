r"""The widest floating-point type of a device: edge functions are evaluated in it."""

import torch


def exact_dtype(device: torch.device) -> torch.dtype:
    r"""float64 where the device has it, float32 on Apple's GPUs, which do not."""
    return torch.float32 if torch.device(device).type == "mps" else torch.float64
