r"""Redness inside computed lips: more where they lie on red lips, less where they lie beside them."""

import numpy as np
from matplotlib.path import Path

from dnt_core.face3d import OUTER_LIP
from dnt_core.workbook.lip_redness import lip_redness


def a_mouth(middle):
    angle = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    points = np.zeros((68, 2))
    points[48:60] = middle + np.stack([12 * np.cos(angle), 6 * np.sin(angle)], 1)
    angle = angle[:8] * 12 / 8
    points[60:68] = middle + np.stack([9 * np.cos(angle), 2 * np.sin(angle)], 1)
    return points


def test_lips_in_their_place_are_redder_and_lips_beside_it_are_not():
    points = a_mouth([32, 32])
    picture = np.full((64, 64, 3), (150, 120, 100), np.uint8)
    grid = np.stack(np.meshgrid(np.arange(64), np.arange(64)), -1).reshape(-1, 2)
    picture[Path(points[OUTER_LIP]).contains_points(grid).reshape(64, 64)] = (170, 60, 60)
    red = 170 / 291 - 150 / 371
    assert abs(lip_redness(picture, points) - red) < 0.02
    assert lip_redness(picture, a_mouth([32, 46])) < 0.3 * red
    assert abs(lip_redness(np.full((64, 64, 3), 90, np.uint8), points)) < 1e-9
