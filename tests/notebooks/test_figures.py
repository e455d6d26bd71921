r"""Figure 2's drawing, and pictures small enough to commit."""

import io

import numpy as np
import pytest
from PIL import Image

from dnt_core.ciec import CIEC_TYPES
from dnt_core.plotting import PIPELINE_PICTURES, pipeline
from dnt_core.workbook.png_quantize import small_png


def test_pipeline_names_every_part():
    pictures = {name: np.full((8, 8, 3), 0.5) for name in PIPELINE_PICTURES}
    ax = pipeline(pictures, np.sin(np.arange(800.0)), dict.fromkeys(CIEC_TYPES, 0.0) | {"happy": 0.67})
    words = " ".join(text.get_text().replace("\n", " ") for text in ax.texts)
    for part in ("decoupling network", "transcoder", "UV map", "teeth submodule", "neural renderer", "CIEC"):
        assert part in words
    assert "happy 0.67" in words
    with pytest.raises(KeyError):
        pipeline({}, np.zeros(100), dict.fromkeys(CIEC_TYPES, 0.0))


def test_small_pictures_stay_and_large_ones_shrink():
    ramp = np.linspace(0, 255, 256 * 256 * 3).reshape(256, 256, 3)
    noise = np.random.default_rng(0).normal(scale=6, size=ramp.shape)
    ramp[:40], noise[:40] = 255, 0  # paper
    buffer = io.BytesIO()
    Image.fromarray((ramp + noise).clip(0, 255).astype(np.uint8)).save(buffer, "PNG", dpi=(100, 100))
    large = buffer.getvalue()
    assert small_png(large, limit=len(large)) == large
    small = small_png(large, limit=len(large) // 2)
    assert len(small) < len(large) // 2
    back = Image.open(io.BytesIO(small)).convert("RGB").resize((256, 256))
    assert np.abs(np.asarray(back) - ramp).mean() < 12
    assert (np.asarray(back)[4:30] == 255).all()


def test_a_picture_that_fits_without_its_transparency_keeps_its_colours():
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert("RGBA").save(buffer, "PNG", compress_level=0)
    small = small_png(buffer.getvalue(), limit=13_000)
    assert len(small) <= 13_000
    assert (np.asarray(Image.open(io.BytesIO(small)).convert("RGB")) == pixels).all()


def test_a_small_patch_of_strong_colour_keeps_it():
    r"""Lips are a hundredth of a sheet of faces; a palette of what is frequent would leave them out."""
    rng = np.random.default_rng(0)
    people = np.repeat([[1.0, 0.86, 0.78], [0.6, 0.8, 0.78], [0.7, 0.4, 0.3]], 100, axis=0)
    sheet = rng.uniform(60, 250, size=(300, 300, 1)) * people + rng.normal(scale=5, size=(300, 300, 3))
    lips = np.array([150.0, 40.0, 60.0])
    sheet[100:112, 90:114] = lips + rng.normal(scale=4, size=(12, 24, 3))
    buffer = io.BytesIO()
    Image.fromarray(sheet.clip(0, 255).astype(np.uint8)).save(buffer, "PNG")
    back = Image.open(io.BytesIO(small_png(buffer.getvalue(), limit=120_000))).convert("RGB")
    assert back.size == (300, 300)
    assert np.abs(np.asarray(back, dtype=float)[101:111, 91:113] - lips).max() < 20
