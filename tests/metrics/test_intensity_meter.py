r"""The meter of intensities: texels as a loop takes them off, intensities read on clips it has never seen."""

import numpy as np
import pytest

from dnt_core.metrics.intensity_meter import (
    IntensityMeter,
    face_texels,
    fit_meter,
    labels_of,
    meter_error,
    texels_of,
)
from dnt_core.training import preprocessing
from dnt_core.training.preprocessing import DataConfig, prepare_data
from tests.training.generator_clips import write_clips

TEXELS = 8


@pytest.fixture(scope="module")
def data(tmp_path_factory, toy_model):
    r"""Clips of the toy face, tinted after expression and level."""
    clips = write_clips(tmp_path_factory.mktemp("clips"), toy_model).clips
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(preprocessing, "load_face_model", lambda source: toy_model)
        folder = tmp_path_factory.mktemp("data")
        return prepare_data(clips, folder, DataConfig(image_size=32, texture_size=24), progress=False)


@pytest.fixture(scope="module")
def meter(data):
    return fit_meter(data, data.split("clip", share=0.5)[0], TEXELS)


def slow_texels(picture, uv_map, mask, texels):
    total, count = np.zeros((3, texels, texels)), np.zeros((texels, texels))
    for y in range(picture.shape[1]):
        for x in range(picture.shape[2]):
            if mask[0, y, x] > 0:
                column, row = (min(int(c * texels), texels - 1) for c in uv_map[:, y, x].tolist())
                total[:, row, column] += picture[:, y, x].numpy()
                count[row, column] += 1
    with np.errstate(invalid="ignore"):
        found = total / count
    return (found - np.nanmean(found)) / np.nanstd(found)


def test_texels_are_those_of_a_loop(data):
    batch = data.batch([0, 7])
    fast = face_texels(batch.target, batch.frame, TEXELS)
    for b in range(2):
        slow = slow_texels(batch.target[b], batch.frame.uv_map[b], batch.frame.mask[b], TEXELS)
        assert np.isnan(slow).any() and not np.isnan(slow).all()
        np.testing.assert_allclose(fast[b], slow, atol=1e-4)


def test_a_brighter_or_paler_picture_gives_the_same_texels(data):
    batch = data.batch([3])
    other = face_texels(0.2 + 0.5 * batch.target, batch.frame, TEXELS)
    np.testing.assert_allclose(other, face_texels(batch.target, batch.frame, TEXELS), atol=1e-4)


def test_reads_clips_it_has_never_seen(data, meter):
    train, test = data.split("clip", share=0.5)
    assert not set(data.rows[train, 0]) & set(data.rows[test, 0])
    found = meter_error(meter, data, test)
    assert found["error"] < 0.5 * found["error_of_mean"]
    assert found["correlation"] > 0.8


def test_reads_only_the_expression_it_is_told(data, meter):
    names, _ = labels_of(data, np.arange(len(data)))
    rows = np.flatnonzero([name == "neutral" for name in names])
    happy = np.flatnonzero([name == "happy" for name in names])
    as_happy = meter(texels_of(data, happy, TEXELS), "happy")
    assert as_happy.mean() > meter(texels_of(data, rows, TEXELS), "happy").mean() + 0.3
    assert meter(texels_of(data, happy, TEXELS), "sad").mean() < as_happy.mean()


def test_one_expression_for_all_or_one_each(data, meter):
    texels = texels_of(data, np.arange(4), TEXELS)
    np.testing.assert_array_equal(meter(texels, "sad"), meter(texels, ["sad"] * 4))


def test_saved_and_loaded_it_reads_the_same(data, meter, tmp_path):
    meter.save(tmp_path / "meter.safetensors", {"clips": len(data.clips)})
    loaded = IntensityMeter.load(tmp_path / "meter.safetensors")
    texels = texels_of(data, np.arange(10), TEXELS)
    assert loaded.expressions == meter.expressions
    np.testing.assert_allclose(loaded(texels, "happy"), meter(texels, "happy"), atol=1e-5)


def test_refusals(data, meter, tmp_path):
    texels = texels_of(data, np.arange(4), TEXELS)
    with pytest.raises(ValueError, match="the meter knows happy, sad; got 'fear'"):
        meter(texels, "fear")
    with pytest.raises(ValueError, match="faces of \\(3, 4, 4\\) texels"):
        meter(texels[:, :, :4, :4], "happy")
    with pytest.raises(ValueError, match="sad has a single intensity"):
        IntensityMeter.fit(texels, ["sad"] * 4, [0.5] * 4)
    with pytest.raises(ValueError, match="4 faces, 3 expressions"):
        IntensityMeter.fit(texels, ["sad"] * 3, [0.5] * 4)
    with pytest.raises(FileNotFoundError, match="is not there; expected an intensity meter"):
        IntensityMeter.load(tmp_path / "nothing.safetensors")
    (tmp_path / "text.safetensors").write_text("no safetensors")
    with pytest.raises(ValueError, match="holds no intensity meter"):
        IntensityMeter.load(tmp_path / "text.safetensors")


def test_an_expression_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="unknown expression 'hapy'"):
        IntensityMeter.fit(np.zeros((3, 3, 2, 2)), ["neutral", "hapy", "happy"], [0, 1, 1])
    faces = np.random.default_rng(0).random((3, 3, 2, 2))
    assert IntensityMeter.fit(faces, ["Neutral", "Happy", "happy"], [0, 1, 0.5]).expressions == ("happy",)
