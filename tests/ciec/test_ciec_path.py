"""CIEC paths: continuous, one type at a time, and the same after a trip through text."""

from fractions import Fraction

import numpy as np
import pytest

from dnt_core.ciec import CIEC_TYPES, EXPRESSIONS, validate
from dnt_core.ciec_path import CIECPath, KeyPoint, format_path, parse_path


def test_the_issues_example():
    path = parse_path("happy:0→1→0, sad:0→0.8")
    assert path == parse_path(" happy: 0 -> 1 -> 0 ,sad:0->0.8")
    assert path == parse_path("HAPPY:0->1->0,\n, Sad:0->0.8, ")
    happy, sad = EXPRESSIONS.index("happy"), EXPRESSIONS.index("sad")
    frames = path.vectors(7)
    assert frames.shape == (7, 7) and frames.dtype == np.float32
    np.testing.assert_allclose(frames[:, happy], [0, 0.5, 1, 0.5, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(frames[:, sad], [0, 0, 0, 0, 0, 0.4, 0.8], atol=1e-6)
    assert format_path(path) == "happy:0→1→0, sad:0→0.8" == str(path)


def _random_path(rng) -> CIECPath:
    in_seconds = bool(rng.integers(2))
    points, t = [], 0.0
    times = np.sort(rng.choice(1000, size=rng.integers(2, 9), replace=False)) / 1000
    types = rng.choice(CIEC_TYPES, size=len(times))
    zero = rng.random(len(times)) < 0.4
    for i, t in enumerate(times):
        x = 0.0 if zero[i] else round(float(rng.random()), 3)
        if i and types[i] != points[-1][1] and x and points[-1][2]:
            x = 0.0
        points.append((t * (7.3 if in_seconds else 1), str(types[i]), x))
    return CIECPath(tuple(KeyPoint(*p) for p in points), in_seconds)


@pytest.mark.parametrize("seed", range(60))
def test_random_paths_round_trip_stay_valid_and_continuous(seed):
    path = _random_path(np.random.default_rng(seed))
    assert parse_path(format_path(path)) == path
    assert parse_path(format_path(path).replace("→", "->")) == path
    assert CIECPath(path.key_points, path.in_seconds) == path  # canonical form is a fixed point
    end = path.key_points[-1].time
    fine = path.at(np.linspace(0, end, 4001))
    validate(fine)
    gaps = np.diff([p.time for p in path.key_points])
    steepest = 1 / gaps[gaps > 0].min() if (gaps > 0).any() else 0
    assert np.abs(np.diff(fine, axis=0)).max() <= steepest * end / 4000 + 1e-6
    kinds = fine.argmax(1)[fine.any(1)]
    frames = np.flatnonzero(fine.any(1))
    changes = np.flatnonzero(np.diff(kinds))
    for i in changes:  # at a change the intensity on both sides has come down to about one step from zero
        assert max(fine[frames[i]].max(), fine[frames[i + 1]].max()) <= steepest * end / 4000 + 1e-6


def test_key_points_are_met_exactly():
    points = [(0.0, "happy", 0.2), (0.4, "happy", 1.0), (0.7, "happy", 0.0), (1.0, "fear", 0.9)]
    path = CIECPath(tuple(KeyPoint(*p) for p in points))
    for t, name, x in points:
        np.testing.assert_allclose(path.at(t)[EXPRESSIONS.index(name)], x, atol=1e-6)
        assert path.at(t).sum() == pytest.approx(x, abs=1e-6)
    np.testing.assert_allclose(path.at(0.85)[EXPRESSIONS.index("fear")], 0.45, atol=1e-6)


def test_seconds_and_fractions():
    seconds = parse_path("happy:0@1s→1@2s→0@4s")
    assert seconds.in_seconds
    happy = EXPRESSIONS.index("happy")
    np.testing.assert_allclose(seconds.vectors(6, fps=1)[:, happy], [0, 0, 1, 0.5, 0, 0], atol=1e-6)
    with pytest.raises(ValueError, match="fps"):
        seconds.vectors(6)
    share = parse_path("happy:0@25%→1@50%→0@100%")
    assert share.at(1.0, duration=2.0)[happy] == pytest.approx(1)
    assert share.vectors(5)[:, happy].tolist() == pytest.approx([0, 0, 1, 0.5, 0])


def test_a_lone_value_is_held():
    assert parse_path("sad:0.5") == CIECPath((KeyPoint(0.0, "sad", 0.5), KeyPoint(1.0, "sad", 0.5)))
    np.testing.assert_allclose(parse_path("sad:0.5").vectors(3).max(1), 0.5)
    assert parse_path("sad:0.5").vectors(1).shape == (1, 7)
    paused = parse_path("happy:1→0, neutral:0, happy:0→1")
    np.testing.assert_allclose(paused.vectors(7).max(1), [1, 0.5, 0, 0, 0, 0.5, 1], atol=1e-6)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("happy:0→1, sad:0→1", "from happy at 1 to sad at 0 .*only at zero intensity"),
        ("happy:0→1, sad:1→0", "from happy at 1 to sad at 1, but a CIEC may change its type only at zero"),
        ("happy:0→1, happy:0.5→0", "jumps"),
        ("happy:0→2", r"happy .*intensity 2 is not in \[0, 1\]"),
        ("happy:0→-1", r"intensity -1 is not in"),
        ("happy:0→nan", "'nan' in .*is no intensity"),
        ("joy:0→1", "unknown expression 'joy'"),
        ("happy", "no 'type:values'"),
        ("", "path '' holds no expression"),
        (" , ", "holds no expression"),
        ("happy:0→→1", "no intensity"),
        ("happy:0→much", "'much' .*no intensity"),
        ("happy:0→0_1", "'0_1' .*no intensity"),
        ("happy:0→1@0.5sec", "^'0.5sec' in the expression path .* is no time; .*happy:0@0s->1@0.5s"),
        ("happy:0→1@500ms", "'500ms' in .*is no time"),
        ("happy:0→1@", "'1@' in .*is no time"),
        ("happy:0→1@1s@2s", "'1s@2s' in .*is no time"),
        ("happy:0→80%", "'80%' in .*is no intensity; .*happy:0->1->0"),
        ("neutral:0→1", "neutral has no intensity"),
        ("happy:0@0s→1", "times to all values"),
        ("happy:0@0s→1@50%", "one unit"),
        ("happy:0@2s→1@1s", "order of time"),
        ("happy:0@0%→1@120%", "fraction of the clip"),
    ],
)
def test_wrong_texts_get_one_sentence(text, message):
    with pytest.raises(ValueError, match=message) as error:
        parse_path(text)
    assert "\n" not in str(error.value)


def test_wrong_calls_are_refused():
    with pytest.raises(ValueError, match="at least one key-point"):
        CIECPath(())
    with pytest.raises(ValueError, match="n_frames"):
        parse_path("happy:1").vectors(0)
    with pytest.raises(ValueError, match="seconds ≥ 0"):
        CIECPath((KeyPoint(-1.0, "happy", 0.0),), in_seconds=True)


@pytest.mark.parametrize("duration", [2.5, Fraction(5, 2), np.float32(2.5)])
def test_a_path_that_goes_on_after_the_end_is_refused(duration):
    parse_path("sad:0@0s→1@2.5s").check_within(duration, "the clip")
    parse_path("sad:0→1").check_within(duration, "the clip")  # shares of whatever length
    with pytest.raises(ValueError, match=r"^the path ends at 2.75 s, the sound at 2.5 s$"):
        parse_path("sad:0@0s→1@2.75s").check_within(duration, "the sound")
