r"""Poses of other cameras: WM3DR's, and a crop's."""

from __future__ import annotations

import pytest
import torch

from dnt_core.face3d import FaceParameters, PerspectiveCamera
from dnt_core.face3d.camera import rotation_matrix
from dnt_core.face3d.crop_pose import crop_pose
from dnt_core.face3d.wm3dr import WM3DR_CAMERA, wm3dr_to_deep3d


def wm3dr_pixels(shape: torch.Tensor, vector: torch.Tensor, cell: int) -> torch.Tensor:
    r"""Where WM3DR itself sees vertices (V, 3): its own translation and z, in px from the edge of 512."""
    angles, (a, b, c) = vector[224:227], vector[254:257]
    cx, cy = (cell % 64 + 0.5) * 8, (cell // 64 + 0.5) * 8
    x, y, z = (shape @ rotation_matrix(angles).T).T
    z = -z + c + 10
    x = x + (c + 10) * (a + cx - 256) / 1015
    y = y + (c + 10) * (b + 256 - cy) / 1015
    return torch.stack([256 + 1015 * x / z, 256 - 1015 * y / z], dim=-1)


@pytest.fixture
def vector(random_parameters):
    p = random_parameters(dtype=torch.float64)
    return p.replace(translation=torch.tensor([1.7, -2.3, 2.5], dtype=torch.float64)).to_vector("storage")


@pytest.mark.parametrize("cell", [0, 64 * 32 + 31, 64 * 10 + 50, 4095])
def test_both_ways_to_the_same_pixels(toy_model_float64, vector, cell):
    p = wm3dr_to_deep3d(vector, cell)
    own = wm3dr_pixels(toy_model_float64.shape(p.identity, p.expression), vector, cell)
    screen = WM3DR_CAMERA.project(toy_model_float64.posed(p))
    torch.testing.assert_close(screen[:, :2] + 0.5, own)  # our pixel centres are integers, theirs at .5
    torch.testing.assert_close(p.translation[2], -vector[256])


def test_a_batch_of_peaks(vector):
    cells = torch.tensor([3, 70, 4000])
    together = wm3dr_to_deep3d(vector.expand(3, 257), cells)
    apart = FaceParameters.stack([wm3dr_to_deep3d(vector, int(cell)) for cell in cells])
    torch.testing.assert_close(together.to_vector("paper"), apart.to_vector("paper"))
    torch.testing.assert_close(together.identity[1], vector[:80])
    torch.testing.assert_close(together.illumination[1], vector[227:254])


@pytest.mark.parametrize("cell", [-1, 4096, 1.5])
def test_a_cell_outside_the_map_is_said(vector, cell):
    with pytest.raises(ValueError, match="cell must be an index from 0 to 4095"):
        wm3dr_to_deep3d(vector, cell)


def test_a_crop_shows_the_same_face(toy_model_float64, vector):
    r"""A 220 px window of WM3DR's 512 px image, as the default camera sees it at 224 px."""
    p = wm3dr_to_deep3d(vector, 64 * 30 + 34)
    window = (166.0, 138.0, 220.0)
    cropped = crop_pose(p, WM3DR_CAMERA, window)
    camera = PerspectiveCamera()
    in_whole = WM3DR_CAMERA.project(toy_model_float64.posed(p))[:, :2] + 0.5
    expected = (in_whole - torch.tensor(window[:2])) * 224 / window[2]
    found = camera.project(toy_model_float64.posed(cropped))[:, :2] + 0.5
    distance = (found - expected).norm(dim=-1)
    origin = torch.zeros(1, 3, dtype=torch.float64)
    assert distance.max() < 1
    where = WM3DR_CAMERA.project(p.translation + origin)[0, :2] + 0.5
    torch.testing.assert_close(
        camera.project(cropped.translation + origin)[0, :2] + 0.5,
        (where - torch.tensor(window[:2])) * 224 / window[2],
    )


def test_the_whole_image_is_its_own_crop(vector):
    p = wm3dr_to_deep3d(vector, 2000)
    same = crop_pose(p, WM3DR_CAMERA, (0.0, 0.0, 512.0), WM3DR_CAMERA)
    torch.testing.assert_close(same.to_vector("paper"), p.to_vector("paper"))
    with pytest.raises(ValueError, match="side must be positive, got 0"):
        crop_pose(p, WM3DR_CAMERA, (0.0, 0.0, 0.0))
