r"""The curve over time as the page edits it: whatever a hand does, a type changes only at zero (figure 1)."""

import numpy as np
import pytest

from dnt_core.ciec import CIEC_TYPES
from dnt_core.ciec_path import parse_path
from dnt_core.serving.page_parts import joined
from tests.live.widget_stage import ROOT, browser

pytestmark = [pytest.mark.slow, pytest.mark.alone]

PAGE = ROOT / "dnt_core" / "live" / "widget" / "page"
SCRIPT = joined("element.js", PAGE / "parts.js", PAGE / "path.js")
TIMES = [k / 97 for k in range(98)]
EDIT = """
([points, steps, times]) => steps.reduce(([path, ...said], [what, i, t, x, type]) => {
  const k = Math.floor(i * path.nodes.length);
  const next = { move: () => movedNode(path, k, t, x), add: () => withNode(path, t, type, x).path,
    remove: () => withoutNode(path, k) || path, retype: () => retyped(path, k, type) }[what]();
  const read = times.map((time) => pathAt(next, time));
  return [next, ...said, { what, text: pathText(next), read }];
}, [pathFrom(points)]).slice(1)
"""


@pytest.fixture(scope="module")
def edited():
    r"""(points, steps) → what the page's functions made of them, in a browser."""
    with browser() as chromium:
        page = chromium.new_page()
        yield lambda points, steps: page.evaluate(f"{SCRIPT}\n;({EDIT})", [points, steps, TIMES])
        page.close()


@pytest.mark.parametrize("seed", range(4))
def test_whatever_a_hand_does_the_text_is_a_path_and_says_what_the_curve_shows(edited, seed):
    draw = np.random.default_rng(seed)
    steps = [
        (
            draw.choice(["move", "add", "add", "remove", "retype"]).item(), draw.random(), draw.random(),
            round(draw.random(), 2), draw.choice(CIEC_TYPES).item(),
        )
        for _ in range(60)
    ]  # fmt: skip
    states = edited([[0, "happy", 0], [0.5, "happy", 1], [1, "happy", 0]], steps)
    assert len({state["text"] for state in states}) > 20
    for state in states:
        vectors = parse_path(state["text"]).at(TIMES)  # refuses a change of type above zero, and jumps
        shown = np.zeros_like(vectors)
        for row, at in zip(shown, state["read"], strict=True):
            row[CIEC_TYPES.index(at["type"])] = at["x"]
        assert np.abs(vectors - shown).max() < 0.03, state  # steep between close points; two digits


def test_key_points_close_together_and_a_neutral_stretch_stay_a_path(edited):
    near = [[0.5, "happy", 1], [0.504, "happy", 0.4], [0.5040001, "happy", 0.3]]
    close = [[0, "happy", 0], *near, [1, "sad", 0]]
    pulled = ["move", 2.5 / 5, 0.9, 0.4, ""]
    (state,) = edited(close, [pulled])
    times = [p.time for p in parse_path(state["text"]).key_points]
    assert times == sorted(times) and 0.5 < times[2] < 0.50401
    calm = [list(p) for p in parse_path("happy:0→1→0, neutral:0→0, sad:0→1").key_points]
    up = ["move", 0.5, 0.5, 0.7, ""]
    (state,) = edited(calm, [up])
    assert "neutral" not in state["text"]
    assert parse_path(state["text"]).at(TIMES).max() == pytest.approx(1, abs=0.03)
