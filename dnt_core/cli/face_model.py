r"""``--face-model`` of the commands that use weights: what they must belong to, and where its file lies."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

NAMES = "procedural[:N] (N vertices), bfm2009, bfm2017, bfm2019, ict, flame, or a file"
HELP = f"{NAMES}; the one that the caches name by default."
FaceModel = Annotated[str | None, typer.Option(help=HELP)]
OfWeights = Annotated[
    str | None,
    typer.Option(
        help="Face model that weights and clip must belong to, by name or as its file, which is then taken; "
        "their own by default."
    ),
]


def expect_face_model(given: str | None, weights: Sequence[Path | None]) -> None:
    r"""Says no where generators belong to another face model; a file given is used from then on.

    Args:
        given: name or path of a face model; None: whatever the weights say.
        weights: files of generators, folders of them, or None for the shipped ones.

    Raises:
        ValueError: another face model, or no face model at all; one sentence.
        FileNotFoundError: the file or folder given is not there.
    """
    if given is None:
        return
    from dnt_core.assets import ASSETS
    from dnt_core.face3d import FACE_MODELS, check_face_model, face_model_family
    from dnt_core.face3d.registry import entry_of_path, known_sources
    from dnt_core.training.generator_weights import find_generators, open_generator

    family = face_model_family(given)
    if family != "procedural" and given not in FACE_MODELS:
        entry = entry_of_path(Path(given)) if given.strip() else None
        if entry is None:
            raise ValueError(f"--face-model {given!r}: expected {known_sources()}")
        if not Path(given).exists():
            raise FileNotFoundError(f"{given}: no such file")
        os.environ[ASSETS[entry.asset].variable] = str(Path(given).resolve())
    for place in weights or [None]:
        one_file = place is not None and place.is_file()
        for file in [place] if one_file else find_generators(place or "").values():
            check_face_model(family, open_generator(file).face_model, "--face-model", file)
