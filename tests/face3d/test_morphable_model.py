from __future__ import annotations

import numpy as np
import pytest
import torch

from dnt_core.face3d import (
    INNER_LIP,
    MOUTH,
    OUTER_LIP,
    FaceParameters,
    MorphableModel,
    pose,
    spherical_harmonics_shading,
)
from tests.face3d.toy_model import toy_arrays
from tests.face3d.toy_model import toy_model as build_toy_model


def naive_normals(vertices: np.ndarray, triangles: np.ndarray, weighting: str) -> np.ndarray:
    r"""One triangle after the other adds its normal to its three corners."""
    normals = np.zeros_like(vertices)
    for a, b, c in triangles:
        normal = np.cross(vertices[b] - vertices[a], vertices[c] - vertices[a])
        if weighting == "uniform":
            normal = normal / np.linalg.norm(normal)
        for corner in (a, b, c):
            normals[corner] += normal
    return normals / np.linalg.norm(normals, axis=-1, keepdims=True)


def test_zero_is_the_mean_face(toy_model):
    zeros = FaceParameters.zeros(3)
    vertices, colors = toy_model(zeros)
    assert vertices.shape == colors.shape == (3, 216, 3)
    torch.testing.assert_close(vertices, toy_model.mean_shape.expand(3, -1, -1))
    torch.testing.assert_close(toy_model.albedo(zeros.texture), toy_model.mean_color.expand(3, -1, -1))


def test_shape_and_albedo_against_loops(random_parameters):
    model = build_toy_model(rings=3, segments=12, dtype=np.float64)
    p = random_parameters(2, dtype=torch.float64)
    shape, albedo = model.shape(p.identity, p.expression), model.albedo(p.texture)
    for b in range(2):
        for v in range(model.n_vertices):
            for axis in range(3):
                x, color = model.mean_shape[v, axis].clone(), model.mean_color[v, axis].clone()
                for k in range(80):
                    x += model.identity_basis[v, axis, k] * p.identity[b, k]
                    color += model.texture_basis[v, axis, k] * p.texture[b, k]
                for k in range(64):
                    x += model.expression_basis[v, axis, k] * p.expression[b, k]
                torch.testing.assert_close(shape[b, v, axis], x)
                torch.testing.assert_close(albedo[b, v, axis], color)


@pytest.mark.parametrize("weighting", ["area", "uniform"])
def test_normals_against_a_loop(toy_model_float64, random_parameters, weighting):
    p = random_parameters(2, dtype=torch.float64)
    vertices = toy_model_float64.posed(p)
    normals = toy_model_float64.normals(vertices, weighting)
    for b in range(2):
        expected = naive_normals(vertices[b].numpy(), toy_model_float64.triangles.numpy(), weighting)
        torch.testing.assert_close(normals[b], torch.from_numpy(expected))


def test_normals_of_a_sphere_point_outwards():
    from scipy.spatial import ConvexHull

    points = torch.nn.functional.normalize(
        torch.randn(2000, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)), dim=-1
    ).numpy()
    hull = ConvexHull(points).simplices.astype(np.int64)
    a, b, c = (points[hull[:, k]] for k in range(3))
    inward = (np.cross(b - a, c - a) * a).sum(-1) < 0
    hull[inward] = hull[inward][:, [0, 2, 1]]
    arrays = toy_arrays()
    n = len(points)
    model = MorphableModel.from_arrays(
        mean_shape=points, identity_basis=np.zeros((n, 3, 0)), expression_basis=np.zeros((n, 3, 0)),
        mean_color=np.ones((n, 3)), texture_basis=np.zeros((n, 3, 0)), triangles=hull, uv=np.zeros((n, 2)),
        landmark_indices=arrays["landmark_indices"], mouth_loop=[0, 1, 2],
    )  # fmt: skip
    cosine = (model.normals(model.mean_shape) * model.mean_shape).sum(-1)
    assert cosine.min() > 0.98


def test_normals_turn_with_the_head(toy_model, random_parameters):
    p = random_parameters(2)
    upright = toy_model.normals(toy_model.shape(p.identity, p.expression))
    turned = pose(upright, p.angles, torch.zeros(2, 3))
    torch.testing.assert_close(toy_model.normals(toy_model.posed(p)), turned, rtol=0, atol=1e-4)


def test_colors_are_albedo_under_the_light_of_the_posed_normals(toy_model, random_parameters):
    p = random_parameters(2)
    vertices = toy_model.posed(p)
    expected = toy_model.albedo(p.texture) * spherical_harmonics_shading(
        toy_model.normals(vertices), p.illumination
    )
    torch.testing.assert_close(toy_model.colors(p), expected)
    torch.testing.assert_close(toy_model.colors(p, vertices), expected)


def test_landmarks_alone_are_the_landmarks_of_all(toy_model, random_parameters):
    p = random_parameters(3)
    torch.testing.assert_close(toy_model.posed_landmarks(p), toy_model.landmarks(toy_model.posed(p)))
    assert toy_model.posed_landmarks(p).shape == (3, 68, 3)
    indices = torch.tensor([5, 0, 5])
    torch.testing.assert_close(toy_model.albedo(p.texture, indices), toy_model.albedo(p.texture)[:, indices])


def test_lips_of_the_68():
    numbers = list(range(68))
    assert (numbers[OUTER_LIP][0], numbers[OUTER_LIP][-1], len(numbers[OUTER_LIP])) == (48, 59, 12)
    assert (numbers[INNER_LIP][0], numbers[INNER_LIP][-1], len(numbers[INNER_LIP])) == (60, 67, 8)
    assert len(numbers[MOUTH]) == 20


def test_mouth_loop_starts_at_landmark_60_and_goes_round(toy_model):
    assert sorted(toy_model.mouth_loop.tolist()) == list(range(24))
    assert toy_model.mouth_loop[0] == toy_model.landmark_indices[60]
    polygon = toy_model.mouth_polygon(toy_model.mean_shape)
    assert polygon.shape == (24, 3)
    steps = (polygon - polygon.roll(1, 0)).norm(dim=-1)
    assert steps.max() < 0.1
    found = toy_model.check_topology()
    assert found.euler == 0


def test_batch_shapes_broadcast(toy_model, random_parameters):
    one, many = random_parameters(), random_parameters(4, 2, seed=1)
    assert toy_model(one)[0].shape == (216, 3)
    vertices = toy_model.shape(one.identity, many.expression)
    assert vertices.shape == (4, 2, 216, 3)
    torch.testing.assert_close(vertices[3, 1], toy_model.shape(one.identity, many.expression[3, 1]))


def test_dtype_follows_the_parameters(toy_model):
    vertices, colors = toy_model(FaceParameters.zeros(1, dtype=torch.float64))
    assert vertices.dtype == colors.dtype == torch.float64
    assert toy_model.mean_shape.dtype == torch.float32


def test_device_follows_the_parameters(toy_model):
    vertices, colors = toy_model(FaceParameters.zeros(1, device="meta"))
    assert vertices.device.type == colors.device.type == "meta"


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_gpu_agrees(toy_model, random_parameters):
    p = random_parameters(2)
    model = build_toy_model().to("cuda")
    for here, there in zip(toy_model(p), model(p.to("cuda")), strict=True):
        torch.testing.assert_close(there.cpu(), here, rtol=1e-4, atol=1e-5)


def test_gradients(toy_model_float64, random_parameters):
    vector = random_parameters(1, dtype=torch.float64).to_vector("paper").requires_grad_()
    indices = torch.tensor([0, 7, 40])

    def some(vector):
        vertices, colors = toy_model_float64(FaceParameters.from_vector(vector, "paper"))
        return vertices[:, indices], colors[:, indices]

    assert torch.autograd.gradcheck(some, (vector,))


def test_a_saved_model_comes_back(toy_model):
    other = build_toy_model(seed=1)
    assert not torch.equal(other.identity_basis, toy_model.identity_basis)
    other.load_state_dict(toy_model.state_dict())
    torch.testing.assert_close(other.identity_basis, toy_model.identity_basis)


def test_smaller_bases_are_padded():
    r"""ICT-FaceKit's 53 expression shapes, say."""
    arrays = toy_arrays()
    full = MorphableModel(**arrays)
    small = MorphableModel.from_arrays(**{**arrays, "expression_basis": arrays["expression_basis"][..., :53]})
    expression = torch.zeros(64, dtype=torch.float64)
    expression[:53] = 1
    identity = torch.zeros(80, dtype=torch.float64)
    torch.testing.assert_close(small.shape(identity, expression), full.shape(identity, expression))
    expression[53:] = 9
    torch.testing.assert_close(
        small.shape(identity, expression).sum(), small.shape(identity, expression.clamp(max=1)).sum()
    )
    with pytest.raises(ValueError, match="identity_basis has 100 columns, the 257 numbers hold 80"):
        MorphableModel.from_arrays(**{**arrays, "identity_basis": np.zeros((216, 3, 100))})


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("mean_shape", np.zeros((0, 3)), "mean_shape has shape"),
        ("expression_basis", np.zeros((216, 64, 3)), r"expression_basis has shape \(216, 64, 3\), expected"),
        ("mean_color", np.full((216, 3), np.nan), "mean_color holds numbers that are not finite"),
        ("mean_color", np.full((216, 3), 180, np.uint8), r"mean_color must lie in \[0, 1\], got \[180.000"),
        ("uv", np.full((216, 2), 1.5), r"uv must lie in \[0, 1\], got \[1.500, 1.500\]"),
        ("landmark_indices", np.arange(67), r"landmark_indices has shape \(67,\), expected \(68,\)"),
        (
            "landmark_indices",
            np.arange(68) + 200,
            "landmark_indices holds vertex ids 200 to 267, expected 0 to 215",
        ),
        (
            "landmark_indices",
            np.arange(68.0),
            "landmark_indices must be integer vertex ids, got torch.float64",
        ),
        ("triangles", np.array([[0, 1, 2, 3]]), r"triangles has shape \(1, 4\)"),
        ("triangles", np.array([[0, 1, 2]]), "two boundary loops, but the mesh has 1"),
    ],
)
def test_wrong_arrays_are_said(key, value, message):
    with pytest.raises(ValueError, match=message):
        MorphableModel(**{**toy_arrays(), key: value})


def test_wrong_calls_are_said(toy_model):
    with pytest.raises(ValueError, match=r"expected coefficients \(..., 80\), got shape \(64,\)"):
        toy_model.shape(torch.zeros(64), torch.zeros(80))
    with pytest.raises(ValueError, match="unknown weighting 'angle'"):
        toy_model.normals(toy_model.mean_shape, "angle")
    arrays = toy_arrays()
    inside_out = MorphableModel(**{**arrays, "triangles": arrays["triangles"][:, [0, 2, 1]]})
    with pytest.raises(ValueError, match="clockwise seen from outside"):
        inside_out.check_topology()
    with_a_flap = np.concatenate([arrays["triangles"], [[0, 1, 200]]])
    model = MorphableModel(**{**arrays, "triangles": with_a_flap, "mouth_loop": np.arange(24)})
    with pytest.raises(ValueError, match="V - E \\+ F = 0 and two boundary loops, found 216 - "):
        model.check_topology()
