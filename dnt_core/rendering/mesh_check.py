r"""Says what is wrong with a mesh before a compiled kernel reads it."""

import operator

import torch

# A face with a vertex nearer than this (in the unit of z_cam) or behind the camera is not drawn.
NEAR = 1e-6


def image_shape(image_size: int | tuple[int, int]) -> tuple[int, int]:
    r"""(H, W) of an image size given as one number or two."""
    if isinstance(image_size, tuple | list):
        height, width = image_size
    else:
        height = width = image_size
    return operator.index(height), operator.index(width)


def check_mesh(screen: torch.Tensor, triangles: torch.Tensor, height: int, width: int) -> None:
    r"""Raises one sentence that names the fault of a mesh, or returns nothing.

    Args:
        screen: (B, V, 3) float tensor of (col, row, z_cam).
        triangles: (F, 3) integer tensor of vertex indices.
        height, width: image size in pixels, at least 1.

    Raises:
        ValueError: wrong shapes or types, a number that is not finite, a vertex index out of range.
    """
    if screen.ndim != 3 or screen.shape[-1] != 3 or screen.dtype not in (torch.float32, torch.float64):
        raise ValueError(f"screen has shape {tuple(screen.shape)} and type {screen.dtype}; "
                         "expected float32 or float64 (B, V, 3) of (col, row, z_cam)")  # fmt: skip
    if triangles.ndim != 2 or triangles.shape[-1] != 3 or triangles.is_floating_point():
        raise ValueError(
            f"triangles has shape {tuple(triangles.shape)}, type {triangles.dtype}; expected integer (F, 3)"
        )
    if height < 1 or width < 1:
        raise ValueError(f"image size is {height}x{width}; expected at least 1x1")
    if triangles.numel():
        lowest, highest = int(triangles.min()), int(triangles.max())
        if lowest < 0 or highest >= screen.shape[1]:
            raise ValueError(
                f"triangles index vertices {lowest} … {highest}; expected 0 … {screen.shape[1] - 1} (0-based)"
            )
    finite = torch.isfinite(screen)
    if not finite.all():
        b, v = (~finite).any(-1).nonzero()[0].tolist()
        raise ValueError(
            f"screen vertex {v} of mesh {b} is {screen[b, v].tolist()}; expected finite (col, row, z_cam)"
        )
