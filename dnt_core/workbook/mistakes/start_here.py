r"""Common wrong answers to the exercises of notebook 00, start here."""

import torch

from dnt_core.workbook.mistakes.kinds import Mistakes


def _one(types, expression, intensity):
    return [float(name == expression) for name in types]


def _everywhere(types, expression, intensity):
    return [intensity for name in types]


def _eight(types, expression, intensity):
    return [intensity if name == expression else 0.0 for name in (*types, "neutral")]


def _equation_1(texels, weights, mask, background):
    return mask * (weights * texels).sum() + (1 - mask) * background


ciec_of: Mistakes = {
    "You gave the type 1. The entry of the type is the intensity.": _one,
    "You gave every type the intensity. All entries but that of the type are zero.": _everywhere,
    "You counted neutral as an eighth type. Neutral has no entry: it is the vector of zeros.": _eight,
}

pixel_of: Mistakes = {
    "You took the mask the other way round: where it is 1 you see F, not the background.": (
        lambda texels, weights, mask, background: _equation_1(texels, weights, 1 - mask, background)
    ),
    "You added the texels without their weights. The weights come from the transcoder and carry the CIEC.": (
        lambda texels, weights, mask, background: _equation_1(
            texels, torch.ones_like(weights), mask, background
        )
    ),
    "You took the mean of the weighted texels. The texture is their sum.": (
        lambda texels, weights, mask, background: _equation_1(
            texels, weights / len(weights), mask, background
        )
    ),
    "This is F alone. Equation 1 mixes it with the background.": (
        lambda texels, weights, mask, background: (weights * texels).sum()
    ),
}
