r"""The perspective camera of the 3DMM family, and the head's pose in front of it."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING

from dnt_core.arguments import check_type, shown

if TYPE_CHECKING:
    from torch import Tensor

REFERENCE_SIZE = 224  # px: the image that focal length and centre are given for


def rotation_matrix(angles: Tensor) -> Tensor:
    r"""R = Rz Ry Rx from three angles.

    Args:
        angles: (..., 3), rotation about x, y, z in radians, right-handed.

    Returns:
        (..., 3, 3) rotation matrices. A row vector is rotated by R\ :sup:`T`: ``vertices @ R.mT``.

    Raises:
        ValueError: another shape than (..., 3).
    """
    import torch

    if angles.shape[-1] != 3:
        raise ValueError(f"expected angles (..., 3), got shape {tuple(angles.shape)}")
    (sx, sy, sz), (cx, cy, cz) = angles.sin().unbind(-1), angles.cos().unbind(-1)
    entries = [
        cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx,
        sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx,
        -sy, cy * sx, cy * cx,
    ]  # fmt: skip
    return torch.stack(entries, dim=-1).unflatten(-1, (3, 3))  # (..., 3, 3)


def pose(vertices: Tensor, angles: Tensor, translation: Tensor) -> Tensor:
    r"""Rotate about the model's origin, then translate: v R\ :sup:`T` + t.

    Args:
        vertices: (..., V, 3) in decimetres; x to image right, y up, z towards the camera.
        angles: (..., 3) in radians.
        translation: (..., 3) in decimetres.

    Returns:
        (..., V, 3) in decimetres.

    Raises:
        ValueError: a last size that is not 3.
    """
    from dnt_core.own_torch import without_autocast

    for name, part in (("vertices", vertices), ("translation", translation)):
        if part.ndim == 0 or part.shape[-1] != 3:
            raise ValueError(f"expected {name} (..., 3), got shape {tuple(part.shape)}")
    with without_autocast():
        return vertices @ rotation_matrix(angles).mT + translation.unsqueeze(-2)


@dataclass(frozen=True)
class PerspectiveCamera:
    r"""A pinhole on the z axis looking at the face, fixed in the world: the head moves, the camera does not.

    A posed vertex (x, y, z) in decimetres lies at the depth ``z_cam = distance - z`` and lands, with
    ``s = image_size / 224`` and integer pixel coordinates at pixel *centres*, at

    ::

        col = s * (focal * x / z_cam + center + 0.5) - 0.5
        row = s * (223 - (focal * y / z_cam + center) + 0.5) - 0.5

    Focal length and centre are given for 224 px and scaled about the pixel *edges*, so that the same picture
    comes out at every size. The origin is seen at column 112, row 111 of 224. Deep3DFaceRecon contradicts
    itself here by half a pixel: its landmarks put the origin there, its renderer at column 111.5, row 111.5.
    This camera follows the landmarks, so a picture rendered by Deep3DFaceRecon is shifted by (-0.5, +0.5) px
    of 224 against one of ours.

    Args:
        image_size: side of the square image in px, above 0.
        focal: in px of a 224 px image, above 0.
        center: in px of a 224 px image.
        distance: of the camera from the model's origin, in decimetres, above 0.

    Raises:
        TypeError: one of the four that is no number.
        ValueError: a size, focal length or distance that is not above 0 and finite.

    Examples:
        >>> import torch
        >>> camera = dnt_core.PerspectiveCamera(image_size=224)
        >>> camera.project(torch.zeros(1, 1, 3)).tolist()  # the middle of the picture, ten decimetres away
        [[[112.0, 111.0, 10.0]]]
    """

    image_size: int = REFERENCE_SIZE
    focal: float = 1015.0
    center: float = 112.0
    distance: float = 10.0

    def __post_init__(self) -> None:
        for name in ("image_size", "focal", "center", "distance"):
            value = getattr(self, name)
            check_type(value, Real, f"camera {name}", "a number")
            if name != "center" and not 0 < value < float("inf"):
                raise ValueError(f"camera {name} must be positive and finite, got {value}")

    @property
    def scale(self) -> float:
        r"""Pixels of this image in one pixel of the 224 px reference."""
        return self.image_size / REFERENCE_SIZE

    def project(self, vertices: Tensor) -> Tensor:
        r"""Posed vertices to the screen.

        Args:
            vertices: (..., V, 3) in decimetres, posed.

        Returns:
            (..., V, 3): column, row (px, pixel centres at integers) and z_cam (dm, positive in front of the
            camera). Vertices behind the camera keep a z_cam <= 0; their column and row mean nothing.
        """
        import torch

        x, y, z = _columns(vertices, "vertices")
        z_cam = self.distance - z
        tiny = torch.finfo(z_cam.dtype).eps
        ratio = self.focal / torch.where(z_cam.abs() < tiny, torch.full_like(z_cam, tiny), z_cam)
        s = self.scale
        col = s * (ratio * x + (self.center + 0.5)) - 0.5
        row = s * ((REFERENCE_SIZE - 0.5 - self.center) - ratio * y) - 0.5
        return torch.stack([col, row, z_cam], dim=-1)

    def unproject(self, screen: Tensor) -> Tensor:
        r"""The inverse of :meth:`project`: (..., V, 3) column, row, z_cam → posed vertices in decimetres.

        Args:
            screen: (..., V, 3) column and row in px, z_cam in decimetres.
        """
        import torch

        col, row, z_cam = _columns(screen, "screen points")
        s = self.scale
        x = ((col + 0.5) / s - (self.center + 0.5)) * z_cam / self.focal
        y = ((REFERENCE_SIZE - 0.5 - self.center) - (row + 0.5) / s) * z_cam / self.focal
        return torch.stack([x, y, self.distance - z_cam], dim=-1)

    def to_ndc(self, screen: Tensor) -> Tensor:
        r"""Screen to PyTorch3D's normalised device coordinates of a square image.

        Args:
            screen: (..., V, 3) column, row, z_cam from :meth:`project`.

        Returns:
            (..., V, 3): x to the *left* and y up, in [-1, 1] from edge to edge of the image; z = z_cam.
        """
        import torch

        col, row, z_cam = _columns(screen, "screen points")
        x = 1 - (2 * col + 1) / self.image_size
        y = 1 - (2 * row + 1) / self.image_size
        return torch.stack([x, y, z_cam], dim=-1)


def _columns(points: Tensor, name: str) -> tuple[Tensor, ...]:
    import torch

    if not isinstance(points, torch.Tensor) or not points.is_floating_point() or points.shape[-1:] != (3,):
        raise ValueError(f"{name} must be a floating point tensor (..., 3), got {shown(points)}")
    return points.unbind(-1)
