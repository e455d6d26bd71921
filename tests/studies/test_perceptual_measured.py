r"""Clips drawn by the shipped weights and what a regressor reads off them; the pictures beside figure 6."""

import warnings
from dataclasses import replace
from itertools import permutations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.colors import to_hex

from dnt_core.ciec import CIEC_TYPES, encode
from dnt_core.face3d import load_face_model
from dnt_core.metrics.intensity_meter import face_texels
from dnt_core.plotting import EXPRESSION_COLORS
from dnt_core.studies.perceptual_study.figure6 import figure6_picture
from dnt_core.studies.perceptual_study.measured import measured_intensities, speaking_faces
from dnt_core.studies.perceptual_study.observers import draw_groups, simulate_observers
from dnt_core.studies.perceptual_study.orders import group_orders, order_matrix
from dnt_core.studies.perceptual_study.score import group_score, mean_order_matrix, score, slope, summarise
from dnt_core.studies.perceptual_study.study_plots import (
    clip_sheet,
    permutation_plane,
    plot_measured,
    plot_permutations,
    plot_widths,
)
from dnt_core.training.generator_weights import find_generators, load_generator

EXPRESSIONS = ("angry", "surprised")


@pytest.fixture(scope="module")
def faces():
    r"""Two of the shipped generators, a moment a clip."""
    weights = dict(list(find_generators(size=128).items())[:2])
    return speaking_faces(weights, load_face_model("procedural:2000"), (0.5,))


@pytest.fixture(scope="module")
def design(faces):
    return draw_groups([*faces, "nobody"], EXPRESSIONS, seed=4, min_gap=0.1)


@pytest.fixture(scope="module")
def measured(design, faces):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # such as numpy's arrays that are not writable
        return measured_intensities(design, faces)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


# --- measured clips -------------------------------------------------------------------------------


def test_every_clip_of_those_who_have_weights_is_drawn_and_read(design, faces, measured):
    table, clips = measured
    assert set(table["identity"]) == set(faces) and len(table) == 2 * 2 * 4
    pd.testing.assert_frame_equal(table.drop(columns="measured"), design[design["identity"] != "nobody"])
    assert list(clips) == list(table["clip"])
    assert all(
        clip.shape == (1, 3, 128, 128) and 0 <= clip.min() <= clip.max() <= 1 for clip in clips.values()
    )


def test_the_reading_rises_with_the_intensity_in_every_group(measured):
    for _, rows in measured[0].groupby("group"):
        assert (np.diff(rows.sort_values("intensity")["measured"]) > 0).all()


def test_a_clip_is_drawn_by_the_generator_itself(design, faces, measured):
    r"""The folded pose is a short cut; the plain network must give the same clip."""
    row = measured[0].iloc[0]
    face = faces[row["identity"]]
    generator, _ = load_generator(face.weights)
    with torch.no_grad():
        plain = torch.cat(
            [generator(f, encode([row["expression"]], row["intensity"]).float()).image for f in face.frames]
        )
    torch.testing.assert_close(measured[1][row["clip"]], plain.clamp(0, 1), atol=2e-4, rtol=0)


def test_clips_of_a_group_differ_in_the_expression_alone(faces):
    face = next(iter(faces.values()))
    nothing = face.generated(EXPRESSIONS, [0.0, 0.0])
    torch.testing.assert_close(nothing[0], nothing[1], atol=1e-5, rtol=0)
    full = face.generated(EXPRESSIONS, [1.0, 1.0])
    background = (slice(None), slice(None), slice(0, 20), slice(0, 20))
    assert (full[0] - nothing[0]).abs().mean() > 0.004 and (full[0] - full[1]).abs().mean() > 0.004
    torch.testing.assert_close(full[0][background], nothing[0][background], atol=0.02, rtol=0)


def test_the_meter_reads_the_actor_between_the_levels_it_learnt(faces):
    for face in faces.values():
        for expression in EXPRESSIONS:
            asked = np.array([0.5, 0.85])
            read = face.read([expression] * 2, [face.acted(expression, x) for x in asked])
            np.testing.assert_allclose(read, asked, atol=0.15)


def test_every_face_is_looked_at_through_the_geometry_of_the_clips(faces):
    r"""Also the smiling actor's: where his lip corners went, a generated clip has cheek."""
    face = next(iter(faces.values()))
    smile = face.acted("happy", 1.0)
    texels = face.unwrapped(smile)
    np.testing.assert_array_equal(texels, face_texels(smile, face.frames[0]))
    seen = np.isfinite(texels).all(axis=1)
    assert (seen == np.isfinite(face.unwrapped(face.acted("neutral", 0.0))).all(axis=1)).all()


def test_a_reading_is_the_mean_over_the_clips_moments(faces):
    face = next(iter(faces.values()))
    both = replace(face, moments=(0.3, 0.7))
    both.__dict__["meter"] = face.meter  # spares fitting another
    (clip,) = both.generated(["sad"], [0.5])
    each = face.meter(both.unwrapped(clip), "sad")
    assert each.shape == (2,) and abs(each[0] - each[1]) > 1e-3
    np.testing.assert_allclose(both.read(["sad"], [clip]), [each.mean().clip(0, 1)])


def test_without_weights_it_is_said_whose_are_missing(design, faces):
    with pytest.raises(ValueError, match="no generator weights of nobody; expected some of one of them"):
        measured_intensities(design[design["identity"] == "nobody"], faces)


def test_observers_who_see_exactly_the_readings_score_exactly_and_noise_costs(measured):
    r"""The readings are not the intensities, but they rise with them; orders know nothing else."""
    table, _ = measured
    assert (table["measured"] - table["intensity"]).abs().max() > 0.05
    exact = group_orders(simulate_observers(table, 4, noise=0.0))
    for group in exact:
        np.testing.assert_allclose(group_score(group), group.intensity)
    rmses = [summarise(group_orders(simulate_observers(table, 30, n))).rmse for n in (0.05, 0.2, 0.8)]
    assert 0 < rmses[0] < rmses[1] < rmses[2]
    guessing = group_orders(simulate_observers(table, 100, guessing=1.0))
    spread = max(g.intensity.std() for g in guessing)  # of one guess; a hundred are ten times surer
    for group in guessing:
        np.testing.assert_allclose(group_score(group), group.intensity.mean(), atol=4 * spread / 10)


# --- pictures -------------------------------------------------------------------------------------


def test_the_sheet_shows_every_clip_once_weakest_first(measured):
    table, clips = measured
    ax = clip_sheet(table, {name: clip[0] for name, clip in clips.items()})
    words = [(t.get_position(), t.get_text()) for t in ax.texts]
    assert len(words) == len(table)
    for e in range(2):
        row = [float(text) for (x, y), text in sorted(words) if 128 * e < y < 128 * (e + 1)]
        assert len(row) == 8 and row[:4] == sorted(row[:4]) and row[4:] == sorted(row[4:])
    assert [t.get_text() for t in ax.get_yticklabels()] == list(EXPRESSIONS)
    assert [t.get_text() for t in ax.get_xticklabels()] == list(table["identity"].unique())
    (sheet,) = ax.images
    first = table[(table["expression"] == "angry") & (table["identity"] == table["identity"].iloc[0])]
    weakest = clips[first.sort_values("intensity")["clip"].iloc[0]][0]
    shown = sheet.get_array()[:128, :128].astype(float) / 255
    assert np.abs(shown - weakest.permute(1, 2, 0).numpy()).max() < 0.01


def test_measured_over_asked_has_a_line_a_group_in_the_expressions_colour(measured):
    table = measured[0]
    ax = plot_measured(plt.subplots()[1], table, "all")
    _, *lines = ax.lines  # the first is y = x
    assert len(lines) == table["group"].nunique()
    for line, (_, rows) in zip(lines, table.groupby("group", sort=False), strict=True):
        rows = rows.sort_values("intensity")
        np.testing.assert_array_equal(line.get_xydata(), rows[["intensity", "measured"]])
        assert to_hex(line.get_color()) == EXPRESSION_COLORS[rows["expression"].iloc[0]].lower()
    assert ax.get_legend_handles_labels()[1] == list(EXPRESSIONS)  # each once


X3 = np.array([0.1, 0.4, 0.9])


def test_orders_of_three_lie_on_a_circle_and_the_slope_is_the_first_coordinate():
    orders = order_matrix(list(permutations([1, 2, 3])))
    at = permutation_plane(X3, score(orders, X3))
    np.testing.assert_allclose(np.linalg.norm(at, axis=1), 1)
    np.testing.assert_allclose(at[0], [1, 0], atol=1e-12)
    places = [[1, 2, 3]] * 5 + [[1, 3, 2], [3, 2, 1]]
    s = score(mean_order_matrix(order_matrix(places)), X3)
    assert permutation_plane(X3, s)[0] == pytest.approx(slope([X3], [s]))
    ax = plot_permutations(plt.subplots()[1], X3, places)
    said = {t.get_text() for t in ax.texts}
    assert {"ABC × 5", "ACB × 1", "CBA × 1", "BAC × 0"} <= said
    assert f"slope {slope([X3], [s]):.2f}" in ax.get_title(loc="left") + ax.get_title()
    with pytest.raises(ValueError, match="three intensities"):
        permutation_plane(np.array([0.1, 0.9]), s)


def test_widths_are_drawn_over_observers_with_the_papers_number_marked():
    widths = {"calm": [0.2, 0.1, 0.05], "noisy": [0.4, 0.2, 0.1]}
    ax = plot_widths(plt.subplots()[1], (4, 16, 64), widths, "simulated")
    assert [t.get_text() for t in ax.get_xticklabels()] == ["4", "16", "64"]
    assert "k = 16" in "".join(t.get_text() for t in ax.texts)
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), [0.4, 0.2, 0.1])
    assert ax.get_legend().get_title().get_text() == "simulated"


def test_figure6_as_a_picture_changes_with_the_observers():
    design = draw_groups(["M003", "M011", "W009"])
    calm, wild = (figure6_picture(group_orders(simulate_observers(design, 8, n))) for n in (0.05, 0.5))
    assert calm.dtype == np.uint8 and calm.shape == wild.shape and calm.shape[2] == 3
    assert (calm != wild).any(axis=2).mean() > 0.01
    colors = {tuple(c) for c in calm.reshape(-1, 3).tolist()}
    assert all(tuple(bytes.fromhex(EXPRESSION_COLORS[name][1:])) in colors for name in CIEC_TYPES)
    assert not plt.get_fignums(), "a widget's callback runs in another thread, where pyplot must not be used"
