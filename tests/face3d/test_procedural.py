r"""The procedural face: shaped like a person, an annulus, bases that mean the same at every resolution."""

import numpy as np
import pytest
import torch

from dnt_core.face3d import MOUTH, FaceParameters, load_face_model
from dnt_core.face3d.procedural import (
    FULL,
    bases,
    build_procedural_model,
    coefficient_scale,
    flat_domain,
    movements,
    neutral_shape,
)
from dnt_core.face3d.topology import topology


@pytest.fixture(scope="module")
def full():
    return build_procedural_model()


@pytest.fixture(scope="module")
def coarse():
    return build_procedural_model(2_000)


def cm(model, vertices=None):
    shape = model.mean_shape if vertices is None else vertices
    return (shape[model.landmark_indices] * 10).double().numpy() + bases.mean_vertex()


def coefficients(**weights):
    return torch.from_numpy(bases.movements_to_expression(movements.movement_weights(weights))).float()


def moved(model, beta):
    return model.shape(torch.zeros(1, 80), beta[None])[0]


def test_it_is_an_annulus_of_the_basel_size(full):
    t = topology(full.triangles.numpy())
    assert abs(t.n_vertices - FULL) < 0.001 * FULL and t.euler == 0 and len(t.boundary_loops) == 2
    assert sorted(map(len, t.boundary_loops))[0] == len(full.mouth_loop)
    a, b, c = (full.uv[full.triangles[:, k]].double() for k in range(3))
    area = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    assert (area > 0).all()  # no triangle of the UV map is flipped or empty


def test_landmarks_are_the_measured_ones(full, coarse):
    for model in (full, coarse):
        error = np.linalg.norm(cm(model) - np.array(flat_domain.measured()["landmarks_neutral"]), axis=1)
        # the inner lips are closed, by 0.05 cm
        assert error[:60].max() < 0.05 and error.max() < 0.08, error.round(3)


def test_profile_is_the_measured_one(full):
    flat = np.stack([np.zeros(4), np.array([8.12, 6.37, 2.12, 1.12])], 1)
    profile = dict(map(tuple, flat_domain.measured()["midline_profile_y_z"]))
    np.testing.assert_allclose(neutral_shape.position(flat)[:, 2], [profile[y] for y in flat[:, 1]], atol=0.1)


def test_units_are_decimetres_about_the_mean_vertex(full):
    assert full.mean_shape.mean(0).abs().max() < 1e-4
    width = float(full.mean_shape[:, 0].max() - full.mean_shape[:, 0].min())
    assert 1.3 < width < 1.7


@pytest.mark.parametrize("name", ["identity_basis", "expression_basis", "texture_basis"])
def test_bases_are_orthogonal(full, name):
    basis = getattr(full, name).double().flatten(0, 1)
    gram = basis.T @ basis
    length = gram.diagonal().sqrt()
    cosine = gram / length[:, None] / length[None] - torch.eye(len(gram))
    assert cosine.abs().max() < 2e-3
    assert (length[:-1] >= length[1:] - 1e-6).all()


def test_expression_coefficients_are_about_standard_normal():
    beta = bases.movements_to_expression(coefficient_scale.performance_weights(1500, seed=9))
    rms = np.sqrt((beta**2).mean(0))
    assert 0.7 < rms.min() and rms.max() < 1.4


def test_the_same_coefficients_are_the_same_face_at_every_resolution(full, coarse):
    beta = torch.randn(64, generator=torch.Generator().manual_seed(0)) * 0.5
    np.testing.assert_allclose(cm(full, moved(full, beta)), cm(coarse, moved(coarse, beta)), atol=0.02)


@pytest.mark.parametrize("name", ["mouthSmile_L", "jawOpen", "browInnerUp_R", "eyeBlink_L", "mouthPucker"])
def test_movements_shift_landmarks_as_measured(coarse, name):
    shift = cm(coarse, moved(coarse, coefficients(**{name: 1.0}))) - cm(coarse)
    wanted = np.array(flat_domain.measured()["expression_landmark_displacement"][name])
    far = np.linalg.norm(wanted, axis=1) > 0.2
    length = np.linalg.norm(shift[far], axis=1) * np.linalg.norm(wanted[far], axis=1)
    cosine = (shift[far] * wanted[far]).sum(1) / length
    error = np.abs(shift - wanted).max()
    assert np.median(cosine) > 0.95 and error < 0.35, (cosine.round(2), error)


def test_smile_and_speech_share_the_mouth_corners(coarse):
    smile, stretch = (
        cm(coarse, moved(coarse, coefficients(**{name: 1.0})))[48] - cm(coarse)[48]
        for name in ("mouthSmile", "mouthStretch")
    )  # cm that the right mouth corner travels when one smiles, and when one says "ee"
    assert smile[1] > 0.5 and smile[0] < -0.3 and stretch[0] < -0.3, (smile, stretch)


def test_identity_keeps_the_lips_together(coarse):
    generator = torch.Generator().manual_seed(3)
    for _ in range(5):
        shape = coarse.shape(torch.randn(1, 80, generator=generator), torch.zeros(1, 64))[0]
        marks = cm(coarse, shape)
        assert np.abs(marks[[61, 62, 63], 1] - marks[[67, 66, 65], 1]).max() < 0.25


def test_named_traits_and_movements_refuse_strangers():
    with pytest.raises(ValueError, match="unknown identity trait 'big_ears'"):
        bases.traits_to_identity({"big_ears": 1.0})
    with pytest.raises(ValueError, match="unknown facial movement 'smirk'"):
        movements.movement_weights({"smirk": 1.0})
    with pytest.raises(ValueError, match="at least 400"):
        build_procedural_model(50)


def test_gradients_reach_every_parameter(coarse):
    parameters = FaceParameters.zeros(1)
    beta = torch.zeros(1, 64, requires_grad=True)
    lips = coarse.landmarks(coarse.posed(parameters.replace(expression=beta)))[:, MOUTH]
    lips.square().sum().backward()
    assert beta.grad.abs().sum() > 0


def test_loads_by_name():
    assert load_face_model("procedural:1500").n_vertices == pytest.approx(1500, rel=0.01)
