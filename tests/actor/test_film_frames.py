r"""The film draws what it drew when its format was set, and the same in every run."""

from pathlib import Path

import numpy as np
import pytest
import torch

from dnt_core.actor import FilmConfig, FilmRenderer
from dnt_core.actor.filming import FORMAT, Shot, act
from dnt_core.actor.head_rig import get_rig, posed, rotation
from dnt_core.actor.light import light_polynomial
from dnt_core.actor.skin_folds import FOLDS, _sides, fold_boxes, fold_drivers, fold_maps
from dnt_core.actor.skin_kernels import blend_folds
from dnt_core.actor.surface_kernels import to_screen, vertex_normals
from dnt_core.face3d.camera import PerspectiveCamera, rotation_matrix
from dnt_core.face3d.illumination import spherical_harmonics_shading
from dnt_core.rendering.rasterizer_numba import fill_behind, fill_depth

REFERENCE = np.load(Path(__file__).with_name(f"frames_format_{FORMAT}.npz"), allow_pickle=False)
INTENSITY = {"happy": 1.0, "angry": 0.67, "sad": 1.0, "neutral": 0.0, "surprised": 0.5, "disgusted": 1.0,
             "fear": 1.0, "contempt": 0.3}  # fmt: skip


def performed(size: int, actor: str, expression: str):
    return act(FilmConfig(image_size=size), Shot(actor, expression, "1", INTENSITY[expression], 1))[0]


@pytest.mark.parametrize("name", list(REFERENCE))
def test_a_frame_is_its_format_s_within_one_level(name):
    size, actor, expression, index = name.split("-")
    performance = performed(int(size), actor, expression)
    renderer = FilmRenderer(int(size))
    frame = renderer.frame(performance, int(index))
    away = np.abs(frame.astype(int) - REFERENCE[name])
    assert away.max() <= 1 and away.mean() < 1e-3, (away.max(), away.mean())
    assert np.array_equal(renderer.frame(performance, int(index)), frame)


def test_folds_are_blended_as_whole_maps_would_be():
    maps, drivers = fold_maps(64), fold_drivers()
    assert len(maps) == len(drivers) == sum(len(_sides(fold)) for fold in FOLDS.values()) + 2
    amounts = np.random.default_rng(0).uniform(0, 1, len(maps)).astype(np.float32)
    amounts[::3] = 0.0
    base = np.full((64, 64), 0.25, np.float32)
    out = np.empty_like(base)
    blend_folds(base, *fold_boxes(64), amounts, out)
    np.testing.assert_allclose(out, base + np.einsum("k,krc->rc", amounts, maps), atol=1e-6)
    assert np.abs(out - base).max() > 0.01


def test_camera_rotation_and_light_are_the_face_model_s():
    generator = np.random.default_rng(1)
    angles = generator.normal(size=3)
    np.testing.assert_allclose(rotation(angles), rotation_matrix(torch.from_numpy(angles)), atol=1e-14)

    camera, points = PerspectiveCamera(256), generator.normal(size=(50, 3))
    middle = camera.center + 0.5
    found, inverse = to_screen(points, camera.scale, camera.focal, middle, 224 - middle, camera.distance)
    expected = camera.project(torch.from_numpy(points)).numpy()
    np.testing.assert_array_equal(found, expected.astype(np.float32))
    np.testing.assert_allclose(inverse, 1 / found[:, 2])

    normals = points / np.linalg.norm(points, axis=1, keepdims=True)
    x, y, z = normals.T
    gamma = generator.normal(size=27) * 0.3
    monomials = np.stack([np.ones(50), x, y, z, x * y, y * z, z * z, x * z, x * x - y * y], 1)
    shading = spherical_harmonics_shading(torch.from_numpy(normals), torch.from_numpy(gamma)).numpy()
    np.testing.assert_allclose(monomials @ light_polynomial(gamma), shading, atol=1e-5)


def test_rigid_parts_turn_with_the_head_and_keep_their_normals():
    performance = performed(64, "M003", "sad")
    rig = get_rig("M003", 1_500)
    scene = posed(rig, performance, 3)
    anew = vertex_normals(scene.backstage, rig.backstage.triangles)
    whole = np.linalg.norm(anew, axis=1) > 0.99  # a pole of triangles without area has none
    assert whole.mean() > 0.99
    np.testing.assert_allclose(scene.backstage_normals[whole], anew[whole], atol=1e-9)
    flat_to_head = rig.eyes["right"] - rig.eyes["left"]
    apart = scene.eye_centres[0] - scene.eye_centres[1]
    assert np.linalg.norm(apart) == pytest.approx(0.1 * np.linalg.norm(flat_to_head))


def test_what_is_hidden_is_left_out_and_nothing_else():
    generator = np.random.default_rng(2)

    def soup(n, near):
        corners = generator.uniform(0, 64, (n, 1, 2)) + generator.normal(size=(n, 3, 2)) * 6
        depth = generator.uniform(near, near + 2, (n, 3, 1))
        screen = np.concatenate([corners, depth], 2).astype(np.float32).astype(np.float64).reshape(-1, 3)
        return screen, 1 / screen[:, 2], np.arange(3 * n, dtype=np.int32).reshape(n, 3)

    def buffers():
        return np.empty((64, 64), np.int32), np.empty((64, 64), np.float32)

    front, behind = soup(60, 5.0), soup(200, 5.5)
    near, whole, part = buffers(), buffers(), buffers()
    fill_depth(*front, *near)
    fill_depth(*behind, *whole)
    see_through = np.arange(60) % 4 == 0
    fill_behind(*behind, near, see_through, *part)
    wanted = (whole[1] < near[1]) | ((near[0] >= 0) & see_through[near[0]] & (whole[0] >= 0))
    assert 0.1 < wanted.mean() < 0.9 and (~wanted & (whole[0] >= 0)).any()
    np.testing.assert_array_equal(part[0], np.where(wanted, whole[0], -1))
    np.testing.assert_array_equal(part[1][wanted], whole[1][wanted])
