r"""Contact sheets of the built-in actor for ``figures/``: look at these before believing any number.

``python -m dnt_core.workbook.contact_sheets [FOLDER]`` (``make figures``) draws them all.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from dnt_core.actor import PEOPLE
from dnt_core.actor.stills import actor_still
from dnt_core.atomic_write import atomic_path
from dnt_core.ciec import EXPRESSIONS
from dnt_core.clips import read_video
from dnt_core.plotting import contact_sheet, film_strip, mark_synthetic, style
from dnt_core.talking import talk

INTENSITIES = (1 / 6, 0.33, 0.5, 0.67, 5 / 6, 1.0)
TALK_TEXT = "Who put my purple boots by the path?"
TALK_PATH = "happy:0→1→0, surprised:0→0.8"
SIZE = 256  # px of a picture
LEVELS = ("level 0.5", "level 1", "level 1.5", "level 2", "level 2.5", "level 3")


def intensity_sheet(person: str, ax: Axes) -> Axes:
    r"""8 expressions × 6 intensities of one person, silent. The levels with a half were never filmed."""
    rows = [[actor_still(person, e, x, SIZE) for x in INTENSITIES] for e in EXPRESSIONS]
    return contact_sheet(rows, EXPRESSIONS, LEVELS, ax=ax)


def rising_sheet(ax: Axes) -> Axes:
    r"""README's picture: the three people, one expression each, from intensity 0 to 1."""
    intensities = [k / 6 for k in range(7)]
    cast = dict(zip(PEOPLE, ("surprised", "happy", "disgusted"), strict=True))
    rows = [[actor_still(person, e, x, SIZE) for x in intensities] for person, e in cast.items()]
    return contact_sheet(rows, list(cast.values()), [f"{x:.2f}" for x in intensities], ax=ax)


def identity_sheet(ax: Axes) -> Axes:
    r"""The three people, every expression at level 3."""
    rows = [[actor_still(person, e, 1.0, SIZE) for e in EXPRESSIONS] for person in PEOPLE]
    return contact_sheet(rows, list(PEOPLE), EXPRESSIONS, ax=ax)


def speech_strip(person: str, expression: str, ax: Axes) -> Axes:
    r"""One sentence at level 3 in 8 pictures, from first to last frame."""
    moments = [i / 7 for i in range(8)]
    pictures = [actor_still(person, expression, 1.0, SIZE, m, speech=1.0) for m in moments]
    return film_strip(pictures, [f"{m:.2f} s" for m in moments], ax=ax)


def talking_film(folder: Path) -> Path:
    r"""README's film, ``talk.mp4`` with sound and ``talk.gif`` for pages that play none: a sentence of the
    actor whose expression follows a path, drawn by the shipped generator.
    """
    film = talk(text=TALK_TEXT, expression=TALK_PATH, out=folder / "talk.mp4", size=SIZE)
    frames = read_video(film, fps=10, size=192).frames
    # median cut, Pillow's default, gives highlights of the skin the background's grey
    pictures = [Image.fromarray(f).quantize(256, method=Image.Quantize.FASTOCTREE) for f in frames]
    with atomic_path(folder / "talk.gif") as part:
        pictures[0].save(part, "GIF", save_all=True, append_images=pictures[1:], duration=100, loop=0)
    return film


def _save(ax: Axes, path: Path, dpi: int = 100) -> None:
    figure = ax.figure
    assert isinstance(figure, Figure)
    mark_synthetic(figure)
    with atomic_path(path) as part:
        figure.savefig(part, dpi=dpi, bbox_inches="tight")
    plt.close(figure)


def draw_all(folder: Path) -> list[Path]:
    r"""Write every sheet into ``folder``, made if missing; returns the paths of all pictures there."""
    folder.mkdir(parents=True, exist_ok=True)
    with style():
        _, ax = plt.subplots(figsize=(14, 5.4))
        _save(identity_sheet(ax=ax), folder / "identities.png", dpi=120)
        _, ax = plt.subplots(figsize=(12.6, 5.4))
        _save(rising_sheet(ax=ax), folder / "intensities.png", dpi=100)
        for person in PEOPLE:
            _, ax = plt.subplots(figsize=(11, 14.4))
            _save(intensity_sheet(person, ax=ax), folder / f"intensities_{person}.png", dpi=90)
        _, axes = plt.subplots(3, 1, figsize=(14, 5.6))
        for ax, person, expression in zip(axes, PEOPLE, ("neutral", "happy", "angry"), strict=True):
            speech_strip(person, expression, ax=ax)
            ax.set_ylabel(f"{person}, {expression}")
        _save(axes[0], folder / "speech.png", dpi=120)
    talking_film(folder)
    return sorted([*folder.glob("*.png"), *folder.glob("talk.*")])


if __name__ == "__main__":
    for path in draw_all(Path(sys.argv[1] if len(sys.argv) > 1 else "figures")):
        print(path)
