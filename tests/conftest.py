r"""Fixtures that every test may use."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from dnt_core.face3d import FaceParameters
from tests.face3d.toy_model import toy_model as build_toy_model

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a shell's background job; servers must hear it
    signal.signal(signal.SIGINT, signal.default_int_handler)
torch.set_num_threads(1)  # small tensors: torch's pool costs more than it brings, most of all on busy cores


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    r"""The notebooks' run first: it is the longest file, and the others fit beside it (``make test``)."""
    items.sort(key=lambda item: "regression" not in item.path.parts)


@pytest.fixture(scope="session")
def toy_model():
    r"""A face of 216 vertices (float32): an annulus with a mouth hole. Shared: do not change it in place."""
    return build_toy_model()


@pytest.fixture(scope="session")
def toy_model_float64():
    r"""The same face in float64, for gradcheck."""
    return build_toy_model(rings=4, segments=12, dtype=np.float64)


@pytest.fixture
def random_parameters():
    r"""Callable (*batch, seed=0, dtype=float32) → FaceParameters of plausible faces in a small, lit pose."""

    def make(*batch: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> FaceParameters:
        generator = torch.Generator().manual_seed(seed)
        scale = {"identity": 1.0, "expression": 1.0, "texture": 1.0, "illumination": 0.1, "pose": 0.1}
        zeros = FaceParameters.zeros(batch, dtype=dtype)
        return zeros.replace(
            **{
                name: size * torch.randn(getattr(zeros, name).shape, generator=generator, dtype=dtype)
                for name, size in scale.items()
            }
        )

    return make
