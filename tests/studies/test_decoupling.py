r"""The study's measures on faces with a known answer."""

import numpy as np
import pytest
import torch

from dnt_core.face3d.morphable_model import MOUTH
from dnt_core.metrics import lip_metrics
from dnt_core.studies import decoupling as study_room
from dnt_core.studies.decoupling import rendered_faces
from dnt_core.training.decoupling_losses import MouthLandmarks
from tests.training.decoupling_frames import made_up_frames


@pytest.fixture(scope="module")
def study(toy_model):
    train, test = made_up_frames(clips_per_cell=8, length=15).split(0.25)
    return study_room.DecouplingStudy.prepare(train, test, MouthLandmarks(toy_model), every=2, mlp=False)


def test_leaving_the_face_alone(study):
    row = study.measure(study_room.identity_map())
    assert row.accuracy > 0.6 and row.accuracy_fresh == pytest.approx(row.accuracy)
    assert row.lip_error_mm == 0 and row.neutral_change == 0
    assert row.opening_correlation == pytest.approx(1.0)
    assert row.truth_error > row.truth_error_clean > 0


def test_the_mean_neutral_face_is_neutral_and_mute(study):
    row = study.measure(study_room.neutral_mean(study.train))
    assert row.accuracy_fresh == pytest.approx(study_room.CHANCE)
    assert row.opening_correlation == 0 and row.lip_error_mm > 1


def test_the_speech_alone_does_not_tell_the_expression(study):
    accuracy = study_room.fresh_accuracy(
        study.train.speech, study.train.type, study.test.speech, study.test.type, mlp=False
    )
    assert accuracy < 0.3


def test_linear_baselines_beat_leaving_it_alone(study):
    identity = study.measure(study_room.identity_map())
    linear = study.measure(study_room.linear_to_neutral(study.train))
    taught = study.measure(study_room.linear_to_truth(study.train))
    assert linear.accuracy_fresh < identity.accuracy_fresh
    assert taught.truth_error < linear.truth_error < identity.truth_error


def test_the_curve_of_one_who_knows_runs_from_neutral_to_untouched_lips(study):
    rows = study_room.oracle_spread(study, weights=(0, 1e6), draws=20)
    free, kept = ({name: one.mean for name, one in row.items()} for row in rows)
    assert free["lip_error_mm"] > 10 * kept["lip_error_mm"]
    assert free["accuracy_fresh"] < kept["accuracy_fresh"] + 0.02
    untouched = study_room.seed_spread(study, [study_room.identity_map()], draws=20)["accuracy_fresh"]
    half = study_room.half_way_spread(rows, untouched)
    assert kept["lip_error_mm"] < half.mean < free["lip_error_mm"] and np.ptp(half.draws) > 0


def test_half_way_is_read_off_draw_by_draw():
    def spread(*values):
        return study_room.Spread(values[0], np.array(values[:1]), np.array(values[1:]))

    rows = [  # accuracy 1 at 0 mm; at 2 and 4 mm 0 and 0.5
        {"lip_error_mm": spread(0.0, 0.0), "accuracy_fresh": spread(1.0, 1.0)},
        {"lip_error_mm": spread(2.0, 4.0), "accuracy_fresh": spread(0.0, 0.5)},
    ]
    before = spread(1.0 - study_room.CHANCE, 1.5 - study_room.CHANCE)  # half-way: 0.5 and 0.75
    found = study_room.half_way_spread(rows, before)
    assert found.mean == pytest.approx(1.0) and found.draws == pytest.approx([2.0])


def test_directions_that_move_the_lips_are_taken_out(study):
    basis = study.mouth.basis
    kept = study_room.without_the_lips(basis, still=1e-6)
    assert (torch.einsum("lck,kj->lcj", basis, kept)).abs().max() < 1e-4
    torch.testing.assert_close(kept @ kept, kept, atol=1e-5, rtol=0)


def test_millimetres_of_the_lips():
    closed = torch.zeros(2, 20, 3)
    parted = closed.clone()
    parted[1, 66 - MOUTH.start, 1] = -0.05  # the lower lip 5 mm down
    assert lip_metrics.lip_opening_mm(parted).tolist() == pytest.approx([0, 5])
    assert lip_metrics.lip_error_mm(closed, parted).tolist() == pytest.approx([0, 5 / 20])
    wide = closed.clone()
    wide[:, 48 - MOUTH.start, 0], wide[:, 54 - MOUTH.start, 0] = -0.25, 0.25
    assert lip_metrics.lip_width_mm(wide).tolist() == pytest.approx([50, 50])


def test_correlation_is_taken_clip_by_clip():
    time = torch.linspace(0, 6, 50)
    a = torch.cat([time.sin(), 5 + time.cos()])
    b = torch.cat([2 * time.sin() + 9, time.cos()])
    clip = torch.arange(2).repeat_interleave(50)
    assert lip_metrics.correlation_over_time(a, b, clip) == pytest.approx(1.0)
    b[50:] = 3.0
    assert lip_metrics.correlation_over_time(a, b, clip) == pytest.approx(0.5)


def test_closures_kept_counts_only_closures():
    opening, reference = torch.tensor([0.0, 3.0, 3.0, 9.0]), torch.tensor([0.0, 0.0, 2.5, 0.0])
    assert lip_metrics.closures_kept(
        opening, reference, torch.tensor([True, True, True, False])
    ) == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match="no frame of p, b or m"):
        lip_metrics.closures_kept(opening, reference, torch.zeros(4, dtype=torch.bool))


def test_sliders_picture_at_least_middle_and_most(study, toy_model):
    face = study.test.expression[0]
    networks = {0.0: study_room.neutral_mean(study.train), 5e4: study_room.identity_map()}
    shown = [
        rendered_faces.blended_face(toy_model, networks, face, 0.0, blend, 64) for blend in (0.0, 0.5, 1.0)
    ]
    assert all(picture.shape == (64, 192, 3) and picture.dtype == np.uint8 for picture in shown)
    names, shown = shown[0][:12].copy(), [picture[12:] for picture in shown]  # written above the faces
    left, middle, right = (picture.reshape(52, 3, 64, 3)[:, 1] for picture in shown)
    assert (left == shown[0][:, :64]).all() and (right == shown[0][:, 128:]).all()
    assert (names.reshape(12, 3, 64, 3) < 128).any((0, 2, 3)).all()
    assert not (middle == left).all()
    with pytest.raises(ValueError, match="λ2 = 7"):
        rendered_faces.blended_face(toy_model, networks, face, 7.0, 0.5)
    with pytest.raises(ValueError, match="blend"):
        rendered_faces.blended_face(toy_model, networks, face, 0.0, 1.5)


def test_what_is_given_up_is_shown_by_expression(study):
    shift = study_room.lip_shift_by_expression(study, study_room.linear_to_truth(study.train))
    assert set(shift) == {"angry", "contempt", "disgusted", "fear", "happy", "sad", "surprised"}
    assert np.mean([row["after"] for row in shift.values()]) < np.mean(
        [row["before"] for row in shift.values()]
    )
    untouched = study_room.lip_shift_by_expression(study, study_room.identity_map())
    assert all(row["moved"] == 0 for row in untouched.values())


def test_rows_of_pictures(study, toy_model):
    shown = rendered_faces.pick_frames(study, 4)
    names, rows = rendered_faces.rows_before_after(
        study, toy_model, {"after": study_room.identity_map()}, shown, 24
    )
    assert names == ["as given", "after", "speech alone"] and (rows[0][0] == rows[1][0]).all()
    assert not (rows[0][0] == rows[2][0]).all()
    decouplers = {"still": study_room.identity_map(), "mute": study_room.neutral_mean(study.train)}
    names, rows = rendered_faces.rows_of_changes(study, toy_model, decouplers, image_size=24)
    assert names == ["still", "mute", "should move"] and [len(row) for row in rows] == [7] * 3
    assert (rows[0][0] == rows[0][6]).all() and rows[1][4].astype(int).sum() > rows[0][4].astype(int).sum()


def test_figures_draw(study):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from dnt_core.studies.decoupling import figures

    axes = plt.subplots(1, 2)[1]
    rows = [{"lambda2": v, "lip_error_mm": 1 / (1 + v), "accuracy_fresh": 0.5} for v in (0.0, 50_000.0)]
    known = [{"lip_error_mm": 0.1, "accuracy_fresh": 0.9}]
    drawn = figures.plot_tradeoff(axes[0], {"ours": rows, "theirs": rows, "known": known}, 0.9)
    written = [text.get_text() for text in drawn.texts]
    assert len(drawn.lines) >= 3
    assert written.count("0") == written.count("λ2 = 50\u2009000") == 2  # each point
    shift = study_room.lip_shift_by_expression(study, study_room.identity_map())
    assert len(figures.plot_given_up(axes[1], shift).patches) == 14
    plt.close("all")


def test_loss_panels_weigh_the_mouth_and_compare_two_trainings():
    import matplotlib.pyplot as plt

    from dnt_core.studies.decoupling import figures

    history = {name: [1.0, 3.0] for name in ("discriminator", "adversarial", "neutral", "mouth")}
    panels = figures.plot_losses(history, "", 2, history | {"mouth": [2.0, 2.0]}).axes
    drawn = {ax.get_title(): [list(line.get_ydata()) for line in ax.get_lines()] for ax in panels}
    assert drawn["λ2 × mouth"] == [[50_000, 150_000], [100_000], [100_000]]
    assert drawn["adversarial: log(1 − D)"][:2] == [[1, 3], [2]]  # the two losses may be different ones
    other = figures.plot_losses(history, saturating=False).axes[1]
    assert other.get_title() == "adversarial: −log D" and min(other.get_lines()[-1].get_ydata()) > 0
    plt.close("all")


def test_parts_that_hardly_should_move_are_grey_and_not_judged():
    import matplotlib.pyplot as plt

    from dnt_core.studies.decoupling import figures

    moved = {
        "happy": {"brows": (0.4, -3.0), "lips": (6.0, 0.04)},
        "sad": {"brows": (1.0, -1.2), "lips": (2, 0.3)},
    }
    ax = figures.plot_moved_shares(moved)
    shown = ax.images[0].get_array()
    assert shown.mask.tolist() == [[True, False], [False, False]]
    assert [text.get_text() for text in ax.texts] == ["–", "4 %", "-120 %", "30 %"]
    plt.close("all")


def test_train_and_save(study, toy_model, tmp_path):
    import json

    from dnt_core.studies.decoupling.report import before_and_after
    from dnt_core.training.decoupling import DecouplingConfig
    from dnt_core.training.decoupling_command import train_and_save
    from dnt_core.training.decoupling_weights import load_decoupling_network

    out = tmp_path / "decoupling_X.safetensors"
    config = DecouplingConfig(steps=5, hidden=(16,), batch_size=16)
    frames = made_up_frames(clips_per_cell=3, length=6)
    metrics = train_and_save(out, frames, toy_model, config, before_and_after, command="dnt train decoupling")
    notes = json.loads(out.with_suffix(".json").read_text())
    assert notes["command"] == "dnt train decoupling" and notes["config"]["steps"] == 5
    assert metrics["before.lip_error_mm"] == 0 and set(notes["metrics"]) == set(metrics)
    network = load_decoupling_network(out)
    assert network(frames.expression).shape == frames.expression.shape
    with pytest.raises(FileNotFoundError, match="'nobody'"):
        load_decoupling_network("nobody")

    def fails(*given):
        raise RuntimeError("a plot, say")

    kept = tmp_path / "kept.safetensors"
    with pytest.raises(RuntimeError, match="a plot, say"):
        train_and_save(kept, frames, toy_model, config, fails)
    assert load_decoupling_network(kept)(frames.expression).shape == frames.expression.shape
