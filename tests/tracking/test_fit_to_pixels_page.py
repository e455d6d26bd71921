r"""The step to pixels that docs/fit_to_pixels.md takes by hand brings the colours nearer."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "fit_to_pixels.md"


def test_the_page_runs_and_its_step_brings_the_colours_nearer(capsys):
    code = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    names = {}
    for block in code:
        exec(block, names)
    assert names["after"] < 0.95 * names["before"]
    assert "colours are off by" in capsys.readouterr().out
    moved = (names["marks_of"](names["refined"]) - names["marks_of"](names["x"])).abs().max()
    assert 0.05 < moved < 5
    assert names["moves"].shape == (len(names["POINTS"]), 2, 150)
