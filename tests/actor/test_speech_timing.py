"""Sentences, durations and the common clock of sound and frames."""

import numpy as np
import pytest

from dnt_core.actor.speech import PHRASES, SENTENCES, VOICES, Sentence, sentences_within, synthesize
from dnt_core.actor.speech.timeline import frame_count, frame_times, sample_count
from dnt_core.actor.speech.timing import SHORTEST_LIP_CLOSURE, segment_sentence
from dnt_core.ciec import EXPRESSIONS


def symbols(sentences):
    return [symbol for sentence in sentences for word in sentence.words for symbol, _ in word]


def test_sentences_show_the_whole_mouth():
    assert len(SENTENCES) == 12 and len({s.text for s in SENTENCES + PHRASES}) == len(SENTENCES + PHRASES)
    said = symbols(SENTENCES)
    for group, least in {"PBM": 30, "F V": 15}.items():
        assert sum(s in group.replace(" ", "") for s in said) >= least, group
    assert sum(s in ("UW", "OW", "AO", "UH", "W") for s in said) >= 20
    assert sum(s in ("IY", "IH", "EY", "EH", "AE", "AY") for s in said) >= 30
    assert sum(s in ("TH", "DH") for s in said) >= 15
    for sentence in SENTENCES + PHRASES:
        assert set(symbols([sentence])) & {"P", "B", "M"}, sentence.text
        assert len(sentence.words) == len(sentence.text.split())


@pytest.mark.parametrize("rate", [1.0, 1.15])
def test_durations(rate):
    for seed in range(4):
        for sentence in SENTENCES:
            assert 1.2 < segment_sentence(sentence, seed, rate)[-1].end < 3.0, sentence.text
        for phrase in PHRASES:
            assert 0.55 < segment_sentence(phrase, seed, rate)[-1].end < 1.05, phrase.text


def test_segments_follow_without_gap():
    for sentence in SENTENCES + PHRASES:
        segments = segment_sentence(sentence, 3)
        assert segments[0].start == 0 and segments[0].symbol == segments[-1].symbol == "SIL"
        assert [s.symbol for s in segments[1:-1]] == symbols([sentence])
        for before, after in zip(segments, segments[1:], strict=False):
            assert before.end == after.start and after.duration > 0.015
        for segment in segments:
            if segment.release is not None:
                assert segment.start < segment.release < segment.end
            if segment.lip_closure:
                start, end = segment.lip_closure
                assert end - start >= SHORTEST_LIP_CLOSURE


def test_timing_is_the_seeds_and_not_the_moods():
    reference = synthesize(SENTENCES[3], 4, VOICES["M003"])
    for mood in EXPRESSIONS:
        speech = synthesize(SENTENCES[3], 4, VOICES["M003"], mood, 1.0)
        assert speech.phonemes == reference.phonemes and speech.waveform.size == reference.waveform.size
    assert synthesize(SENTENCES[3], 5, VOICES["M003"]).phonemes != reference.phonemes


def test_stress_and_phrase_end_lengthen():
    def length(transcription, k):
        return segment_sentence(Sentence("x", transcription), 0)[k].duration

    assert length("B AA1 | B AA1 | B AA1", 6) > 1.15 * length("B AA1 | B AA1 | B AA1", 4)  # the last vowel
    assert length("B AH1 | B AA1", 2) > 1.15 * length("B AH0 | B AA1", 2)
    assert length("B IY1 D", 2) > 1.15 * length("B IY1 T", 2)


def test_sentences_that_fit():
    assert sentences_within(10.0) == SENTENCES + PHRASES
    short = sentences_within(1.0)
    assert len(short) >= 5 and set(short) <= set(PHRASES)
    for sentence in short:
        assert all(segment_sentence(sentence, seed)[-1].end <= 1.0 for seed in range(20)), sentence.text
    with pytest.raises(ValueError, match="no sentence fits 0.2 s"):
        sentences_within(0.2)


def test_frames_and_samples_share_a_clock():
    assert frame_count(1.0, 30) == 30 and frame_count(1.01, 30) == 31 and frame_count(0.0, 30) == 0
    assert frame_count(41 / 30, 30) == 41 and frame_count(73 / 29.97, 29.97) == 73
    np.testing.assert_allclose(frame_times(4, 25), [0, 0.04, 0.08, 0.12])
    assert sample_count(25, 25) == 16000 and sample_count(1, 30) == 533 and sample_count(30, 30) == 16000
    for fps in (25, 29.97, 30):
        speech = synthesize(PHRASES[0], 1)
        n = speech.n_frames(fps)
        assert (n - 1) / fps < speech.duration <= n / fps + 1e-6
        fitted = speech.fitted(fps)
        assert fitted.waveform.size == sample_count(n, fps) and fitted.n_frames(fps) in (n, n + 1)
        np.testing.assert_array_equal(fitted.waveform[: speech.waveform.size], speech.waveform)


def test_fitting_to_a_longer_or_too_short_clip():
    speech = synthesize(PHRASES[0], 1)
    longer = speech.fitted(25, 50)
    assert longer.duration == 2.0 and not longer.waveform[speech.waveform.size :].any()
    with pytest.raises(ValueError, match="5 frames at 25 fps last 0.200 s"):
        speech.fitted(25, 5)


@pytest.mark.parametrize("fps", [0, -25, float("nan"), float("inf")])
def test_bad_fps(fps):
    with pytest.raises(ValueError, match="fps is"):
        frame_times(3, fps)


@pytest.mark.parametrize(
    "transcription, message",
    [
        ("", "empty"),
        ("Q AA1", "'Q'"),
        ("B AA", "'AA'"),
        ("B1 AA1", "'B1'"),
        ("B AA3", "'AA3'"),
        (" | ", "empty"),
    ],
)
def test_bad_transcription(transcription, message):
    with pytest.raises(ValueError, match=message):
        Sentence("x", transcription)
