r"""Our side of the PyTorch3D back-end, checked where PyTorch3D is not installed too: a stand-in with its
documented conventions."""

import importlib.machinery
import sys
import types

import pytest
import torch

from dnt_core.face3d import PerspectiveCamera
from dnt_core.rendering.rasterizer import rasterize
from dnt_core.rendering.rasterizer_pytorch3d import screen_to_ndc


class Meshes:
    def __init__(self, verts, faces):
        self.verts, self.faces = verts, faces


def rasterize_meshes(meshes, image_size, blur_radius, faces_per_pixel, perspective_correct, cull_backfaces):
    r"""Pixel (r, c) looks at x = (W-1-2c)/S to the left, y = (H-1-2r)/S up; inside means all barycentrics >
    0; packed faces."""
    assert (blur_radius, faces_per_pixel, perspective_correct) == (0.0, 1, True)
    height, width = image_size
    short, first = min(height, width), 0
    found = torch.full((len(meshes.verts), height, width, 1), -1)
    for n, (verts, faces) in enumerate(zip(meshes.verts, meshes.faces, strict=True)):
        nearest = torch.full((height, width), torch.inf)
        for f, corner in enumerate(faces.tolist()):
            (ax, ay, az), (bx, by, bz), (cx, cy, cz) = verts[corner].double().tolist()
            area = (ax - bx) * (cy - by) - (ay - by) * (
                cx - bx
            )  # x to the left: positive when seen counter-clockwise
            if area == 0 or (cull_backfaces and area < 0):
                continue
            for r in range(height):
                for c in range(width):
                    x, y = (width - 1 - 2 * c) / short, (height - 1 - 2 * r) / short
                    wa = ((x - bx) * (cy - by) - (y - by) * (cx - bx)) / area
                    wb = ((x - cx) * (ay - cy) - (y - cy) * (ax - cx)) / area
                    wc = 1 - wa - wb
                    if min(wa, wb, wc) > 0:
                        z = 1 / (wa / az + wb / bz + wc / cz)
                        if z < nearest[r, c]:
                            nearest[r, c], found[n, r, c, 0] = z, first + f
        first += len(faces)
    return found, None, None, None


@pytest.fixture
def stand_in(monkeypatch):
    for name, content in {
        "pytorch3d": {},
        "pytorch3d.renderer": {},
        "pytorch3d.renderer.mesh": {},
        "pytorch3d.renderer.mesh.rasterize_meshes": {"rasterize_meshes": rasterize_meshes},
        "pytorch3d.structures": {"Meshes": Meshes},
    }.items():
        module = types.ModuleType(name)
        module.__spec__ = importlib.machinery.ModuleSpec(name, None)
        module.__dict__.update(content)
        monkeypatch.setitem(sys.modules, name, module)


@pytest.mark.parametrize("cull", [False, True])
@pytest.mark.parametrize("size", [(9, 12), (12, 9), (10, 10)])
def test_the_conversion_gives_the_same_pixels(soup, stand_in, size, cull):
    screen, triangles = soup(batch=3, faces=16, height=size[0], width=size[1], seed=9)
    screen[1, :, 2] = -1.0  # a mesh behind the camera: PyTorch3D never sees it
    screen[2, ::7, 2] = 0.0  # one that loses some of its faces
    ours = rasterize(screen, triangles, size, "numba", cull_backfaces=cull)
    theirs = rasterize(screen, triangles, size, "pytorch3d", cull_backfaces=cull)
    assert (ours.pix_to_face[0] >= 0).any() and (ours.pix_to_face[2] >= 0).any()
    assert torch.equal(ours.pix_to_face, theirs.pix_to_face)
    torch.testing.assert_close(ours.bary_coords, theirs.bary_coords)


def test_a_square_image_has_the_camera_s_ndc():
    screen = torch.rand(5, 3) * 32
    torch.testing.assert_close(screen_to_ndc(screen, 32, 32), PerspectiveCamera(32).to_ndc(screen))


def test_a_missing_backend_says_what_is_there(soup, monkeypatch):
    screen, triangles = soup()
    monkeypatch.setattr("dnt_core.rendering.rasterizer.available_backends", lambda: ("torch",))
    with pytest.raises(ValueError, match="'pytorch3d' is not installed; available here: torch"):
        rasterize(screen, triangles, 8, "pytorch3d")
    assert rasterize(screen, triangles, 8, "auto").pix_to_face.shape == (2, 8, 8, 1)
