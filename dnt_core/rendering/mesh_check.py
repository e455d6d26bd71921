r"""Says what is wrong with a mesh before a compiled kernel reads it."""

import numpy as np

from dnt_core.arguments import whole_number

# A face with a vertex nearer than this (in the unit of z_cam) or behind the camera is not drawn.
NEAR = 1e-6


def image_shape(image_size: int | tuple[int, int]) -> tuple[int, int]:
    r"""(H, W) of an image size given as one number or two."""
    both = image_size if isinstance(image_size, tuple | list) else (image_size, image_size)
    if len(both) != 2:
        raise ValueError(f"image_size must be one number of pixels or (H, W), got {image_size}")
    return whole_number(both[0], "image height", 0), whole_number(both[1], "image width", 0)


def check_mesh(screen, triangles, height: int, width: int) -> None:
    r"""Raises one sentence that names the fault of a mesh, or returns nothing.

    NumPy arrays are checked by NumPy, on this thread alone: torch would share out the work, and where cores
    are busy its threads wait for each other longer than the whole frame takes.

    Args:
        screen: (B, V, 3) float array or tensor of (col, row, z_cam).
        triangles: (F, 3) integer array or tensor of vertex indices.
        height: of the image in pixels, at least 1.
        width: of the image in pixels, at least 1.

    Raises:
        ValueError: wrong shapes or types, a number that is not finite, a vertex index out of range.
    """
    types = [str(part.dtype).removeprefix("torch.") for part in (screen, triangles)]
    if screen.ndim != 3 or screen.shape[-1] != 3 or types[0] not in ("float32", "float64"):
        raise ValueError(
            f"screen has shape {tuple(screen.shape)} and type {types[0]}; "
            "expected float32 or float64 (B, V, 3) of (col, row, z_cam)"
        )
    if triangles.ndim != 2 or triangles.shape[-1] != 3 or "int" not in types[1]:
        raise ValueError(
            f"triangles has shape {tuple(triangles.shape)} and type {types[1]}; expected integer (F, 3)"
        )
    if height < 1 or width < 1:
        raise ValueError(f"image size is {height}x{width}; expected at least 1x1")
    if len(triangles):
        lowest, highest = int(triangles.min()), int(triangles.max())
        if lowest < 0 or highest >= screen.shape[1]:
            raise ValueError(
                f"triangles index vertices {lowest} … {highest}; expected 0 … {screen.shape[1] - 1} (0-based)"
            )
    finite = np.isfinite(screen) if isinstance(screen, np.ndarray) else screen.isfinite()
    if not finite.all():
        b, v, _ = np.argwhere(~np.asarray(finite.tolist()))[0]
        raise ValueError(
            f"screen vertex {v} of mesh {b} is {screen[b, v].tolist()}; expected finite (col, row, z_cam)"
        )
