r"""The lecturer's guide names every exercise with its length and difficulty, and only pages that exist."""

import re
from pathlib import Path

from dnt_core.workbook.exercise_hints import HINTS
from dnt_core.workbook.hints import HARDEST

GUIDE = Path(__file__).parents[2] / "docs" / "teaching.md"
TEXT = GUIDE.read_text(encoding="utf-8")


def test_every_exercise_has_its_row():
    rows = {}
    for line in TEXT.splitlines():
        if found := re.match(r"\| \d\.\d \| `(\w+)` \| [\w, ]+ \| (\d+) \| ([●○]+) \| (\d+) \|", line):
            rows[found[1]] = (int(found[2]), found[3], int(found[4]))
    expected = {
        name: (h.minutes, "●" * h.difficulty + "○" * (HARDEST - h.difficulty), 2 * h.difficulty)
        for name, h in HINTS.items()
    }
    assert rows == expected


def test_an_exercise_has_the_number_that_its_notebook_gives_it():
    rows = dict(re.findall(r"^\| (\d\.\d) \| `(\w+)` \|", TEXT, flags=re.MULTILINE))
    stub = re.compile(
        r'^def (\w+)\(.*?raise NotImplementedError\("Exercise (\d\.\d):', re.DOTALL | re.MULTILINE
    )
    found = {}
    for path in (GUIDE.parents[1] / "notebooks").glob("[0-9][0-9]_*.py"):
        for cell in path.read_text(encoding="utf-8").split("# %%"):
            found |= {number: name for name, number in stub.findall(cell)}
            numbers = stub.findall(cell) and re.findall(r'check_exercise\(\s*"(\d\.\d)", (\w+)', cell)
            assert numbers == [(number, name) for name, number in stub.findall(cell)]
    assert found == rows


def test_the_minutes_of_each_plan_add_up():
    plans = re.findall(r"## (\d+) minutes.*?\n(.*?)(?=\n## )", TEXT, flags=re.DOTALL)
    assert [int(total) for total, _ in plans] == [45, 90, 180]
    for total, plan in plans:
        assert sum(int(m) for m in re.findall(r"^\| (\d+) \|", plan, flags=re.MULTILINE)) == int(total)
