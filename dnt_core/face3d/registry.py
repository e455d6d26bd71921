r"""The face models by name: which file of the user's each one is, and what reads it.

The name is what caches, weights and commands hold. It says what the 257 numbers *mean*, so two caches or
weights go together if their names are of one family: the procedural model means the same at every mesh
resolution (``procedural:4000`` and ``procedural``), and the Basel 2009 model is the same in a ``.mat`` and
in a ``.chj``.

A further face model is one entry here, one asset in :mod:`dnt_core.assets` and one function that takes a
path and returns a :class:`~dnt_core.face3d.MorphableModel` with that name.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class FaceModelEntry:
    r"""One face model that lies in a file or folder of the user's.

    Args:
        name: what caches, weights and ``--face-model`` call it.
        title: in words.
        asset: key in :data:`dnt_core.assets.ASSETS`.
        loader: ``"module:function"``, called with the path.
        suffixes: endings of its files, "" for a folder.
        beside: names of the files that are read with it from where it lies, besides those that begin with its
            own name.
        assets: keys of further files that are read with it, wherever they lie.
    """

    name: str
    title: str
    asset: str
    loader: str
    suffixes: tuple[str, ...]
    beside: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()


FACE_MODELS: dict[str, FaceModelEntry] = {
    entry.name: entry
    for entry in (
        FaceModelEntry(
            "bfm2009",
            "Basel Face Model 2009",
            "bfm",
            "dnt_core.face3d.bfm:load_bfm",
            (".mat", ".chj"),
            ("BFM_UV.mat", "select_vertex_id.mat"),
            ("bfm_uv", "bfm_vertices"),
        ),
        FaceModelEntry(
            "bfm2017", "Basel Face Model 2017", "bfm2017", "dnt_core.face3d.bfm:load_bfm_h5", (".h5",)
        ),
        FaceModelEntry(
            "bfm2019", "Basel Face Model 2019", "bfm2019", "dnt_core.face3d.bfm:load_bfm_h5", (".h5",)
        ),
        FaceModelEntry("ict", "ICT-FaceKit", "ict_facekit", "dnt_core.face3d.ict:load_ict", ("",)),
        FaceModelEntry(
            "flame",
            "FLAME",
            "flame",
            "dnt_core.face3d.flame:load_flame",
            (".pkl",),
            ("landmark_embedding.npy", "head_template.obj"),
        ),
    )
}


def known_sources() -> str:
    r"""What ``load_face_model`` and ``--face-model`` take, in words."""
    of_ending: dict[str, list[str]] = {}
    for entry in FACE_MODELS.values():
        for suffix in entry.suffixes:
            of_ending.setdefault(suffix or "a folder", []).append(entry.name)
    paths = ", ".join(f"{ending} ({', '.join(names)})" for ending, names in of_ending.items())
    return f"procedural[:<number>|:coarse], {', '.join(FACE_MODELS)}, or a path: {paths}"


def entry_of_path(path: Path) -> FaceModelEntry | None:
    r"""Which face model a path is, from its ending; None: none. A ``.h5`` says its year in its name."""
    suffix = path.suffix.lower()
    if suffix == ".h5":
        return FACE_MODELS["bfm2019" if "2019" in path.name else "bfm2017"]
    if not suffix and not path.is_dir():
        return None
    return next((entry for entry in FACE_MODELS.values() if suffix in entry.suffixes), None)


def face_model_family(name: str) -> str:
    r"""What the numbers of a face model mean, from its name or the path of its file; "" is unknown.

    ``"procedural:4000"`` → ``"procedural"``, ``"…/BFM_model_front.mat"`` → ``"bfm2009"``; names that are not
    in the registry are their own family.

    Args:
        name: of a face model, or the path of its file.
    """
    name = str(name).strip()
    if name.partition(":")[0] == "procedural":
        return "procedural"
    if name.startswith("BFM 2009"):  # as weights trained before the names were written
        return "bfm2009"
    entry = FACE_MODELS.get(name) or (entry_of_path(Path(name)) if name else None)
    return entry.name if entry else ("" if name == "unnamed" else name)


def same_face_model(a: str | None, b: str | None) -> bool:
    r"""Whether numbers of the one mean the same in the other; an unknown one ("" or None) is not held
    against it.

    Args:
        a: name of a face model, "" or None.
        b: name of another, "" or None.
    """
    a, b = face_model_family(a or ""), face_model_family(b or "")
    return not a or not b or a == b


def check_face_model(
    wanted: str | None, found: str | None, whose_wanted: object, whose_found: object
) -> None:
    r"""Two things that are used together must mean the same face model.

    Args:
        wanted: name that ``whose_wanted`` holds; "" or None where it holds none.
        found: name that ``whose_found`` holds.
        whose_wanted: what the first belongs to, in words or as a file's name.
        whose_found: likewise.

    Raises:
        ValueError: they differ; one sentence that names both.
    """
    if not same_face_model(wanted, found):
        raise ValueError(
            f"{whose_found} holds numbers of the face model {found!r}, but {whose_wanted} belongs to "
            f"{wanted!r}: "
            "the same 257 numbers mean another face there"
        )
