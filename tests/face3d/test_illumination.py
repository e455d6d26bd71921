from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from dnt_core.face3d import spherical_harmonics, spherical_harmonics_shading


def random_normals(*shape: int, seed: int = 0) -> torch.Tensor:
    vectors = torch.randn(*shape, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.normalize(vectors, dim=-1)


def naive_shading(normal: list[float], gamma: list[float]) -> list[float]:
    r"""One normal, one colour after the other, the formula as it stands in the literature."""
    x, y, z = normal
    a = [math.pi, 2 * math.pi / math.sqrt(3), 2 * math.pi / math.sqrt(8)]
    c = [
        1 / math.sqrt(4 * math.pi),
        math.sqrt(3) / math.sqrt(4 * math.pi),
        3 * math.sqrt(5) / math.sqrt(12 * math.pi),
    ]
    bands = [
        a[0] * c[0],
        -a[1] * c[1] * y,
        a[1] * c[1] * z,
        -a[1] * c[1] * x,
        a[2] * c[2] * x * y,
        -a[2] * c[2] * y * z,
        a[2] * c[2] * 0.5 / math.sqrt(3) * (3 * z**2 - 1),
        -a[2] * c[2] * x * z,
        a[2] * c[2] * 0.5 * (x**2 - y**2),
    ]
    colors = []
    for color in range(3):
        light = [gamma[9 * color + band] + (0.8 if band == 0 else 0) for band in range(9)]
        colors.append(sum(g * b for g, b in zip(light, bands, strict=True)))
    return colors


def test_against_the_formula_written_out():
    normals = random_normals(2, 6)
    gamma = torch.randn(2, 27, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    shading = spherical_harmonics_shading(normals, gamma)
    assert shading.shape == (2, 6, 3)
    for b in range(2):
        for v in range(6):
            expected = naive_shading(normals[b, v].tolist(), gamma[b].tolist())
            torch.testing.assert_close(shading[b, v], torch.tensor(expected, dtype=torch.float64))


def test_zero_gamma_is_even_white_light():
    shading = spherical_harmonics_shading(random_normals(10), torch.zeros(27, dtype=torch.float64))
    torch.testing.assert_close(
        shading, torch.full((10, 3), 0.8 * math.sqrt(math.pi) / 2, dtype=torch.float64)
    )


def test_the_nine_functions_are_orthogonal_over_the_sphere():
    products = spherical_harmonics(random_normals(200_000))
    gram = products.T @ products / len(products)
    scale = gram.diagonal().sqrt()
    correlation = gram / scale[:, None] / scale[None, :]
    torch.testing.assert_close(correlation, torch.eye(9, dtype=torch.float64), rtol=0, atol=0.02)


def test_the_bands_beside_those_of_a_lambertian_surface():
    r"""What a cosine-weighted mean over the hemisphere makes of each orthonormal harmonic, by quadrature."""
    normals = random_normals(9)
    x, wx = np.polynomial.legendre.leggauss(40)
    phi = np.arange(80) * np.pi / 40
    ring = np.sqrt(1 - x**2)[:, None]
    light = np.stack([ring * np.cos(phi), ring * np.sin(phi), np.repeat(x[:, None], 80, 1)], -1).reshape(
        -1, 3
    )
    area = np.repeat(wx, 80) * np.pi / 40
    light, area = torch.from_numpy(light), torch.from_numpy(area)
    weights = (
        torch.tensor([1.0] + 3 * [2 / math.sqrt(3)] + 5 * [2 / math.sqrt(8)], dtype=torch.float64) * math.pi
    )
    orthonormal = spherical_harmonics(light) / weights
    torch.testing.assert_close(
        orthonormal.T @ (area[:, None] * orthonormal), torch.eye(9, dtype=torch.float64)
    )
    lambertian = (normals @ light.T).clamp(min=0) @ (area[:, None] * orthonormal)
    divided = torch.tensor([1.0] + 3 * [math.sqrt(3)] + 5 * [math.sqrt(8)], dtype=torch.float64)
    torch.testing.assert_close(lambertian, spherical_harmonics(normals) / divided, rtol=0, atol=5e-3)


@pytest.mark.parametrize(("band", "lit"), [(1, [0, -1, 0]), (2, [0, 0, 1]), (3, [-1, 0, 0])])
def test_where_the_light_of_a_linear_band_comes_from(band, lit):
    gamma = torch.zeros(27)
    gamma[band] = 0.5  # red
    lit = torch.tensor([lit], dtype=torch.float32)
    bright, dark = (spherical_harmonics_shading(sign * lit, gamma)[0] for sign in (1, -1))
    assert bright[0] > dark[0] + 0.5
    assert bright[1:].tolist() == dark[1:].tolist()


def test_gradients():
    gamma = torch.randn(2, 27, dtype=torch.float64, requires_grad=True)
    normals = random_normals(2, 3).requires_grad_()
    assert torch.autograd.gradcheck(spherical_harmonics_shading, (normals, gamma))


def test_wrong_input_is_said():
    with pytest.raises(ValueError, match=r"expected illumination \(..., 27\), got shape \(9,\)"):
        spherical_harmonics_shading(torch.zeros(5, 3), torch.zeros(9))
    with pytest.raises(ValueError, match=r"expected normals \(..., 3\), got shape \(5, 2\)"):
        spherical_harmonics(torch.zeros(5, 2))
