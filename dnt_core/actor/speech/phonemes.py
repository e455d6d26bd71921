r"""The sounds of English as a formant synthesiser needs them: how long, how loud, and where the formants aim.

Formants are those of an average adult male, rounded, near the classic measurements (Peterson & Barney 1952;
Klatt 1980); another speaker's are these times `Voice.formant_scale`.
"""

from __future__ import annotations

from dataclasses import dataclass

SILENCE = "SIL"


@dataclass(frozen=True)
class Phoneme:
    r"""One sound.

    Args:
        symbol: ARPAbet, without the stress digit.
        kind: vowel, glide, liquid, nasal, stop, affricate, fricative, aspirate or silence.
        place: labial, dental, alveolar, palatal, velar, glottal; empty for vowels and silence.
        voiced: whether the vocal folds vibrate.
        inherent: duration in ms before any rule shortens or lengthens it (a stop's closure, without its
            release).
        minimum: ms under which rules do not shorten it.
        formants: F1, F2, F3 targets in Hz.
        offglide: where a diphthong ends, in Hz, or None.
        follows_vowel: 0..1, how far F2 and F3 of a consonant give way to the neighbouring vowel (locus
            theory).
        voicing: amplitude of the voiced source, 1 = a stressed vowel.
        noise_db: level of frication or burst, dB below a stressed vowel; None = none.
        release: ms from a stop's opening to the next sound (burst and aspiration).
    """

    symbol: str
    kind: str
    place: str
    voiced: bool
    inherent: float
    minimum: float
    formants: tuple[float, float, float]
    offglide: tuple[float, float, float] | None = None
    follows_vowel: float = 0.0
    voicing: float = 1.0
    noise_db: float | None = None
    release: float = 0.0

    @property
    def is_vowel(self) -> bool:
        r"""Whether it carries a syllable."""
        return self.kind == "vowel"

    @property
    def is_bilabial_closure(self) -> bool:
        r"""Whether the lips must meet: p, b, m."""
        return self.symbol in ("P", "B", "M")


def _vowel(symbol, inherent, minimum, formants, offglide=None, voicing=1.0):
    return Phoneme(symbol, "vowel", "", True, inherent, minimum, formants, offglide, voicing=voicing)


def _stop(symbol, place, voiced, closure, formants, follows, noise_db, release):
    voicing, minimum = (0.3 if voiced else 0.0), (48.0 if place == "labial" else 35.0)
    return Phoneme(
        symbol, "stop", place, voiced, closure, minimum, formants, None, follows, voicing, noise_db, release
    )


def _fricative(symbol, place, voiced, inherent, formants, noise_db, follows=0.35):
    return Phoneme(
        symbol,
        "fricative",
        place,
        voiced,
        inherent,
        50.0 if voiced else 60.0,
        formants,
        None,
        follows,
        0.4 if voiced else 0.0,
        noise_db,
    )


_INVENTORY = (
    Phoneme(SILENCE, "silence", "", False, 100, 20, (500, 1500, 2500), voicing=0.0),
    # vowels: long and short, diphthongs with their second target
    _vowel("IY", 155, 55, (280, 2250, 3000)),
    _vowel("IH", 135, 40, (400, 1950, 2560)),
    _vowel("EY", 190, 70, (480, 1900, 2550), (330, 2150, 2750)),
    _vowel("EH", 150, 70, (540, 1800, 2500)),
    _vowel("AE", 230, 80, (670, 1700, 2430)),
    _vowel("AA", 240, 100, (730, 1110, 2450)),
    _vowel("AO", 240, 100, (580, 870, 2420)),
    _vowel("AH", 140, 50, (630, 1190, 2420)),
    _vowel("OW", 220, 80, (520, 980, 2350), (380, 850, 2280)),
    _vowel("UH", 160, 60, (440, 1050, 2260)),
    _vowel("UW", 210, 70, (320, 920, 2230)),
    _vowel("ER", 180, 80, (480, 1330, 1690)),
    _vowel("AY", 250, 120, (710, 1180, 2480), (370, 2050, 2600)),
    _vowel("AW", 260, 100, (700, 1220, 2480), (420, 920, 2320)),
    _vowel("OY", 280, 150, (540, 900, 2400), (370, 1950, 2550)),
    # glides and liquids
    Phoneme("W", "glide", "labial", True, 80, 55, (300, 650, 2200), follows_vowel=0.1, voicing=0.7),
    Phoneme("Y", "glide", "palatal", True, 80, 40, (270, 2200, 3000), follows_vowel=0.1, voicing=0.7),
    Phoneme("R", "liquid", "palatal", True, 80, 40, (330, 1080, 1450), follows_vowel=0.15, voicing=0.75),
    Phoneme("L", "liquid", "alveolar", True, 80, 40, (330, 1080, 2750), follows_vowel=0.2, voicing=0.7),
    Phoneme("HH", "aspirate", "glottal", False, 75, 30, (500, 1500, 2500), follows_vowel=1.0, voicing=0.0),
    # nasals
    Phoneme("M", "nasal", "labial", True, 75, 62, (260, 1100, 2150), follows_vowel=0.35, voicing=0.6),
    Phoneme("N", "nasal", "alveolar", True, 70, 40, (260, 1550, 2600), follows_vowel=0.2, voicing=0.6),
    Phoneme("NG", "nasal", "velar", True, 95, 60, (260, 1900, 2450), follows_vowel=0.55, voicing=0.55),
    # stops: inherent = closure
    _stop("P", "labial", False, 82, (250, 950, 2150), 0.40, -17.0, 48),
    _stop("B", "labial", True, 78, (220, 950, 2150), 0.40, -19.0, 14),
    _stop("T", "alveolar", False, 60, (250, 1750, 2650), 0.25, -9.0, 55),
    _stop("D", "alveolar", True, 58, (220, 1750, 2650), 0.25, -13.0, 18),
    _stop("K", "velar", False, 64, (250, 1850, 2350), 0.65, -9.0, 60),
    _stop("G", "velar", True, 60, (220, 1850, 2350), 0.65, -12.0, 24),
    Phoneme("CH", "affricate", "palatal", False, 55, 40, (270, 1850, 2700), None, 0.2, 0.0, -6.0, 85),
    Phoneme("JH", "affricate", "palatal", True, 50, 40, (250, 1850, 2700), None, 0.2, 0.3, -10.0, 60),
    # fricatives
    _fricative("F", "labial", False, 100, (330, 1100, 2150), -24.0),
    _fricative("V", "labial", True, 65, (260, 1100, 2150), -29.0),
    _fricative("TH", "dental", False, 95, (320, 1350, 2500), -27.0),
    _fricative("DH", "dental", True, 55, (280, 1350, 2500), -32.0),
    _fricative("S", "alveolar", False, 110, (320, 1500, 2600), -9.0),
    _fricative("Z", "alveolar", True, 80, (270, 1500, 2600), -15.0),
    _fricative("SH", "palatal", False, 110, (310, 1850, 2650), -7.0),
    _fricative("ZH", "palatal", True, 75, (270, 1850, 2650), -13.0),
)

PHONEMES = {phoneme.symbol: phoneme for phoneme in _INVENTORY}

# Frication spectra: (centre in Hz, bandwidth in Hz, gain in dB) of parallel resonators, for a formant scale
# of 1.
FRICATION_SPECTRUM = {
    "labial": ((1500, 3000, 0.0), (4500, 4000, -2.0), (6800, 3000, -3.0)),
    "dental": ((1600, 2500, -6.0), (5000, 3500, 0.0), (7000, 2500, 0.0)),
    "alveolar": ((3900, 900, -9.0), (5000, 900, 0.0), (6600, 1300, -1.0)),
    "palatal": ((2550, 450, 0.0), (3600, 800, -3.0), (5200, 1500, -8.0)),
    "velar": ((0, 350, 0.0), (4000, 1500, -14.0)),  # 0: the neighbouring vowel's F2 sets the first peak
}


def parse_phoneme(token: str) -> tuple[str, int]:
    r"""Splits an ARPAbet token into its symbol and its stress.

    Args:
        token: for example ``"EY1"`` (primary stress), ``"AH0"``, ``"B"``.

    Returns:
        The symbol and the stress 0, 1 or 2 (0 for consonants).

    Raises:
        ValueError: the symbol is unknown, or a vowel has no stress digit, or a consonant has one.
    """
    symbol, digit = (token[:-1], token[-1]) if token[-1:].isdigit() else (token, "")
    if symbol not in PHONEMES:
        raise ValueError(f"unknown phoneme {token!r}: expected ARPAbet such as 'EY1' or 'B'")
    if PHONEMES[symbol].is_vowel != (digit in ("0", "1", "2")) or digit not in ("", "0", "1", "2"):
        raise ValueError(f"phoneme {token!r}: a vowel has one stress digit 0..2, a consonant none")
    return symbol, int(digit or 0)
