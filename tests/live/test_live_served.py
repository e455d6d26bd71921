r"""``dnt live`` as a visitor meets it: opened, dragged, filmed, given weights that are gone, in Chromium.

Chromium is Debian's package (``apt install chromium``), a Chrome named by ``DNT_CHROMIUM=/path``, or what
``playwright install chromium`` fetches.
"""

import io
import os
import shutil
import signal
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from dnt_core.ciec import EXPRESSIONS
from dnt_core.ciec_path import parse_path
from dnt_core.clips import read_audio, read_provenance, read_video
from dnt_core.live import LiveFace
from dnt_core.plotting import EXPRESSION_COLORS
from tests.live.dragging import WATCH, assert_two_behind_at_most, sweep
from tests.live.live_page import CANVAS, INTENSITY, open_live, wait_for_paint
from tests.live.widget_stage import ROOT, browser, free_port, looks_like, pixels
from tests.serving.page_process import PageProcess, ended

pytestmark = [pytest.mark.slow, pytest.mark.alone]

#: Nine points of the face, of which at least one changes with every step of its expression.
POINTS = [[x, y] for x in (0.4, 0.5, 0.6) for y in (0.35, 0.55, 0.7)]


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    r"""A folder with two of the shipped generators."""
    folder = tmp_path_factory.mktemp("weights")
    for name in ("M003", "W009"):
        shutil.copy(ROOT / "weights" / f"generator_{name}_128.safetensors", folder)
    return folder


@pytest.fixture(scope="module")
def server(weights):
    port = free_port()
    command = [sys.executable, "-m", "dnt_core", "live", "--no-browser", "--port", str(port)]
    with ended(PageProcess([*command, "--weights", str(weights)], port, cwd=ROOT)) as live:
        yield live


@pytest.fixture(scope="module")
def face():
    return LiveFace(ROOT / "weights" / "generator_M003_128.safetensors")


@pytest.fixture(scope="module")
def chromium():
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def opened(chromium, server):
    page, complaints, hosts = open_live(chromium, server, viewport={"width": 1280, "height": 900})
    yield page, complaints, hosts
    page.close()


@pytest.fixture
def page(opened):
    r"""The tab; no test may leave a complaint in its console, or have it ask another host."""
    page, complaints, hosts = opened
    page.evaluate("window.dntPaints.splice(0)")
    yield page
    page.wait_for_timeout(100)
    assert complaints == []
    assert hosts - {""} == {page.url.split("/")[2]}


def test_a_visitor_sees_an_app_that_says_what_it_is(page):
    assert page.title().startswith("A face that follows your hand")
    said = page.locator("body").inner_text()
    assert "SYNTHETIC" in said and "Drag on the pad" in said and "M003" in said
    for word in ("Jupyter", "kernel", "cell", "Voil", "Traceback", "In [", "moment"):
        assert word not in said


def test_it_listens_to_this_machine_alone(server):
    mine = psutil.Process(server.process.pid)
    listening = [c.laddr for c in mine.net_connections(kind="inet") if c.status == psutil.CONN_LISTEN]
    assert any(at.port == int(server.url.split(":")[2][:-1]) for at in listening)
    assert {at.ip for at in listening} == {"127.0.0.1"}
    assert "this machine only" in server.lines[-1]


def test_dragged_for_five_seconds_the_last_picture_is_the_engines(page, face):
    page.locator(INTENSITY).fill("0")
    wait_for_paint(page, "r.intensity === 0")
    page.evaluate("window.dntPaints.splice(0)")
    page.evaluate(WATCH, [CANVAS, POINTS, "0"])
    sweep(page, INTENSITY, 5.0, f"Number(document.querySelector({INTENSITY!r}).value)")
    last = wait_for_paint(page, "r.intensity === 1")
    drawn, watched = page.evaluate("[window.dntPaints, window.dntWatch]")
    assert len(watched["seen"]) >= 25, "pictures that differ, seen from outside"
    asked = [frame["request"]["intensity"] for frame in drawn]
    assert asked == sorted(asked) and len(set(asked)) >= 25
    moved = {h["value"]: h["at"] for h in reversed(watched["hand"])}
    lags = [f["now"] - moved[f["request"]["intensity"]] for f in drawn if f["request"]["intensity"] in moved]
    assert len(lags) >= 10
    assert np.median(lags) < 500 and np.percentile(lags, 95) < 2000  # ms; far more than it takes, busy or not
    plain = face(last["expression"], 1.0, last["frame"])
    face(last["expression"], 1.0, last["frame"])
    assert face.settle()
    folded = face(last["expression"], 1.0, last["frame"])
    shown = pixels(page, CANVAS)
    assert shown.shape == (128, 128, 3) and np.ptp(shown) > 100
    assert any(np.array_equal(shown, picture) for picture in (plain, folded))


def test_what_is_on_the_screen_is_the_face_with_the_hand_at_its_place(page, face):
    page.locator("button[data-type=sad]").click()
    page.locator(INTENSITY).fill("0.75")
    asked = wait_for_paint(page, "r.expression === 'sad' && r.intensity === 0.75")
    page.wait_for_timeout(300)
    drawn, neutral = face("sad", 0.75, asked["frame"]), face("neutral", 0.0, asked["frame"])
    assert looks_like(page, CANVAS, drawn, neutral)
    hand = page.locator(".pad .hand").bounding_box()
    pad = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    middle = pad.getpixel(tuple(int(hand[a] + hand[b] / 2) for a, b in (("x", "width"), ("y", "height"))))
    np.testing.assert_allclose(middle, np.array(to_rgb(EXPRESSION_COLORS["sad"])) * 255, atol=3)
    cut = "(all) => all.filter((b) => b.scrollWidth > b.clientWidth).map((b) => b.textContent)"
    assert page.locator(".dnt-live button").evaluate_all(cut) == []


def test_the_inside_beside_the_face_and_the_head_that_turns(page, face):
    page.locator("summary", has_text="Look inside").click()
    for name, label in {"uv": "UV map", "attention": "attention", "static": "static texture"}.items():
        page.get_by_role("button", name=label).click()
        asked = wait_for_paint(page, f"r.inside === '{name}'")
        inside = face.inside(name, asked["expression"], asked["intensity"], asked["frame"])
        assert np.abs(pixels(page, "figure:nth-child(2) canvas").astype(int) - inside).max() <= 1
    page.get_by_role("button", name="nothing").click()
    page.locator("figure:nth-child(2)").wait_for(state="hidden")
    page.locator("summary", has_text="Head").click()
    page.locator('input[aria-label^="turn"]').fill("9")
    asked = wait_for_paint(page, "r.pose[0] === 9")
    turned = face(asked["expression"], asked["intensity"], asked["frame"], (9.0, 0.0, 0.0))
    assert np.abs(pixels(page, CANVAS).astype(int) - turned).max() <= 1
    page.get_by_role("button", name="straight").click()
    wait_for_paint(page, "r.pose[0] === 0")


def key_points(page):
    r"""The path that the timeline says it has."""
    return parse_path(page.locator(".text").input_value()).key_points


def test_key_points_are_dragged_under_the_sound_and_types_change_at_zero(page):
    page.locator(".over summary").click()
    assert page.locator(".curve .wave").get_attribute("d").count("L") > 100
    assert page.locator(".over select").input_value() == "", "no key-point is chosen yet"
    page.locator(".text").fill("happy:0→1→0, sad:0→0.8")
    page.locator(".text").press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.knot').length === 4")
    page.locator(".curve").scroll_into_view_if_needed()

    def middle(k):
        box = page.locator(".knot .dot").nth(k).bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def drag(k, right, down):
        (x, y), mouse = middle(k), page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + right, y + down, steps=5)
        mouse.up()

    drag(1, -40, 53)
    top, joint = key_points(page)[1], key_points(page)[2]
    assert (top.type, top.intensity) == ("happy", pytest.approx(0.5, abs=0.02)) and 0.2 < top.time < 1 / 3
    drag(2, 60, -50)  # where the type changes it stays at zero
    moved = key_points(page)[2]
    assert moved.intensity == 0 and moved.time > joint.time + 0.03
    page.locator(".knot").nth(4 - 1).focus()
    page.keyboard.press("ArrowUp")
    assert key_points(page)[-1].intensity == pytest.approx(0.85)
    assert page.locator(".over select").input_value() == "sad"
    page.locator(".over select").select_option("fear")
    assert key_points(page)[-1].type == "fear"
    assert (parse_path(page.locator(".text").input_value()).vectors(72, 30.0) > 0).sum(1).max() == 1


def test_the_curve_is_played_in_time(page):
    page.locator(".over .tick input").check()
    page.locator('input[aria-label="speech"]').fill("8")
    page.locator(".play").click()
    frames = "new Set(window.dntPaints.map((p) => p.request.frame))"  # a fast page paints a frame twice
    page.wait_for_function(f"() => window.dntPaints.length > 12 && {frames}.size > 8", timeout=30_000)
    page.locator(".play").click()
    played = page.evaluate("window.dntPaints.map((p) => p.request)")
    vectors = parse_path(page.locator(".text").input_value()).vectors(72, 30.0)
    for request in played[1:]:
        if request["intensity"] > 0:
            at = vectors[request["frame"], EXPRESSIONS.index(request["expression"])]
            assert request["intensity"] == pytest.approx(at, abs=0.02)
    assert len({r["frame"] for r in played}) > 8 and max(r["intensity"] for r in played) > 0.2
    page.locator(".over .tick input").uncheck()


def test_the_curve_becomes_a_film(page, tmp_path):
    page.locator(".text").fill("happy:0→1→0")
    page.locator(".text").press("Enter")
    page.get_by_role("button", name="film it (mp4)").click()
    with page.expect_download(timeout=60_000) as waiting:
        page.locator("a.filmed").click(timeout=60_000)
    waiting.value.save_as(tmp_path / "film.mp4")
    assert len(read_video(tmp_path / "film.mp4")) == 72
    assert read_provenance(tmp_path / "film.mp4")["synthetic"] is True
    sound = read_audio(tmp_path / "film.mp4")
    assert abs(len(sound) / 16_000 - 2.4) < 0.1 and np.abs(sound).max() > 0.1


def test_weights_that_are_gone_are_said_in_the_widget_and_the_other_face_goes_on(page, weights):
    file = weights / "generator_W009_128.safetensors"
    trouble, who = page.locator(".dnt-live .trouble"), page.locator("select[aria-label=identity]")
    file.unlink()
    who.select_option("W009")
    trouble.wait_for(state="visible", timeout=30_000)
    assert trouble.text_content() == f"there is no checkpoint {file}"
    who.select_option("M003")
    page.locator(INTENSITY).fill("0.25")
    wait_for_paint(page, "r.intensity === 0.25 && r.identity === 'M003'")
    assert trouble.is_hidden()
    shutil.copy(ROOT / "weights" / "decoupling_W009.safetensors", file)
    who.select_option("W009")
    page.wait_for_function(
        "() => document.querySelector('.trouble').textContent.includes('holds no generator')"
    )
    shutil.copy(ROOT / "weights" / file.name, file)
    page.locator(INTENSITY).fill("0.75")  # the next move of the hand tries again
    wait_for_paint(page, "r.intensity === 0.75 && r.identity === 'W009'")
    assert trouble.is_hidden()


def test_a_line_that_broke_is_mended_and_the_newest_picture_asked_for(page):
    break_it = "window.dntLines.at(-1).close()"
    page.get_by_role("button", name="film it (mp4)").click()
    film = page.get_by_role("button", name="film")
    page.wait_for_function("() => document.querySelector('.over').textContent.includes('filming')")
    page.evaluate(break_it)
    page.locator(INTENSITY).fill("0.4")  # while nobody listens
    wait_for_paint(page, "r.intensity === 0.4")
    page.locator(".trouble").wait_for(state="hidden", timeout=20_000)
    assert film.text_content() == "film it (mp4)" and film.is_enabled()
    page.locator(INTENSITY).fill("0.6")
    wait_for_paint(page, "r.intensity === 0.6")


def test_where_no_line_opens_that_is_said(chromium, server):
    page = chromium.new_page()
    page.add_init_script("window.WebSocket = class extends EventTarget {}")  # a proxy that lets none through
    page.goto(server.url)
    page.get_by_text("A proxy on the way may let no websockets through").wait_for()
    page.close()


def test_of_a_slow_engine_the_picture_is_two_frames_behind_at_most(chromium):
    port = free_port()
    command = [sys.executable, str(Path(__file__).parent / "slow_page.py"), str(port)]
    with ended(PageProcess(command, port, cwd=ROOT)) as slow:
        page, complaints, _ = open_live(chromium, slow, viewport={"width": 1280, "height": 900})
        page.evaluate("window.dntPaints.splice(0)")
        page.evaluate("window.dntSent.splice(0)")
        page.evaluate(f"document.querySelector({INTENSITY!r}).value = 0")
        page.evaluate(WATCH, [CANVAS])
        report = sweep(page, INTENSITY, 3.0, f"Number(document.querySelector({INTENSITY!r}).value)")
        drawn, sent = page.evaluate("[window.dntPaints, window.dntSent]")
        assert len(drawn) >= 8 and report["last"] == pytest.approx(1.0) and complaints == []
        assert_two_behind_at_most(page, drawn, sent, 50)
        os.kill(slow.process.pid, signal.SIGKILL)
        page.locator(".trouble").wait_for(state="visible", timeout=30_000)
        assert "reload the page" in page.locator(".trouble").text_content(), "a program that died is said"
        page.close()


def test_on_a_phone_all_is_within_its_width(chromium, server):
    phone = {"viewport": {"width": 400, "height": 850}, "has_touch": True, "is_mobile": True}
    page, complaints, _ = open_live(chromium, server, **phone)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.evaluate("document.querySelector('.pad').scrollIntoView({ block: 'end' })")
    face, pad = (page.locator(part).first.bounding_box() for part in (CANVAS, ".pad"))
    assert 0 <= face["y"] and face["y"] + face["height"] <= pad["y"], "both in sight"
    assert pad["y"] + pad["height"] <= 851
    page.locator("button[data-type=angry]").tap()
    wait_for_paint(page, "r.expression === 'angry' && r.intensity === 0.5")
    assert complaints == []
    page.close()


def test_ctrl_c_ends_it_and_all_that_it_started(server):
    processes = server.processes()
    said = len(server.lines)
    after_filming = [line for line in server.lines if not line.startswith("filming the 2.4 s in which ")]
    assert after_filming[0].startswith("getting M003, W009 ready")
    assert server.stop(signal.SIGINT) == 0
    assert len(server.lines) == said, server.lines
    gone, alive = psutil.wait_procs(processes, 5)
    assert not alive
