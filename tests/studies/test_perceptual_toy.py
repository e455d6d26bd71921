r"""The toy that a reader puts four faces in order with: alive without a browser, and in one.

The last test drives Chromium; ``tests/live/widget_stage.py`` says which one, and how to get it.
"""

import base64
import io
import json
import sys
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from traitlets import TraitError

from dnt_core.studies.perceptual_study.order_toy import OrderToy
from tests.live.widget_stage import browser


def _greys(*levels, size=16):
    return [np.full((size, size, 3), level, np.uint8) for level in levels]


def test_without_a_browser_it_has_an_order_and_says_what_follows():
    toy = OrderToy(_greys(10, 90, 200), lambda order: f"weakest is {order[0]}", order=(2, 0, 1))
    assert toy.order == [2, 0, 1] and toy.said == "weakest is 2"
    toy.order = [1, 2, 0]
    assert toy.said == "weakest is 1"
    assert OrderToy(_greys(10, 90)).order == [0, 1]


def test_without_a_kernel_one_sees_the_pictures_in_that_order():
    data, _ = OrderToy(_greys(10, 90, 200), order=(2, 0, 1))._repr_mimebundle_()
    still = matplotlib.image.imread(io.BytesIO(base64.b64decode(data["image/png"])), format="png")
    assert (still[0, ::16, 0] * 255).round().tolist() == [200, 10, 90]


@pytest.mark.parametrize("wrong", [[0, 0, 1], [0, 1], [1, 2, 3]])
def test_an_order_that_is_no_permutation_is_refused(wrong):
    with pytest.raises((ValueError, TraitError), match="no permutation of 0 … 2"):
        OrderToy(_greys(10, 90, 200), order=wrong)
    toy = OrderToy(_greys(10, 90, 200))
    with pytest.raises((ValueError, TraitError), match="no permutation"):
        toy.order = wrong
    assert toy.order == [0, 1, 2]


def test_one_picture_is_nothing_to_order():
    with pytest.raises(ValueError, match="nothing to order in 1"):
        OrderToy(_greys(10))


PAGE = """<!doctype html><style>{css}</style><body><div id="here"></div><script type="module">{script}
const values = {values};
const model = {{
  get: (name) => values[name],
  set: (name, value) => {{ values[name] = value; }},
  save_changes: () => {{ window.saved = [...(window.saved || []), values.order.join("")]; }},
  on: () => {{}}, off: () => {{}},
}};
render({{ model, el: document.getElementById("here") }});
</script></body>"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    toy = OrderToy(_greys(10, 90, 160, 220, size=64), lambda order: "said by the kernel")
    values = json.dumps({name: getattr(toy, name) for name in ("pictures", "order", "said")})
    script = OrderToy._esm if isinstance(OrderToy._esm, str) else str(OrderToy._esm)
    script = script.replace("export default { render };", "")
    path = tmp_path_factory.mktemp("toy") / "toy.html"
    path.write_text(PAGE.format(css=OrderToy._css, script=script, values=values), encoding="utf-8")
    with browser() as chromium:
        yield chromium, path


def _open(page):
    chromium, path = page
    opened = chromium.new_page(viewport={"width": 900, "height": 500})
    opened.goto(path.as_uri())
    opened.wait_for_selector(".card")
    return opened


@pytest.mark.alone
def test_dragging_arrow_keys_and_buttons_change_the_order(page):
    opened = _open(page)
    assert opened.inner_text(".said") == "said by the kernel"
    first = opened.locator(".card").nth(0).locator(".grip").bounding_box()
    third = opened.locator(".card").nth(2).locator(".grip").bounding_box()
    opened.mouse.move(first["x"] + 20, first["y"] + 20)
    opened.mouse.down()
    opened.mouse.move(third["x"] + 20, third["y"] + 25, steps=8)
    opened.mouse.up()
    assert opened.evaluate("saved") == ["1203"]
    opened.locator(".card").nth(3).focus()
    opened.keyboard.press("Home")
    assert opened.evaluate("saved.at(-1)") == "3120"
    opened.keyboard.press("ArrowRight")
    assert opened.evaluate("saved.at(-1)") == "1320"
    opened.get_by_role("button", name="Face A is weaker").click()
    assert opened.evaluate("saved.at(-1)") == "1302"
    assert opened.get_by_role("button", name="Face B is weaker").is_disabled()
    opened.close()
