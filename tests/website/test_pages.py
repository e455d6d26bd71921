r"""What the site shows of notebooks, formulas and names, without building it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from pygments.styles import get_style_by_name

import dnt_core
from website import api_pages, code_pages, conf, layout, link_check, mathml, notebook_pages

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def cells(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_every_formula_becomes_mathml(path):
    for cell in cells(path):
        if cell["cell_type"] == "markdown":
            text = re.sub(r"`[^`]*`", "", "".join(cell["source"]))
            for block, inline in re.findall(r"\$\$(.+?)\$\$|(?<!\\)\$([^$\n]+?)\$", text, re.S):
                assert "<math" in mathml.mathml(block or inline, bool(block))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_a_notebook_keeps_its_outputs_and_has_no_dead_widget(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    before = [str(cell.get("outputs")) for cell in notebook["cells"]]
    notebook_pages.page(notebook, path.stem)
    after = [str(cell.get("outputs")) for cell in notebook["cells"]]
    assert not any(notebook_pages.WIDGET in text for text in after)
    for kept in ("'image/png'", "<audio", "<video"):
        assert sum(t.count(kept) for t in after) == sum(t.count(kept) for t in before)
    assert f"notebooks/{path.stem}.py" in "".join("".join(c["source"]) for c in notebook["cells"])


def test_a_notebook_of_ones_own_beside_the_series_is_no_page(tmp_path):
    code = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "source": "1",
        "outputs": [],
        "execution_count": 1,
    }
    for name, inside in (("Untitled", []), ("09_code_alone", [code])):
        notebook = {"cells": inside, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (tmp_path / f"{name}.ipynb").write_text(json.dumps(notebook))
    notebook_pages.write_all(tmp_path, tmp_path / "site")
    (page,) = (tmp_path / "site").iterdir()
    assert page.stem == "09_code_alone"
    assert [c["cell_type"] for c in cells(page)] == ["markdown", "code", "markdown"]


def test_a_site_that_is_put_into_a_branch_keeps_its_style():
    assert "sphinx.ext.githubpages" in conf.extensions  # writes .nojekyll


def test_widgets_become_stills_and_bars_go():
    widget = {notebook_pages.WIDGET: {"model_id": "1"}}
    with_still = {"data": widget | {"image/png": "…", "text/plain": "Widget()"}}
    without = {"data": widget | {"text/plain": "VBox()"}}
    bar = {"data": widget | {"text/plain": "UV maps:  0%|   | 0/66"}}
    assert [notebook_pages.still(o) for o in (with_still, without, bar)] == [True, True, False]
    assert with_still["data"] == {"image/png": "…"}
    assert without["data"] == {"text/plain": "(a widget, which needs a kernel)"}


def test_the_live_face_of_a_notebook_opens_the_live_page_where_there_is_one():
    path = ROOT / "notebooks" / "08_live_sliders.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook_pages.page(notebook, path.stem, "../live/index.html")
    outputs = [o.get("data", {}) for cell in notebook["cells"] for o in cell.get("outputs", [])]
    (living,) = [data["text/html"] for data in outputs if "living-face" in data.get("text/html", "")]
    page = link_check.Page(living)
    (address,) = [url for url in page.fetched if not url.startswith("data:")]
    assert address == "../live/index.html?expression=happy&intensity=0.8&frame=40"
    assert page.links == {address} and "data:image/png;base64,iVBOR" in living
    assert "<details" in living and "open" not in re.findall("<details[^>]*>", living)[0]
    assert 'loading="lazy"' in living, "nothing is fetched before a reader opens it"


def test_what_the_live_face_stores_as_text_is_what_the_site_reads():
    from dnt_core.live.widget import LiveFaceWidget
    from tests.live.drawn_face import DrawnFace

    widget = LiveFaceWidget(DrawnFace(size=16), expression="sad", intensity=0.25, frame=7)
    data, _ = widget._repr_mimebundle_()
    assert notebook_pages.LIVE_FACE.match(data["text/plain"]).groups() == ("sad", "0.25", "7")


def test_every_exported_name_is_described_once():
    places = [place for names in api_pages.documented().values() for place in names.values()]
    assert {f"dnt_core.{name}" for name in dnt_core.__all__} <= set(places)
    for package, names in api_pages.packages().items():
        assert set(api_pages.documented()[package]) == set(names)


def test_names_are_found_in_the_code():
    path, line = code_pages.locate("dnt_core.Generator.forward")
    assert path == "dnt_core/networks/generator.py"
    assert "def forward" in (ROOT / path).read_text(encoding="utf-8").splitlines()[line - 1]
    assert code_pages.locate("dnt_core.networks.nothing") is None
    assert code_pages.named("clips/scanner.py", []) == ("dnt_core/clips/scanner.py", None)
    assert code_pages.named("encode(types, intensity)", ["dnt_core.ciec"])[0] == "dnt_core/ciec.py"


@pytest.mark.parametrize("style", [conf.pygments_style, conf.pygments_dark_style])
def test_code_stands_out_from_its_ground_as_wcag_asks(style):
    def light(color: str) -> float:
        values = (int(color[k : k + 2], 16) / 255 for k in (0, 2, 4))
        linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
        return sum(share * v for share, v in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    found = get_style_by_name(style)
    for token, look in found:
        if look["color"]:
            low, high = sorted(map(light, (look["color"], look["bgcolor"] or found.background_color[1:])))
            assert (high + 0.05) / (low + 0.05) >= 4.5, token


def test_every_page_of_docs_stands_in_the_navigation(tmp_path):
    for page in (ROOT / "docs").glob("*.md"):
        (tmp_path / "docs").mkdir(exist_ok=True)
        (tmp_path / "docs" / page.name).touch()
    found = re.findall(r"^docs/(\w+)$", layout.navigation(tmp_path), re.M)
    assert sorted(found) == sorted(page.stem for page in (ROOT / "docs").glob("*.md"))


def test_dead_links_and_foreign_addresses_are_found(tmp_path):
    (tmp_path / "index.html").write_text(
        '<a href="other.html#here">1</a> <a href="other.html#gone">2</a> <a href="none.html">3</a>'
        '<script src="https://example.org/a.js"></script> <a href="https://example.org">fine</a>'
    )
    (tmp_path / "other.html").write_text('<p id="here"></p>')
    assert link_check.faults(tmp_path) == [
        "index.html: fetches https://example.org/a.js",
        "index.html: none.html leads nowhere",
        "index.html: other.html#gone has no such anchor",
    ]
