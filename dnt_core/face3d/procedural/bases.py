r"""Identity, expression and texture bases: orthogonal columns whose coefficients are about N(0, 1)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from dnt_core.cache.built_once import built_once

from . import flat_domain, movements, neutral_shape, vertex_colors
from .annulus_mesh import triangulate
from .coefficient_scale import performance_weights

# the bases are orthogonal on a mesh of this size; coarser and finer meshes sample the same fields
REFERENCE_VERTICES = 35_709
CODE = "face3d/procedural"  # what decides the face, for ``built_once``
CM = 0.1  # centimetres to decimetres

# name: [(centre with the mouth closed, radius cm, displacement cm), …]; the other side is its mirror image
IDENTITY_TRAITS: dict[str, list] = {
    "wide_cheekbones": [((7.0, 1.5), 3.0, (0.6, 0.0, 0.1))],
    "wide_jaw": [((7.0, -5.0), 3.0, (0.7, 0.0, 0.0))],
    "long_chin": [((0.0, -7.6), 3.2, (0.0, -0.8, 0.05))],
    "strong_chin": [((0.0, -6.4), 1.9, (0.0, 0.0, 0.55))],
    "long_nose": [((0.0, -0.1), 1.9, (0.0, -0.4, 0.1))],
    "big_nose": [((0.0, 0.6), 1.7, (0.0, 0.0, 0.55))],
    "wide_nose": [((1.9, -0.5), 1.3, (0.38, 0.0, 0.05))],
    "high_bridge": [((0.0, 2.6), 1.5, (0.0, 0.0, 0.4))],
    "full_lips": [
        ((0.0, -2.2), 0.8, (0.0, 0.2, 0.1)),
        ((0.0, -4.6), 0.8, (0.0, -0.22, 0.1)),
        ((0.0, -3.4), 1.9, (0.0, 0.0, 0.3)),
    ],
    "wide_mouth": [((2.4, -3.45), 1.4, (0.35, 0.0, -0.1))],
    "deep_eyes": [((3.2, 3.6), 1.8, (0.0, 0.0, -0.35))],
    "large_eyes": [((3.2, 4.1), 1.1, (0.0, 0.18, 0.0)), ((3.2, 2.9), 1.0, (0.0, -0.12, 0.0))],
    "wide_set_eyes": [((3.2, 3.5), 2.2, (0.28, 0.0, 0.0))],
    "heavy_brow": [((3.0, 5.7), 2.2, (0.0, -0.2, 0.4))],
    "high_brow": [((3.5, 5.9), 2.2, (0.0, 0.35, 0.0))],
    "high_forehead": [((0.0, 9.5), 4.0, (0.0, 0.9, 0.1))],
    "full_cheeks": [((5.0, -2.0), 2.8, (0.3, 0.0, 0.45))],
    "long_face": [((0.0, -6.0), 6.0, (0.0, -0.7, 0.0)), ((0.0, 8.0), 5.0, (0.0, 0.5, 0.0))],
}


def smooth_noise(points: np.ndarray, n: int, length: float, seed: int, parity: str = "even") -> np.ndarray:
    r"""(N, 2) cm → (N, n) Gaussian random fields of about unit variance and the given length scale in cm.

    Random Fourier features; ``parity`` "even" or "odd" under mirroring left and right, or "none".
    """
    generator = np.random.default_rng(seed)
    features = 8
    across, up = generator.normal(size=(2, n * features)) / length
    phase = generator.uniform(0, 2 * np.pi, n * features)
    amplitude = generator.normal(size=(n, features)) * np.sqrt((4.0 if parity != "none" else 2.0) / features)
    points = points.astype(np.float32)
    across, up, phase = (a.astype(np.float32) for a in (across, up, phase))
    sideways = points[:, :1] * across
    if parity == "none":
        waves = np.cos(sideways + points[:, 1:] * up + phase)
    else:
        waves = (np.cos if parity == "even" else np.sin)(sideways) * np.cos(points[:, 1:] * up + phase)
    return np.einsum("pnf,nf->pn", waves.reshape(len(points), n, features), amplitude)


def _trait_fields(flat: np.ndarray) -> np.ndarray:
    r"""(N, 3, traits) cm that every named trait moves the skin by at weight 1."""
    columns = []
    for hills in IDENTITY_TRAITS.values():
        field = np.zeros((len(flat), 3))
        for (s, t), radius, d in hills:
            for sign in (1.0, -1.0) if s else (1.0,):
                field += movements.bump(flat, (sign * s, t), radius)[:, None] * np.array(d) * (sign, 1.0, 1.0)
        columns.append(field)
    return np.stack(columns, 2)


def _identity_fields(flat: np.ndarray) -> np.ndarray:
    r"""(N, 3, 80) cm: named traits, then smooth random variation."""
    # with the mouth closed: people differ without their lips coming apart
    closed = flat_domain.unroll(_on(flat, neutral_shape.position))
    traits = _trait_fields(closed)
    scales = ((5.0, 16, True), (3.0, 20, True), (2.0, 20, True), (2.5, 6, False))  # cm, how many, symmetric
    noise = []
    for k, (length, n, symmetric) in enumerate(scales):
        parities = ("odd", "even", "even") if symmetric else ("none",) * 3
        xyz = [smooth_noise(closed, n, length, 100 * k + axis, p) for axis, p in enumerate(parities)]
        noise.append(np.stack(xyz, 1))
    random = np.concatenate(noise, 2)[:, :, : 80 - traits.shape[2]]
    return np.concatenate([traits, 0.05 * random], 2)


def _texture_fields(flat: np.ndarray) -> np.ndarray:
    r"""(N, 3, 80) RGB: how colour varies between people by area, then smooth random variation."""
    traits = vertex_colors.color_trait_fields(flat)
    n = 80 - traits.shape[2]
    fields = smooth_noise(flat, n, 2.2, seed=7)[:, None, :]
    tint = np.random.default_rng(8).normal(size=(1, 3, n)) * 0.3 + 1.0
    return np.concatenate([traits, 0.012 * fields * tint], 2)


@cache
def reference_flat() -> np.ndarray:
    r"""(V, 2) cm: the flat points of the mesh on which the bases are orthogonal, V about 35,709."""
    return triangulate(REFERENCE_VERTICES)[0]


def _orthogonalise(fields: np.ndarray, norms: np.ndarray | None = None) -> np.ndarray:
    r"""(3V, K) → (K, K) mixing; fields @ mixing has orthogonal columns, longest first, of these norms."""
    squared, vectors = np.linalg.eigh(fields.T @ fields)
    singular, vectors = np.sqrt(squared[::-1]), vectors[:, ::-1]
    largest = vectors[np.abs(vectors).argmax(0), np.arange(vectors.shape[1])]
    vectors = vectors * np.sign(largest)  # reproducible signs
    return vectors if norms is None else vectors * (norms / singular)


@cache
@built_once(CODE)
def identity_mixing() -> np.ndarray:
    r"""(80, 80) from the columns of traits and noise to those of identity coefficients, of measured size."""
    fields = _on_reference(_identity_fields)
    rms = np.sort(flat_domain.measured()["identity_mode_rms_over_face"])[::-1][:80]  # cm a vertex
    return _orthogonalise(fields.reshape(-1, 80), rms * np.sqrt(len(fields)))


@cache
@built_once(CODE)
def expression_mixing() -> np.ndarray:
    r"""(64, 64) from the movements' columns to those of coefficients whose second moment is 1."""
    fields = _on_reference(movements.displacement_fields).reshape(-1, 64)
    weights = performance_weights()
    root = np.linalg.cholesky(weights.T @ weights / len(weights))
    return root @ _orthogonalise(fields @ root)


@cache
@built_once(CODE)
def texture_mixing() -> np.ndarray:
    r"""(80, 80) from the columns of areas and noise to those of the texture coefficients."""
    fields = _on_reference(_texture_fields)
    return _orthogonalise(fields.reshape(-1, 80))


def _on(flat: np.ndarray, fields: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    r"""``fields(flat)``, evaluated only once for the reference mesh."""
    return _on_reference(fields) if flat is reference_flat() else fields(flat)


@cache
def _on_reference(fields: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    return fields(reference_flat())


def identity_basis(flat: np.ndarray) -> np.ndarray:
    r"""Flat points (N, 2) cm → (N, 3, 80) decimetres a coefficient."""
    return _on(flat, _identity_fields) @ identity_mixing() * CM


def expression_basis(flat: np.ndarray) -> np.ndarray:
    r"""Flat points (N, 2) cm → (N, 3, 64) decimetres a coefficient."""
    return _on(flat, movements.displacement_fields) @ expression_mixing() * CM


def texture_basis(flat: np.ndarray) -> np.ndarray:
    r"""Flat points (N, 2) cm → (N, 3, 80) RGB a coefficient, 1 being white."""
    return _on(flat, _texture_fields) @ texture_mixing()


def movements_to_expression(weights: np.ndarray) -> np.ndarray:
    r"""Movement weights (…, 64) → expression coefficients (…, 64) that give the same face exactly."""
    return weights @ np.linalg.inv(expression_mixing()).T


def traits_to_identity(traits: dict[str, float]) -> np.ndarray:
    r"""Named traits (1 = clearly so, −1 = the opposite) → identity coefficients (80,).

    Raises:
        ValueError: a name that is no trait.
    """
    unknown = set(traits) - set(IDENTITY_TRAITS)
    if unknown:
        known = ", ".join(IDENTITY_TRAITS)
        raise ValueError(f"unknown identity trait {sorted(unknown)[0]!r}; known: {known}")
    weights = np.zeros(80)
    weights[: len(IDENTITY_TRAITS)] = [traits.get(name, 0.0) for name in IDENTITY_TRAITS]
    return np.linalg.solve(identity_mixing(), weights)


def mean_position(flat: np.ndarray) -> np.ndarray:
    r"""Flat points (N, 2) cm → (N, 3) decimetres, the origin at the reference mesh's mean vertex."""
    return (_on(flat, neutral_shape.position) - mean_vertex()) * CM


@cache
@built_once(CODE)
def mean_vertex() -> np.ndarray:
    r"""(3,) cm: the reference mesh's mean vertex, where the face model has its origin."""
    return _on_reference(neutral_shape.position).mean(0)
