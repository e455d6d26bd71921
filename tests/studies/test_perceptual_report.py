"""Figure 6, `dnt score`'s files, and CREMA-D's votes (tiny tables of its format, made here)."""

import io
import json
import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from rich.console import Console
from typer.testing import CliRunner

from dnt_core.cli import app
from dnt_core.studies.perceptual_study.crema_d import (
    crowd_orders,
    find_votes,
    read_votes,
    shared_places,
)
from dnt_core.studies.perceptual_study.figure6 import figure6
from dnt_core.studies.perceptual_study.observers import draw_groups, simulate_observers
from dnt_core.studies.perceptual_study.orders import group_orders
from dnt_core.studies.perceptual_study.report import print_scores, score_file, score_groups
from dnt_core.studies.perceptual_study.responses import read_responses, write_responses
from dnt_core.studies.perceptual_study.score import group_score, summarise


def _answers(tmp_path, k=6, names=None):
    table = simulate_observers(draw_groups(["M003", "W009", "M011"]), k, 0.15)
    if names:
        table["observer"] = table["observer"].str.replace("simulated", names)
    return write_responses(table, tmp_path / "answers.csv")


def _texts(ax) -> str:
    legends = [c for c in ax.get_children() if c.__class__.__name__ == "Legend"]
    words = [t.get_text() for t in ax.texts] + [
        t.get_text() for legend in legends for t in legend.get_texts()
    ]
    return "\n".join(words)


@pytest.mark.parametrize(("names", "said"), [(None, True), ("anna", False)])
def test_figure6_says_when_observers_are_simulated(tmp_path, names, said):
    groups = group_orders(pd.read_csv(_answers(tmp_path, names=names)))
    ax = figure6(Figure().add_subplot(), groups)
    assert ("simulated observers" in _texts(ax)) == said
    points = np.concatenate([c.get_offsets() for c in ax.collections])
    x = np.concatenate([g.intensity for g in groups])
    s = np.concatenate([group_score(g) for g in groups])
    np.testing.assert_allclose(points, np.stack([x, s], axis=1))
    assert len({tuple(c.get_facecolor()[0]) for c in ax.collections}) == 7
    assert len({c.get_paths()[0].vertices.tobytes() for c in ax.collections}) == 3
    for word in ("y = x", "chance", "M011", "surprised"):
        assert word in _texts(ax)
    one = group_orders(pd.read_csv(_answers(tmp_path, k=1, names=names)))
    assert f"1 {'simulated ' * said}observer\n" in _texts(figure6(Figure().add_subplot(), one))
    with pytest.raises(ValueError, match="at least one group"):
        figure6(Figure().add_subplot(), [])


def test_score_file_prints_and_writes(tmp_path):
    path = _answers(tmp_path)
    out = io.StringIO()
    score_file(path, n_resamples=100, console=Console(file=out, width=80))
    scores = score_groups(group_orders(read_responses(path)), n_resamples=100)
    folder = tmp_path / "answers_scores"
    assert {p.name for p in folder.iterdir()} == {
        "scores.csv",
        "summary.csv",
        "order_matrices.json",
        "figure6.png",
    }
    text = out.getvalue()
    assert (
        "simulated observers" in text and "surprised" in text and f"{scores.summary['rmse'][0]:.3f}" in text
    )
    assert "…" not in text and max(map(len, text.splitlines())) <= 80
    clips = pd.read_csv(folder / "scores.csv")
    assert len(clips) == 84 and clips["score"].between(0, 1).all()
    pd.testing.assert_frame_equal(clips, scores.clips, check_dtype=False)
    np.testing.assert_allclose(
        clips.groupby("group")["score"].mean(), clips.groupby("group")["intensity"].mean(), atol=1e-9
    )
    assert (clips["score_low"] <= clips["score"] + 1e-9).all() and clips["plackett_luce"].notna().all()
    summary = pd.read_csv(folder / "summary.csv")
    assert summary["scope"].value_counts().to_dict() == {
        "group": 21,
        "expression": 7,
        "identity": 3,
        "all": 1,
    }
    matrices = json.loads((folder / "order_matrices.json").read_text())
    assert set(matrices) == {"group", "expression", "identity"}
    np.testing.assert_allclose(np.sum(matrices["expression"]["happy"], axis=0), 1)
    assert (folder / "figure6.png").read_bytes().startswith(b"\x89PNG")
    assert scores.rmse_beyond < summary["rmse"][0] + 0.05 and 0.05 < scores.noise < 0.3


def test_score_file_writes_nothing_when_an_order_is_wrong(tmp_path):
    path = _answers(tmp_path)
    table = pd.read_csv(path)
    table.loc[5, "rank"] = table.loc[4, "rank"]
    table.to_csv(path, index=False)
    done = CliRunner().invoke(app, ["score", str(path), "--out", str(tmp_path / "out")])
    assert done.exit_code == 2 and len(done.output.splitlines()) == 1
    assert re.search(r"answers.csv, line \d+: observer simulated-01 gave rank", done.output)
    assert not (tmp_path / "out").exists()


def test_a_single_observer_can_be_scored(tmp_path):
    out = io.StringIO()
    score_file(_answers(tmp_path, k=1), tmp_path / "one", n_resamples=50, console=Console(file=out, width=80))
    assert "nan" not in out.getvalue() and "21 groups, 1 observer," in out.getvalue()


@pytest.mark.parametrize("observers", [1, 5])
def test_a_table_whose_rank_1_is_the_strongest_is_told_so(observers):
    table = simulate_observers(draw_groups(["M003"], ["happy", "sad"]), observers, 0.15)
    said = []
    for ranks in (table["rank"], 5 - table["rank"]):
        out = io.StringIO()
        scores = score_groups(group_orders(table.assign(rank=ranks)), n_resamples=100)
        print_scores(scores, Console(file=out, width=120))
        said.append("rank 1 has to be the weakest clip" in out.getvalue())
    assert said == [False, True]


# --- CREMA-D --------------------------------------------------------------------------------------

EMOTIONS = {"ANG": "A", "DIS": "D", "FEA": "F", "HAP": "H", "NEU": "N", "SAD": "S"}
MEANS = {"A": "Anger", "D": "Disgust", "F": "Fear", "H": "Happy", "N": "Neutral", "S": "Sad"}


def _vote(actor, emotion, level, modality="face", votes=10, **answers):
    """One row of the file; answers: emotion letter = (people, mean intensity 0–100)."""
    row = {"modality": modality, "fileName": f"{actor}_IEO_{emotion}_{level}", "numResponses": votes}
    row |= {"agreement": 0.5, "emoVote": "A:D", "meanEmoResp": 50.0}
    for letter, name in MEANS.items():
        people, mean = answers.get(letter, (0, -1))
        row |= {letter: people, f"mean{name}Resp": mean}
    return row


def _votes(tmp_path, rows, name="votes.csv"):
    pd.DataFrame(rows).to_csv(tmp_path / name, index=False)
    return tmp_path / name


def _actor(actor, strengths, modality="face"):
    return [
        _vote(actor, "HAP", level, modality, H=(5, 100 * x), N=(5, 80.0))
        for level, x in zip(("LO", "MD", "HI"), strengths, strict=True)
    ]


def test_votes_become_orders_of_the_crowds_mean(tmp_path):
    rows = _actor("1001", [0.2, 0.5, 0.9]) + _actor("1002", [0.5, 0.2, 0.9]) + [_vote("1001", "NEU", "XX")]
    votes = read_votes(_votes(tmp_path, rows))
    assert len(votes) == 6 and set(votes["expression"]) == {"happy"}
    np.testing.assert_allclose(votes["intended"][:3], [0.1, 0.25, 0.45])  # half of the people saw it
    (group,) = crowd_orders(votes)
    assert (group.group, group.identity, group.expression) == ("face/happy", "face", "happy")
    assert group.intensity.tolist() == [0.33, 0.67, 1.0] and group.observers == ("actor-1001", "actor-1002")
    np.testing.assert_allclose(group_score(group), [0.5, 0.5, 1.0])
    assert summarise([group]).tau == pytest.approx((1 + 1 / 3) / 2)


def test_nobody_voted_counts_as_no_intensity_and_ties_share_their_places(tmp_path):
    rows = _actor("1001", [0.2, 0.5, 0.9])
    rows[0] |= {"H": 0, "meanHappyResp": -1, "A": 5, "meanAngerResp": 70.0}
    tied = _actor("1002", [0.3, 0.3, 0.9])
    votes = read_votes(_votes(tmp_path, rows + tied))
    assert votes["intended"].min() == 0 and votes["any"][0] == pytest.approx(0.35)
    (shared,) = crowd_orders(votes, ties="share")
    np.testing.assert_allclose(shared.matrices[1], [[0.5, 0.5, 0], [0.5, 0.5, 0], [0, 0, 1]])
    (dropped,) = crowd_orders(votes, ties="drop")
    assert dropped.observers == ("actor-1001",)
    (angrier,) = crowd_orders(votes, ties="drop", measure="any")
    assert angrier.positions.tolist() == [[1, 0, 2]]  # the LO clip, taken for anger, looks stronger than MD
    assert "CREMA-D (Cao et al. 2014), ODbL 1.0" in _texts(
        figure6(Figure().add_subplot(), [shared], shape_of="modality")
    )
    scores = score_groups([shared], n_resamples=50)  # ties do not stop the report
    assert scores.clips["plackett_luce"].isna().all() and scores.clips["bradley_terry"].notna().all()


def test_the_original_file_tells_the_modality_by_its_row_number(tmp_path):
    rows = (
        _actor("1001", [0.1, 0.2, 0.3], "voice")
        + _actor("1001", [0.1, 0.3, 0.2])
        + _actor("1001", [0.3, 0.2, 0.1])
    )
    table = pd.DataFrame(rows).drop(columns="modality")
    table.insert(0, "", [100001, 100002, 100003, 200001, 200002, 200003, 300001, 300002, 300003])
    path = tmp_path / "processedResults" / "tabulatedVotes.csv"
    path.parent.mkdir()
    table.to_csv(path, index=False)
    groups = crowd_orders(read_votes(find_votes(tmp_path)))
    assert [g.identity for g in groups] == ["face", "voice", "audio-visual"]
    assert [g.positions[0].tolist() for g in groups] == [[0, 2, 1], [0, 1, 2], [2, 1, 0]]


def test_actors_without_all_three_levels_are_left_out(tmp_path):
    votes = read_votes(
        _votes(tmp_path, _actor("1001", [0.1, 0.2, 0.3]) + _actor("1002", [0.1, 0.2, 0.3])[:2])
    )
    assert crowd_orders(votes)[0].observers == ("actor-1001",)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda r: r[1].update(numResponses=3),
            "line 3, clip 1001_IEO_HAP_MD: 5 of 3 votes for happy is impossible",
        ),
        (lambda r: r[1].update(meanHappyResp=-1), "line 3, .*mean intensity -1 of happy is not in 0 … 100"),
        (lambda r: r[1].update(meanHappyResp="much"), "line 3, clip 1001_IEO_HAP_MD: .*not a number"),
        (lambda r: r[1].update(modality="smell"), "line 3, .*modality 'smell' is unknown"),
        (lambda r: r.append(dict(r[0])), "listed twice"),
        (lambda r: [row.update(fileName="1001_TIE_HAP_XX") for row in r], "no clip of the sentence IEO"),
        (lambda r: [row.pop("A") for row in r], "no column A"),
    ],
)
def test_impossible_votes_are_refused(tmp_path, change, message):
    rows = _actor("1001", [0.1, 0.2, 0.3])
    change(rows)
    with pytest.raises(ValueError, match=message) as error:
        read_votes(_votes(tmp_path, rows))
    assert "votes.csv" in str(error.value)


def test_where_the_votes_are_looked_for(tmp_path, monkeypatch):
    monkeypatch.delenv("DNT_CREMA_D", raising=False)
    monkeypatch.setenv("DNT_ASSETS", str(tmp_path / "assets"))
    monkeypatch.setenv("DNT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    assert find_votes() is None
    (tmp_path / "assets" / "CREMA-D" / "VideoFlash").mkdir(parents=True)
    assert find_votes() is None  # the videos alone
    asset = _votes(tmp_path / "assets" / "CREMA-D", _actor("1001", [0.1, 0.2, 0.3]), "tabulatedVotes.csv")
    assert find_votes() == asset
    path = _votes(tmp_path, _actor("1001", [0.1, 0.2, 0.3]), "ieo_votes.csv")
    assert find_votes(path) == path == find_votes(tmp_path)
    monkeypatch.setenv("DNT_CREMA_D", str(tmp_path))
    assert find_votes() == path
    with pytest.raises(ValueError, match="found no CREMA-D votes"):
        find_votes(tmp_path / "elsewhere")


@pytest.mark.parametrize("seed", range(10))
def test_shared_places_are_the_mean_over_all_ways_to_break_the_ties(seed):
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 3, size=4).astype(float)
    broken = [np.argsort(np.argsort(values + 1e-6 * rng.random(4))) for _ in range(4000)]
    slow = np.mean([p[:, None] == np.arange(4) for p in broken], axis=0)
    np.testing.assert_allclose(shared_places(values[None])[0], slow, atol=0.05)
