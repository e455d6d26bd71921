r"""PyTorch3D's rasteriser behind our interface, when it is installed: the peer our back-ends are compared
with."""

import torch

from dnt_core.rendering.mesh_check import NEAR


def screen_to_ndc(screen: torch.Tensor, height: int, width: int) -> torch.Tensor:
    r"""Pixels to PyTorch3D's normalised device coordinates: x to the left, y up, the shorter side spanning
    [-1, 1].

    Args:
        screen: (..., 3) float, (col, row, z_cam), pixel centres at integers.
        height, width: size of the image in pixels.

    Returns:
        (..., 3): (W-1-2 col)/min(H, W), (H-1-2 row)/min(H, W), z_cam.
    """
    short = min(height, width)
    col, row, depth = screen.unbind(-1)
    return torch.stack([(width - 1 - 2 * col) / short, (height - 1 - 2 * row) / short, depth], dim=-1)


def face_map_pytorch3d(
    screen: torch.Tensor, triangles: torch.Tensor, height: int, width: int, cull_backfaces: bool
) -> torch.Tensor:
    r"""The visible face of every pixel by PyTorch3D, with K = 1, blur_radius = 0, perspective_correct = True.

    Arguments and result as :func:`dnt_core.rendering.rasterizer_torch.face_map_torch`. PyTorch3D counts a
    pixel as inside when all three barycentrics are *greater* than 0 in float32: a pixel centre exactly on an
    edge shared by two faces is covered by neither.

    Raises:
        ImportError: PyTorch3D is not installed.
    """
    from pytorch3d.renderer.mesh.rasterize_meshes import rasterize_meshes
    from pytorch3d.structures import Meshes

    triangles = triangles.long()
    in_front = (screen[..., 2] > NEAR)[:, triangles].all(-1)  # (B, F)
    kept = [mask.nonzero().squeeze(1) for mask in in_front]
    face_map = torch.full((screen.shape[0], height, width), -1, dtype=torch.int64, device=screen.device)
    drawn = [b for b, faces in enumerate(kept) if len(faces)]
    if not drawn:
        return face_map
    ndc = screen_to_ndc(screen.detach(), height, width).float()
    meshes = Meshes(verts=[ndc[b] for b in drawn], faces=[triangles[kept[b]] for b in drawn])
    pix_to_face, *_ = rasterize_meshes(meshes, image_size=(height, width), blur_radius=0.0, faces_per_pixel=1,
                                       perspective_correct=True, cull_backfaces=cull_backfaces)  # fmt: skip
    original = torch.cat([kept[b] + b * triangles.shape[0] for b in drawn])  # PyTorch3D's packed index → ours
    found = pix_to_face[..., 0]
    face_map[drawn] = torch.where(found >= 0, original[found.clamp(min=0)], -1)
    return face_map
