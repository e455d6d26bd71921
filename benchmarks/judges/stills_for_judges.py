r"""The stills that judges are shown, and where the actor's landmarks truly lie in them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from dnt_core.actor import PEOPLE, FilmRenderer
from dnt_core.actor.filming import truth
from dnt_core.actor.stills import still_performance
from dnt_core.ciec import EXPRESSIONS

SIZE = 256  # px
BETWEEN = (0.33, 0.67)  # intensities besides 1 at which the mouth's opening is compared


def name_of(person: str, expression: str, intensity: float) -> str:
    r"""A still's file name."""
    return f"{person}-{expression}-{round(100 * intensity):03d}.png"


def write_stills(folder: Path, between: tuple[float, ...]) -> dict[str, np.ndarray]:
    r"""Silent stills of all people, expressions and intensities as PNG files.

    Args:
        folder: where they go; made if missing. between: intensities in (0, 1) that are shown besides 1.

    Returns:
        File name → (68, 2) px: the landmarks of the face that is shown, x to the right, y down. The film's
        own landmarks are the face model's, which carries only ``geometry_share`` of brows, eyes and cheeks.
    """
    folder.mkdir(parents=True, exist_ok=True)
    marks, renderer = {}, FilmRenderer(SIZE)
    for person in PEOPLE:
        for expression in EXPRESSIONS:
            for intensity in (0.0,) if expression == "neutral" else (*between, 1.0):
                performance = still_performance(person, expression, intensity, 0.0)
                name = name_of(person, expression, intensity)
                Image.fromarray(renderer.frame(performance, 0)).save(folder / name)
                moved = performance.geometry_weights + performance.film_weights
                marks[name] = truth(replace(performance, geometry_weights=moved), SIZE).landmarks[0]
    return marks
