r"""Claims: the verdict follows from the numbers; the page says what the committed notebooks measured."""

import json
from pathlib import Path

import nbformat
import numpy as np
import pytest

from dnt_core.metrics.intervals import interval_over_clips
from dnt_core.workbook import open_notebook
from dnt_core.workbook.claims import CLAIM_MIME, FAILS, HOLDS, OPEN, Claim, in_short, read_claims
from dnt_core.workbook.claims_page import claims_page, committed_claims, page_problems, write_claims_page
from dnt_core.workbook.notebook_lint import tidy_notebook

ROOT = Path(__file__).parents[2]


def claim(value, side="below", limit=1.0, interval=None, **more):
    return Claim("lips", "Lips stay.", value, side, limit, interval=interval, profile="laptop", **more)


@pytest.mark.parametrize(
    "value, side, interval, verdict",
    [
        (0.5, "below", (0.4, 0.6), HOLDS),
        (0.9, "below", (0.7, 1.1), OPEN),
        (1.2, "below", (1.1, 1.3), FAILS),
        (1.2, "above", (1.1, 1.3), HOLDS),
        (1.2, "above", (0.9, 1.3), OPEN),
        (0.5, "above", (0.4, 0.6), FAILS),
        (0.5, "below", None, HOLDS),
        (1.0, "below", None, FAILS),
        (1.0, "above", None, FAILS),
        (None, "below", None, OPEN),
        (0.5, "below", (float("nan"), float("nan")), OPEN),  # one clip: it was refused
    ],
)
def test_the_verdict_follows_from_the_interval(value, side, interval, verdict):
    assert claim(value, side, interval=interval).verdict == verdict


def test_a_profile_that_only_shows_that_everything_runs_tells_nothing():
    tiny = Claim("lips", "Lips stay.", 0.5, "below", 1.0, profile="nbval")
    assert tiny.verdict == OPEN and "only show" in tiny._repr_markdown_()


def test_an_interval_of_too_few_is_said_and_kept(tmp_path):
    one = claim(0.5, interval=interval_over_clips(np.ones(3) / 2, np.zeros(3)), over="1 clips")
    again = Claim.from_dict(json.loads(json.dumps(one._repr_mimebundle_()[CLAIM_MIME], allow_nan=False)))
    assert again == one and again.verdict == OPEN  # an interval without width decided it
    assert "0.5 (too few for an interval)" in again._repr_markdown_()
    stored(tmp_path, "01_a", one)
    stored(tmp_path, "02_b")
    assert committed_claims(tmp_path) == [one]


@pytest.mark.parametrize(
    "mistake, sentence",
    [
        ({"value": float("nan")}, "expected finite"),
        ({"value": 0.5, "interval": (0.6, 0.7)}, "lies outside its interval"),
        ({"value": 0.5, "side": "near"}, "expected below or above"),
        ({"value": 0.5, "whose": "mine"}, "expected paper or ours"),
    ],
)
def test_a_claim_that_cannot_be_is_refused(mistake, sentence):
    with pytest.raises(ValueError, match=sentence):
        claim(**mistake)


def test_a_notebook_records_what_it_shows(tmp_path):
    run = open_notebook("03_x", "quick", out_dir=str(tmp_path))
    shown = run.claim(
        "lips.kept", "Lips stay.", 0.38, below=1, interval=(0.3, 0.4), unit="mm", over="3 seeds",
        baseline=("mean face", 5.3), control=("λ2 = 0", 3.6), limit_name="a millimetre",
    )  # fmt: skip
    bundle = shown._repr_mimebundle_()
    assert Claim.from_dict(json.loads(json.dumps(bundle[CLAIM_MIME]))) == shown
    for said in (
        "**holds**",
        "0.38 mm [0.3, 0.4], 95 % over 3 seeds",
        "below 1 mm (a millimetre)",
        "mean face: 5.3",
    ):
        assert said in bundle["text/markdown"]
    run.claim("lips.kept", "Lips stay.", 1.5, below=1)  # the cell ran again, with another result
    (kept,) = read_claims(tmp_path / "03_x" / "claims.json")
    assert kept.verdict == FAILS and "does not hold" in run.claims()._repr_markdown_()
    with pytest.raises(ValueError, match="one of below and above"):
        run.claim("lips.kept", "Lips stay.", 1.5)


def test_a_notebooks_table_leaves_out_columns_that_say_nothing(tmp_path):
    run = open_notebook("03_x", "quick", out_dir=str(tmp_path))
    run.claim("one", "One.", 0.38, below=1, whose="paper")
    heads = run.claims()._repr_markdown_().splitlines()[0]
    assert heads == "| claim | measured (95 %) | claimed | verdict |"
    run.claim("two", "Two.", 0.38, below=1, control=("λ2 = 0", 3.6))
    heads = run.claims()._repr_markdown_().splitlines()[0]
    assert heads == "| claim | whose | measured (95 %) | claimed | control | verdict |"


def stored(folder, name, *claims):
    notebook = nbformat.v4.new_notebook()
    for one in claims:
        output = nbformat.v4.new_output("execute_result", one._repr_mimebundle_(), execution_count=1)
        notebook.cells.append(nbformat.v4.new_code_cell("run.claim(…)", outputs=[output], execution_count=1))
    nbformat.write(tidy_notebook(notebook), folder / f"{name}.ipynb")


def test_a_moved_number_fails_the_page(tmp_path):
    page = tmp_path / "claims.md"
    assert page_problems(tmp_path, page)  # it is not there
    stored(tmp_path, "01_a", claim(0.5, interval=(0.4, 0.6)))
    write_claims_page(tmp_path, page)
    assert page_problems(tmp_path, page) == [] and "(holds: 1, does not hold: 0" in page.read_text()
    stored(tmp_path, "01_a", claim(0.52, interval=(0.4, 0.6)))
    (problem,) = page_problems(tmp_path, page)
    assert "dnt notebooks claims" in problem


def test_two_claims_of_one_name_and_a_verdict_made_by_hand_are_refused(tmp_path):
    stored(tmp_path, "01_a", claim(0.5), claim(0.6))
    with pytest.raises(ValueError, match="two claims are called lips"):
        committed_claims(tmp_path)
    with pytest.raises(ValueError, match="its numbers say 'does not hold'"):
        Claim.from_dict(claim(1.5).to_dict() | {"verdict": HOLDS})
    with pytest.raises(ValueError, match="no claim"):
        Claim.from_dict({"name": "x", "verdict": HOLDS})


def test_the_page_names_profile_and_unmeasured_claims():
    text = claims_page([claim(None, whose="paper", note="EVP cannot be run.")])
    assert "not measured" in text and "EVP cannot be run." in text and "Profile: laptop." in text


def test_numbers_in_short():
    assert [in_short(x) for x in (0.37899, 35699.0, 0.0, -12.0)] == ["0.379", "35,699", "0", "-12"]


def test_the_committed_page_says_what_the_committed_notebooks_measured():
    assert page_problems(ROOT / "notebooks", ROOT / "docs" / "claims.md") == []


class Measured:
    mean, interval, over = 0.38, (0.3, 0.4), "3 seeds"


def test_a_measurement_brings_its_interval(tmp_path):
    run = open_notebook("03_x", "quick", out_dir=str(tmp_path))
    shown = run.claim("lips", "Lips stay.", Measured(), below=1, baseline=("mean face", Measured()))
    assert (shown.value, shown.interval, shown.over) == (0.38, (0.3, 0.4), "3 seeds")
    assert shown.baseline == ("mean face", 0.38)
    narrower = run.claim("lips", "Lips stay.", Measured(), below=1, interval=(0.37, 0.39), over="clips")
    assert narrower.interval == (0.37, 0.39) and narrower.over == "clips"
