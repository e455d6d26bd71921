r"""One door to every face model: the embedded procedural one, or a file of the user's, by name or by path."""

from __future__ import annotations

import hashlib
import importlib
from functools import lru_cache
from os import PathLike
from pathlib import Path

import torch

from dnt_core.face3d.morphable_model import MorphableModel
from dnt_core.face3d.registry import (
    FACE_MODELS,
    FaceModelEntry,
    entry_of_path,
    face_model_family,
    known_sources,
)
from dnt_core.own_torch import on_cpu
from dnt_core.paths import user_path

FULL_VERTICES = 35_709  # the paper's and the Basel family's
COARSE_VERTICES = 4_000
MOST_VERTICES = 200_000  # of a procedural model, six times the full one


def load_face_model(source: str | PathLike[str] = "procedural") -> MorphableModel:
    r"""The face model named by ``source``.

    Args:
        source: ``"procedural"`` (about 35,709 vertices), ``"procedural:coarse"`` (about 4,000),
            ``"procedural:<n>"`` (about n, from 400 to 200,000); a name of
            :data:`~dnt_core.face3d.registry.FACE_MODELS` such as ``"bfm2009"``, whose file is looked for
            where :mod:`dnt_core.assets` says; or the path of such a file.

    Returns:
        :class:`MorphableModel` on the CPU, its ``name`` the one that caches and weights hold. Models are
        built once and shared: copy one before changing it in place.

    Raises:
        ValueError: the source is none of these, or the file is not what its ending promises.
        FileNotFoundError: the file does not exist; for a name, the sentence says where it was looked for.

    Examples:
        >>> dnt_core.load_face_model("procedural:coarse").name
        'procedural:4000'
    """
    name, colon, size = str(source).partition(":")
    if name == "procedural":
        if not colon:
            return _procedural(FULL_VERTICES)
        if size == "coarse":
            return _procedural(COARSE_VERTICES)
        if size.isdecimal() and len(size) < 100 and int(size) > 0:
            if int(size) > MOST_VERTICES:
                raise ValueError(f"face model {str(source)!r}: expected at most {MOST_VERTICES} vertices")
            return _procedural(int(size))
        raise ValueError(f"face model {str(source)!r}: expected procedural:coarse or procedural:<number>")
    if entry := FACE_MODELS.get(str(source)):
        from dnt_core.assets import places, require_asset

        try:
            path = require_asset(entry.asset)
        except FileNotFoundError as error:
            if "names no" in str(error):  # a variable that points at nothing says so itself
                raise
            raise FileNotFoundError(
                f"face model {entry.name!r} needs a file of yours, which was not found: {places(entry.asset)}"
            ) from error
    else:
        path = user_path(source)
        entry = entry_of_path(path) if str(source).strip() else None
        if entry is None:
            raise ValueError(f"face model {str(source)!r}: expected {known_sources()}")
        if not path.exists():
            raise FileNotFoundError(f"{path}: no such file")
    return _from_file(entry, path.resolve(), _stamps(path, entry))


def face_model_key(source: str | PathLike[str]) -> str:
    r"""A short name of a face model's arrays, for the keys of what is computed with it: two files of one
    name, such as versions of ICT-FaceKit, mean other faces by the same numbers.

    Args:
        source: see :func:`load_face_model`.

    Returns:
        "" for the procedural model, which is made by this package, and for one that cannot be loaded, which
        :func:`load_face_model` has a sentence for.
    """
    if face_model_family(str(source)) == "procedural":
        return ""
    try:
        model = load_face_model(source)
    except (FileNotFoundError, ValueError):
        return ""
    return _key_of(model)


@lru_cache(maxsize=2)
def _key_of(model: MorphableModel) -> str:
    digest = hashlib.sha256(f"{model.name} {model.normal_weighting}".encode())
    for name, buffer in model.named_buffers():
        array = buffer.contiguous().numpy(force=True)
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(array.data)
    return digest.hexdigest()[:12]


def _stamps(path: Path, entry: FaceModelEntry) -> tuple[tuple[str, int, int], ...]:
    r"""Name, size and time of a model's files: of a folder all, else the file and those that are read with
    it, which a variable may name only after the first look."""
    from dnt_core.assets import find_asset

    files = [*path.glob("*"), *path.glob("FaceXModel/*")] if path.is_dir() else path.parent.iterdir()
    chosen = [
        (f.name, f) for f in files if path.is_dir() or f.name in entry.beside or f.name.startswith(path.stem)
    ]
    found = (find_asset(key) for key in entry.assets)
    chosen += [(str(f.absolute()), f) for f in found if f is not None]
    return tuple(sorted((name, f.stat().st_size, f.stat().st_mtime_ns) for name, f in chosen if f.is_file()))


@lru_cache(maxsize=4)
def _procedural(n_vertices: int) -> MorphableModel:
    from dnt_core.face3d.procedural import build_procedural_model

    with on_cpu(), torch.inference_mode(False):  # shared with those who want gradients
        return build_procedural_model(n_vertices)


@lru_cache(maxsize=2)
def _from_file(entry: FaceModelEntry, path: Path, stamps: tuple) -> MorphableModel:
    module, _, function = entry.loader.partition(":")
    with on_cpu(), torch.inference_mode(False):
        model = getattr(importlib.import_module(module), function)(path)
    model.name = entry.name
    return model
