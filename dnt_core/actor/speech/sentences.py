r"""Short everyday sentences of our own, as phonemes; rich in closed, rounded and wide mouths.

They belong to no corpus: MEAD's prompts come from TIMIT, which is licensed.
"""

from __future__ import annotations

from dataclasses import dataclass

from .phonemes import parse_phoneme


@dataclass(frozen=True)
class Sentence:
    r"""A sentence and how it is said.

    Args:
        text: as written; a question mark at its end makes the melody rise.
        transcription: ARPAbet with stress digits, sounds separated by blanks, words by ``|``.
        lead_in: seconds of silence before it.
        lead_out: seconds of silence after it.

    Raises:
        ValueError: an unknown sound, a missing stress digit, an empty transcription or a negative silence.
    """

    text: str
    transcription: str
    lead_in: float = 0.14
    lead_out: float = 0.18

    def __post_init__(self):
        if not self.transcription.replace("|", " ").strip():
            raise ValueError(f"sentence {self.text!r} has an empty transcription, expected ARPAbet phonemes")
        if self.lead_in < 0 or self.lead_out < 0:
            raise ValueError(f"sentence {self.text!r} has a negative silence, expected seconds >= 0")
        for token in self.transcription.replace("|", " ").split():
            parse_phoneme(token)

    @property
    def words(self) -> tuple[tuple[tuple[str, int], ...], ...]:
        r"""Words as tuples of (symbol, stress)."""
        words = (word.split() for word in self.transcription.split("|"))
        return tuple(tuple(parse_phoneme(token) for token in word) for word in words if word)

    @property
    def is_question(self) -> bool:
        r"""Whether the text ends with a question mark."""
        return self.text.rstrip().endswith("?")


def _phrase(text: str, transcription: str) -> Sentence:
    return Sentence(text, transcription, lead_in=0.05, lead_out=0.07)


SENTENCES = (
    Sentence(
        "My baby brother loves blue balloons.",
        "M AY0 | B EY1 B IY0 | B R AH1 DH ER0 | L AH1 V Z | B L UW1 | B AH0 L UW1 N Z",
    ),
    Sentence(
        "Five big fish swam up the river.",
        "F AY1 V | B IH1 G | F IH1 SH | S W AE1 M | AH2 P | DH AH0 | R IH1 V ER0",
    ),
    Sentence(
        "We both saw the moon above the farm.",
        "W IY2 | B OW1 TH | S AO1 | DH AH0 | M UW1 N | AH0 B AH1 V | DH AH0 | F AA1 R M",
    ),
    Sentence(
        "Please put my soup on the table.",
        "P L IY1 Z | P UH2 T | M AY0 | S UW1 P | AA0 N | DH AH0 | T EY1 B AH0 L",
    ),
    Sentence(
        "Mum keeps four apples in the bowl.",
        "M AH1 M | K IY1 P S | F AO1 R | AE1 P AH0 L Z | IH0 N | DH AH0 | B OW1 L",
    ),
    Sentence(
        "They move the heavy piano before lunch.",
        "DH EY2 | M UW1 V | DH AH0 | HH EH1 V IY0 | P IY0 AE1 N OW0 | B IH0 F AO2 R | L AH1 N CH",
    ),
    Sentence(
        "Bob thinks the movie was fun.", "B AA1 B | TH IH1 NG K S | DH AH0 | M UW1 V IY0 | W AH0 Z | F AH1 N"
    ),
    Sentence(
        "Open the window, I smell fresh bread.",
        "OW1 P AH0 N | DH AH0 | W IH1 N D OW0 | AY2 | S M EH1 L | F R EH1 SH | B R EH1 D",
    ),
    Sentence(
        "Maybe Thursday is better for both of us.",
        "M EY1 B IY0 | TH ER1 Z D EY0 | IH0 Z | B EH1 D ER0 | F ER0 | B OW1 TH | AH0 V | AH2 S",
    ),
    Sentence(
        "Who put my purple boots by the path?",
        "HH UW1 | P UH2 T | M AY0 | P ER1 P AH0 L | B UW1 T S | B AY0 | DH AH0 | P AE1 TH",
    ),
    Sentence(
        "The bus from the museum arrives at five.",
        "DH AH0 | B AH1 S | F R AH0 M | DH AH0 | M Y UW0 Z IY1 AH0 M | ER0 AY1 V Z | AE0 T | F AY1 V",
    ),
    Sentence(
        "I hope the weather improves by Monday.",
        "AY2 | HH OW1 P | DH AH0 | W EH1 DH ER0 | IH0 M P R UW1 V Z | B AY0 | M AH1 N D EY0",
    ),
)

PHRASES = (
    _phrase("Maybe both.", "M EY1 B IY0 | B OW1 TH"),
    _phrase("Move up.", "M UW1 V | AH2 P"),
    _phrase("We approve.", "W IY2 | AH0 P R UW1 V"),
    _phrase("Who beeped?", "HH UW1 | B IY1 P T"),
    _phrase("Five bees.", "F AY1 V | B IY1 Z"),
    _phrase("A blue boat.", "AH0 | B L UW2 | B OW1 T"),
    _phrase("Thumbs up.", "TH AH1 M Z | AH1 P"),
    _phrase("Wash them.", "W AO1 SH | DH EH2 M"),
)
