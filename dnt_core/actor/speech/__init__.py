r"""Sentences synthesised to sound, and the mouth in step with them."""

from .formant_synthesiser import synthesize
from .mouth import MouthMovements, mouth_movements
from .sentences import PHRASES, SENTENCES, Sentence
from .timing import Segment, sentences_within
from .utterance import Speech, unsounded
from .visemes import MOUTH_MOVEMENTS
from .voice import VOICES, Voice

__all__ = [
    "MOUTH_MOVEMENTS",
    "PHRASES",
    "SENTENCES",
    "VOICES",
    "MouthMovements",
    "Segment",
    "Sentence",
    "Speech",
    "Voice",
    "mouth_movements",
    "sentences_within",
    "synthesize",
    "unsounded",
]
