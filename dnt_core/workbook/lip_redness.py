r"""Do computed lips lie on the film's? Asked of the picture alone, where no truth is known."""

from __future__ import annotations

import numpy as np
from matplotlib.path import Path

from dnt_core.face3d import INNER_LIP, OUTER_LIP

#: The skin that the lips are compared with lies between these multiples of their outline.
RING = (1.25, 1.7)


def lip_redness(picture: np.ndarray, points: np.ndarray) -> float:
    r"""How much redder a picture is inside computed lips than in the skin around them.

    Args:
        picture: (S, S, 3) uint8 RGB.
        points: (68, 2) landmarks, column and row in px.

    Returns:
        The mean share of red among the three colours inside the lips, less that of the skin; above 0: redder.
    """
    grid = np.stack(np.meshgrid(*map(np.arange, picture.shape[1::-1])), -1).reshape(-1, 2)
    lips, hole = points[OUTER_LIP], points[INNER_LIP]

    def within(outline: np.ndarray) -> np.ndarray:
        return Path(outline).contains_points(grid)

    near, far = (lips.mean(0) + scale * (lips - lips.mean(0)) for scale in RING)
    color = picture.reshape(-1, 3).astype(float)
    red = color[:, 0] / (color.sum(1) + 1)
    return float(red[within(lips) & ~within(hole)].mean() - red[within(far) & ~within(near)].mean())
