r"""One door to every face model: the embedded procedural one, or a Basel file of the user's."""

from __future__ import annotations

from functools import lru_cache
from os import PathLike
from pathlib import Path

from dnt_core.face3d.morphable_model import MorphableModel

FULL_VERTICES = 35_709  # the paper's and the Basel family's
COARSE_VERTICES = 4_000


def load_face_model(source: str | PathLike[str] = "procedural") -> MorphableModel:
    r"""The face model named by ``source``.

    Args:
        source: ``"procedural"`` (about 35,709 vertices), ``"procedural:coarse"`` (about 4,000),
            ``"procedural:<n>"`` (about n), or the path of a ``BFM_model_front.mat`` or a ``.chj`` file.

    Returns:
        :class:`MorphableModel` on the CPU. Procedural models are built once and shared: copy one
        before changing it in place.

    Raises:
        ValueError: the source is none of these, or the file is not what its ending promises.
        FileNotFoundError: the file does not exist.
    """
    name, colon, size = str(source).partition(":")
    if name == "procedural":
        if not colon:
            return _procedural(FULL_VERTICES)
        if size == "coarse":
            return _procedural(COARSE_VERTICES)
        if size.isdigit() and int(size) > 0:
            return _procedural(int(size))
        raise ValueError(f"face model {str(source)!r}: expected procedural:coarse or procedural:<number>")
    if Path(source).suffix.lower() not in (".mat", ".chj"):
        raise ValueError(
            f"face model {str(source)!r}: expected 'procedural', 'procedural:coarse', 'procedural:<number>', "
            "or the path of a .mat or .chj file"
        )
    from dnt_core.face3d.bfm import load_bfm

    return load_bfm(source)


@lru_cache(maxsize=4)
def _procedural(n_vertices: int) -> MorphableModel:
    from dnt_core.face3d.procedural import build_procedural_model

    return build_procedural_model(n_vertices)
