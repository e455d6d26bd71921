r"""Other voices in the actor's terms: which sounds, when, and where the lips close."""

import numpy as np
import pytest

from dnt_core.actor.speech.phonemes import PHONEMES
from dnt_core.audio.espeak import begin_anew, espeak_available, speak
from dnt_core.audio.ipa import VOWELS, from_ipa
from dnt_core.training.lips.festival import festival_segments
from dnt_core.training.lips.spoken import (
    arpabet_sentence,
    flite_available,
    flite_segments,
    from_espeak,
    from_flite,
)

needs_espeak = pytest.mark.skipif(not espeak_available(), reason="espeak-ng is not installed")


@pytest.mark.parametrize(
    ("ipa", "symbols", "stress"),
    [
        ("ˈeɪ", ("EY",), 1), ("tʃ", ("CH",), 0), ("pf", ("P", "F"), 0), ("ɔ̃", ("AO",), 0), ("ç", ("HH",), 0),
        ("ˌuː", ("UW",), 2), ("ts", ("T", "S"), 0), ("ʔ", (), 0), ("", (), 0), ("yː", ("UW",), 0),
        ("β", ("V",), 0), ("bʰ", ("B",), 0), ("iɑ", ("IY", "AA"), 0), ("ə-", ("AH",), 0), ("tɕʰ", ("CH",), 0),
        ("ʧ", ("CH",), 0), ("ˈʤ", ("JH",), 1), ("ʨʰ", ("CH",), 0), ("ʦ", ("T", "S"), 0), ("ʘ", ("P",), 0),
        ("ɧ", ("SH",), 0), ("ʡ", (), 0), ("kʷ", ("K", "W"), 0),
    ],
)  # fmt: skip
def test_ipa(ipa, symbols, stress):
    assert from_ipa(ipa) == (symbols, stress)


# The chart of the International Phonetic Association (2020), and affricates that are written as one letter.
VOWEL_LETTERS = "iyɨʉɯuɪʏʊeøɘɵɤoəɛœɜɞʌɔæɐaɶɑɒɚɝ"
CONSONANT_LETTERS = (
    "pbtdʈɖcɟkɡgqɢmɱnɳɲŋɴʙrʀⱱɾɽɸβfvθðszʃʒʂʐçʝxɣχʁħʕhɦɬɮʋɹɻjɰlɭʎʟ"  # by place, from the lips to the throat
    "ʘǀǃǂǁɓɗʄɠʛʍwɥʜʢɕʑɺɧ"  # clicks, implosives and others
    "ʦʣʧʤʨʥꭧꭦ"
)


@pytest.mark.parametrize("letters", [VOWEL_LETTERS, CONSONANT_LETTERS], ids=["vowels", "consonants"])
def test_every_letter_of_the_alphabet_is_a_sound(letters):
    r"""Else a mouth would skip it: a sound without symbols counts as silence or as a mark."""
    found = {letter: from_ipa(letter)[0] for letter in letters}
    assert [letter for letter, symbols in found.items() if not symbols] == []
    assert {s in VOWELS for symbols in found.values() for s in symbols} == {letters is VOWEL_LETTERS}


def test_every_rounded_vowel_rounds_the_lips():
    r"""The vowels that panphon 0.22 knows as rounded."""
    rounded = {from_ipa(letter)[0] for letter in "yʉuʏʊøɵoœɞɔɶɒ"}
    assert rounded == {("UW",), ("UH",), ("ER",), ("OW",), ("AO",)}


def test_every_sound_of_the_table_is_one_the_actor_knows():
    from dnt_core.audio import ipa

    known = set(ipa._ONE.values()) | set(ipa._SEVERAL.values())
    assert known <= set(PHONEMES)
    assert {s for s in known if PHONEMES[s].is_vowel} == VOWELS & known


def rms(sound, start, end):
    return float(np.sqrt(np.mean(sound[int(start * 16000) : int(end * 16000)].astype(float) ** 2) + 1e-12))


@needs_espeak
def test_espeak_closes_its_lips_where_it_is_silent():
    r"""The closures laid before espeak-ng's voiceless stops are the silences of its sound."""
    spoken = from_espeak("A happy puppy stopped upon a copper cup.", "en-us", "")
    closures = [s.lip_closure for s in spoken.segments if s.symbol == "P"]
    assert len(closures) >= 5
    vowels = np.mean([rms(spoken.waveform, s.start, s.end) for s in spoken.segments if s.phoneme.is_vowel])
    silent = [rms(spoken.waveform, a + 0.012, b - 0.012) < 0.15 * vowels for a, b in closures if b - a > 0.03]
    assert np.mean(silent) >= 0.8
    assert spoken.mouth(25, int(25 * spoken.waveform.size / 16000)).closed.sum() >= len(closures)


@needs_espeak
@pytest.mark.parametrize("language", ["en-us", "de", "fr", "ja", "ru"])
def test_segments_of_espeak_follow_each_other(language):
    text = {"ja": "おはようございます", "ru": "Доброе утро, папа"}.get(
        language, "Papa, bonbon modern problem."
    )
    spoken = from_espeak(text, language, "f2", speed=180)
    assert spoken.segments[0].symbol == spoken.segments[-1].symbol == "SIL"
    for one, two in zip(spoken.segments, spoken.segments[1:], strict=False):
        assert two.start == pytest.approx(one.end, abs=1e-6)
        assert one.end >= one.start
    assert any(s.phoneme.is_vowel for s in spoken.segments)


@needs_espeak
def test_speaking_is_repeatable_and_its_errors_are_named():
    said = []
    for _ in range(2):
        begin_anew(4)
        said.append([speak(text, "en-us", "m3", pitch=30) for text in ("Maybe both.", "Two boats.")])
        speak("something else")
    for one, two in zip(*said, strict=True):
        np.testing.assert_array_equal(one.waveform, two.waveform)
        assert one.phonemes == two.phonemes
    one = said[0][0]
    assert [p for p, _, _ in one.phonemes if p][0] == "m"
    with pytest.raises(ValueError, match="no voice 'klingonese'"):
        speak("hello", "klingonese")
    with pytest.raises(ValueError, match="says nothing"):
        speak("", "en-us")


@needs_espeak
def test_any_english_text_becomes_a_sentence_of_the_actor():
    sentence = arpabet_sentence("Please bring a pencil.")
    symbols = [s for word in sentence.words for s, _ in word]
    assert symbols == "P L IY Z B R IH NG AH P EH N S AH L".split()


def test_what_flite_prints():
    segments = flite_segments("pau:0.220 m:0.291 ey:0.450 b:0.535 ax:0.624 p:0.724 pau:0.900 \n")
    assert [s.symbol for s in segments] == ["SIL", "M", "EY", "B", "AH", "P", "SIL"]
    assert segments[1].lip_closure == pytest.approx((0.220, 0.291))
    start, end = segments[5].lip_closure
    assert start == pytest.approx(0.624) and 0.66 < end < 0.724
    with pytest.raises(ValueError, match="'qq'"):
        flite_segments("pau:0.1 qq:0.2")


@pytest.mark.skipif(not flite_available(), reason="flite is not installed")
def test_flite_speaks():
    spoken = from_flite("Maybe both.", "slt")
    assert [s.symbol for s in spoken.segments if s.symbol != "SIL"] == "M EY B IY B OW TH".split()
    assert spoken.waveform.size / 16000 == pytest.approx(spoken.segments[-1].end, abs=0.3)


def test_labels_of_festival():
    printed = "#\n0.1 100 #\n0.2 100 p\n0.3 100 a1\n0.35 100 tS\n0.42 100 tS\n0.5 100 ts\n0.6 100 #\n"
    segments = festival_segments(printed, "it")
    assert [s.symbol for s in segments] == ["SIL", "P", "AA", "CH", "T", "S", "SIL"]
    assert segments[3].start == pytest.approx(0.3) and segments[3].end == pytest.approx(0.42)
    assert segments[1].lip_closure[0] == pytest.approx(0.1)
