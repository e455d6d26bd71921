r"""Pictures of the face model alone, for sliders: 257 numbers in, a small picture on white out."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from dnt_core.face3d import FaceParameters, MorphableModel, PerspectiveCamera, spherical_harmonics
from dnt_core.rendering.draw_mesh import draw_mesh, grey_surface
from dnt_core.rendering.masks import face_mask, mouth_mask

OVERSAMPLING = 2
MOUTH_HOLE = (0.20, 0.11, 0.11)  # what is seen through the mouth: the model has neither teeth nor tongue
STUDIO = (-35.0, 35.0, 0.7)  # azimuth and height in degrees, strength: shows shape and colour


@torch.no_grad()
def face_picture(
    model: MorphableModel,
    parameters: FaceParameters,
    image_size: int,
    paint: Literal["skin", "grey"] | Tensor = "skin",
    background: float = 1.0,
) -> Tensor:
    r"""Draws the surface with smooth edges, the mouth hole dark, and nothing else.

    Args:
        parameters: unbatched, or batch (B,).
        image_size: S.
        paint: "skin" for the model's colours under its light, "grey" for a grey surface under a fixed lamp,
            or vertex colours (V, 3) in [0, 1] to show as they are.
        background: grey value around the face.

    Returns:
        (3, S, S), or (B, 3, S, S), float RGB in [0, 1].
    """
    batched = parameters.batch_shape != ()
    parameters = parameters if batched else FaceParameters.stack([parameters])
    vertices = model.posed(parameters)
    if isinstance(paint, Tensor):
        colors = paint[None].to(vertices)
    elif paint == "grey":
        colors = grey_surface(model.normals(vertices)).expand(-1, -1, 3)
    else:
        colors = model.colors(parameters, vertices)
    size = image_size * OVERSAMPLING
    drawn = draw_mesh(vertices, model.triangles, size)
    screen, fragments = drawn
    picture = drawn.paint(model.triangles, colors).clamp(0, 1)
    face, hole = face_mask(fragments), mouth_mask(screen, model.mouth_loop, size, fragments)
    behind = background * (1 - hole) + hole * hole.new_tensor(MOUTH_HOLE).view(1, 3, 1, 1)
    picture = torch.where(face > 0, picture, behind)
    picture = F.avg_pool2d(picture, OVERSAMPLING)
    return picture if batched else picture[0]


def basis_face(model: MorphableModel, kind: str, column: int, value: float, image_size: int) -> Tensor:
    r"""The mean face moved along one column of one basis.

    Args:
        kind: "identity", "expression" or "texture".
        column: which of the 80, 64 or 80 columns, from 0.
        value: the coefficient, about N(0, 1) over people or moments. Further from 0: a rarer face.

    Returns:
        (3, S, S) float RGB, under a soft lamp from the left.

    Raises:
        ValueError: another kind.
    """
    parameters = FaceParameters.zeros().replace(illumination=lamp(*STUDIO))
    if kind not in ("identity", "expression", "texture"):
        raise ValueError(f"there is no basis {kind!r}; expected identity, expression or texture")
    coefficients = torch.zeros_like(getattr(parameters, kind))
    coefficients[int(column)] = value
    return face_picture(model, parameters.replace(**{kind: coefficients}), image_size)


def lamp(azimuth: float, height: float, strength: float) -> Tensor:
    r"""27 illumination numbers of a white lamp over soft constant light.

    Args:
        azimuth: degrees to the right of the image; negative: from the left.
        height: degrees above the face; negative: from below.
        strength: [0, 1]. Higher: more of the light comes from the lamp; 0 is constant light all round.
    """
    a, h = math.radians(azimuth), math.radians(height)
    x, y, z = math.sin(a) * math.cos(h), math.sin(h), math.cos(a) * math.cos(h)
    bands = torch.zeros(9)
    bands[0] = 0.15 - 0.35 * strength
    bands[1:4] = 0.45 * strength * torch.tensor([-y, z, -x])
    return bands.repeat(3)


def lit_face(
    model: MorphableModel,
    parameters: FaceParameters,
    azimuth: float,
    height: float,
    strength: float,
    image_size: int,
) -> Tensor:
    r"""A face under :func:`lamp`; arguments as there. Returns (3, S, S) float RGB."""
    return face_picture(model, parameters.replace(illumination=lamp(azimuth, height, strength)), image_size)


@torch.no_grad()
def light_functions(model: MorphableModel, parameters: FaceParameters, image_size: int) -> list[list[Tensor]]:
    r"""The nine spherical harmonics of the normal: orange above 0, blue below, white at 0.

    Args:
        model: the face model.
        parameters: the face, unbatched; skin and light are not used.
        image_size: S.

    Returns:
        Two rows of nine (3, S, S) float RGB: on a ball, and on the face.
    """
    side = torch.linspace(-1.1, 1.1, image_size)
    y, x = torch.meshgrid(-side, side, indexing="ij")
    ball = torch.stack([x, y, (1 - x**2 - y**2).clamp(min=0).sqrt()], -1)  # a ball's normal is its point
    on_ball = spherical_harmonics(ball.view(-1, 3)).view(image_size, image_size, 9)
    outside = (x**2 + y**2 > 1)[..., None]
    on_face = spherical_harmonics(model.normals(model.posed(parameters)))  # (V, 9)
    balls = [torch.where(outside, 1.0, _warm_or_cool(on_ball[..., k])).permute(2, 0, 1) for k in range(9)]
    faces = [face_picture(model, parameters, image_size, _warm_or_cool(on_face[:, k])) for k in range(9)]
    return [balls, faces]


def _warm_or_cool(values: Tensor) -> Tensor:
    r"""Values (...) → RGB (..., 3), the value farthest from 0 in full colour."""
    warm, cool = values.new_tensor([0.92, 0.55, 0.25]), values.new_tensor([0.25, 0.47, 0.80])
    values = (values / values.abs().max()).unsqueeze(-1)
    return 1 - values.clamp(min=0) * (1 - warm) - (-values).clamp(min=0) * (1 - cool)


def turned_face(
    model: MorphableModel,
    parameters: FaceParameters,
    nod: float,
    turn: float,
    tilt: float,
    closer: float,
    image_size: int,
) -> Tensor:
    r"""A face in another pose.

    Args:
        nod, turn, tilt: degrees about x, y, z. Higher: nods down, turns to image right, tilts
            counter-clockwise.
        closer: decimetres. Higher: nearer to the camera and larger.

    Returns:
        (3, S, S) float RGB.
    """
    angles = torch.tensor([math.radians(v) for v in (nod, turn, tilt)])
    translation = torch.tensor([0.0, 0.0, float(closer)])
    return face_picture(model, parameters.replace(angles=angles, translation=translation), image_size)


def fit_beside_frame(
    model: MorphableModel, face: FaceParameters, frame: np.ndarray, seen: Tensor, size: int
) -> Tensor:
    r"""A frame with seen (green) and fitted (red) landmarks, joined in white; beside it that face in grey.

    Args:
        model: the face model.
        face: the fitted face, unbatched; skin and light are not used.
        frame: (S, S, 3) uint8 RGB.
        seen: (68, 2) column and row in px of the frame.
        size: of the picture's height in px.

    Returns:
        (3, size, 2 size) float RGB.
    """
    from dnt_core.tracking.fit_picture import FITTED, SEEN, draw_dots

    face = face.replace(**{name: getattr(face, name).float() for name in ("identity", "expression", "pose")})
    picture = torch.from_numpy(frame).permute(2, 0, 1)[None].float() / 255
    picture = F.interpolate(picture, (size, size), mode="bilinear", antialias=True)[0]
    drawn = (picture * 255).round().byte().permute(1, 2, 0).numpy()
    fitted = PerspectiveCamera(size).project(model.posed_landmarks(face))[:, :2]
    seen = (seen + 0.5) * size / len(frame) - 0.5
    for step in torch.linspace(0, 1, 2 * size // 16):  # a line between the two of a pair
        on_it = torch.lerp(seen.to(fitted), fitted, step).round().long().clamp(0, size - 1).numpy(force=True)
        drawn[on_it[:, 1], on_it[:, 0]] = 255
    for points, color in ((seen, SEEN), (fitted, FITTED)):
        draw_dots(drawn, points.numpy(force=True), color, arm=2)
    grey = face_picture(model, face, size, "grey")
    return torch.cat([torch.from_numpy(drawn).permute(2, 0, 1) / 255, grey.cpu()], dim=2)
