"""The synthesiser's sound, measured: formants, pitch, noise, level, silence, no clicks."""

import time

import numpy as np
import pytest
from scipy.linalg import solve_toeplitz
from scipy.signal import butter, resample_poly, sosfiltfilt

from dnt_core.actor.speech import PHRASES, SENTENCES, VOICES, Segment, Sentence, Voice, synthesize
from dnt_core.actor.speech.formant_synthesiser import _render
from dnt_core.actor.speech.glottal_source import glottal_pulses, tilted
from dnt_core.actor.speech.phonemes import PHONEMES
from dnt_core.actor.speech.prosody import PROSODY, Prosody
from dnt_core.actor.speech.resonators import fixed_resonances, moving_resonances
from dnt_core.ciec import EXPRESSIONS


def sustained(*symbols, voice=None, seconds=0.4, prosody=None):
    """A held sound, or several one after the other, monotone; the first starts at 0.1 s."""
    segments, t = [Segment("SIL", 0.0, 0.1)], 0.1
    for symbol in symbols:
        segments.append(Segment(symbol, t, t + seconds, 1))
        t += seconds
    segments.append(Segment("SIL", t, t + 0.1))
    prosody = prosody or Prosody(melody=0.0, final=0.0)
    return _render(tuple(segments), Sentence("held", "AA1"), voice or Voice(f0=100.0), prosody, 3)


def formants_by_lpc(waveform):
    """First formants in Hz: roots of a 12th-order predictor at 10 kHz with a bandwidth under 500 Hz."""
    x = resample_poly(waveform.astype(np.float64), 10, 16)
    x = np.append(x[0], x[1:] - 0.97 * x[:-1]) * np.hamming(x.size)
    r = np.correlate(x, x, "full")[x.size - 1 :][:13]
    roots = np.roots(np.append(1.0, -solve_toeplitz(r[:-1], r[1:])))
    roots = roots[(roots.imag > 0) & (-np.log(np.abs(roots)) * 10000 / np.pi < 500)]
    frequencies = np.sort(np.angle(roots) * 10000 / (2 * np.pi))
    return frequencies[frequencies > 180]


def level_db(x):
    return 10 * np.log10(np.mean(np.asarray(x, np.float64) ** 2) + 1e-20)


def band_db(x, low, high):
    power = np.abs(np.fft.rfft(x * np.hanning(x.size))) ** 2
    frequency = np.fft.rfftfreq(x.size, 1 / 16000)
    return 10 * np.log10(power[(frequency >= low) & (frequency < high)].sum() + 1e-20)


def pitch(x):
    """Pitch in Hz of the voiced 50 ms windows by autocorrelation."""
    found = []
    for start in range(0, x.size - 800, 160):
        y = x[start : start + 800].astype(np.float64)
        r = np.correlate(y - y.mean(), y - y.mean(), "full")[799:]
        lag = 40 + np.argmax(r[40:260])
        if level_db(y) > level_db(x) - 6 and r[lag] > 0.6 * r[0]:
            found.append(16000 / lag)
    return np.array(found)


@pytest.mark.parametrize("vowel", ["IY", "IH", "EH", "AE", "AA", "AO", "AH", "UH", "UW", "ER"])
def test_sustained_vowel_has_its_formants(vowel):
    measured = formants_by_lpc(sustained(vowel)[4000:6400])[:3]
    np.testing.assert_allclose(measured, PHONEMES[vowel].formants, rtol=0.06, atol=15)


def test_formants_scale_with_the_voice():
    measured = formants_by_lpc(sustained("AE", voice=Voice(f0=100.0, formant_scale=1.15))[4000:6400])[:3]
    np.testing.assert_allclose(measured, 1.15 * np.array(PHONEMES["AE"].formants), rtol=0.06)


def test_diphthong_glides():
    waveform = sustained("AY")
    start, end = formants_by_lpc(waveform[2200:3400]), formants_by_lpc(waveform[7000:7900])
    assert start[0] > 620 and start[1] < 1350
    assert end[0] < 480 and end[1] > 1800


def test_formants_move_without_a_jump():
    waveform = sustained("AA", "IY", seconds=0.25)
    f2 = [formants_by_lpc(waveform[i : i + 480])[1] for i in range(4800, 6800, 160)]
    assert f2[-1] - f2[0] > 900
    assert np.abs(np.diff(f2)).max() < 0.6 * (f2[-1] - f2[0]), f2


def ring(x, frequency, bandwidth):
    """One resonator, sample by sample."""
    c = -np.exp(-2 * np.pi * bandwidth / 16000)
    b = 2 * np.exp(-np.pi * bandwidth / 16000) * np.cos(2 * np.pi * frequency / 16000)
    y = np.zeros(x.size + 2)
    for n in range(x.size):
        y[n + 2] = (1 - b - c) * x[n] + b * y[n + 1] + c * y[n]
    return y[2:]


def test_resonators_match_a_sample_by_sample_loop():
    source = np.random.default_rng(0).standard_normal(700)
    expected = ring(ring(source, 500.0, 90.0), 1500.0, 120.0)
    np.testing.assert_allclose(
        fixed_resonances(source, np.array([500.0, 1500.0]), np.array([90.0, 120.0])), expected, atol=1e-10
    )
    rows = np.ones((11, 1))
    # an anti-resonator undoes the resonator it stands on
    moving = moving_resonances(
        source, rows * [500.0, 300.0, 1500.0], rows * [90.0, 100.0, 120.0], rows * 300.0, rows * 100.0
    )
    np.testing.assert_allclose(moving, expected, atol=2e-5 * np.abs(expected).max())


def test_moving_resonators_match_grains_added_one_by_one():
    source = np.random.default_rng(1).standard_normal(500)
    frequencies = np.stack([np.linspace(300, 800, 8), np.linspace(2000, 1200, 8)], axis=1)
    bandwidths = np.full((8, 2), 150.0)
    expected = np.zeros(500)
    for m in range(9):
        weight = np.maximum(0.0, 1 - np.abs(np.arange(500) - 64 * m) / 64)  # where a grain is, and
        grain = source * np.sin(0.5 * np.pi * weight) ** 2  # a Hann window in it
        setting = min(m, 7)
        for k in range(2):
            grain = ring(grain, frequencies[setting, k], bandwidths[setting, k])
        expected += grain
    none = np.zeros((8, 0))
    np.testing.assert_allclose(
        moving_resonances(source, frequencies, bandwidths, none, none), expected, atol=1e-6
    )
    with pytest.raises(ValueError, match="7 settings for 500 samples, expected 8, one every 64"):
        moving_resonances(source, frequencies[:7], bandwidths[:7], none[:7], none[:7])


def test_tilt_is_what_it_says():
    impulse = np.zeros(4096)
    impulse[0] = 1.0
    for tilt in (3.0, 10.0, 20.0):
        response = np.abs(np.fft.rfft(tilted(impulse, tilt)))
        assert response[0] == pytest.approx(1.0, abs=1e-6)
        assert 20 * np.log10(response[768]) == pytest.approx(-tilt, abs=0.01)  # bin 768 = 3 kHz


def test_pulses_have_their_pitch_and_do_not_alias():
    derivative, flow = glottal_pulses(np.full(16000, 137.0), 0.6, 0.0, 0.0, np.random.default_rng(0))
    assert flow.min() >= 0 and flow.max() <= 1.001
    power = np.abs(np.fft.rfft(derivative * np.hanning(16000))) ** 2
    assert 20 <= np.argmax(power) and np.argmax(power) % 137 in (0, 1, 136)
    harmonics = np.zeros(power.size, bool)
    for k in range(137, 8000, 137):
        harmonics[k - 3 : k + 4] = True
    assert 10 * np.log10(power[~harmonics].sum() / power.sum()) < -40


def test_frication_spectra_differ_as_their_places_do():
    s, sh, f = (sustained("AA", x, "AA", seconds=0.2)[5600:7400] for x in ("S", "SH", "F"))
    assert band_db(s, 4000, 8000) - band_db(s, 1000, 3800) > 8
    assert band_db(sh, 2000, 4000) - band_db(sh, 5500, 8000) > 3
    assert level_db(s) - level_db(f) > 8
    voiced = sustained("AA", "Z", "AA", seconds=0.2)[5600:7400]
    assert band_db(voiced, 60, 300) - band_db(s, 60, 300) > 15


def test_stop_closes_and_bursts():
    p = synthesize(Sentence("a pa", "AH0 | P AA1"), 0, Voice(f0=100.0))
    closure = next(s for s in p.segments if s.symbol == "P")
    vowel = next(s for s in p.segments if s.symbol == "AA")
    cut = lambda a, b: p.waveform[round(a * 16000) : round(b * 16000)]  # noqa: E731
    shut = level_db(cut(closure.start + 0.03, closure.release - 0.004))
    burst = level_db(cut(closure.release, closure.release + 0.01))
    assert level_db(cut(vowel.start + 0.04, vowel.end - 0.04)) - shut > 40
    assert burst - shut > 20
    b = synthesize(Sentence("a ba", "AH0 | B AA1"), 0, Voice(f0=100.0))
    bar = next(s for s in b.segments if s.symbol == "B")
    murmur = b.waveform[round((bar.start + 0.03) * 16000) : round((bar.release - 0.004) * 16000)]
    assert level_db(murmur) - shut > 20  # the voice bar of a voiced stop
    assert band_db(murmur, 60, 500) - band_db(murmur, 800, 5000) > 15


def test_nasal_is_low_and_weaker_than_its_vowel():
    waveform = sustained("AA", "M", "AA", seconds=0.2)
    vowel, nasal = waveform[2600:4000], waveform[5800:7200]
    assert 4 < level_db(vowel) - level_db(nasal) < 22
    assert band_db(nasal, 100, 500) - band_db(nasal, 500, 4000) > 8


@pytest.mark.parametrize("voice", VOICES.values(), ids=VOICES.keys())
def test_every_sentence_is_clean(voice):
    for sentence in SENTENCES + PHRASES:
        speech = synthesize(sentence, 5, voice, "angry", 1.0)
        x = speech.waveform
        assert x.dtype == np.float32 and np.isfinite(x).all() and np.abs(x).max() < 1.0
        assert level_db(x) > -40
        quiet = round((speech.segments[0].end - 0.03) * 16000)
        assert np.abs(x[: quiet // 2]).max() < 1e-3 and abs(x[-1]) < 1e-4, sentence.text
        assert abs(x.mean()) < 0.02 * x.std()


def test_moving_formants_and_nasals_do_not_click():
    # no hiss in it, so a click stands out above 6.5 kHz against the voice's own brightness
    speech = synthesize(
        Sentence("Mow a lawn, Molly Moya.", "M OW1 | AH0 | L AO1 N | M AA1 L IY0 | M OY1 AH0"),
        2,
        Voice(f0=100.0, breathiness=0.0),
    )
    high = sosfiltfilt(butter(6, 6500, "high", fs=16000, output="sos"), speech.waveform.astype(np.float64))
    frames = np.abs(high[: high.size // 320 * 320].reshape(-1, 320)).max(axis=1)
    assert frames.max() < 0.01 * np.abs(speech.waveform).max()
    assert np.abs(np.diff(speech.waveform)).max() < 0.6 * np.abs(speech.waveform).max()


def test_same_seed_same_samples_and_other_seed_others():
    a, b, c = (synthesize(SENTENCES[0], seed, VOICES["W009"], "fear", 0.4) for seed in (7, 7, 8))
    np.testing.assert_array_equal(a.waveform, b.waveform)
    assert a.segments == b.segments and a.segments != c.segments


def test_voices_differ_in_pitch():
    low, middle, high = (
        np.median(pitch(synthesize(SENTENCES[0], 1, VOICES[n]).waveform)) for n in ("M011", "M003", "W009")
    )
    assert low * 1.15 < middle < high / 1.4


def test_prosody_names_the_eight_expressions():
    assert tuple(PROSODY) == EXPRESSIONS
    assert PROSODY["neutral"] == Prosody()


def test_moods_sound_as_they_should_and_grow_with_intensity():
    measured = {}
    for mood in EXPRESSIONS[:7]:
        for intensity in (0.0, 0.5, 1.0):
            x = synthesize(SENTENCES[6], 1, VOICES["M003"], mood, intensity).waveform
            f0 = pitch(x)
            measured[mood, intensity] = np.median(f0), level_db(x), (12 * np.log2(f0)).std()
    f0, level, width = ({key: row[k] for key, row in measured.items()} for k in range(3))
    for mood, up in {"angry": 1, "fear": 1, "happy": 1, "surprised": 1, "sad": -1, "disgusted": -1}.items():
        assert up * (f0[mood, 1.0] - f0[mood, 0.5]) > 2 and up * (f0[mood, 0.5] - f0[mood, 0.0]) > 2, mood
    for mood, up in {"angry": 1, "happy": 1, "surprised": 1, "sad": -1}.items():
        assert (
            up * (level[mood, 1.0] - level[mood, 0.5]) > 0.8
            and up * (level[mood, 0.5] - level[mood, 0.0]) > 0.8
        ), mood
    assert width["sad", 1.0] < 0.8 * width["sad", 0.0] < width["surprised", 1.0]
    assert level["angry", 1.0] == max(level.values()) and level["sad", 1.0] == min(level.values())


def test_a_small_step_of_intensity_is_a_small_step_of_sound():
    levels = [level_db(synthesize(PHRASES[0], 1, None, "angry", i).waveform) for i in (0.5, 0.51, 0.6)]
    assert abs(levels[1] - levels[0]) < 0.3 < levels[2] - levels[0]


def test_anger_is_brighter_and_sadness_duller():
    def brightness(mood):
        x = synthesize(SENTENCES[6], 1, VOICES["M003"], mood, 1.0).waveform
        return band_db(x, 1500, 3800) - band_db(x, 60, 1000)

    assert brightness("sad") + 2 < brightness("neutral") < brightness("angry") - 2


def test_ten_times_faster_than_real_time():
    synthesize(PHRASES[0])
    fastest = np.inf
    for _ in range(5):
        start = time.process_time()
        speech = synthesize(SENTENCES[0])
        fastest = min(fastest, time.process_time() - start)
    assert speech.duration / fastest > 10, f"{speech.duration / fastest:.1f} times real time"


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"expression": "bored"}, "bored"),
        ({"expression": "sad", "intensity": 1.2}, "1.2"),
        ({"expression": "sad", "intensity": float("nan")}, "nan"),
        ({"seed": -1}, "-1"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        synthesize(PHRASES[0], **arguments)


def test_bad_voice_is_named():
    with pytest.raises(ValueError, match="formant_scale is 3"):
        Voice(formant_scale=3)
