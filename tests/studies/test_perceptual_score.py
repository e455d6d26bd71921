"""Orders → M → s = Mx: the properties section 5.2 rests on, over seeded random studies."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau

from dnt_core.studies.perceptual_study.orders import GroupOrders, group_orders, order_matrix
from dnt_core.studies.perceptual_study.responses import check_responses, read_responses, write_responses
from dnt_core.studies.perceptual_study.score import (
    group_score,
    kendall_tau,
    mean_order_matrix,
    pooled_order_matrix,
    rmse,
    score,
    slope,
    summarise,
)


def _study(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    m, k = int(rng.integers(2, 7)), int(rng.integers(1, 12))
    x = np.sort(rng.random(m))
    return x, np.stack([rng.permutation(m) + 1 for _ in range(k)])


def _slow_score(x, places):
    """The paper's sentence, word by word."""
    m, k = len(x), len(places)
    total = [[0.0] * m for _ in range(m)]
    for observer in places:
        for i in range(m):
            for j in range(m):
                if observer[i] == j + 1:  # the clip with the i-th lowest intensity was placed j-th
                    total[i][j] += 1 / k
    return [sum(total[i][j] * x[j] for j in range(m)) for i in range(m)], total


@pytest.mark.parametrize("seed", range(40))
def test_properties_of_m_and_s(seed):
    x, places = _study(seed)
    matrix = mean_order_matrix(order_matrix(places))
    s = score(matrix, x)
    slow_s, slow_m = _slow_score(x, places.tolist())
    np.testing.assert_allclose(matrix, slow_m, atol=1e-12)
    np.testing.assert_allclose(s, slow_s, atol=1e-12)
    np.testing.assert_allclose(matrix.sum(0), 1)  # doubly stochastic
    np.testing.assert_allclose(matrix.sum(1), 1)
    assert (matrix >= 0).all()
    np.testing.assert_allclose(s.mean(), x.mean())
    assert (s >= x[0] - 1e-12).all() and (s <= x[-1] + 1e-12).all()
    assert (
        np.linalg.norm(s - x.mean()) <= np.linalg.norm(x - x.mean()) + 1e-12
    )  # s is never more spread than x
    all_agree = bool((places == np.arange(1, len(x) + 1)).all())
    assert np.allclose(s, x, atol=1e-9) == all_agree


@pytest.mark.parametrize("k", [1, 5, 16])
def test_s_is_x_when_all_agree_and_not_when_one_swaps_one_pair(k):
    x = np.array([0.1, 0.3, 0.35, 0.9])
    places = np.tile([1, 2, 3, 4], (k, 1))
    np.testing.assert_array_equal(score(mean_order_matrix(order_matrix(places)), x), x)
    places[0] = [1, 3, 2, 4]
    s = score(mean_order_matrix(order_matrix(places)), x)
    assert s[1] > x[1] and s[2] < x[2] and s[0] == x[0]
    assert slope([x], [s]) < 1


def test_guessing_gives_the_mean_to_every_clip():
    x = np.array([0.05, 0.2, 0.7, 0.9])
    np.testing.assert_allclose(score(np.full((4, 4), 0.25), x), x.mean())
    rng = np.random.default_rng(0)
    places = np.stack([rng.permutation(4) + 1 for _ in range(20_000)])
    np.testing.assert_allclose(score(mean_order_matrix(order_matrix(places)), x), x.mean(), atol=0.01)


@pytest.mark.parametrize("bad", [[1, 1, 2], [0, 1, 2], [1, 2, 4], [1.5, 2, 3]])
def test_orders_that_are_no_permutations_are_refused(bad):
    with pytest.raises(ValueError, match="is no permutation of 1 … 3"):
        order_matrix([[1, 2, 3], bad])


@pytest.mark.parametrize("seed", range(20))
def test_kendall_tau_agrees_with_scipy(seed):
    _, places = _study(seed)
    slow = [kendalltau(np.arange(len(p)), p).statistic for p in places]
    np.testing.assert_allclose(kendall_tau(places), slow, atol=1e-12)


def test_the_slope_is_of_within_groups():
    x = [np.array([0.0, 0.1, 0.2]), np.array([0.8, 0.9, 1.0])]
    guessed = [np.full(3, v.mean()) for v in x]
    assert slope(x, guessed) == pytest.approx(0)
    assert np.polyfit(np.concatenate(x), np.concatenate(guessed), 1)[0] > 0.9  # the line that would mislead
    assert slope(x, x) == pytest.approx(1) and rmse(x, x) == 0
    halved = [v.mean() + 0.5 * (v - v.mean()) for v in x]
    assert slope(x, halved) == pytest.approx(0.5)
    assert rmse(x, halved) == pytest.approx(0.5 * rmse(x, guessed))


# --- the table ------------------------------------------------------------------------------------


def _table(
    orders: dict[str, list[int]], group="g1", expression="happy", x=(0.1, 0.5, 0.6, 0.9)
) -> pd.DataFrame:
    rows = [
        (o, group, "M003", expression, f"{group}-{'cadb'[i]}", x[i], rank)
        for o, ranks in orders.items()
        for i, rank in enumerate(ranks)
    ]
    columns = ["observer", "group", "identity", "expression", "clip", "intensity", "rank"]
    return pd.DataFrame(rows, columns=columns)


def test_table_to_groups_and_back_through_csv(tmp_path):
    table = pd.concat(
        [
            _table({"o2": [1, 2, 3, 4], "o1": [1, 3, 2, 4]}),
            _table({"o1": [4, 3, 2, 1]}, group="g2", expression="sad", x=(0.9, 0.2, 0.3, 0.4)),
        ]
    ).sample(frac=1, random_state=0)
    path = write_responses(table, tmp_path / "responses.csv")
    again = read_responses(path)
    pd.testing.assert_frame_equal(again, check_responses(table))
    first, second = sorted(group_orders(again), key=lambda g: g.group)
    assert first.intensity.tolist() == [0.1, 0.5, 0.6, 0.9] and set(first.observers) == {"o1", "o2"}
    np.testing.assert_allclose(group_score(first), [0.1, 0.55, 0.55, 0.9])
    assert second.positions.tolist() == [[2, 1, 0, 3]]  # x sorted: .2 .3 .4 .9 were given ranks 3 2 1 4
    np.testing.assert_allclose(group_score(second), [0.4, 0.3, 0.2, 0.9])
    summary = summarise([first, second])
    assert (summary.groups, summary.observers, summary.orders) == (2, 2, 3)
    assert summary.tau == pytest.approx((1 + 2 / 3 + 0) / 3) and summary.unanimous == pytest.approx(1 / 3)
    np.testing.assert_allclose(pooled_order_matrix([first, second])[0], [0.5, 0, 0.5, 0])


def _broken(change) -> pd.DataFrame:
    table = _table({"o1": [1, 2, 3, 4], "o2": [1, 2, 3, 4]}).astype(object)
    return change(table)


def _set(row, column, value):
    def change(table):
        table.loc[row, column] = value
        return table

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            _set(6, "rank", 2),
            "line 8: observer o2 gave rank 2 to two clips of group g1, before in line 7; .*no ties",
        ),
        (
            lambda t: t.drop(index=7),
            "line 8: observer o2 ordered 3 of the 4 clips of group g1, not g1-b; a partial",
        ),
        (
            lambda t: pd.concat([t, t.iloc[[2]]]),
            "line 10: observer o1 ordered clip g1-d of group g1 twice, .*line 4",
        ),
        (_set(7, "rank", 5), "line 9: observer o2 gave rank 5 in group g1, whose ranks are 1 … 4"),
        (_set(3, "rank", "strong"), "line 5: rank 'strong' is no whole number"),
        (_set(3, "rank", 1.5), "line 5: rank '1.5' is no whole number"),
        (_set(3, "rank", 10**20), "line 5: rank '100000000000000000000' is no whole number"),
        (_set(3, "rank", 0), "line 5: rank '0' is no whole number"),
        (_set(3, "rank", ""), "line 5: rank '' is no whole number"),
        (_set(0, "intensity", 1.2), r"line 2: intensity '1.2' is no number in \[0, 1\]"),
        (_set(0, "intensity", "nan"), "line 2: intensity 'nan'"),
        (_set(4, "intensity", 0.2), "line 6: clip g1-c of group g1 has intensity 0.2, but 0.1 before"),
        (
            _set([1, 5], "intensity", 0.1),
            "line 3: clips g1-c and g1-a of group g1 have the same intensity 0.1",
        ),
        (_set(2, "expression", "joy"), "line 4: expression 'joy' is unknown"),
        (_set(2, "expression", "neutral"), "line 4: expression 'neutral' is unknown"),
        (_set(5, "expression", "sad"), "line 7: group g1 has expression sad, but happy in line 2"),
        (_set(5, "identity", "W009"), "line 7: group g1 has identity W009, but M003"),
        (_set(1, "observer", " "), "line 3: observer is empty"),
        (lambda t: t.drop(columns="rank"), "no column rank; expected observer, group"),
        (lambda t: t.iloc[:0], "no orders, only a header"),
        (lambda t: t.iloc[[0, 4]], "line 2: group g1 has one clip only"),
    ],
)
def test_wrong_rows_are_refused_with_one_sentence(tmp_path, change, message):
    path = tmp_path / "answers.csv"
    _broken(change).to_csv(path, index=False)
    with pytest.raises(ValueError, match=message) as error:
        read_responses(path)
    assert "answers.csv" in str(error.value) and "\n" not in str(error.value)


GOOD = _table({"o1": [1, 2, 3, 4], "o2": [2, 1, 3, 4]}).to_csv(index=False)
ROWS = GOOD.splitlines()


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "sep=,\n" + text,
        lambda text: '"sep=,"\r\n' + text,
        lambda text: "sep=;\n" + text.replace(",", ";"),
        lambda text: "SEP=\t\n" + text.replace(",", "\t"),
        lambda text: "\ufeff" + text.replace(",", ";").replace(".", ",").replace("\n", "\r\n"),
        lambda text: text.replace(",", "\t"),
        lambda text: re.sub(r"(\d)\.(\d)", r'"\1,\2"', text),
        lambda text: text.replace(ROWS[0], ROWS[0].upper()),
        lambda text: text.replace(ROWS[0], ROWS[0].title()),
    ],
    ids=[
        "sep",
        "quoted",
        "semicolons",
        "tabs",
        "decimal commas",
        "tabs alone",
        "quoted commas",
        "capitals",
        "title",
    ],
)
def test_what_excel_does_to_a_table_is_read(tmp_path, change):
    for name, text in (("good", GOOD), ("changed", change(GOOD))):
        (tmp_path / f"{name}.csv").write_bytes(text.encode())
    pd.testing.assert_frame_equal(
        read_responses(tmp_path / "good.csv"), read_responses(tmp_path / "changed.csv")
    )


@pytest.mark.parametrize("name", ["nan", "None", "NA", "null", "inf", "0"])
def test_an_observer_may_be_called_anything(tmp_path, name):
    (tmp_path / "a.csv").write_text(GOOD.replace("o1,", f"{name},"))
    assert set(read_responses(tmp_path / "a.csv")["observer"]) == {name, "o2"}
    with pytest.raises(ValueError, match="observer is empty"):
        check_responses(read_responses(tmp_path / "a.csv").assign(observer=float("nan")))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "answers.csv is empty; expected a CSV with the columns observer, group"),
        (b"\n \n", "answers.csv is empty"),
        (
            b"SQLite format 3\0" + bytes(99),
            "own file; `dnt study --export --answers .*answers.csv` writes its",
        ),
        (bytes(range(128, 256)) * 20, "line 1: no text in UTF-8; save it as CSV UTF-8"),
        (GOOD.replace("M003", "Jörg").encode("latin-1"), "line 2: no text in UTF-8"),
        (GOOD.encode("utf-16"), "line 1: no text in UTF-8"),
        (GOOD.replace(",", "|").encode(), "no column observer, group, .* got observer.group"),
        (GOOD.replace("identity", "rank").encode(), "has the column rank 2 times; expected one"),
        (GOOD.replace("rank", "place").encode(), "no column rank; expected observer"),
        (("sep=,\n" + "\n".join([*ROWS[:3], "o1,g1,M003", *ROWS[4:]])).encode(), "line 5: 3 cells"),
        ("\n".join([*ROWS[:3], "o1,g1,M003", *ROWS[4:]]).encode(), "line 4: 3 cells, but the header has 7"),
        ("\n".join([*ROWS[:3], ROWS[3] + ",,", *ROWS[4:]]).encode(), "line 4: 9 cells, but the header has 7"),
        ("\n".join([*ROWS[:3], '"o1,g1', *ROWS[4:]]).encode(), "no CSV: unexpected end of data"),
        ("\n".join([*ROWS[:3], "", *ROWS[3:8], ROWS[8] + "0"]).encode(), "line 10: .* rank 40 in group g1"),
    ],
)
def test_files_that_are_no_tables_are_refused(tmp_path, text, message):
    path = tmp_path / "answers.csv"
    path.write_bytes(text)
    with pytest.raises(ValueError, match=message) as error:
        read_responses(path)
    assert "answers.csv" in str(error.value) and "\n" not in str(error.value)


def test_tables_of_two_classes_may_stand_below_each_other(tmp_path):
    (tmp_path / "both.csv").write_text("\n".join([*ROWS, *(row.replace("o1,", "o3,") for row in ROWS[:5])]))
    assert list(read_responses(tmp_path / "both.csv")["observer"].unique()) == ["o1", "o2", "o3"]


def test_no_file_and_a_folder_are_told_apart(tmp_path):
    with pytest.raises(ValueError, match="missing.csv: no such file; expected a CSV"):
        read_responses(tmp_path / "missing.csv")
    with pytest.raises(ValueError, match="a folder; expected a CSV"):
        read_responses(tmp_path)


def test_what_spreadsheets_do_to_a_table_is_read(tmp_path):
    r"""A byte order mark, Windows' line ends, blank lines, further columns, other sequences, 1.0 for 1."""
    wanted = check_responses(_table({"o1": [1, 2, 3, 4], "o2": [2, 1, 3, 4]}))
    head, *rows = ROWS
    shuffled = [",".join(reversed(row.split(","))) for row in [head, *rows]]
    for text in (
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        "\n".join([head, *rows[:3], "", ",,,,,,", *rows[3:], "", ""]),
        "\n".join(f"{row},{'note' if row == head else 'x'}" for row in ROWS),
        "\n".join(shuffled),
        head.replace(",", ", ") + "\n" + "\n".join(row + ".0" for row in rows),
    ):
        (tmp_path / "answers.csv").write_text(text, encoding="utf-8", newline="")
        pd.testing.assert_frame_equal(read_responses(tmp_path / "answers.csv"), wanted)


def test_group_orders_refuses_matrices_that_are_not_doubly_stochastic():
    with pytest.raises(ValueError, match="sum to 1"):
        GroupOrders("g", "i", "sad", ("a", "b"), np.array([0.1, 0.2]), ("o",), np.array([[[1, 0], [1, 0]]]))
    with pytest.raises(ValueError, match="intensities must increase"):
        GroupOrders("g", "i", "sad", ("a", "b"), np.array([0.2, 0.2]), ("o",), np.eye(2)[None])
