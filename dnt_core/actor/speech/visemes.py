r"""How the mouth stands in every sound: targets in the movements a face performs."""

from __future__ import annotations

MOUTH_MOVEMENTS = (
    "jawOpen",
    "mouthClose",
    "mouthFunnel",
    "mouthPucker",
    "mouthPress",
    "mouthStretch",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthLowerDown",
    "mouthUpperUp",
    "mouthSmile",
    "tongueUp",
)

# Movements that one organ performs share how strongly a sound insists on them.
ORGANS = {
    "jaw": ("jawOpen",),
    "rounding": ("mouthFunnel", "mouthPucker"),
    "corners": ("mouthStretch", "mouthSmile"),
    "lips": ("mouthPress", "mouthRollLower", "mouthRollUpper", "mouthLowerDown", "mouthUpperUp"),
    "tongue": ("tongueUp",),
}

_SHORT = {
    "jaw": "jawOpen",
    "funnel": "mouthFunnel",
    "pucker": "mouthPucker",
    "press": "mouthPress",
    "roll_lower": "mouthRollLower",
    "roll_upper": "mouthRollUpper",
    "lower": "mouthLowerDown",
    "upper": "mouthUpperUp",
    "stretch": "mouthStretch",
    "smile": "mouthSmile",
    "tongue": "tongueUp",
}


def _pose(**targets):
    return {_SHORT[name]: value for name, value in targets.items()}


_SILENCE = _pose()
_WIDE = _pose(jaw=0.10, stretch=0.40, smile=0.16, lower=0.22, upper=0.10)  # IY
_MID = _pose(jaw=0.15, stretch=0.22, smile=0.06, lower=0.20, upper=0.06)  # IH
_ROUND = _pose(jaw=0.09, pucker=0.60, funnel=0.28)  # UW
_HALF_ROUND = _pose(jaw=0.22, pucker=0.34, funnel=0.40, lower=0.06)  # OW, first half
_BILABIAL = _pose(jaw=0.07, press=0.36, roll_lower=0.12, roll_upper=0.08)
_LABIODENTAL = _pose(jaw=0.07, roll_lower=0.50, upper=0.22)
_DENTAL = _pose(jaw=0.13, tongue=0.55, lower=0.20, upper=0.04)
_ALVEOLAR = _pose(jaw=0.10, tongue=0.60, lower=0.16, upper=0.02)
_SIBILANT = _pose(jaw=0.05, stretch=0.20, lower=0.24, upper=0.12, tongue=0.30)
_POSTALVEOLAR = _pose(jaw=0.06, funnel=0.50, pucker=0.26, lower=0.18, upper=0.10)
_VELAR = _pose(jaw=0.14, lower=0.10)
_OPEN = _pose(jaw=0.35, lower=0.26, upper=0.08, stretch=0.04)  # AA

# Poses in [0, 1], 1 = the movement's full extent (a jaw of 1 gapes 4 cm; talking stays far below). A
# diphthong has two.
VISEMES = {
    "SIL": (_SILENCE,),
    "AA": (_OPEN,),
    "AE": (_pose(jaw=0.31, stretch=0.26, smile=0.08, lower=0.32, upper=0.16),),
    "AH": (_pose(jaw=0.24, lower=0.20, upper=0.06, stretch=0.04),),
    "AO": (_pose(jaw=0.31, funnel=0.42, pucker=0.16, lower=0.10),),
    "EH": (_pose(jaw=0.24, stretch=0.22, smile=0.06, lower=0.26, upper=0.10),),
    "ER": (_pose(jaw=0.15, funnel=0.34, pucker=0.22, lower=0.10),),
    "IH": (_MID,),
    "IY": (_WIDE,),
    "UH": (_pose(jaw=0.15, pucker=0.32, funnel=0.34, lower=0.06),),
    "UW": (_ROUND,),
    "EY": (_pose(jaw=0.22, stretch=0.26, smile=0.08, lower=0.26, upper=0.10), _WIDE),
    "AY": (_OPEN, _WIDE),
    "AW": (_pose(jaw=0.33, lower=0.24, upper=0.08), _ROUND),
    "OW": (_HALF_ROUND, _ROUND),
    "OY": (_pose(jaw=0.28, funnel=0.42, pucker=0.22, lower=0.08), _WIDE),
    "W": (_pose(jaw=0.06, pucker=0.64, funnel=0.16),),
    "Y": (_pose(jaw=0.09, stretch=0.30, smile=0.08, lower=0.16),),
    "R": (_pose(jaw=0.11, funnel=0.38, pucker=0.26, lower=0.08),),
    "L": (_pose(jaw=0.17, tongue=0.75, lower=0.16, upper=0.02),),
    "HH": (_pose(jaw=0.18, lower=0.12),),
    "M": (_BILABIAL,),
    "P": (_BILABIAL,),
    "B": (_BILABIAL,),
    "F": (_LABIODENTAL,),
    "V": (_LABIODENTAL,),
    "TH": (_DENTAL,),
    "DH": (_DENTAL,),
    "T": (_ALVEOLAR,),
    "D": (_ALVEOLAR,),
    "N": (_ALVEOLAR,),
    "S": (_SIBILANT,),
    "Z": (_SIBILANT,),
    "SH": (_POSTALVEOLAR,),
    "ZH": (_POSTALVEOLAR,),
    "CH": (_POSTALVEOLAR,),
    "JH": (_POSTALVEOLAR,),
    "K": (_VELAR,),
    "G": (_VELAR,),
    "NG": (_VELAR,),
}

_VOWEL = {"jaw": 1.0, "rounding": 0.9, "corners": 0.8, "lips": 0.8, "tongue": 0.5}
_ROUNDED = {**_VOWEL, "rounding": 1.8}
_FREE = {"jaw": 0.5, "rounding": 0.15, "corners": 0.2, "lips": 0.4, "tongue": 1.2}


def _rows(symbols, strengths):
    return {symbol: strengths for symbol in symbols.split()}


# How strongly a sound insists on its pose, for each organ (the alpha of Cohen & Massaro 1993); higher:
# neighbours yield.
DOMINANCE = {
    "SIL": {"jaw": 0.8, "rounding": 0.6, "corners": 0.6, "lips": 0.6, "tongue": 0.6},
    **_rows("AA AE AH EH IH IY EY AY", _VOWEL),
    **_rows("AO ER UH UW AW OW OY W", _ROUNDED),
    **_rows("R", {**_FREE, "rounding": 0.8}),
    **_rows("Y L T D N", _FREE),
    **_rows("K G NG HH", {**_FREE, "jaw": 0.25, "lips": 0.15, "tongue": 0.3}),
    **_rows("TH DH", {**_FREE, "jaw": 0.7, "lips": 0.8}),
    **_rows("S Z", {**_FREE, "jaw": 1.4, "corners": 0.4, "lips": 0.6, "rounding": 0.3}),
    **_rows("SH ZH CH JH", {**_FREE, "jaw": 1.4, "rounding": 1.5, "lips": 0.6}),
    **_rows("F V", {**_FREE, "jaw": 0.9, "lips": 2.5, "tongue": 0.3}),
    **_rows("M P B", {**_FREE, "jaw": 0.9, "lips": 2.5, "tongue": 0.3}),
}
