r"""A film of the toy face: every cell of MEAD, tinted after its expression, drawn in milliseconds a frame."""

import sys
import zlib
from pathlib import Path

import numpy as np
import torch

from dnt_core.actor import FilmConfig
from dnt_core.ciec import CIEC_TYPES
from dnt_core.face3d import FaceParameters, PerspectiveCamera
from dnt_core.rendering.interpolate import interpolate_attributes
from dnt_core.rendering.rasterizer import rasterize
from dnt_core.studies.dynamic_texture.eval_frames import draw_moments
from tests.face3d.toy_model import toy_model

PLAN = FilmConfig(
    actors=("M003",), clips_per_cell=3, seconds=1.0, fps=5, image_size=64
)  # 66 clips of 5 frames
WAYS = [(np.cos(k), np.sin(k), np.cos(2 * k + 1)) for k in range(len(CIEC_TYPES))]
TINTS = {name: 0.35 * np.array(way) for name, way in zip(CIEC_TYPES, WAYS, strict=True)}
FACE = toy_model()


def draw(plan, shot, frames):
    r"""What ``frames_and_faces`` gives of the built-in actor."""
    generator = torch.Generator().manual_seed(zlib.crc32(repr(shot).encode()))
    number = plan.n_frames
    pose = 0.03 * torch.randn(number, 6, generator=generator)
    beta = 4 * torch.randn(number, 64, generator=generator)
    faces = FaceParameters.zeros(number).replace(pose=pose, expression=beta)[list(frames)]
    screen = PerspectiveCamera(plan.image_size).project(FACE.posed(faces))
    fragments = rasterize(screen, FACE.triangles, plan.image_size)
    tint = torch.tensor(TINTS.get(shot.expression, np.zeros(3)), dtype=torch.float32)
    skin = (0.6 * FACE.mean_color + shot.intensity * tint).clamp(0.05, 0.95)
    picture = interpolate_attributes(fragments, FACE.triangles, skin[None])
    shown = (fragments.pix_to_face >= 0).float()
    picture = picture + (1 - shown) * torch.tensor([0.1, 0.15, 0.2])  # also seen through the mouth
    landmarks = screen[:, FACE.landmark_indices, :2].numpy()
    return (picture * 255).round().byte().numpy(), faces, landmarks, FACE


def shots(plan=PLAN, **wanted):
    r"""Those shots of a plan that have these attributes."""
    return [s for s in plan.shots() if all(getattr(s, name) == value for name, value in wanted.items())]


def film(folder, moments, plan=PLAN, **options):
    r"""``draw_moments`` of the toy film."""
    return draw_moments(plan, moments, folder, jobs=1, progress=False, draw=draw, **options)


def whole_film(folder, plan=PLAN):
    r"""Every frame of every shot."""
    return film(folder, {shot: range(plan.n_frames) for shot in plan.shots()}, plan)


def rows_of_clips(data, **wanted):
    r"""Rows of a data set whose clips have these attributes."""
    fits = [all(getattr(clip, name) == value for name, value in wanted.items()) for clip in data.clips]
    return np.flatnonzero(np.array(fits)[data.rows[:, 0]])
