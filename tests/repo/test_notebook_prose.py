r"""Numbers in the notebooks' prose that no cell prints are those of the package and of its quotations."""

import math
import re
import runpy
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open

from dnt_core.audio.lips_network import LEVEL_REACH_FUTURE, LEVEL_REACH_PAST, relative_to_level
from dnt_core.audio.mel import MAX_VALUE, SILENCE, log_mel
from dnt_core.ciec import CIEC_TYPES, EXPRESSIONS
from dnt_core.face3d import load_face_model
from dnt_core.face3d.topology import topology
from dnt_core.networks.wav2lip import FACE_CHANNELS
from dnt_core.studies import where_are_expressions as table1
from dnt_core.studies.perceptual_study.score import score, slope
from dnt_core.studies.table2 import results as table2

ROOT = Path(__file__).parents[2]


def prose(number: str) -> str:
    r"""The Markdown of a notebook, on one line."""
    (path,) = (ROOT / "notebooks").glob(f"{number}_*.py")
    cells = re.split(r"^# %%", path.read_text(encoding="utf-8"), flags=re.M)
    text = " ".join(cell for cell in cells if cell.startswith(" [markdown]"))
    return re.sub(r"\s*\n# *", " ", text)


def said(number: str, pattern: str) -> tuple[float, ...]:
    r"""The numbers that a sentence of a notebook says."""
    found = re.search(pattern, prose(number))
    assert found is not None, f"notebook {number} does not say: {pattern}"
    return tuple(float(one.replace(",", "")) for one in found.groups())


def test_the_papers_time_is_the_one_that_the_benchmark_quotes():
    bench = runpy.run_path(str(ROOT / "benchmarks" / "bench_generator.py"))
    for number, pattern in (
        ("00", r"(\d+) frames in (\d+) ms on an A100"),
        ("08", r"(\d+) frames together take (\d+) ms on an A100"),
    ):
        frames, ms = said(number, pattern)
        assert frames == bench["TOGETHER"] and ms / frames == bench["PAPER_MS"]
    frames, ms, rate = said("08", r"paper's (\d+) frames in (\d+) ms are (\d+) pictures per second")
    assert rate == round(1000 * frames / ms) == round(1000 / bench["PAPER_MS"])


def test_a_classifier_has_a_class_more_than_the_code_has_types():
    assert EXPRESSIONS == (*CIEC_TYPES, "neutral") and (len(CIEC_TYPES), len(EXPRESSIONS)) == (7, 8)
    assert said(
        "01", r"eight classes \(seven types and neutral\) the same probability gets −ln\(1/8\) = (2.08)"
    )
    assert round(math.log(len(EXPRESSIONS)), 2) == 2.08


def test_the_papers_tables_are_quoted_as_they_are():
    low, high = said("00", r"its CSS of (4\.\d+) is the lowest of the four rows; \*Ours\* has (\d\.\d+)\.")
    assert (low, high) == (table2.PAPER["without_denet"][-1], table2.PAPER["ours"][-1])
    assert low == min(
        row[-1] for name, row in table2.PAPER.items() if name.startswith("without_") or name == "ours"
    )
    quoted = {
        "type": said(
            "01", r"get ([\d.]+) and ([\d.]+) for the type, and the three with one get ([\d.]+) to ([\d.]+)\."
        ),
        "level": said("01", r"For the level these are ([\d.]+) and ([\d.]+), and ([\d.]+) to ([\d.]+)\."),
    }
    for target, numbers in quoted.items():
        bare = [table1.PAPER[target][name] for name in table1.WITHOUT_TEXTURE]
        rich = [table1.PAPER[target][name] for name in table1.WITH_TEXTURE]
        assert numbers == pytest.approx([*bare, min(rich), max(rich)], abs=6e-4)


def test_a_closed_mouth_changes_the_sum_and_the_forehead_is_up():
    model = load_face_model("procedural:1500")
    rim, triangles = model.mouth_loop.numpy(), model.triangles.numpy()
    lid = np.stack([np.full(len(rim) - 2, rim[0]), rim[2:], rim[1:-1]], 1)
    sums = [topology(triangles).euler]
    for turned in (lid, lid[:, ::-1]):
        try:
            sums.append(topology(np.concatenate([triangles, turned])).euler)
        except ValueError:  # the lid lies the wrong way round
            continue
    assert sums == [0, 1]
    v = model.uv[model.landmark_indices, 1]
    assert v[17:27].min() > 0.5 > v[6:11].max()  # brows in the upper half of the texture, chin in the lower


def test_the_basel_files_flatten_vertices_and_axes():
    vertices, rows = said("01", r"paper's ([\d,]+) vertices are ([\d,]+) rows")
    assert rows == 3 * vertices


def test_reversed_orders_give_a_negative_slope():
    even, uneven = np.array([0.1, 0.4, 0.7, 1.0]), np.array([0.0, 0.1, 0.2, 1.0])
    back = np.eye(4)[::-1]
    assert slope([even], [score(back, even)]) == pytest.approx(-1)
    assert -1 < slope([uneven], [score(back, uneven)]) < 0


def test_twice_the_amplitude_is_six_decibels_and_the_level_takes_them_away():
    t = np.arange(16_000) / 16_000
    sound = 0.02 * np.random.default_rng(0).standard_normal(16_000) * (1 + np.sin(2 * np.pi * 3 * t))
    mels = [log_mel(gain * sound) for gain in (1, 2)]
    db, units = said("07", r"every value is (\d+) dB \(([\d.]+) on the scale from −4 to 4\) higher")
    uncut = (mels[0] > SILENCE) & (mels[1] < MAX_VALUE)
    assert uncut.mean() > 0.9
    np.testing.assert_allclose((mels[1] - mels[0])[uncut], 20 * math.log10(2) * 8 / 100, atol=1e-4)
    assert (db, units) == (round(20 * math.log10(2)), round(20 * math.log10(2) * 8 / 100, 2))
    reach = ((LEVEL_REACH_PAST, LEVEL_REACH_FUTURE), (0, 0))
    heard = [relative_to_level(torch.tensor(np.pad(mel.T, reach, constant_values=SILENCE))) for mel in mels]
    assert (heard[1] - heard[0]).abs().numpy()[uncut.T].max() < 1e-3


def test_the_channels_of_wav2lips_pictures():
    assert "six channels together" in prose("07") and FACE_CHANNELS == 6


def test_what_finished_textures_would_take():
    one, positions, all_of_them, kept, texels = said(
        "08",
        r"One of 16 × 256 × 256 numbers takes ([\d.]+) MB in single precision, and (\d+) positions of "
        r"seven types would take (\d+) GB\. .*? take (\d+) MB and give them all\. "
        r"\(The bases of this clip's network have (\d+) × ",
    )
    mb = 16 * 256 * 256 * 4 / 1e6
    assert (one, all_of_them, kept) == (round(mb, 1), round(positions * 7 * mb / 1000), round(9 * mb))
    with safe_open(ROOT / "weights" / "generator_M003_256.safetensors", "numpy") as weights:
        assert weights.get_slice("generator.texture.basis").get_shape()[-1] == texels
