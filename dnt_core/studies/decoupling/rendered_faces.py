r"""Faces before and after, as the study's figures and the notebook's sliders show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from dnt_core.face3d import FaceParameters, MorphableModel
from dnt_core.metrics import lip_metrics
from dnt_core.rendering.draw_mesh import as_bytes, draw_mesh
from dnt_core.rendering.masks import mouth_mask
from dnt_core.studies.decoupling.baselines import Decoupler
from dnt_core.studies.decoupling.report import DecouplingStudy

_AWAY = (-0.05, -0.6)  # dm, down and back: so that the face fills the picture
MOST_MM = 6.0  # millimetres of movement that are shown in the brightest colour
_CLAY, _MOUTH = (0.80, 0.74, 0.68), (0.16, 0.09, 0.09)


@torch.inference_mode()
def render_expression(
    model: MorphableModel, expression: Tensor, image_size: int = 160, tint: Tensor | None = None
) -> np.ndarray:
    r"""Expression numbers as a shaded clay face of the mean identity, straight on, without any texture.

    Args:
        expression: β (..., 64).
        tint: (V, 3) RGB in [0, 1] of the vertices; default the colour of clay.

    Returns:
        (..., image_size, image_size, 3) uint8 RGB, white around the face.
    """
    flat = expression.reshape(-1, expression.shape[-1]).to(model.mean_shape)
    parameters = FaceParameters.zeros(len(flat)).replace(expression=flat)
    pose = parameters.pose.clone()
    pose[:, 4], pose[:, 5] = _AWAY
    vertices = model.posed(parameters.replace(pose=pose))  # (B, V, 3)
    light = torch.nn.functional.normalize(torch.tensor([0.35, 0.55, 0.75]), dim=0).to(vertices)
    shade = 0.22 + 0.85 * (model.normals(vertices) @ light).clamp(min=0)  # (B, V)
    colors = shade[..., None] * (vertices.new_tensor(_CLAY) if tint is None else tint)  # (B, V, 3)
    drawn = draw_mesh(vertices, model.triangles, image_size)
    screen, fragments = drawn
    picture = drawn.paint(model.triangles, colors).permute(0, 2, 3, 1)  # (B, H, W, 3)
    face = fragments.pix_to_face >= 0  # (B, H, W, 1)
    picture = torch.where(face, picture.clamp(0, 1), torch.ones_like(picture))
    mouth = mouth_mask(screen, model.mouth_loop, image_size, fragments)[:, 0, ..., None] > 0  # (B, H, W, 1)
    picture = torch.where(mouth, picture.new_tensor(_MOUTH), picture)
    return as_bytes(picture).numpy().reshape(*expression.shape[:-1], image_size, image_size, 3)


def blended_face(
    model: MorphableModel,
    networks: Mapping[float, Decoupler],
    expression: Tensor,
    lambda2: float,
    blend: float,
    image_size: int = 200,
) -> np.ndarray:
    r"""What the notebook's sliders show: F, the blend between F and f_d(F), and f_d(F) itself, side by side.

    Args:
        networks: λ2 → f_d. expression: β (64,), one frame F.
        lambda2: which network; higher: the lips stay, and more of the expression with them.
        blend: 0 … 1; higher: further from F towards f_d(F).

    Returns:
        (H, 3 H, 3) uint8.

    Raises:
        ValueError: no network for this λ2, a blend outside [0, 1].
    """
    if lambda2 not in networks:
        raise ValueError(
            f"no network for λ2 = {lambda2:g}; there are {', '.join(f'{v:g}' for v in networks)}"
        )
    if not 0 <= blend <= 1:
        raise ValueError(f"blend must lie in [0, 1], got {blend}")
    with torch.inference_mode():
        after = networks[lambda2](expression[None])[0]
        faces = render_expression(
            model, torch.stack([expression, torch.lerp(expression, after, blend), after]), image_size
        )
    return np.concatenate([_named(*one) for one in zip(faces, ("F", "blend", "f_d(F)"), strict=True)], axis=1)


def _named(picture: np.ndarray, name: str) -> np.ndarray:
    r"""The picture with a name on the white above the face."""
    canvas = Image.fromarray(picture)
    font = ImageFont.load_default(max(8, picture.shape[0] // 14))
    ImageDraw.Draw(canvas).text((picture.shape[1] / 2, 1), name, (60, 60, 60), font, anchor="ma")
    return np.asarray(canvas)


def pick_frames(study: DecouplingStudy, expression_index: int) -> Tensor:
    r"""(1,) the frame, in one clip of this expression at level 3, in which the mouth speaks widest open."""
    test = study.test
    found = torch.nonzero((test.type == expression_index) & (test.level == 3))[:, 0]
    if not len(found):
        raise ValueError(f"no test clip shows expression {expression_index} at level 3")
    found = found[test.clip[found] == test.clip[found[0]]]
    known = test.speech if test.speech is not None else test.expression
    opening = lip_metrics.lip_opening_mm(study.mouth(known[found]))
    return found[opening.argmax()][None]


def rows_before_after(
    study: DecouplingStudy,
    model: MorphableModel,
    decouplers: Mapping[str, Decoupler],
    frames: Sequence[int] | Tensor,
    image_size: int = 160,
) -> tuple[list[str], list[list[np.ndarray]]]:
    r"""Rows "as given", one for each decoupler, and "speech alone" where the actor knows it.

    Args:
        decouplers: name of the row → β (N, 64) → β (N, 64). frames: of the test clips.

    Returns:
        row names, rows of (H, W, 3) uint8 pictures.
    """
    frames = torch.as_tensor(frames)
    before = study.test.expression[frames]
    with torch.inference_mode():
        rows = {"as given": before} | {name: decoupler(before) for name, decoupler in decouplers.items()}
    if study.test.speech is not None:
        rows["speech alone"] = study.test.speech[frames]
    return list(rows), [list(render_expression(model, x, image_size)) for x in rows.values()]


def rows_of_changes(
    study: DecouplingStudy,
    model: MorphableModel,
    decouplers: Mapping[str, Decoupler],
    image_size: int = 160,
) -> tuple[list[str], list[list[np.ndarray]]]:
    r"""Where on the face a decoupler moves the skin, averaged over the frames of each expression at level 3:
    from dark, not at all, to the brightest colour, :data:`MOST_MM`.

    Args:
        decouplers: name → decoupler; with the actor's truth a last row shows what *should* move.

    Returns:
        row names, rows of one picture an expression (the first seven).
    """
    test, rows = study.test, {}
    kinds = [test.at((test.type == k) & (test.level == 3)) for k in range(7)]
    for name, decoupler in decouplers.items():
        with torch.inference_mode():
            rows[name] = torch.stack([(decoupler(f.expression) - f.expression).mean(0) for f in kinds])
    if test.speech is not None:
        rows["should move"] = torch.stack([(f.speech - f.truth).mean(0) for f in kinds])
    return list(rows), [[_heat(model, change, image_size) for change in changes] for changes in rows.values()]


def cropped_to_faces(rows: Sequence[Sequence[np.ndarray]]) -> list[list[np.ndarray]]:
    r"""Pictures on white cut to the box that holds all their faces, so that these are shown larger."""
    drawn = np.any([(picture < 255).any(-1) for row in rows for picture in row], axis=0)  # (H, W)
    (top, bottom), (left, right) = (
        (max(0, inside.min() - 2), inside.max() + 3)
        for inside in (np.flatnonzero(drawn.any(axis)) for axis in (1, 0))
    )
    return [[picture[top:bottom, left:right] for picture in row] for row in rows]


def _heat(model: MorphableModel, change: Tensor, image_size: int) -> np.ndarray:
    import matplotlib

    basis = model.expression_basis
    moved = torch.einsum("vck,k->vc", basis, change.to(basis)).norm(dim=-1) * lip_metrics.MM  # (V,) mm
    colors = matplotlib.colormaps["inferno"](0.12 + 0.88 * (moved / MOST_MM).clamp(0, 1).numpy(force=True))
    tint = torch.from_numpy(colors[:, :3]).to(basis)
    return render_expression(model, torch.zeros_like(change), image_size, tint)
