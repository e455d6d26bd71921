r"""The rasteriser: posed vertices on the screen → which face, where on it and how deep, for every pixel.

Conventions are PyTorch3D's with one face per pixel (``faces_per_pixel=1, blur_radius=0,
perspective_correct=True``), except that a pixel centre exactly on an edge shared by two triangles is given to
exactly one of them (top-left rule) where PyTorch3D gives it to neither, and that equal depths always go to
the lowest face index.
"""

from importlib.util import find_spec
from typing import NamedTuple

import numpy as np
import torch

from dnt_core.arguments import check_type, whole_number
from dnt_core.rendering.barycentrics import perspective_barycentrics
from dnt_core.rendering.mesh_check import check_mesh, image_shape

BACKENDS = ("numba", "torch", "pytorch3d")


class Fragments(NamedTuple):
    r"""What a pixel shows, as PyTorch3D's ``Fragments`` with K = 1; all entries are -1 off the mesh.

    Attributes:
        pix_to_face: (B, H, W, 1) int64, packed index b * F + f.
        zbuf: (B, H, W, 1) float, z_cam at the pixel centre, perspective-correct.
        bary_coords: (B, H, W, 1, 3) float, perspective-correct barycentrics on the face; they sum to 1.
    """

    pix_to_face: torch.Tensor
    zbuf: torch.Tensor
    bary_coords: torch.Tensor


def available_backends() -> tuple[str, ...]:
    r"""Names of the back-ends whose package is installed, in the order of :data:`BACKENDS`."""
    return tuple(name for name in BACKENDS if find_spec(name) is not None)


def rasterize(
    screen: torch.Tensor,
    triangles: torch.Tensor,
    image_size: int | tuple[int, int],
    backend: str = "auto",
    cull_backfaces: bool = False,
    threads: int | None = None,
) -> Fragments:
    r"""Finds each pixel's visible face, its barycentrics and depth: the UV map's first step (section 4.1).

    Barycentrics and depth are differentiable with respect to ``screen``; the choice of the face is not. The
    ``numba`` and ``torch`` back-ends give the same faces bit for bit. Faces with a vertex at or behind the
    camera (z_cam ≤ 1e-6) and faces without area are left out; what lies outside the image is clipped.

    Args:
        screen: (B, V, 3) float, (col, row, z_cam); pixel (r, c) has its centre at row = r, col = c; z_cam > 0
            in front.
        triangles: (F, 3) integer, 0-based, counter-clockwise seen from outside.
        image_size: pixels, H = W or (H, W).
        backend: "numba" (CPU, compiled), "torch" (any device), "pytorch3d" (slow on a CPU), or "auto": torch
            on CUDA, else numba, else torch.
        cull_backfaces: leave out faces that appear clockwise.
        threads: of the numba back-end; default one a frame of the batch, at most torch's number of threads.
            More than frames cut each frame into bands of rows: a third faster on an idle machine, slower on a
            busy one.

    Returns:
        Fragments on the device of ``screen``, floats in its dtype.

    Raises:
        TypeError: no tensors, a size or a number of threads that is not whole.
        ValueError: wrong shapes, numbers that are not finite, a vertex index out of range, an unknown or
            missing back-end.

    Examples:
        >>> model = dnt_core.load_face_model("procedural:coarse")
        >>> vertices = model.posed(dnt_core.FaceParameters.zeros(1))
        >>> screen = dnt_core.PerspectiveCamera(image_size=32).project(vertices)
        >>> dnt_core.rasterize(screen, model.triangles, 32).pix_to_face.shape
        torch.Size([1, 32, 32, 1])
    """
    height, width = image_shape(image_size)
    for name, part in (("screen", screen), ("triangles", triangles)):
        check_type(part, torch.Tensor, name, "a torch tensor")
    if threads is not None:
        whole_number(threads, "threads")
    triangles = triangles.to(screen.device)
    backend = _choose(backend, screen.device)
    if backend == "numba" and screen.dtype != torch.bfloat16:  # checks the mesh itself; NumPy has no bfloat16
        return _rasterize_numba(screen, triangles, height, width, cull_backfaces, threads)
    check_mesh(screen, triangles, height, width)
    if backend == "torch":
        from dnt_core.rendering.rasterizer_torch import face_map_torch as face_map
    else:
        from dnt_core.rendering.rasterizer_pytorch3d import face_map_pytorch3d as face_map
    return _complete(screen, triangles, face_map(screen, triangles, height, width, cull_backfaces))


def _choose(backend: str, device: torch.device) -> str:
    available = available_backends()
    if backend == "auto":
        return "torch" if device.type == "cuda" or "numba" not in available else "numba"
    if backend not in BACKENDS:
        raise ValueError(f"unknown back-end {backend!r}; expected 'auto' or one of {', '.join(BACKENDS)}")
    if backend not in available:
        raise ValueError(f"back-end {backend!r} is not installed; available here: {', '.join(available)}")
    return backend


def _rasterize_numba(screen, triangles, height, width, cull_backfaces, threads):
    from dnt_core.rendering.rasterizer_numba import rasterize_batch_numpy

    # the kernel stores float32, so what is double is computed again in double
    again = screen.dtype == torch.float64 or (screen.requires_grad and torch.is_grad_enabled())
    if threads is None:
        threads = max(1, min(len(screen), torch.get_num_threads()))
    face, bary, depth = rasterize_batch_numpy(
        screen.detach().cpu().numpy(), triangles.cpu().numpy(), height, width, cull_backfaces, threads,
        with_bary=not again,
    )  # fmt: skip
    first = triangles.shape[0] * np.arange(len(face))[:, None, None]
    packed = torch.from_numpy(np.where(face >= 0, face + first, -1)).to(screen.device)  # (B, H, W) int64
    if again:
        return _complete(screen, triangles, packed)
    bary, depth = torch.from_numpy(bary).to(screen), torch.from_numpy(depth).to(screen)
    return Fragments(packed[..., None], depth[..., None], bary[..., None, :])


def _complete(screen, triangles, packed):
    """Fragments from the packed face map (B, H, W), differentiable with respect to screen."""
    bary, depth = perspective_barycentrics(screen, triangles, packed)
    return Fragments(packed[..., None], depth[..., None], bary[..., None, :])
