r"""The International Phonetic Alphabet in the sounds of English: what a mouth made for English shows of any
language.

Each sound takes the English sound whose lips and jaw are nearest; places of the tongue that nobody sees are
merged. A rounded front vowel ([y], [ø]) is an English rounded one, a bilabial fricative ([β]) a labiodental.
"""

from __future__ import annotations

import unicodedata

_VOWELS = {
    "IY": "i", "IH": "ɪɨɯᵻɿ", "EH": "eɛ", "AE": "æ", "AA": "aɑä", "AH": "ʌəɐɘɤ", "AO": "ɔɒ", "OW": "o",
    "UH": "ʊʏɵ", "UW": "uyʉ", "ER": "ɜɝɚøœɞɶ",
}  # fmt: skip
_CONSONANTS = {
    "P": "pʘ", "B": "bɓʙ", "M": "mɱ", "F": "fɸ", "V": "vβʋⱱ", "W": "wʍɥʷ", "TH": "θ", "DH": "ð", "T": "tʈǀǃǂ",
    "D": "dɖɗɾɽ", "N": "nɳ", "L": "lɫɭɬɮrɺʟǁ", "R": "ɹɻ", "S": "s", "Z": "z", "SH": "ʃɕʂɧ", "ZH": "ʒʑʐ",
    "Y": "jʎʝ", "K": "kqc", "G": "ɡgɢɟɣʛɠʄ", "NG": "ŋɲɴ", "HH": "hɦxχħçʁʀʕɰʜʢ",
}  # fmt: skip
_ONE = {
    letter: symbol
    for table in (_VOWELS, _CONSONANTS)
    for symbol, letters in table.items()
    for letter in letters
}
_SEVERAL = {
    "tʃ": "CH", "tɕ": "CH", "tʂ": "CH", "ʈʂ": "CH", "dʒ": "JH", "dʑ": "JH", "dʐ": "JH", "ɖʐ": "JH",
    "eɪ": "EY", "ei": "EY", "aɪ": "AY", "ai": "AY", "ɑɪ": "AY", "aʊ": "AW", "ɑʊ": "AW",
    "au": "AW", "ɑu": "AW", "aj": "AY", "aw": "AW", "ej": "EY", "ow": "OW", "ɔj": "OY",
    "oʊ": "OW", "əʊ": "OW", "ɔʊ": "OW", "ou": "OW", "ɔɪ": "OY", "oɪ": "OY", "oi": "OY", "ɔø": "OY",
}  # fmt: skip
_LIGATURES = str.maketrans(
    {"ʧ": "tʃ", "ʤ": "dʒ", "ʨ": "tɕ", "ʥ": "dʑ", "ʦ": "ts", "ʣ": "dz", "ꭧ": "tʂ", "ꭦ": "dʐ"}
)  # affricates as one letter
_STRESS = {"ˈ": 1, "ˌ": 2}
_UNSAID = set("ʔʡʼ'")  # a stop in the throat shows nothing
VOWELS = frozenset(_VOWELS) | {"EY", "AY", "AW", "OW", "OY"}


def from_ipa(text: str) -> tuple[tuple[str, ...], int]:
    r"""One sound in IPA as ARPAbet.

    Length, tone, nasalisation and other marks are left out, but not rounded lips ("kʷ" is K and W); what is
    more than one English sound becomes several.

    Args:
        text: for example "ˈeɪ", "pf", "tʃ"; espeak-ng's ASCII marks ("ə-", "s.") are taken for marks.

    Returns:
        ARPAbet symbols without stress digits, () for silence or marks alone, and the stress 0, 1 or 2.
    """
    stress = next((level for mark, level in _STRESS.items() if mark in text), 0)
    text = text.translate(_LIGATURES)
    whole = (c if c in _ONE else unicodedata.normalize("NFD", c) for c in text)  # ç is a sound, ã a marked a
    letters = [c for c in "".join(whole) if c in _ONE or c in _UNSAID]
    symbols: list[str] = []
    k = 0
    while k < len(letters):
        pair = "".join(letters[k : k + 2])
        if pair in _SEVERAL:
            symbols.append(_SEVERAL[pair])
            k += 2
            continue
        if letters[k] in _ONE:
            symbols.append(_ONE[letters[k]])
        k += 1
    return tuple(symbols), stress
