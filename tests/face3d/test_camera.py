from __future__ import annotations

import math

import pytest
import torch

from dnt_core.face3d import PerspectiveCamera, pose, rotation_matrix


def naive_rotation(x: float, y: float, z: float) -> torch.Tensor:
    r"""Rz Ry Rx from three written-out matrices."""
    c, s = math.cos, math.sin
    rx = torch.tensor([[1, 0, 0], [0, c(x), -s(x)], [0, s(x), c(x)]], dtype=torch.float64)
    ry = torch.tensor([[c(y), 0, s(y)], [0, 1, 0], [-s(y), 0, c(y)]], dtype=torch.float64)
    rz = torch.tensor([[c(z), -s(z), 0], [s(z), c(z), 0], [0, 0, 1]], dtype=torch.float64)
    return rz @ ry @ rx


def test_rotation_against_three_matrices():
    angles = torch.randn(2, 5, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    rotation = rotation_matrix(angles)
    assert rotation.shape == (2, 5, 3, 3)
    for i in range(2):
        for j in range(5):
            torch.testing.assert_close(rotation[i, j], naive_rotation(*angles[i, j].tolist()))
    eye = torch.eye(3, dtype=torch.float64).expand(2, 5, 3, 3)
    torch.testing.assert_close(rotation @ rotation.mT, eye)
    torch.testing.assert_close(torch.linalg.det(rotation), torch.ones(2, 5, dtype=torch.float64))


@pytest.mark.parametrize(
    ("angles", "axis", "sign"),
    [([0.2, 0, 0], 1, -1), ([0, 0.2, 0], 0, +1)],
    ids=["nods down", "turns to image right"],
)
def test_direction_of_a_turn_seen_at_the_nose(angles, axis, sign):
    nose = pose(torch.tensor([[0.0, 0.0, 1.0]]), torch.tensor(angles), torch.zeros(3))
    assert nose[0, axis] * sign > 0.19


def test_positive_roll_tilts_counter_clockwise():
    right = pose(torch.tensor([[1.0, 0.0, 0.0]]), torch.tensor([0, 0, 0.2]), torch.zeros(3))
    assert right[0, 1] > 0.19


def test_pose_is_row_vectors_times_transposed_rotation_then_translated():
    g = torch.Generator().manual_seed(1)
    vertices = torch.randn(4, 7, 3, dtype=torch.float64, generator=g)
    angles, translation = torch.randn(2, 4, 3, dtype=torch.float64, generator=g)
    posed = pose(vertices, angles, translation)
    for b in range(4):
        rotation = naive_rotation(*angles[b].tolist())
        for v in range(7):
            torch.testing.assert_close(posed[b, v], rotation @ vertices[b, v] + translation[b])


def test_the_origin_is_seen_at_column_112_row_111():
    assert PerspectiveCamera().project(torch.zeros(1, 3)).tolist() == [[112.0, 111.0, 10.0]]


def test_the_224_px_camera_is_the_one_of_the_facts():
    vertices = torch.randn(50, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    for (x, y, z), (col, row, z_cam) in zip(vertices, PerspectiveCamera().project(vertices), strict=True):
        assert z_cam == 10 - z
        torch.testing.assert_close(col, 1015 * x / (10 - z) + 112)
        torch.testing.assert_close(row, 223 - (1015 * y / (10 - z) + 112))


@pytest.mark.parametrize("size", [64, 128, 256, 512])
def test_every_size_shows_the_same_picture(size):
    r"""Positions as shares of the image, measured from its edge, do not depend on its size."""
    vertices = torch.randn(20, 3, generator=torch.Generator().manual_seed(3))
    reference = (PerspectiveCamera(224).project(vertices)[:, :2] + 0.5) / 224
    torch.testing.assert_close((PerspectiveCamera(size).project(vertices)[:, :2] + 0.5) / size, reference)


def test_image_directions():
    camera = PerspectiveCamera(256)
    origin, right, up, near = camera.project(torch.tensor([[0, 0, 0], [0.5, 0, 0], [0, 0.5, 0], [0.5, 0, 1]]))
    assert right[0] > origin[0]
    assert up[1] < origin[1]
    assert near[0] > right[0]
    assert near[2] == 9


def test_unproject_is_the_inverse():
    camera = PerspectiveCamera(192, focal=900.0, center=100.0, distance=8.0)
    vertices = torch.randn(3, 20, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
    torch.testing.assert_close(camera.unproject(camera.project(vertices)), vertices)


def test_ndc_is_pytorch3ds():
    r"""x to the left, y up; the centres of the corner pixels lie half a pixel inside [-1, 1]."""
    size = 8
    camera = PerspectiveCamera(size)
    corners = torch.tensor([[0.0, 0, 5], [size - 1, size - 1, 5], [(size - 1) / 2, (size - 1) / 2, 5]])
    ndc = camera.to_ndc(corners)
    torch.testing.assert_close(ndc, torch.tensor([[7 / 8, 7 / 8, 5], [-7 / 8, -7 / 8, 5], [0.0, 0.0, 5]]))


def test_behind_the_camera_nothing_becomes_nan():
    vertices = torch.tensor([[0.1, 0.1, 10.0], [0.1, 0.1, 12.0]], requires_grad=True)
    screen = PerspectiveCamera().project(vertices)
    assert screen[:, 2].tolist() == [0, -2]
    screen.sum().backward()
    assert torch.isfinite(screen).all()
    assert torch.isfinite(vertices.grad).all()


def test_gradients():
    g = torch.Generator().manual_seed(5)
    vertices = torch.randn(2, 4, 3, dtype=torch.float64, generator=g, requires_grad=True)
    angles = torch.randn(2, 3, dtype=torch.float64, generator=g, requires_grad=True)
    translation = torch.randn(2, 3, dtype=torch.float64, generator=g, requires_grad=True)
    camera = PerspectiveCamera(64)
    assert torch.autograd.gradcheck(lambda *a: camera.project(pose(*a)), (vertices, angles, translation))


def test_wrong_input_is_said():
    with pytest.raises(ValueError, match="camera focal must be positive and finite, got 0"):
        PerspectiveCamera(focal=0)
    with pytest.raises(ValueError, match=r"expected angles \(..., 3\), got shape \(2,\)"):
        rotation_matrix(torch.zeros(2))
