import numpy as np
import pytest

from dnt_core.clips.clip_error import ClipError
from dnt_core.clips.face_cache import FaceCache, face_cache_path, read_face_cache, write_face_cache


def full_cache(count=9):
    rng = np.random.default_rng(0)
    return FaceCache(
        parameters=rng.normal(size=(count, 257)),
        fps=30,
        face_model="procedural",
        source="actor",
        image_size=(256, 256),
        landmarks=rng.uniform(0, 255, (count, 68, 2)),
        truth_parameters=rng.normal(size=(count, 257)),
        speech_expression=rng.normal(size=(count, 64)),
        truth_intensity=np.linspace(0, 1, count),
    )


def test_round_trip_beside_the_clip(tmp_path):
    cache = full_cache()
    path = write_face_cache(tmp_path / "003.mp4", cache)
    assert path == tmp_path / "003.face3d.npz" == face_cache_path(tmp_path / "003.mp4")
    back = read_face_cache(tmp_path / "003.mp4")
    assert (back.fps, back.face_model, back.source, back.image_size, len(back)) == (
        30,
        "procedural",
        "actor",
        (256, 256),
        9,
    )
    for key in ("parameters", "landmarks", "truth_parameters", "speech_expression", "truth_intensity"):
        value = getattr(back, key)
        assert value.dtype == np.float32
        assert np.array_equal(value, getattr(cache, key))
    before = path.read_bytes()
    write_face_cache(path, cache)
    assert path.read_bytes() == before


def test_a_reconstruction_may_give_the_required_keys_alone(tmp_path):
    path = tmp_path / "a.face3d.npz"
    np.savez(
        path, parameters=np.zeros((4, 257)), fps=25, face_model="bfm2009", source="a network", more=np.ones(3)
    )
    back = read_face_cache(path)
    assert back.landmarks is None
    assert back.truth_parameters is None
    assert back.fps == 25
    with pytest.raises(ValueError, match="no true parameters"):
        back.face_parameters(truth=True)


def test_parameters_as_a_typed_container():
    pytest.importorskip("dnt_core.face3d.parameters")
    cache = full_cache()
    face = cache.face_parameters()
    assert np.array_equal(face.identity.numpy(), cache.parameters[:, :80])
    assert np.array_equal(face.expression.numpy(), cache.parameters[:, 80:144])
    assert np.array_equal(face.angles.numpy(), cache.parameters[:, 224:227])
    assert np.array_equal(face.translation.numpy(), cache.parameters[:, 254:])


def test_a_row_beside_one_without_a_face_has_none_either():
    trust = np.array([1, 1, 0, 1, 1, 0.5], np.float32)
    cache = FaceCache(np.zeros((6, 257), np.float32), 30, "toy", "test", confidence=trust)
    made = cache.resampled(25)
    # rows stand at 0, 1.2, 2.4, 3.6, 4.8 of the old ones; the third old one has no face
    np.testing.assert_allclose(made.confidence, [1, 0, 0, 1, 0.6], atol=1e-6)
    assert made.has_face.tolist() == [True, False, False, True, True]
    np.testing.assert_array_equal(cache.resampled(30).confidence, trust)


def test_resampled_rows_are_linear_in_time():
    cache = full_cache()
    ramp = np.arange(9, dtype=np.float32)[:, None].repeat(257, 1)
    new = FaceCache(ramp, 30, "m", "s", truth_intensity=cache.truth_intensity).resampled(25)
    times = np.arange(len(new)) / 25 * 30
    assert new.fps == 25
    assert len(new) == 8
    assert np.allclose(new.parameters[:, 0], np.minimum(times, 8), atol=1e-5)
    assert np.allclose(new.truth_intensity, np.interp(times, np.arange(9), cache.truth_intensity), atol=1e-6)
    assert len(cache[2:5]) == 3
    assert np.array_equal(cache[2:5].landmarks, cache.landmarks[2:5])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"parameters": np.zeros((4, 256))}, r"'parameters' must have shape \(4, 257\), got \(4, 256\)"),
        ({"parameters": np.zeros((0, 257))}, r"'parameters' must have shape \(T, 257\)"),
        ({"parameters": np.full((4, 257), np.nan)}, "'parameters' holds NaN"),
        ({"landmarks": np.zeros((3, 68, 2))}, r"'landmarks' must have shape \(4, 68, 2\)"),
        ({"truth_intensity": np.full(4, 1.5)}, r"'truth_intensity' must lie in \[0, 1\], got 1.5"),
        ({"fps": -1}, "above 0"),
        ({"parameters": None}, "has no 'parameters'"),
        ({"source": None}, "has no 'source'"),
        ({"parameters": np.array([{}] * 4)}, "without pickle"),
    ],
)
def test_bad_caches_are_named(tmp_path, change, message):
    values = {"parameters": np.zeros((4, 257)), "fps": 30, "face_model": "m", "source": "s"} | change
    path = tmp_path / "a.face3d.npz"
    np.savez(path, **{key: value for key, value in values.items() if value is not None})
    with pytest.raises(ClipError, match=f"a.face3d.npz.*{message}"):
        read_face_cache(path)


def test_missing_and_cut_off_caches_are_named(tmp_path):
    with pytest.raises(ClipError, match="a.face3d.npz does not exist"):
        read_face_cache(tmp_path / "a.mp4")
    path = write_face_cache(tmp_path / "a.mp4", full_cache())
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ClipError, match="a.face3d.npz is not a whole NPZ"):
        read_face_cache(path)
