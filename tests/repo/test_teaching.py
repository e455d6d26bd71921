r"""The lecturer's guide names every exercise with its length and difficulty, and only pages that exist."""

import re
from pathlib import Path

from dnt_core.workbook.hints import HARDEST, HINTS

GUIDE = Path(__file__).parents[2] / "docs" / "teaching.md"
TEXT = GUIDE.read_text(encoding="utf-8")


def test_every_exercise_has_its_row():
    rows = {}
    for line in TEXT.splitlines():
        if found := re.match(r"\| \d\.\d \| `(\w+)` \| [\w ]+ \| (\d+) \| ([●○]+) \| (\d+) \|", line):
            rows[found[1]] = (int(found[2]), found[3], int(found[4]))
    expected = {
        name: (h.minutes, "●" * h.difficulty + "○" * (HARDEST - h.difficulty), 2 * h.difficulty)
        for name, h in HINTS.items()
    }
    assert rows == expected


def test_the_minutes_of_each_plan_add_up():
    plans = re.findall(r"## (\d+) minutes.*?\n(.*?)(?=\n## )", TEXT, flags=re.DOTALL)
    assert [int(total) for total, _ in plans] == [45, 90, 180]
    for total, plan in plans:
        assert sum(int(m) for m in re.findall(r"^\| (\d+) \|", plan, flags=re.MULTILINE)) == int(total)
