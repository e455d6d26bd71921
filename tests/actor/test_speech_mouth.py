"""The mouth: closed where it must be, open where it should be, smooth, at rest in silence, in step."""

import numpy as np
import pytest

from dnt_core.actor.speech import (
    MOUTH_MOVEMENTS,
    PHRASES,
    SENTENCES,
    VOICES,
    Sentence,
    mouth_movements,
    synthesize,
)
from dnt_core.actor.speech.phonemes import PHONEMES
from dnt_core.actor.speech.visemes import DOMINANCE, ORGANS, VISEMES

EVERYTHING = SENTENCES + PHRASES
# what parts the lips; the jaw does too, where mouthClose does not cancel it
PARTING = ("mouthFunnel", "mouthLowerDown", "mouthUpperUp")


@pytest.fixture(scope="module")
def said():
    return [synthesize(sentence, seed) for seed, sentence in enumerate(EVERYTHING)]


def middle_of(transcription, symbol, fps=500):
    speech = synthesize(Sentence("x", transcription), 0)
    segment = next(s for s in speech.segments if s.symbol == symbol)
    mouth = mouth_movements(speech, fps, speech.n_frames(fps))
    return {name: track[round(0.5 * (segment.start + segment.end) * fps)] for name, track in mouth.items()}


def test_tables_cover_every_sound_and_movement():
    assert set(VISEMES) == set(DOMINANCE) == set(PHONEMES)
    driven = [name for names in ORGANS.values() for name in names]
    assert sorted([*driven, "mouthClose"]) == sorted(MOUTH_MOVEMENTS)
    for poses in VISEMES.values():
        for pose in poses:
            assert set(pose) <= set(driven) and all(0 < value <= 0.8 for value in pose.values())
            assert pose.get("jawOpen", 0) <= 0.35


@pytest.mark.parametrize("fps", [25, 29.97, 30, 60])
def test_names_shapes_and_range(said, fps):
    for speech in said:
        n = speech.n_frames(fps)
        mouth = mouth_movements(speech, fps, n)
        assert tuple(mouth) == MOUTH_MOVEMENTS
        for name, track in mouth.items():
            assert track.shape == (n,) and np.isfinite(track).all(), name
            assert track.min() >= 0 and track.max() <= 1, name
        assert mouth.closed.shape == (n,) and mouth.closed.dtype == bool


@pytest.mark.parametrize("fps", [25, 30])
def test_every_bilabial_is_seen_closed(said, fps):
    for speech in said:
        mouth = mouth_movements(speech, fps, speech.n_frames(fps))
        times = np.arange(mouth.closed.size) / fps
        for segment in speech.segments:
            if segment.lip_closure is None:
                continue
            start, end = segment.lip_closure
            inside = (times >= start) & (times <= end)
            assert inside.any() and mouth.closed[inside].all(), (speech.sentence.text, segment)
        np.testing.assert_allclose(
            mouth["mouthClose"][mouth.closed], mouth["jawOpen"][mouth.closed], atol=1e-12
        )
        for name in PARTING:
            assert np.abs(mouth[name][mouth.closed]).max() < 1e-12, name


def test_closed_lips_press_and_open_lips_do_not(said):
    for speech in said:
        mouth = mouth_movements(speech, 200, speech.n_frames(200))
        for segment in speech.segments:
            if segment.lip_closure is not None:
                during = slice(round(segment.lip_closure[0] * 200), round(segment.lip_closure[1] * 200) + 1)
                assert mouth["mouthPress"][during].max() > 0.2
            elif segment.symbol in ("AA", "AE"):
                assert mouth["mouthPress"][round(0.5 * (segment.start + segment.end) * 200)] < 0.05


def test_vowels_open_the_mouth_between_closures(said):
    for speech in said:
        mouth = mouth_movements(speech, 200, speech.n_frames(200))
        opening = mouth["jawOpen"] - mouth["mouthClose"]
        for segment in speech.segments:
            if segment.phoneme.is_vowel and segment.stress == 1:
                during = slice(round(segment.start * 200), round(segment.end * 200))
                assert opening[during].max() > 0.04, (speech.sentence.text, segment)


def test_closure_of_two_neighbours_is_one():
    speech = synthesize(Sentence("Up, man.", "AH1 P | M AE1 N"), 0)
    mouth = mouth_movements(speech, 500, speech.n_frames(500))
    p, m = (next(s for s in speech.segments if s.symbol == x) for x in "PM")
    assert mouth.closed[round(p.start * 500) + 1 : round(m.end * 500) - 1].all()


def test_poses_differ_as_the_sounds_do():
    aa, iy, uw = (middle_of(f"HH {v}1 T", v) for v in ("AA", "IY", "UW"))
    assert 0.28 < aa["jawOpen"] <= 0.36 and iy["jawOpen"] < 0.2 and uw["jawOpen"] < 0.2
    assert 0.45 < uw["mouthPucker"] <= 0.65 and max(aa["mouthPucker"], iy["mouthPucker"]) < 0.1
    assert iy["mouthStretch"] > 0.25 > uw["mouthStretch"]
    assert (
        middle_of("AE1 F AE1", "F")["mouthRollLower"]
        > 0.3
        > 0.1
        > middle_of("AE1 T AE1", "T")["mouthRollLower"]
    )
    assert middle_of("AE1 TH AE1", "TH")["tongueUp"] > 0.3 > 0.1 > middle_of("AE1 B AE1", "B")["tongueUp"]


def test_coarticulation():
    # rounding spreads over a consonant that does not mind; the same consonant stays unrounded beside spread
    # vowels
    assert (
        middle_of("UW1 T UW1", "T")["mouthPucker"] > 0.3 > 0.05 > middle_of("IY1 T IY1", "T")["mouthPucker"]
    )
    # but the sibilant keeps the jaw up between open vowels
    assert middle_of("AA1 S AA1", "S")["jawOpen"] < 0.6 * middle_of("AA1 HH AA1", "HH")["jawOpen"]
    # and an open vowel is felt in the closure beside it
    assert middle_of("AA1 M AA1", "M")["jawOpen"] > middle_of("IY1 M IY1", "M")["jawOpen"]


def test_silence_is_rest(said):
    for speech in said:
        fps = 30
        mouth = mouth_movements(speech, fps, speech.n_frames(fps) + 15)
        last = round(speech.duration * fps) + 6
        for name, track in mouth.items():
            assert np.abs(track[last:]).max() < 1e-3, (name, speech.sentence.text)
        assert not mouth.closed[last:].any()
    waiting = synthesize(Sentence("We wait.", "W IY1 | W EY1 T", lead_in=0.5, lead_out=0.5), 0)
    mouth = mouth_movements(waiting, 30, waiting.n_frames(30))
    for name, track in mouth.items():
        assert np.abs(track[:7]).max() < 1e-3 and np.abs(track[-6:]).max() < 1e-3, name
    assert mouth["mouthPucker"][15] > 0.2  # rounded before the sound begins


def test_movements_are_smooth(said):
    fps = 1000
    for speech in said:
        for name, track in mouth_movements(speech, fps, speech.n_frames(fps)).items():
            speed = np.abs(np.diff(track)).max() * fps
            # a jaw of 1 is 4 cm: 4.5 a second are 18 cm/s, what talkers reach
            assert speed < (4.5 if name == "jawOpen" else 13), (
                f"{name} moves {speed:.1f} a second in {speech.sentence.text!r}"
            )
            jolt = np.abs(np.diff(track, 2)).max() * fps**2
            assert jolt < 1500, f"{name} jolts {jolt:.0f} per second squared in {speech.sentence.text!r}"


def test_jaw_follows_the_sound(said):
    fps, correlations = 30, []
    for speech in said[: len(SENTENCES)]:
        jaw = mouth_movements(speech, fps, speech.n_frames(fps))["jawOpen"]
        centres = np.round(np.arange(jaw.size) / fps * 16000).astype(int)
        energy = [
            np.sqrt(np.mean(speech.waveform[max(c - 400, 0) : c + 400].astype(float) ** 2)) for c in centres
        ]
        correlations.append(np.corrcoef(jaw, energy)[0, 1])
    assert np.mean(correlations) > 0.6 and min(correlations) > 0.25, np.round(correlations, 2)
    # a sound that is 200 ms late does not fit as well
    shifted = np.corrcoef(jaw[:-6], energy[6:])[0, 1]
    assert shifted < correlations[-1] - 0.2


def test_mouth_is_the_same_whatever_the_mood_and_frames_are_samples_of_one_motion():
    calm = synthesize(SENTENCES[1], 2, VOICES["W009"])
    angry = synthesize(SENTENCES[1], 2, VOICES["W009"], "angry", 1.0)
    slow, fast = mouth_movements(calm, 25, 50), mouth_movements(angry, 50, 100)
    for name in MOUTH_MOVEMENTS:
        np.testing.assert_allclose(slow[name], fast[name][::2], atol=1e-12)
    np.testing.assert_array_equal(slow.closed, fast.closed[::2])


def test_no_frames_and_bad_fps():
    speech = synthesize(PHRASES[0])
    assert mouth_movements(speech, 25, 0)["jawOpen"].shape == (0,)
    with pytest.raises(ValueError, match="fps is 0"):
        mouth_movements(speech, 0, 10)
