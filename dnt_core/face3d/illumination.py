r"""Light on the face: nine bands of spherical harmonics for each colour, 27 numbers (gamma)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from dnt_core.own_torch import without_autocast

BAND_0_LIGHT = 0.8  # constant light that every gamma is measured from

# a_l weighs the bands, c_l normalises the harmonics of degree l, as in Deep3DFaceRecon.
_A = (math.pi, 2 * math.pi / math.sqrt(3), 2 * math.pi / math.sqrt(8))
_C = tuple(
    factor / math.sqrt(math.pi) for factor in (1 / 2, math.sqrt(3) / 2, 3 * math.sqrt(5) / math.sqrt(12))
)


def spherical_harmonics(normals: Tensor) -> Tensor:
    r"""The nine basis functions Y of the normals' directions, with Deep3DFaceRecon's weights of the bands.

    On orthonormal harmonics these are pi, 2 pi / sqrt(3) and 2 pi / sqrt(8). A Lambertian surface has pi, 2
    pi / 3 and pi / 4 (Ramamoorthi and Hanrahan 2001), so light that was measured for such a surface becomes
    gamma by dividing band 1 by sqrt(3) and band 2 by sqrt(8).

    Args:
        normals: (..., 3), unit length, in the posed (camera) frame: x right, y up, z towards the camera.

    Returns:
        (..., 9). Band 0 is constant; 1, 2, 3 follow -y, z, -x; 4 to 8 are quadratic.

    Raises:
        ValueError: another shape than (..., 3).
    """
    if normals.shape[-1] != 3:
        raise ValueError(f"expected normals (..., 3), got shape {tuple(normals.shape)}")
    x, y, z = normals.unbind(-1)
    first, second = _A[1] * _C[1], _A[2] * _C[2]
    bands = [
        torch.full_like(x, _A[0] * _C[0]),
        -first * y,
        first * z,
        -first * x,
        second * x * y,
        -second * y * z,
        second / (2 * math.sqrt(3)) * (3 * z * z - 1),
        -second * x * z,
        second / 2 * (x * x - y * y),
    ]
    return torch.stack(bands, dim=-1)


@without_autocast()
def spherical_harmonics_shading(normals: Tensor, illumination: Tensor) -> Tensor:
    r"""The factor that light puts on the albedo: Y (gamma + 0.8 on band 0), section 3.1.

    Args:
        normals: (..., V, 3), unit length, posed.
        illumination: gamma, (..., 27), as 3 colours (R, G, B) of 9 bands.

    Returns:
        (..., V, 3) RGB factor, not clamped; colour = albedo x factor. Zero gamma gives
        0.8 * sqrt(pi) / 2 = 0.709 at every normal.

    Raises:
        ValueError: the last sizes are not 3 and 27.
    """
    if illumination.shape[-1] != 27:
        raise ValueError(f"expected illumination (..., 27), got shape {tuple(illumination.shape)}")
    gamma = illumination.unflatten(-1, (3, 9))  # (..., 3, 9)
    gamma = torch.cat([gamma[..., :1] + BAND_0_LIGHT, gamma[..., 1:]], dim=-1)
    return spherical_harmonics(normals) @ gamma.mT  # (..., V, 9) @ (..., 9, 3)
