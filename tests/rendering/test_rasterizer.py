import warnings

import numpy as np
import pytest
import torch

from dnt_core.rendering import rasterizer_torch
from dnt_core.rendering.barycentrics import perspective_barycentrics
from dnt_core.rendering.rasterizer import available_backends, rasterize
from dnt_core.rendering.rasterizer_numba import rasterize_batch_numpy
from tests.rendering.slow_reference import rasterize_slowly

BACKENDS = available_backends()
EXACT = tuple(name for name in BACKENDS if name != "pytorch3d")  # those that give edges to one of two faces


def square(z=2.0, low=1.0, high=6.0):
    r"""Two triangles, counter-clockwise seen from outside."""
    corners = [[low, low], [low, high], [high, high], [high, low]]
    screen = torch.tensor([[*corner, z] for corner in corners])[None]
    return screen, torch.tensor([[0, 1, 2], [0, 2, 3]])


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("cull", [False, True])
def test_agrees_with_the_slow_loops(soup, backend, cull):
    screen, triangles = soup()
    face, zbuf, bary = rasterize_slowly(screen, triangles, 11, 14, cull)
    found = rasterize(screen, triangles, (11, 14), backend, cull_backfaces=cull)
    assert found.pix_to_face.shape == (2, 11, 14, 1)
    assert found.zbuf.shape == (2, 11, 14, 1)
    assert found.bary_coords.shape == (2, 11, 14, 1, 3)
    assert (face >= 0).float().mean() > 0.5
    torch.testing.assert_close(found.pix_to_face[..., 0], face, rtol=0, atol=0)
    torch.testing.assert_close(found.zbuf[..., 0], zbuf, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(found.bary_coords[..., 0, :], bary, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("backend", EXACT)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_agrees_with_the_slow_loops_when_edges_run_through_pixel_centres(soup, backend, dtype):
    screen, triangles = soup(seed=1, dtype=dtype, snapped=True)
    face, zbuf, _ = rasterize_slowly(screen, triangles, 11, 14)
    found = rasterize(screen, triangles, (11, 14), backend)
    torch.testing.assert_close(found.pix_to_face[..., 0], face, rtol=0, atol=0)
    torch.testing.assert_close(found.zbuf[..., 0], zbuf, rtol=1e-5, atol=1e-6)
    assert found.zbuf.dtype == found.bary_coords.dtype == dtype


@pytest.mark.parametrize("backend", BACKENDS)
def test_gradient_agrees_with_the_slow_loops(soup, backend):
    generator = torch.Generator().manual_seed(3)
    pull = torch.randn(2, 7, 8, 4, generator=generator, dtype=torch.float64)
    gradients = []
    for fast in (True, False):
        screen, triangles = soup(faces=8, height=7, width=8, seed=2, dtype=torch.float64)
        screen.requires_grad_()
        if fast:
            found = rasterize(screen, triangles, (7, 8), backend)
            zbuf, bary = found.zbuf[..., 0], found.bary_coords[..., 0, :]
        else:
            _, zbuf, bary = rasterize_slowly(screen, triangles, 7, 8)
        (torch.cat([zbuf[..., None], bary], -1) * pull).sum().backward()
        gradients.append(screen.grad)
    assert gradients[1].abs().max() > 0.1
    torch.testing.assert_close(gradients[0], gradients[1], rtol=1e-8, atol=1e-8)


def test_gradcheck(soup):
    screen, triangles = soup(faces=6, height=5, width=5, seed=4, dtype=torch.float64)
    face = rasterize(screen, triangles, 5).pix_to_face[..., 0]
    assert (face >= 0).sum() > 10
    screen.requires_grad_()
    assert torch.autograd.gradcheck(lambda s: perspective_barycentrics(s, triangles, face), (screen,))


def test_numba_without_gradient_gives_what_the_differentiable_path_gives(soup):
    screen, triangles = soup(faces=200, height=40, width=40, seed=5)
    plain = rasterize(screen, triangles, 40, "numba")
    graph = rasterize(screen.clone().requires_grad_(), triangles, 40, "numba")
    assert torch.equal(plain.pix_to_face, graph.pix_to_face)
    torch.testing.assert_close(plain.bary_coords, graph.bary_coords.detach(), rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(plain.zbuf, graph.zbuf.detach(), rtol=1e-6, atol=1e-6)
    assert graph.zbuf.requires_grad and not plain.zbuf.requires_grad


@pytest.mark.parametrize("snapped", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_numba_and_torch_give_the_same_faces_bit_for_bit(soup, snapped, dtype, monkeypatch):
    monkeypatch.setattr(
        rasterizer_torch, "CANDIDATES", 5000
    )  # many rounds of candidates, some faces larger than a round
    screen, triangles = soup(batch=3, faces=600, height=90, width=70, seed=6, dtype=dtype, snapped=snapped)
    one, other = (
        rasterize(screen, triangles, (90, 70), "numba"),
        rasterize(screen, triangles, (90, 70), "torch"),
    )
    assert torch.equal(one.pix_to_face, other.pix_to_face)
    torch.testing.assert_close(one.bary_coords, other.bary_coords, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("spread", [20.0, 1e3, 1e6])
def test_slivers_and_huge_faces_are_the_same_bit_for_bit(spread):
    r"""Flat edges and far corners could spoil the search for where a row of a wide face begins."""
    generator = torch.Generator().manual_seed(11)
    screen = 20 + spread * torch.randn(1, 240, 3, generator=generator, dtype=torch.float64)
    flat = screen[:, :120].unflatten(1, (40, 3))  # forty faces flatter and flatter, each about some row
    height = 10.0 ** -torch.arange(40, dtype=torch.float64).div(4)[:, None] / spread
    flat[..., 1] = 20 + flat[:, :, :1, 1] / spread + height * flat[..., 1]
    screen[..., 2] = 1 + torch.rand(1, 240, generator=generator, dtype=torch.float64)
    triangles = torch.arange(240).unflatten(0, (80, 3))
    one, other = (rasterize(screen, triangles, (40, 50), name) for name in ("numba", "torch"))
    assert (one.pix_to_face >= 0).float().mean() > 0.1
    assert torch.equal(one.pix_to_face, other.pix_to_face)
    torch.testing.assert_close(one.zbuf, other.zbuf, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("backend", EXACT)
def test_a_pixel_on_a_shared_edge_is_covered_exactly_once(backend):
    # A fan round a pixel centre inside a grid whose vertices all sit on pixel centres: every edge is shared,
    # many pass centres.
    size = 9
    rows, cols = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    screen = torch.stack([cols, rows, torch.full_like(rows, 2)], -1).reshape(1, -1, 3).double()
    corner = (rows[:-1, :-1] * size + cols[:-1, :-1]).reshape(-1)
    triangles = torch.cat(
        [
            torch.stack([corner, corner + size, corner + size + 1], -1),
            torch.stack([corner, corner + size + 1, corner + 1], -1),
        ]
    )
    triangles[::3] = triangles[::3][:, [1, 0, 2]]  # some turned over: coverage does not depend on the winding
    for angle in (0.0, 0.3):
        turn = torch.tensor([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        moved = screen.clone()
        moved[..., :2] = (
            moved[..., :2] - 4
        ) @ turn.T * 1.5 + 8  # vertex (4, 4) stays on the pixel centre (8, 8)
        count = torch.zeros(17, 17, dtype=torch.int64)
        for triangle in triangles:
            count += rasterize(moved, triangle[None], 17, backend).pix_to_face[0, :, :, 0] >= 0
        together = rasterize(moved, triangles, 17, backend).pix_to_face[0, :, :, 0] >= 0
        assert count.max() == 1
        assert torch.equal(count == 1, together)
        assert together[4:13, 4:13].all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_equal_depths_go_to_the_lowest_face(backend):
    screen, triangles = square()
    doubled = torch.cat([triangles.flip(0), triangles])
    found = rasterize(screen + torch.tensor([0.25, 0.125, 0.0]), doubled, 8, backend).pix_to_face
    assert set(found.unique().tolist()) == {-1, 0, 1}


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_nearer_of_two_crossing_faces_is_seen(backend):
    screen = torch.tensor(
        [
            [
                [-1.1, -1.2, 1.0],
                [-1.1, 20.3, 1.0],
                [20.2, 9.4, 3.0],
                [20.2, -1.3, 1.0],
                [20.3, 20.4, 1.0],
                [-1.4, 9.5, 3.0],
            ]
        ]
    )
    triangles = torch.tensor([[0, 1, 2], [3, 4, 5]])
    face = rasterize(screen, triangles, 19, backend).pix_to_face[0, 9, :, 0]
    assert face[2] == 0 and face[-3] == 1
    assert (face.diff() != 0).sum() == 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_degenerate_behind_and_off_screen_faces_leave_the_others_alone(backend):
    screen, triangles = square()
    screen = screen + torch.tensor([0.25, 0.125, 0.0])
    alone = rasterize(screen, triangles, 8, backend)
    more = [
        [0.3, 0.3, 1.0],
        [7.3, 0.3, -1.0],
        [3.3, 7.3, 1.0],
        [3.0, 3.0, 0.0],
        [-1e7, -2e7, 1.0],
        [-3e7, 5.0, 1.0],
        [-1e6, 9.0, 1.0],
    ]
    all_vertices = torch.cat([screen, torch.tensor([more])], 1)
    bad = torch.tensor(
        [[0, 0, 1], [1, 1, 1], [4, 5, 6], [4, 6, 7], [8, 9, 10]]
    )  # degenerate, behind, at the camera, off
    both = rasterize(all_vertices, torch.cat([triangles, bad]), 8, backend)
    for one, other in zip(alone, both, strict=True):
        torch.testing.assert_close(one, other)
    assert (rasterize(all_vertices, bad, 8, backend).pix_to_face == -1).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_face_far_larger_than_the_image_is_clipped(backend):
    screen = torch.tensor([[[-1e5, -1e5, 2.0], [-1e5, 3e5, 2.0], [3e5, -1e5, 2.0]]])
    found = rasterize(screen, torch.tensor([[0, 1, 2]]), (5, 6), backend)
    assert (found.pix_to_face == 0).all()
    torch.testing.assert_close(found.zbuf, torch.full((1, 5, 6, 1), 2.0))


@pytest.mark.parametrize("backend", BACKENDS)
def test_depth_and_barycentrics_are_those_of_the_point_in_space(backend):
    r"""The ray through a pixel meets the plane of the triangle where the barycentrics say."""
    from dnt_core.face3d import PerspectiveCamera

    camera = PerspectiveCamera(32)
    corners = torch.tensor([[-0.9, -0.8, 0.0], [0.9, -0.7, -6.0], [0.1, 0.9, 5.0]], dtype=torch.float64)
    found = rasterize(camera.project(corners)[None].float(), torch.tensor([[0, 1, 2]]), 32, backend)
    rows, cols = (found.pix_to_face[0, :, :, 0] == 0).nonzero().unbind(-1)
    assert len(rows) > 100
    point = found.bary_coords[0, rows, cols, 0].double() @ corners
    back = camera.project(point)
    torch.testing.assert_close(back[:, 0], cols.double(), rtol=0, atol=1e-3)
    torch.testing.assert_close(back[:, 1], rows.double(), rtol=0, atol=1e-3)
    torch.testing.assert_close(back[:, 2], found.zbuf[0, rows, cols, 0].double(), rtol=1e-5, atol=0)
    torch.testing.assert_close(found.bary_coords[0, rows, cols, 0].sum(-1), torch.ones(len(rows)))


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_batch_is_its_members(soup, backend):
    screen, triangles = soup(batch=3, faces=40, seed=7)
    batch = rasterize(screen, triangles, (11, 14), backend)
    for b in range(3):
        single = rasterize(screen[b : b + 1], triangles, (11, 14), backend)
        face = single.pix_to_face[0]
        assert torch.equal(batch.pix_to_face[b], torch.where(face >= 0, face + b * 40, face))
        torch.testing.assert_close(batch.zbuf[b], single.zbuf[0])


def test_threads_change_nothing(soup):
    screen, triangles = soup(batch=2, faces=500, height=130, width=60, seed=8)
    one, many = (rasterize_batch_numpy(screen.numpy(), triangles.numpy(), 130, 60, threads=n) for n in (1, 5))
    for a, b in zip(one, many, strict=True):
        np.testing.assert_array_equal(a, b)


def test_numpy_front_door_gives_what_torch_s_does(soup):
    screen, triangles = soup(batch=1)
    face, bary, depth = rasterize_batch_numpy(screen.numpy(), triangles.numpy().astype(np.int32), 11, 14)
    found = rasterize(screen, triangles, (11, 14), "numba")
    assert (face.dtype, bary.dtype, depth.dtype) == (np.int32, np.float32, np.float32)
    np.testing.assert_array_equal(face, found.pix_to_face[..., 0].numpy())
    np.testing.assert_array_equal(bary, found.bary_coords[..., 0, :].numpy())
    np.testing.assert_array_equal(depth, found.zbuf[..., 0].numpy())


def test_numpy_front_door_takes_any_integers_and_arrays_it_may_not_write(soup):
    screen, triangles = soup(batch=1)
    screen, triangles = screen.numpy(), triangles.numpy()
    faces = lambda *mesh: rasterize_batch_numpy(*mesh, 11, 14)[0]  # noqa: E731
    expected = faces(screen, triangles)
    for dtype in (np.uint16, np.uint32, np.int16):
        np.testing.assert_array_equal(faces(screen, triangles.astype(dtype)), expected)
    screen.flags.writeable = triangles.flags.writeable = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(faces(screen[:, :], triangles[:, :]), expected)


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_empty_mesh_shows_nothing(backend):
    found = rasterize(torch.rand(2, 4, 3) + 1, torch.zeros(0, 3, dtype=torch.long), 6, backend)
    assert (found.pix_to_face == -1).all() and (found.zbuf == -1).all() and (found.bary_coords == -1).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_faults_of_a_mesh_are_named(backend):
    screen, triangles = square()
    broken = screen.clone()
    broken[0, 2, 1] = float("nan")
    with pytest.raises(ValueError, match=r"screen vertex 2 of mesh 0 .*finite"):
        rasterize(broken, triangles, 8, backend)
    broken[0, 2, 1] = float("inf")
    with pytest.raises(ValueError, match="finite"):
        rasterize(broken, triangles, 8, backend)
    with pytest.raises(ValueError, match=r"triangles index vertices 1 … 4; expected 0 … 3"):
        rasterize(screen, triangles + 1, 8, backend)
    with pytest.raises(ValueError, match=r"expected float32 or float64 \(B, V, 3\)"):
        rasterize(screen[0], triangles, 8, backend)
    with pytest.raises(ValueError, match="type bfloat16; expected float32 or float64"):
        rasterize(screen.bfloat16(), triangles, 8, backend)
    with pytest.raises(ValueError, match=r"expected integer \(F, 3\)"):
        rasterize(screen, triangles[:, :2], 8, backend)
    with pytest.raises(ValueError, match="image size is 0x8"):
        rasterize(screen, triangles, (0, 8), backend)


def test_an_unknown_backend_is_named():
    screen, triangles = square()
    with pytest.raises(ValueError, match="unknown back-end 'opengl'"):
        rasterize(screen, triangles, 8, "opengl")
