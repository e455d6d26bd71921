r"""Whose voice it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Voice:
    r"""What of a voice belongs to the person and not to the sentence or the mood.

    Args:
        f0: mean pitch in Hz, 50..400.
        formant_scale: formants against an average man's; higher: a shorter vocal tract (about 1.17 for a
            woman). 0.8..1.4.
        breathiness: 0..1; higher: more air in the voice.
        f0_range: width of the melody, 1 = average; higher: livelier. >= 0.
        jitter: relative deviation of a glottal cycle's length, 0..0.05; higher: rougher.
        rate: speaking rate, 0.7..1.4; higher: faster.

    Raises:
        ValueError: a value outside its range.
    """

    f0: float = 115.0
    formant_scale: float = 1.0
    breathiness: float = 0.06
    f0_range: float = 1.0
    jitter: float = 0.006
    rate: float = 1.0

    def __post_init__(self):
        ranges = {
            "f0": (50, 400),
            "formant_scale": (0.8, 1.4),
            "breathiness": (0, 1),
            "f0_range": (0, 3),
            "jitter": (0, 0.05),
            "rate": (0.7, 1.4),
        }
        for name, (low, high) in ranges.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"Voice.{name} is {value}, expected a number from {low} to {high}")


# The three built-in actors.
VOICES = {
    "M003": Voice(f0=118.0, formant_scale=1.0, breathiness=0.06, f0_range=1.0),
    "W009": Voice(f0=205.0, formant_scale=1.16, breathiness=0.14, f0_range=1.15, jitter=0.005),
    "M011": Voice(f0=92.0, formant_scale=0.95, breathiness=0.03, f0_range=0.85, jitter=0.008),
}
