r"""The live face in JupyterLab, in headless Chromium: dragged, typed at, touched, given nonsense, left alone.

Chromium is Debian's package (``apt install chromium``), a Chrome named by ``DNT_CHROMIUM=/path``, or what
``playwright install chromium`` fetches.
"""

import re

import numpy as np
import pytest

from dnt_core.ciec import EXPRESSIONS, decode
from dnt_core.ciec_path import parse_path
from dnt_core.clips import read_provenance, read_video
from tests.live.dragging import assert_two_behind_at_most, drag_by_finger
from tests.live.lab_notebook import (
    BROKEN,
    LISTEN,
    QUICK,
    READING,
    REAL,
    SLOW,
    WEIGHTS,
    canvas,
    intensity,
    on_pad,
    paints,
    same,
    swept,
    trouble,
    wait_for_paint,
)
from tests.live.widget_stage import browser, in_kernel, lab, looks_like, open_lab, pixels, write_notebook

pytestmark = [pytest.mark.slow, pytest.mark.alone]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    r"""Where the notebook lies and its kernel works."""
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def opened(folder):
    r"""The notebook with its four widgets on the screen: (page, what the console complained about)."""
    (folder / "bare.mp4").write_bytes(b"")
    names = f"WEIGHTS, FOREIGN = {str(WEIGHTS)!r}, {str(WEIGHTS.with_name('decoupling_M003.safetensors'))!r}"
    write_notebook(folder, names + REAL, QUICK, SLOW, BROKEN)
    with lab(folder) as url, browser() as chromium:
        page, complaints = open_lab(chromium, url, has_touch=True)
        page.wait_for_selector(".broken .dnt-live", timeout=60_000)
        page.evaluate(LISTEN)
        yield page, complaints


@pytest.fixture
def page(opened):
    r"""The page; no test may leave a complaint in its console."""
    page, complaints = opened
    noted = "[window.dntPaints, window.dntSaid].flatMap(Object.values)"
    page.evaluate(f"{noted}.forEach((all) => all.splice(0))")
    yield page
    page.wait_for_timeout(100)
    assert complaints == []


def test_dragged_for_five_seconds_the_last_picture_is_the_engines(page, folder):
    report = swept(page, "real", 5.0)
    drawn = paints(page, "real")
    assert report["frames"] >= 25 and len(drawn) >= 25
    lags = [frame["now"] - frame["movedAt"] for frame in drawn]
    assert np.median(lags) < 500 and np.percentile(lags, 95) < 2000  # ms; far more than it takes, busy or not
    asked = [frame["request"]["intensity"] for frame in drawn]
    assert asked == sorted(asked) and asked[-1] == 1.0
    for value in (0.25, 1.0):
        page.locator(intensity("real")).fill(str(value))
        wait_for_paint(page, "real", f"r.intensity === {value}")
        said = page.locator(".real .speed").text_content()
        assert re.fullmatch(r"\d+ frames?/s · \d+ ms behind the hand", said)
        drawn_again = f"np.save('drawn.npy', face('happy', {value}, 20))"
        assert in_kernel(page, f"import numpy as np; {drawn_again}") == ""
        off = np.abs(pixels(page, canvas("real")).astype(int) - np.load(folder / "drawn.npy"))
        assert off.max() <= 1  # one of them may be folded, the other not
    assert in_kernel(page, "np.save('neutral.npy', face('neutral', 0.0, 20))") == ""
    drawn, neutral = (np.load(folder / f"{name}.npy") for name in ("drawn", "neutral"))
    assert looks_like(page, canvas("real"), drawn, neutral)


def test_of_a_slow_engine_the_picture_is_two_frames_behind_at_most(page):
    page.evaluate("window.dntSent.splice(0)")
    report = swept(page, "slow", 3.0)
    drawn = paints(page, "slow")
    assert len(drawn) >= 8
    assert_two_behind_at_most(page, drawn, page.evaluate("window.dntSent"), 50)
    assert report["settled"] < 2000  # ms; far more than it takes, busy or not
    assert report["last"] == pytest.approx(1.0) and report["hand"] == 1.0


def test_the_browser_tabs_icon_is_not_fetched_with_every_frame(page):
    fetched = []
    network = page.context.new_cdp_session(page)  # Playwright itself keeps silent about icons
    network.on("Network.requestWillBeSent", lambda told: fetched.append(told["request"]["url"]))
    network.send("Network.enable")
    icons = "document.querySelectorAll('link.favicon').length"
    before = page.evaluate(icons)
    assert before > 0  # JupyterLab's
    report = swept(page, "quick", 1.5)
    assert report["frames"] >= 5 and not [url for url in fetched if "favicon" in url]
    assert page.evaluate(icons) == before
    for _ in range(20):  # busy and idle, as before
        assert in_kernel(page, "import time; time.sleep(0.2)") == ""
        page.wait_for_timeout(100)
        if asked := [url for url in fetched if "favicon" in url]:
            break
    network.detach()
    assert asked


def test_by_mouse_from_one_type_to_another_through_neutral(page):
    pad = page.locator(".quick .pad")
    pad.hover()  # once it is at rest
    box = pad.bounding_box()
    at = lambda name, r: on_pad(box, name, r)  # noqa: E731
    page.mouse.move(*at("happy", 0.0))
    page.mouse.down()
    page.mouse.move(*at("happy", 0.9), steps=8)
    happy = wait_for_paint(page, "quick", "r.expression === 'happy' && r.intensity > 0.8")
    page.mouse.move(*at("angry", 0.9), steps=3)
    page.mouse.up()
    angry = wait_for_paint(page, "quick", "r.expression === 'angry' && r.intensity > 0.8")
    assert same(page, "quick", angry) and happy["intensity"] == pytest.approx(0.89, abs=0.05)
    shown = [(f["request"]["expression"], f["request"]["intensity"]) for f in paints(page, "quick")]
    for (before, x), (after, y) in zip(shown, shown[1:], strict=False):
        assert before == after or x == 0 or y == 0
    page.wait_for_function("document.querySelector('.widget-text input').value === 'angry'")  # linked


def test_by_keys(page):
    page.locator(".quick .pad").focus()
    page.keyboard.press("Home")
    wait_for_paint(page, "quick", "r.intensity === 0")
    for _ in range(4):
        page.keyboard.press("ArrowUp")
    up = wait_for_paint(page, "quick", "Math.abs(r.intensity - 0.2) < 1e-6")
    page.keyboard.press("ArrowRight")
    turned = wait_for_paint(page, "quick", f"r.expression !== '{up['expression']}' && r.intensity > 0.19")
    types = EXPRESSIONS[:7]
    assert types.index(turned["expression"]) == (types.index(up["expression"]) + 1) % 7
    page.locator(intensity("quick")).focus()
    page.keyboard.press("ArrowRight")
    finer = wait_for_paint(page, "quick", "r.intensity > 0.205")
    assert finer["intensity"] < 0.25 and same(page, "quick", finer)
    assert page.evaluate("document.activeElement.type") == "range"  # the notebook did not take the keys


def test_space_plays_in_step_with_the_sound_and_pauses(page):
    page.locator(".quick .pad").focus()
    page.keyboard.press("Space")
    page.locator('.quick input[aria-label="speech"]').fill("2")  # while the sound device may yet wake up
    page.wait_for_timeout(500)
    page.locator(".quick .pad").focus()
    page.evaluate("window.dntPaints.quick.splice(0)")
    page.wait_for_function("() => window.dntPaints.quick.length > 5", timeout=20_000)
    assert page.evaluate("window.dntSound.contexts.map((c) => c.state)") == ["running"]
    assert page.evaluate("window.dntSound.playing.size") == 1
    played = paints(page, "quick")
    for first, later in zip(played, played[1:], strict=False):
        frames = (later["request"]["frame"] - first["request"]["frame"]) % 75
        assert frames == pytest.approx(30 * (later["sentAt"] - first["sentAt"]) / 1000, abs=3)
    page.keyboard.press("Space")
    page.locator(".quick .play", has_text="Play").wait_for()
    stopped = wait_for_paint(page, "quick", "r.frame > 0")["frame"]
    page.wait_for_timeout(400)
    assert abs(paints(page, "quick")[-1]["request"]["frame"] - stopped) <= 6
    assert page.evaluate("window.dntSound.playing.size") == 0


def test_by_finger(page):
    page.locator(".quick .types button[data-type=surprised]").tap()
    wait_for_paint(page, "quick", "r.expression === 'surprised' && r.intensity > 0")
    pad = page.locator(".quick .pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    drag_by_finger(page, *(on_pad(box, "sad", r) for r in (0.0, 0.2, 0.4, 0.6, 0.7)))
    sad = wait_for_paint(page, "quick", "r.expression === 'sad' && r.intensity > 0.6")
    assert sad["intensity"] < 0.75 and same(page, "quick", sad)


def test_standard_sliders_drive_it(page):
    word = page.locator(".widget-text input")
    word.fill("fear")
    word.press("Enter")
    wait_for_paint(page, "quick", "r.expression === 'fear'")
    handle = page.locator(".widget-slider .noUi-handle")
    handle.focus()
    handle.press("End")
    wait_for_paint(page, "quick", "r.intensity === 1")
    handle.press("ArrowLeft")
    shown = wait_for_paint(page, "quick", "r.intensity < 1")
    assert shown["intensity"] == pytest.approx(0.99) and same(page, "quick", shown)
    word.fill("wistful")
    word.press("Enter")
    assert trouble(page, "quick", "unknown expression 'wistful'")
    assert in_kernel(page, "quick.intensity = float('nan')").startswith("TraitError")
    assert trouble(page, "quick", "intensity nan is not in")
    assert trouble(page, "quick", "unknown expression 'wistful'")  # again: the picture is the old one
    page.wait_for_timeout(READING)
    assert page.locator(".quick .trouble").is_visible()
    word.fill("sad")
    word.press("Enter")
    wait_for_paint(page, "quick", "r.expression === 'sad'")
    page.locator(".quick .trouble").wait_for(state="hidden")


def test_bad_input_is_a_sentence_in_the_widget_and_the_next_good_request_heals_it(page):
    def heals():
        page.locator(intensity("broken")).fill(str(np.random.default_rng().uniform(0.2, 0.9)))
        page.locator(".broken .trouble").wait_for(state="hidden", timeout=20_000)
        page.evaluate("window.dntSaid.broken.splice(0)")

    page.locator(".broken .types button[data-type=sad]").click()
    assert trouble(page) == "RuntimeError: the weights have no tears"
    page.locator(".broken .types button[data-type=happy]").click()
    heals()
    for unheard in ("float('nan')", "1.5"):
        raised = in_kernel(page, f"broken.intensity = {unheard}")
        assert raised.startswith("TraitError") and trouble(page) == raised.removeprefix("TraitError: ")
        assert "is not in [0, 1]" in raised
        heals()
    who = page.locator(".broken select[aria-label=identity]")
    for name, sentence in {
        "missing": "generator_of_nobody.safetensors",
        "foreign": "decoupling_M003.safetensors",
        "without truth": "bare.mp4 has no 3D face",
    }.items():
        who.select_option(name)
        said = trouble(page, part=sentence)
        assert "\n" not in said and "Traceback" not in said
        assert in_kernel(page, "1 + 1") == ""  # the kernel lives on
        who.select_option("good")
        heals()
    page.locator(".broken .play").click()
    page.wait_for_function("document.querySelector('.broken .play').textContent.includes('Pause')")
    who.select_option("missing")
    assert trouble(page, part="generator_of_nobody.safetensors")
    page.wait_for_function("document.querySelector('.broken .play').textContent.includes('Play')")
    who.select_option("in two seconds")
    page.locator(".broken .speed", has_text="getting in two seconds ready …").wait_for()
    wait_for_paint(page, "broken", "r.identity === 'in two seconds'")
    who.select_option("at the second try")
    assert trouble(page) == "not yet there"
    heals()  # a face that could not be made is made again at the next move
    assert in_kernel(page, "assert broken.error == ''") == ""


def test_a_sentence_about_something_else_stays_while_frames_go_on(page):
    page.locator(".quick .over summary").click()
    text = page.locator(".quick .text")
    text.fill("joy:0→1")
    text.press("Enter")
    assert trouble(page, "quick", "unknown expression 'joy'")
    for again in range(2):  # the same mistake twice is said twice
        page.evaluate("window.dntPaints.quick.splice(0)")
        page.locator(intensity("quick")).fill(str(0.3 + 0.1 * again))
        wait_for_paint(page, "quick", f"Math.abs(r.intensity - {0.3 + 0.1 * again}) < 1e-9")
        page.wait_for_timeout(300)
        assert page.locator(".quick .trouble").is_visible()
        page.locator(".quick .trouble").wait_for(state="hidden", timeout=10_000)
        assert in_kernel(page, "quick.intensity = float('nan')").startswith("TraitError")
        assert trouble(page, "quick", "intensity nan is not in")
    page.locator(".quick .trouble").wait_for(state="hidden", timeout=10_000)
    page.locator(".quick .over summary").click()


def test_of_a_kernel_that_is_silent_for_long_the_newest_picture_comes_in_the_end(page):
    page.locator(".broken select[aria-label=identity]").select_option("good")
    page.locator(".broken .types button[data-type=happy]").click()
    page.locator(intensity("broken")).fill("0")
    wait_for_paint(page, "broken", "r.intensity === 0 && r.identity === 'good'")
    page.locator(".broken .types button[data-type=fear]").click()
    assert trouble(page, part="does not answer")
    page.locator(intensity("broken")).fill("0.5")  # the hand goes on, and no request is piled up
    page.locator(".broken .trouble").wait_for(state="hidden", timeout=20_000)
    shown = wait_for_paint(page, "broken", "r.expression === 'fear' && r.intensity === 0.5")
    assert same(page, "broken", shown)


def test_the_curve_is_a_trait_both_ways(page):
    page.locator(".quick .over summary").click()
    assert in_kernel(page, "quick.path = 'sad:0→0.5→0'") == ""
    page.wait_for_function("document.querySelector('.quick .text').value === 'sad:0@0%→0.5@50%→0@100%'")
    page.locator(".quick .knot").nth(1).focus()
    page.keyboard.press("ArrowUp")
    moved = "assert quick.path == 'sad:0@0%→0.55@50%→0@100%', quick.path"
    for _ in range(50):
        page.wait_for_timeout(200)
        if in_kernel(page, moved) == "":
            break
    assert in_kernel(page, moved) == ""
    raised = in_kernel(page, "quick.path = 'sad:0→2'")
    assert raised.startswith("TraitError") and trouble(page, "quick", "2 is not in [0, 1]")
    page.locator(".quick .over summary").click()


def test_a_curve_over_time_drives_the_face_and_becomes_a_film(page, tmp_path):
    page.locator(".quick .over summary").click()
    text = page.locator(".quick .text")
    text.fill("happy:0→1@50%→0, sad:0→1@100%")
    text.press("Enter")
    assert trouble(page, "quick", "must give times to all values in one unit, or to none")
    text.fill("happy:0→1→0, sad:0→0.8")
    text.press("Enter")
    page.wait_for_function("document.querySelectorAll('.quick .knot').length === 4")
    page.locator(".quick .over .tick input").check()
    page.locator('.quick input[aria-label="speech"]').fill("37")
    driven = wait_for_paint(page, "quick", "r.frame === 37 && r.intensity > 0")
    vector = parse_path("happy:0→1→0, sad:0→0.8").vectors(75, 30.0)[37]
    assert (driven["expression"], driven["intensity"]) == pytest.approx(decode(vector), abs=0.01)
    page.get_by_role("button", name="film it (mp4)").locator("visible=true").click()
    with page.expect_download(timeout=30_000) as waiting:
        page.locator(".quick a.filmed").click()
    waiting.value.save_as(tmp_path / "film.mp4")
    film = read_video(tmp_path / "film.mp4")
    assert len(film) == 75 and read_provenance(tmp_path / "film.mp4")["synthetic"] is True
    assert in_kernel(page, "1 + 1") == ""


def test_narrow_as_a_phone_nothing_is_cut_off(page):
    page.evaluate("document.querySelectorAll('.quick details').forEach((part) => { part.open = true })")
    page.evaluate("window.jupyterapp.shell.collapseLeft()")
    page.set_viewport_size({"width": 400, "height": 900})
    page.wait_for_timeout(500)
    root = page.locator(".quick .dnt-live")
    outside = root.evaluate(
        """(root) => { const right = root.getBoundingClientRect().right + 1;
        return [...root.querySelectorAll("*")].filter((e) => !e.ownerSVGElement) // clipped by their drawing
          .filter((e) => e.getBoundingClientRect().right > right)
          .map((e) => e.outerHTML.slice(0, 80)) }"""
    )
    page.set_viewport_size({"width": 1280, "height": 1000})
    assert outside == []


def test_a_restarted_kernel_is_said(page):
    page.evaluate("window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.restart()")
    for name in ("quick", "slow"):
        assert trouble(page, name, "was restarted or is no longer connected")
