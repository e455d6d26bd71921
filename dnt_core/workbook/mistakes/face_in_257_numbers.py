r"""Common wrong answers to the exercises of notebook 01, a face in 257 numbers."""

from __future__ import annotations

import torch

from dnt_core.workbook.mistakes.kinds import Mistakes
from dnt_core.workbook.solutions import light_of as _light_of


def _bilinear(texture, row, column):
    top, left = int(row), int(column)
    patch = texture[:, top : top + 2, left : left + 2]
    across = torch.tensor([1 - (column - left), column - left]).to(texture)
    down = torch.tensor([1 - (row - top), row - top]).to(texture)
    return torch.einsum("cij,i,j->c", patch, down, across)


def _texel(texture, u, v):
    size = texture.shape[-1]
    return texture[:, int((1 - v) * size), int(u * size)]


def _on_screen(x, y, z, size, rows_from=223.0, half=0.5, upright=False):
    depth, scale = 10 - z, size / 224
    column, row = 1015 * x / depth + 112, 1015 * y / depth + 112
    row = row if upright else rows_from - row
    return torch.tensor([scale * (column + half) - half, scale * (row + half) - half])


def _most_probable(jacobians, residuals, sigma, prior):
    jacobian, residual = jacobians.flatten(0, 1), residuals.flatten()
    matrix = jacobian.T @ jacobian / sigma**2 + prior * torch.eye(jacobian.shape[1]).to(jacobian)
    return torch.linalg.solve(matrix, jacobian.T @ residual / sigma**2)


def _mean_of_frames(jacobians, residuals, sigma):
    one_by_one = zip(jacobians[:, None], residuals[:, None], strict=True)
    return torch.stack([_most_probable(j, r, sigma, 1.0) for j, r in one_by_one]).mean(0)


storage_to_paper: Mistakes = {
    "You went the other way, from the paper's order to that of the files.": lambda vector: torch.cat(
        [vector[:224], vector[251:254], vector[224:251], vector[254:]]
    ),
    "The light is in its place, but you put the translation before the angles.": lambda vector: torch.cat(
        [vector[:224], vector[227:254], vector[254:], vector[224:227]]
    ),
    "You returned the vector as it was. Both orders have 257 numbers, so nothing complains.": lambda vector: (
        vector
    ),
}


def _least_squares(nine, colors):
    return torch.linalg.lstsq(nine, colors).solution


light_of: Mistakes = {
    "You left the skin out: it is the light times the skin that gives the colour.": (
        lambda colors, skin, nine: _least_squares(nine, colors).T
    ),
    "The numbers are right, but one colour's nine numbers stand in a column. They belong in a row.": (
        lambda colors, skin, nine: _light_of(colors, skin, nine).T
    ),
    "You fitted one light to all three colours. Red, green and blue each have nine numbers of their own.": (
        lambda colors, skin, nine: _least_squares(
            (skin[:, :, None] * nine[:, None]).flatten(0, 1), colors.flatten()[:, None]
        ).T.expand(3, 9)
    ),
}

merged: Mistakes = {
    "You divided by the number of frames. A texel that one of them did not see becomes too dark.": (
        lambda textures, seen: (textures * seen[:, None]).sum(0) / len(textures)
    ),
    "This is the mean of all frames. A frame that did not see a texel has nothing to say about it.": (
        lambda textures, seen: textures.mean(0)
    ),
    "You added the frames that saw a texel. Divide by their number.": (
        lambda textures, seen: (textures * seen[:, None]).sum(0)
    ),
}

perspective_weights: Mistakes = {
    "You multiplied by the depths. Halfway on the screen is nearer to the far corner in space, so a far "
    "corner has to count less.": lambda flat, depths: flat * depths / (flat * depths).sum(),
    "The proportions are right, but the weights have to sum to 1.": lambda flat, depths: flat / depths,
    "These are the weights on the screen. They are right only when all corners are equally deep.": (
        lambda flat, depths: flat
    ),
}

look_up: Mistakes = {
    "Your rows are upside down: row 0 is at v = 1.": lambda texture, u, v: _bilinear(
        texture, v * texture.shape[-1] - 0.5, u * texture.shape[-1] - 0.5
    ),
    "You are half a texel off: texel 0 has its centre at half a texel, not at 0.": lambda texture, u, v: (
        _bilinear(texture, (1 - v) * texture.shape[-1], u * texture.shape[-1])
    ),
    "This is the texel in which the point lies. Mix the four around it.": _texel,
}

projected: Mistakes = {
    "This is the colleague's function. Look at y: where is it larger, and which row is at the top?": (
        lambda x, y, z, size: _on_screen(x, y, z, size, upright=True)
    ),
    "Almost: you are one row too low. Rows are counted from 0, so turning 224 rows over exchanges row 0 and "
    "row 223. The colleague's middle, row 112, becomes row 111.": lambda x, y, z, size: _on_screen(
        x, y, z, size, rows_from=224.0
    ),
    "The rows are right now, but you dropped the half pixel. A pixel's centre does not move when the picture "
    "is made larger; its corner does.": lambda x, y, z, size: _on_screen(x, y, z, size, half=0.0),
}

shared_identity: Mistakes = {
    "You fitted each frame alone and took the mean. Each of these fits was pulled to the mean face by a "
    "prior of its own, and a frame that says little counts like one that says much.": _mean_of_frames,
    "You counted the prior once per frame. The person is one, so α is drawn once, however long the clip.": (
        lambda jacobians, residuals, sigma: _most_probable(jacobians, residuals, sigma, len(jacobians))
    ),
    "You left the prior out: these are plain least squares, which fit the noise.": (
        lambda jacobians, residuals, sigma: _most_probable(jacobians, residuals, sigma, 0.0)
    ),
    "You weighted the prior as if the noise were 1 px: the squares of the residuals want dividing by σ².": (
        lambda jacobians, residuals, sigma: _most_probable(jacobians, residuals, 1.0, 1.0)
    ),
}
