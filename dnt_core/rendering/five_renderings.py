r"""The five pictures of a face that section 3.2 asks "where are the expressions?" of (figure 3, table 1)."""

from collections.abc import Iterator

import numpy as np
import torch
from torch.nn import functional as F

from dnt_core.arguments import as_tensor, whole_number
from dnt_core.face3d.camera import PerspectiveCamera
from dnt_core.face3d.illumination import spherical_harmonics_shading
from dnt_core.face3d.morphable_model import MorphableModel
from dnt_core.face3d.parameters import FaceParameters
from dnt_core.rendering.draw_mesh import draw_mesh, grey_surface
from dnt_core.rendering.inpaint import inpaint
from dnt_core.rendering.precision import check_unit_range
from dnt_core.rendering.texture_atlas import TextureAtlas
from dnt_core.rendering.unwrap import unwrap
from dnt_core.rendering.uv_map import sample_texture, uv_map

# Name here → name in the paper, in the order of its figure 3.
RENDERINGS = {
    "frames": "Frames",
    "rd_no_color": "Rd w/o color",
    "rd_vertex_color": "Rd with vc",
    "rd_textures": "Rd with textures",
    "textures": "Textures",
}


class FiveRenderings:
    r"""Turns frames with their 257 numbers into the five inputs of the expression classifier.

    What depends on the face model alone (its texture laid out) is computed once, here.

    Args:
        model: the face model the numbers belong to.
        image_size: S, side of all five pictures.
        camera: of the frames; default :class:`PerspectiveCamera`, its size set to S.
        backend: of the rasteriser.
    """

    def __init__(
        self,
        model: MorphableModel,
        image_size: int,
        camera: PerspectiveCamera | None = None,
        backend: str = "auto",
    ) -> None:
        camera = camera or PerspectiveCamera()
        self.model, self.image_size, self.backend = model, image_size, backend
        self.camera = PerspectiveCamera(image_size, camera.focal, camera.center, camera.distance)
        self.atlas = TextureAtlas(model.triangles, model.uv, image_size, backend)

    @torch.no_grad()
    def __call__(
        self, frames: torch.Tensor | np.ndarray, parameters: FaceParameters
    ) -> dict[str, torch.Tensor]:
        r"""Renders one batch.

        Frames are first resized to S, so that no picture knows more of the skin than another because of its
        size.

        Args:
            frames: square face crops, as the camera sees them: uint8 (B, H, H, 3) RGB array or tensor, or
                float (B, 3, H, H) in [0, 1].
            parameters: the frames' 257 numbers, batch shape (B,).

        Returns:
            The keys of :data:`RENDERINGS`, each float (B, 3, S, S) in [0, 1]: the frame; the surface in grey;
            the surface in the 3DMM's colours under its light; the surface with the texture taken off this
            frame, black around it; that texture.

        Raises:
            ValueError: frames and parameters of different number, frames that are not square or no colours
                in [0, 1].
        """
        _check_number(frames, parameters)
        triangles = self.model.triangles
        parameters = parameters.to(triangles.device)
        frame = _as_images(frames, self.image_size).to(parameters.identity)
        vertices = self.model.posed(parameters)  # (B, V, 3)
        drawn = draw_mesh(vertices, triangles, self.image_size, self.camera, self.backend)
        screen, fragments = drawn

        normals = self.model.normals(vertices)
        shading = spherical_harmonics_shading(normals, parameters.illumination)
        colors = self.model.albedo(parameters.texture) * shading  # model.colors, with the normals at hand
        surface = torch.cat([grey_surface(normals), colors], dim=-1)  # (B, V, 4)
        surface = drawn.paint(triangles, surface).clamp(0, 1)  # (B, 4, S, S)

        seen, visibility = unwrap(
            frame, screen, triangles, self.model.uv.to(frame), self.image_size, self.atlas, fragments
        )
        texture = inpaint(seen, visibility)  # defined everywhere, so that sampling at its borders is
        coordinates, mask = uv_map(fragments, triangles, self.model.uv.to(frame))
        return {
            "frames": frame,
            "rd_no_color": surface[:, :1].expand(-1, 3, -1, -1).contiguous(),
            "rd_vertex_color": surface[:, 1:].contiguous(),
            "rd_textures": sample_texture(texture, coordinates, mask),
            "textures": texture * self.atlas.covered.to(texture),
        }

    def clip(
        self, frames: torch.Tensor | np.ndarray, parameters: FaceParameters, batch_size: int = 16
    ) -> Iterator[dict[str, torch.Tensor]]:
        r"""Renders a clip of any length batch by batch: memory is that of one batch.

        Arguments as :meth:`__call__`; yields its dictionaries in order.

        Args:
            frames: (T, H, H, 3) uint8 or float (T, 3, H, H) in [0, 1], as :meth:`__call__` takes them.
            parameters: batch (T,).
            batch_size: frames rendered at once, at least 1.

        Yields:
            dictionaries of float (b, 3, S, S) in [0, 1], in order.

        Raises:
            ValueError: as :meth:`__call__`; a batch size below 1.
        """
        batch_size = whole_number(batch_size, "batch_size")
        _check_number(frames, parameters)
        for start in range(0, len(frames), batch_size):
            yield self(frames[start : start + batch_size], parameters[start : start + batch_size])


def _check_number(frames, parameters):
    if parameters.batch_shape != (len(frames),):
        shape = tuple(parameters.batch_shape)
        raise ValueError(f"parameters have batch shape {shape}; expected ({len(frames)},), as many as frames")


def _as_images(frames, size):
    """uint8 (B, H, H, 3) or float (B, 3, H, H) → float (B, 3, size, size) in [0, 1]."""
    frames = as_tensor(frames)
    of_bytes = frames.dtype == torch.uint8 and frames.ndim == 4 and frames.shape[-1] == 3
    if of_bytes:
        frames = frames.permute(0, 3, 1, 2).float() / 255
    square = frames.ndim == 4 and frames.shape[1] == 3 and frames.shape[2] == frames.shape[3]
    if not square or not frames.is_floating_point():
        raise ValueError(
            f"frames has shape {tuple(frames.shape)} and type {frames.dtype}; "
            "expected uint8 (B, H, H, 3) or float (B, 3, H, H)"
        )
    if frames.numel() and not of_bytes:
        check_unit_range("float frames", frames)
    if frames.shape[-1] != size:
        frames = F.interpolate(
            frames, size=(size, size), mode="bilinear", align_corners=False, antialias=True
        )
    return frames.clamp(0, 1)
