import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.text import Text

from dnt_core import plotting
from dnt_core.ciec import EXPRESSIONS
from dnt_core.plotting.captions import with_still


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def shown(ax):
    return np.asarray(ax.images[0].get_array())


def test_a_color_for_every_expression():
    assert tuple(plotting.EXPRESSION_COLORS) == EXPRESSIONS
    assert len(set(plotting.EXPRESSION_COLORS.values())) == len(EXPRESSIONS)


def test_tensors_and_arrays_show_the_same_picture():
    tensor = torch.rand(3, 5, 7, generator=torch.Generator().manual_seed(0), requires_grad=True)
    array = tensor.detach().numpy().transpose(1, 2, 0)
    np.testing.assert_array_equal(plotting.to_display(tensor), plotting.to_display(array))
    np.testing.assert_array_equal(
        plotting.to_display((array * 255 + 0.5).astype(np.uint8)), plotting.to_display(array)
    )
    bytes_of = plotting.to_display(array)
    np.testing.assert_array_equal(plotting.to_display(torch.tensor(bytes_of).permute(2, 0, 1)), bytes_of)
    with pytest.raises(ValueError, match="a picture of int64"):
        plotting.to_display(bytes_of.astype(int))
    assert plotting.to_display(array > 0.5).max() == 255
    grey = plotting.to_display(torch.full((1, 2, 2), 2.0))
    assert grey.shape == (2, 2, 3) and (grey == 255).all()


@pytest.mark.parametrize(
    "bad", [np.zeros((3, 5, 7)), torch.zeros(5, 7, 3), torch.zeros(1, 3, 4, 4), np.full((2, 2), np.nan)]
)
def test_other_shapes_are_said(bad):
    with pytest.raises(ValueError, match="a picture"):
        plotting.to_display(bad)


def test_contact_sheet_puts_pictures_in_their_cells():
    pictures = [[np.full((4, 6, 3), 10 * (3 * r + c), np.uint8) for c in range(3)] for r in range(2)]
    pictures[1][2] = None
    ax = plotting.contact_sheet(pictures, ["a", "b"], ["x", "y", "z"], "title", gap=0.2)
    sheet, gap = shown(ax), 1
    assert sheet.shape == (2 * 4 + gap, 3 * 6 + 2 * gap, 3)
    assert [int(sheet[2, x, 0]) for x in (2, 9, 16)] == [0, 10, 20]
    assert int(sheet[7, 9, 0]) == 40 and (sheet[5:, 14:] == 255).all() and (sheet[4] == 255).all()
    assert [t.get_text() for t in ax.get_xticklabels()] == ["x", "y", "z"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["a", "b"]
    named = plotting.contact_sheet([pictures[0][:2]], names=[["one", "two"]])
    assert [(t.get_text(), t.get_position()[0] > 6) for t in named.texts] == [("one", False), ("two", True)]


def test_a_label_of_two_lines_needs_no_more_room_than_its_longer_line():
    widths = [
        plotting.contact_sheet([[np.zeros((4, 4, 3))]], row_labels=[label]).figure.get_size_inches()[0]
        for label in ("columns 0, 1, 2", "skin:\ncolumns 0, 1, 2", "skin: columns 0, 1, 2")
    ]
    assert widths[0] == widths[1] < widths[2]


def test_contact_sheet_says_what_does_not_fit():
    picture = np.zeros((4, 4, 3))
    with pytest.raises(ValueError, match="2 row labels for 1 rows"):
        plotting.contact_sheet([[picture]], ["a", "b"])
    with pytest.raises(ValueError, match="all of one size"):
        plotting.contact_sheet([[picture, np.zeros((5, 4, 3))]])


def test_the_given_axes_are_used_and_returned():
    _, axes = plt.subplots(2, 4)
    a = axes.ravel()
    picture = np.zeros((4, 4, 3))
    made = [
        plotting.image(picture, "t", a[0]),
        plotting.uv_image(torch.rand(2, 4, 4), torch.ones(1, 4, 4), ax=a[1]),
        plotting.contact_sheet([[picture]], ax=a[2]),
        plotting.film_strip([picture] * 3, ax=a[3]),
        plotting.curve([0, 1], {"happy": [0, 1], "sad": [0, 1]}, a[4]),
        plotting.matrix(np.eye(2), ["a", "b"], ["a", "b"], a[5]),
        plotting.landmarks(np.zeros((68, 3)), a[6]),
    ]
    assert all(ours is given for ours, given in zip(made, a[:7], strict=True))
    a[0].figure.canvas.draw()


def test_uv_image_is_white_outside_the_face():
    mask = np.zeros((4, 4), bool)
    mask[1, 1] = True
    picture = shown(plotting.uv_image(np.full((2, 4, 4), 0.5), mask))
    assert (picture[~mask] == 255).all() and tuple(picture[1, 1]) == (128, 128, 89)


def test_names_at_curve_ends_do_not_cover_each_other():
    ax = plotting.curve([0, 1], {e: [0, 1 + i * 1e-6] for i, e in enumerate(EXPRESSIONS)})
    ax.figure.canvas.draw()
    boxes = sorted((Text.get_window_extent(t) for t in ax.texts), key=lambda b: b.y0)  # without lines
    assert len(boxes) == 8 and all(low.y1 <= high.y0 + 3 for low, high in zip(boxes, boxes[1:], strict=False))
    assert boxes[-1].y1 <= ax.bbox.y1 + 3  # not in the title


def test_a_name_that_has_room_stands_at_its_curve():
    ax = plotting.curve([0, 1], {"happy": [0, 1.0], "sad": [0, 0.5], "fear": [0, 0.501]})
    ax.figure.canvas.draw()
    to_px = ax.transData.transform
    middle = {t.get_text(): Text.get_window_extent(t).get_points()[:, 1].mean() for t in ax.texts}
    assert abs(middle["happy"] - to_px((1, 1.0))[1]) < 5
    assert abs((middle["sad"] + middle["fear"]) / 2 - to_px((1, 0.5))[1]) < 5  # the two share the way
    led = {t.get_text(): t.xy[1] for t in ax.texts if t.arrow_patch is not None}
    assert led == {"happy": 1.0, "sad": 0.5, "fear": 0.501}  # and lines lead to their curves' ends
    apart = plotting.curve([0, 1], {"happy": [0, 1.0], "sad": [0, 0.1]})
    assert all(t.arrow_patch is None for t in apart.texts)


def test_mark_is_written_once():
    figure = plt.figure()
    plotting.mark_synthetic(plotting.mark_synthetic(figure))
    assert [t.get_text() for t in figure.texts] == [plotting.SYNTHETIC_NOTE]


def test_importing_changes_nothing_and_the_style_can_be_used():
    with matplotlib.rc_context():
        plotting.use_style()
        assert matplotlib.rcParams["axes.titlelocation"] == "left"


@pytest.mark.parametrize("bundle", [{"a": 1}, ({"a": 1}, {"b": 2}), None])
def test_a_widget_shows_its_still_beside_itself(bundle):
    found = with_still(bundle, "in words", b"PNG", "<p>")
    data = found[0] if isinstance(bundle, tuple) else found
    still = {"text/plain": "in words", "image/png": "UE5H", "text/html": "<p>"}
    assert data == ({"a": 1} if bundle else {}) | still
    assert not isinstance(bundle, tuple) or found[1] == {"b": 2}
    assert with_still(None, "in words") == {"text/plain": "in words"}
