r"""Common wrong answers to the exercises of notebook 00, start here."""

from dnt_core.workbook.mistakes.kinds import Mistakes


def _one(types, expression, intensity):
    return [float(name == expression) for name in types]


def _everywhere(types, expression, intensity):
    return [intensity for name in types]


def _eight(types, expression, intensity):
    return [intensity if name == expression else 0.0 for name in (*types, "neutral")]


ciec_of: Mistakes = {
    "You gave the type 1. The entry of the type is the intensity.": _one,
    "You gave every type the intensity. All entries but that of the type are zero.": _everywhere,
    "You counted neutral as an eighth type. Neutral has no entry: it is the vector of zeros.": _eight,
}
