r"""Labelled clips without files behind them."""

from pathlib import Path

from dnt_core.clips import Clip
from dnt_core.clips.clip import CELLS


def make_clips(takes=2, actors=("M003",), cells=CELLS, cache=Path("x.face3d.npz")):
    r"""``takes`` clips of every cell of every actor."""
    return tuple(
        Clip(actor, "front", expression, level, number, Path("x.mp4"), None, cache)
        for actor in actors
        for expression, level in cells
        for number in range(1, takes + 1)
    )
