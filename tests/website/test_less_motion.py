r"""The site for readers who ask their system for less motion, and on paper."""

import shutil

import pytest

from tests.live.static_server import static_server
from tests.live.widget_stage import ROOT, browser

pytestmark = [pytest.mark.slow, pytest.mark.alone]
PAGE = """<!doctype html><script src="calm.js"></script><video loop></video>
<img src="talk.gif" alt="A face talks"><img src="face.svg" alt="another">"""
SEEN = """() => {
  const [film, stills] = [document.querySelector("video"), [...document.querySelectorAll("canvas")]];
  return { loops: film.loop, pictures: document.querySelectorAll("img").length,
    stills: stills.map((canvas) => [canvas.getAttribute("aria-label"), canvas.width > 100]) }; }"""


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_films_do_not_loop_and_a_picture_that_moves_stands(tmp_path, motion):
    (tmp_path / "index.html").write_text(PAGE)
    for file in (
        ROOT / "website/static/calm.js",
        ROOT / "website/static/face.svg",
        ROOT / "figures/talk.gif",
    ):
        shutil.copy(file, tmp_path)
    with static_server(tmp_path) as url, browser() as chromium:
        page = chromium.new_page(reduced_motion=motion)
        page.goto(url, wait_until="load")
        page.wait_for_timeout(300)
        seen = page.evaluate(SEEN)
        if motion == "reduce":
            assert seen == {"loops": False, "pictures": 1, "stills": [["A face talks", True]]}
            page.emulate_media(reduced_motion="no-preference")
            assert page.evaluate("document.querySelector('video').loop"), "asked again, films loop again"
        else:
            assert seen == {"loops": True, "pictures": 2, "stills": []}


def test_on_paper_long_lines_of_code_go_on_below(tmp_path):
    code = "<pre>" + "number = 1  # and so on " * 20 + "</pre>"
    (tmp_path / "index.html").write_text(f"<!doctype html><link rel=stylesheet href=site.css>{code}")
    shutil.copy(ROOT / "website/static/site.css", tmp_path)
    with static_server(tmp_path) as url, browser() as chromium:
        page = chromium.new_page(viewport={"width": 700, "height": 900})
        page.goto(url)
        cut = "(() => { const { scrollWidth, clientWidth } = document.querySelector('pre');"
        assert page.evaluate(f"{cut} return scrollWidth > clientWidth; }})()")
        page.emulate_media(media="print")
        assert not page.evaluate(f"{cut} return scrollWidth > clientWidth; }})()")
