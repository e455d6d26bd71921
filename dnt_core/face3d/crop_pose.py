r"""The 257 numbers of a crop, from those of the whole image: only the pose differs."""

from __future__ import annotations

import torch
from torch import Tensor

from dnt_core.face3d.camera import PerspectiveCamera
from dnt_core.face3d.parameters import FaceParameters


def crop_pose(
    parameters: FaceParameters,
    camera: PerspectiveCamera,
    window: tuple[float, float, float] | Tensor,
    new_camera: PerspectiveCamera | None = None,
) -> FaceParameters:
    r"""Parameters of a crop: the pose under which another camera sees the same face in a window of the image.

    The model's origin lands on the same pixel and its surroundings get the same size. Perspective within the
    face differs a little, because the new camera stands elsewhere: exact at the origin's depth, less than a
    pixel off at 224 px for a face no more than a few degrees off the axis (a test measures it).

    Args:
        parameters: as ``camera`` sees them.
        camera: the camera of the whole image.
        window: column and row of the window's upper left *edge* and its side, in px of ``camera``'s image
            (edges: 0 is the image's own left edge); one for all frames, or a tensor (..., 3) with one per
            frame.
        new_camera: the camera whose image the window becomes; default: ``PerspectiveCamera()``.

    Raises:
        ValueError: the window's side is not positive.
    """
    windows = torch.as_tensor(window, dtype=parameters.dtype, device=parameters.device)
    if windows.shape[-1:] != (3,):
        raise ValueError(
            f"expected windows (..., 3) of column, row and side, got shape {tuple(windows.shape)}"
        )
    if not (windows[..., 2] > 0).all():
        raise ValueError(f"the window's side must be positive, got {float(windows[..., 2].min()):g}")
    left, top, side = windows.unsqueeze(-2).unbind(-1)  # (..., 1) as the origin's coordinates
    new_camera = new_camera or PerspectiveCamera()
    origin = camera.project(parameters.translation.unsqueeze(-2))  # (..., 1, 3)
    col, row, z_cam = origin.unbind(-1)
    grow = new_camera.image_size / side  # px of the crop in one px of the image
    # equal size: s' f' / z' = grow s f / z
    z_new = z_cam * (new_camera.scale * new_camera.focal) / (grow * camera.scale * camera.focal)
    screen = [(col + 0.5 - left) * grow - 0.5, (row + 0.5 - top) * grow - 0.5, z_new]
    return parameters.replace(translation=new_camera.unproject(torch.stack(screen, dim=-1)).squeeze(-2))
