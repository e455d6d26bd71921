r"""The cards of the weights and the page of experiments say what the records say."""

import re
from pathlib import Path

import pytest

from dnt_core.workbook.model_cards import pages, rounds

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", sorted(pages(ROOT)), ids=lambda path: path.name)
def test_a_page_is_what_the_records_make_of_it(path):
    assert path.read_text(encoding="utf-8") == pages(ROOT)[path], (
        "run python -m dnt_core.workbook.model_cards"
    )


def test_every_shipped_network_of_a_family_has_its_row():
    for family in ("generator", "decoupling"):
        card = (ROOT / "weights" / f"{family}.md").read_text(encoding="utf-8")
        for record in (ROOT / "weights").glob(f"{family}_*.json"):
            assert f"| {record.stem} |" in card


def test_links_of_the_pages_lead_somewhere():
    for path, text in pages(ROOT).items():
        for target in re.findall(r"\]\(([^)]+)\)", text):
            assert (path.parent / target).exists(), target


def test_rounds_begin_with_the_first_training():
    record = {"command": "c", "started_from": {"command": "b", "started_from": {"command": "a"}}}
    assert [one["command"] for one in rounds(record)] == ["a", "b", "c"]
