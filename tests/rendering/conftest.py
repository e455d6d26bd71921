r"""Meshes small enough for the slow reference, and the face-like annulus."""

import sys
from pathlib import Path

import pytest
import torch


@pytest.fixture
def soup():
    r"""Callable → random triangles over and beyond an image: screen (B, V, 3), triangles (F, 3)."""

    def make(batch=2, faces=25, height=11, width=14, seed=0, dtype=torch.float32, snapped=False):
        generator = torch.Generator().manual_seed(seed)
        corners = torch.rand(batch, faces * 2, 3, generator=generator, dtype=torch.float64)
        screen = corners * torch.tensor([width * 1.6, height * 1.6, 3.0]) - torch.tensor(
            [width * 0.3, height * 0.3, -1.0]
        )
        if snapped:  # corners on pixel centres and halfway between: edges run exactly through pixel centres
            screen[..., :2] = (screen[..., :2] * 2).round() / 2
        triangles = torch.randint(0, faces * 2, (faces, 3), generator=generator)
        return screen.to(dtype), triangles

    return make


@pytest.fixture
def turned_face(toy_model, random_parameters):
    r"""Callable (size, yaw) → screen (1, V, 3) of the toy face turned to the side."""
    from dnt_core.face3d import FaceParameters, PerspectiveCamera

    def make(size=96, yaw=0.0, batch=1):
        parameters = FaceParameters.zeros((batch,))
        pose = parameters.pose.clone()
        pose[:, 1] = yaw
        return PerspectiveCamera(size).project(toy_model.posed(parameters.replace(pose=pose)))

    return make
