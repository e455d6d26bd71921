r"""The small pictures of figure 2, made from one moment of the built-in actor."""

from __future__ import annotations

import torch
from torch import Tensor

from dnt_core.actor.stills import actor_numbers, actor_still
from dnt_core.face3d import MOUTH, FaceParameters, MorphableModel
from dnt_core.rendering.draw_mesh import DrawnMesh, draw_mesh
from dnt_core.rendering.five_renderings import FiveRenderings
from dnt_core.rendering.masks import background_frame, face_mask, mouth_mask
from dnt_core.rendering.uv_map import sample_texture, uv_map
from dnt_core.workbook.face_pictures import face_picture

MOMENT, SPEECH = 2 / 3, 0.6  # a mouth that is open, and still smiles


def pipeline_pictures(
    model: MorphableModel, person: str, expression: str, intensity: float, image_size: int
) -> dict[str, Tensor]:
    r"""What ``dnt_core.plotting.pipeline`` shows, each (3 or 1, S', S') float in [0, 1].

    Nothing is learnt yet in notebook 00: where the paper has a neural texture, a rendered colour and a learnt
    mask, these are the texture taken off a frame that the actor acts, that frame itself, and its face's mask.
    The film of the person is another: neutral, with closed lips. Equation 1 mixes the two.
    """
    size = image_size
    frame = torch.from_numpy(actor_still(person, expression, intensity, size, MOMENT, SPEECH))[None]
    numbers = actor_numbers(person, expression, intensity, MOMENT, SPEECH)
    speaking = actor_numbers(person, "neutral", 0.0, MOMENT, SPEECH)
    five = FiveRenderings(model, size)(frame, FaceParameters.stack([numbers]))
    screen, fragments = _drawn(model, numbers, size)
    neutral = numbers.replace(expression=speaking.expression)
    neutral_screen, neutral_fragments = _drawn(model, neutral, size)
    uv, on_face = uv_map(neutral_fragments, model.triangles, model.uv)
    sampled = sample_texture(five["textures"], uv, on_face) + (1 - on_face)
    mouth = mouth_mask(screen, model.mouth_loop, size, fragments)
    film = torch.from_numpy(actor_still(person, "neutral", 0.0, size, MOMENT, 0.0))[None]
    film = film.permute(0, 3, 1, 2).to(five["frames"]) / 255
    background, hole = background_frame(film, face_mask(fragments), mouth)
    uv = torch.cat([uv, torch.full_like(on_face, 0.35)], 1) * on_face + (1 - on_face)
    result = hole * five["frames"] + (1 - hole) * film  # equation 1
    whole = {"film": film, "background": background, "result": result}
    cropped = {
        "geometry": face_picture(model, neutral, size, "grey")[None],
        "uv_map": uv,
        "sampled": sampled,
        "color": five["frames"] * hole + (1 - hole),
        "mask": hole,
    }
    box = _square(model.landmarks(screen)[0, :, :2], 1.5, up=0.12)
    cropped = {name: _cut(picture, box) for name, picture in cropped.items()}
    teeth = _cut(sampled, _square(model.landmarks(neutral_screen)[0, MOUTH, :2], 1.3))  # what is to be filled
    pictures = {**whole, **cropped, "teeth": teeth, "texture": five["textures"]}
    return {name: picture[0].float() for name, picture in pictures.items()}


def _drawn(model: MorphableModel, numbers: FaceParameters, size: int) -> DrawnMesh:
    return draw_mesh(model.posed(numbers)[None], model.triangles, size)


def _square(points: Tensor, margin: float, up: float = 0.0) -> tuple[int, int, int]:
    low, high = points.amin(0), points.amax(0)
    side = float((high - low).max()) * margin
    left, top = ((low + high - side) / 2).tolist()
    return round(left), round(top - up * side), round(side)


def _cut(picture: Tensor, box: tuple[int, int, int]) -> Tensor:
    left, top, side = box
    rows = torch.arange(top, top + side).clamp(0, picture.shape[-2] - 1)
    columns = torch.arange(left, left + side).clamp(0, picture.shape[-1] - 1)
    return picture[..., rows, :][..., columns]
