r"""The page without a kernel as a visitor meets it, in Chromium, from a server that only hands files out."""

import re

import numpy as np
import pytest

from dnt_core.ciec_path import parse_path
from dnt_core.live import LiveFace
from dnt_core.live.static_page.build import PAGE
from tests.live.static_page_tab import CANVAS, drawn, open_page, until
from tests.live.static_server import ISOLATED, static_server
from tests.live.widget_stage import ROOT, browser, pixels

pytestmark = [pytest.mark.slow, pytest.mark.alone]

PAD = ".dnt-live .pad"
NAME = """(node) => node.getAttribute('aria-label') || node.textContent.trim() ||
  node.closest('label')?.textContent"""


@pytest.fixture(scope="module")
def chromium():
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module", params=["plain", "isolated"])
def url(static_page_folder, request):
    with static_server(static_page_folder, ISOLATED if request.param == "isolated" else None) as address:
        yield address


@pytest.fixture
def page(chromium, url):
    r"""A tab with the first face; it may complain of nothing and ask no other host."""
    with_face = open_page(chromium, url)
    page, complaints, hosts = next(with_face)
    yield page
    with_face.close()
    assert complaints == []
    assert hosts - {""} == {url.split("/")[2]}


def test_the_face_is_the_engines_and_follows_the_hand(page):
    face = LiveFace(ROOT / "weights" / "generator_M003_128.safetensors")
    for _ in range(3):  # the third is drawn at rest
        shown = drawn(page, expression="happy", intensity=0.9, frame=20)
        assert np.abs(shown - face("happy", 0.9, 20)).max() <= 2, "of 255"
        page.evaluate("dntModel.set('intensity', 0.5)")
        page.wait_for_timeout(1500)
    seen, box = [], page.locator(PAD).bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    for step in range(6):
        page.mouse.move(middle[0], middle[1] - 14 * step)
        page.wait_for_timeout(700)
        seen.append(pixels(page, CANVAS).tobytes())
    page.mouse.up()
    assert len(set(seen)) >= 4
    assert page.locator(PAD).get_attribute("aria-valuetext").startswith("angry")


def test_frames_that_come_again_are_drawn_sooner_and_alike(page):
    r"""A clip in a loop, one type: frames are folded, in 8 bits, and every lane has what one has prepared."""
    until(page, "dntLanes.ready()")
    face = LiveFace(ROOT / "weights" / "generator_M003_128.safetensors")
    show = """(intensity) => Promise.all([7, 8, 9, 10].map(async (frame) => {
      const asked = { identity: "M003_128", expression: "surprised", intensity, frame, inside: "" };
      const { pictures, side, folded } = await dntLanes.frame(asked);
      return { folded, side, bytes: Array.from(pictures[0]) }; }))"""

    def folded(intensity):
        r"""The four frames, once all are folded: the page folds its own type's, too, and keeps one type."""
        for _ in range(100):
            found = page.evaluate(show, intensity)
            if all(shown["folded"] for shown in found):
                return found
            page.wait_for_timeout(100)
        raise AssertionError("frames that come again are not folded")

    for intensity in (0.0, 0.45, 1.0):
        for frame, shown in zip((7, 8, 9, 10), folded(intensity), strict=True):
            picture = np.uint8(shown["bytes"]).reshape(shown["side"], shown["side"], 3).astype(int)
            off = np.abs(picture - face("surprised", intensity, frame))
            assert off.max() <= 2 and off.mean() < 0.15, (intensity, frame, off.max())
    drawn(page, expression="sad", intensity=0.5, frame=7)  # another type is drawn as ever


FOLDING_AHEAD = r"""async () => {
  const { makeAhead } = await import("./ahead.js");
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const asked = [], ahead = makeAhead((_, frame) => (asked.push(frame), wait(3)));
  const ask = (of, frame, hand, room = 20, several = true) =>
    ahead.chosen({ frame, inside: "", plays: { n_frames: 20, fps: 30, hand } }, of, room, several);
  const found = { atFirst: ask("a", 0, true).frame };
  for (let k = 0; k < 200 && new Set(asked).size < 20; k++) {
    ask("a", k % 20, true);
    await wait(5);
  }
  await wait(20);
  found.asked = [...asked].sort((a, b) => a - b);
  found.later = [0, 7, 19].map((k) => ask("a", k, true).frame);
  ahead.drawn("a", 7, { folded: false, engine_ms: 100 }); // the lane had given it up
  for (let k = 0; k < 200 && asked.length < 21; k++) await wait(5), ask("a", 7, true);
  found.again = asked.slice(20);
  ahead.folded("b", 5); // another type, for which nothing is folded but this
  ask("b", 0, false);
  found.near = [4, 6, 8, 9, 2, 15].map((k) => ask("b", k, true).frame);
  found.alone = ask("b", 6, true, 20, false).frame;
  const rests = [[3, 20], [3, 20], [4, 6], [4, 6]]; // frame, room
  found.rests = rests.map(([frame, room]) => ask("c", frame, false, room).first);
  return found; }"""


def test_while_the_hand_moves_in_a_clip_that_plays_a_lane_folds_ahead_and_the_nearest_is_shown(page):
    found = page.evaluate(FOLDING_AHEAD)
    assert found["atFirst"] == 0  # nothing is folded, so the frame itself is drawn
    assert found["asked"] == list(range(20)), "each frame is folded once"
    assert found["later"] == [0, 7, 19]
    assert found["again"] == [7], "a frame that turns out not to be folded is folded again"
    assert found["near"] == [5, 5, 5, 9, 5, 15], "a neighbour within a tenth of a second, three frames"
    assert found["alone"] == 6, "a page with one lane folds nothing ahead"
    assert found["rests"] == [False, True, False, False], "the second time, where all frames have room"


def test_a_hand_in_a_clip_that_plays_sees_moments_near_the_clock(page):
    until(page, "dntLanes.ready()")
    log = """() => { window.dntDrawn = []; const draw = dntLanes.frame.bind(dntLanes);
      dntLanes.frame = async (asked) => { const drawn = await draw(asked);
        dntDrawn.push([asked.frame, drawn.frame, drawn.folded]); return drawn; };
      dntModel.set("expression", "angry"); dntModel.set("playing", true);
      const move = () => dntModel.set("intensity", 0.5 + 0.4 * Math.sin(performance.now() / 300));
      window.dntHand = setInterval(move, 16); }"""
    page.evaluate(log)
    until(
        page, "dntDrawn.length > 72 && dntDrawn.slice(-72).every(([at, of, folded]) => folded && of === at)"
    )
    page.evaluate("clearInterval(dntHand)")
    drawn = np.array(page.evaluate("dntDrawn"))
    off = np.abs((drawn[:, 1] - drawn[:, 0] + 36) % 72 - 36)
    assert (drawn[off > 0, 2] == 1).all(), "only a folded frame stands in for another"


def test_every_control_is_reached_by_keys_and_says_its_value(page):
    page.locator("summary").last.click()  # the timeline
    page.locator("h1").click()
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        reached.append(page.evaluate(f"({NAME})(document.activeElement)") or "")
    wanted_names = (
        "expression pad", "intensity", "speech", "Play", "sound", "happy", "identity", "Look inside",
        "Expression over time", "the curve drives", "key-point at 50", "the path as text",
    )  # fmt: skip
    for wanted in wanted_names:
        assert any(wanted in name for name in reached), f"{wanted} is not among {reached}"
    page.locator(PAD).focus()
    before = page.locator(PAD).get_attribute("aria-valuetext")
    page.keyboard.press("ArrowUp")
    until(page, f"document.querySelector('{PAD}').getAttribute('aria-valuetext') !== '{before}'")
    page.keyboard.press("ArrowRight")
    said = "document.querySelector('.dnt-live .pad').getAttribute('aria-valuetext')"
    assert until(page, f"/^sad, \\d+ per cent$/.test({said}) && {said}")
    page.locator("input[aria-label='speech']").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("input[aria-label='speech']").get_attribute("aria-valuetext") == "1.37 s"
    text = page.locator("body").inner_text()
    assert "SYNTHETIC" in text and "Bob thinks the movie was fun." in text
    assert not re.search("kernel|Jupyter|undefined|NaN", text)


def test_it_plays_another_person_speaks_and_one_looks_inside(page):
    page.locator(".dnt-live .play").click()
    start = page.evaluate("dntModel.get('frame')")
    until(page, f"dntModel.get('frame') !== {start}")
    page.locator(".dnt-live .play").click()
    page.get_by_label("identity").select_option("W009_128")
    other = drawn(page, identity="W009_128", expression="sad", intensity=1.0, frame=3)
    face = LiveFace(ROOT / "weights" / "generator_W009_128.safetensors")
    assert np.abs(other - face("sad", 1.0, 3)).max() <= 2
    page.locator("summary", has_text="Look inside").click()
    buttons = page.locator("button.inside")
    for k in range(1, buttons.count()):
        name = buttons.nth(k).get_attribute("data-inside")
        buttons.nth(k).click()
        drawn(page, inside=name, intensity=0.9 - k / 100)
        assert page.locator(".trouble").is_hidden(), page.locator(".trouble").inner_text()
        known = name in ("uv", "background", "static", "sampled", "attention", "geometry")
        wanted = face.inside(name, "sad", 0.9 - k / 100, 3).astype(int) if known else None
        for _ in range(50):  # its picture is painted after the face's
            inner = pixels(page, ".dnt-live figure + figure canvas").astype(int)
            assert inner.shape == (128, 128, 3)
            apart = 0.0 if wanted is None else np.abs(inner - wanted).mean()
            if apart < 4 and np.ptp(inner) > 60:
                break
            page.wait_for_timeout(100)
        assert apart < 4 and np.ptp(inner) > 60, name
    assert buttons.count() == 11


def test_paths_are_read_as_in_python(page):
    texts = [
        "happy:0→1→0, sad:0→0.8", "happy:0@0%→1@50%→0@100%", "sad:0.5", "angry:0@0s->1@1s->0@2s",
        "fear:0->.5->0,neutral:0,happy:0->1",
        " Happy : 0 @ 0 -> 1 @ 1.5 s", "HAPPY:0->1e-1,", ",sad:1, ,",
    ]  # fmt: skip
    wrong = [
        "", "happy", "joy:1", "happy:two", "happy:0→1, sad:1→0", "happy:2", "happy:0@0s→1@50%",
        "sad:0@0s→1@9s", "happy:0@50%→1@20%", "happy:0@10%→1@10%", "neutral:1",
        " , ", "happy:0->1@0.5sec", "happy:0@0->1@500ms", "happy:0->1@", "happy:0->1@1s@2s", "happy:0->80%",
        "happy:nan", "happy:0_1", "happy:0..1", "happy:", ":1", "happy:0,5", "happy:1;sad:0", "Joy:1",
        "happy:-1", "happy:0@1s->1@0.5s", "happy:0@-1s->1@0.5s", "happy:1@@1s", "happy:1@%",
        "happy:0->1 @ 1 m", "happy:1, Joy :1",
    ]  # fmt: skip
    read = """async ([text, seconds]) => { const { parsePath } = await import("./path_text.js");
      const types = Object.keys(dntModel.get("colors"));
      try { return parsePath(text, types, seconds); } catch (error) { return error.message; } }"""
    for text in texts:
        path = parse_path(text)
        length = 2.4 if path.in_seconds else 1.0
        found = page.evaluate(read, [text, 2.4])
        assert [p[1] for p in found] == [p.type for p in path.key_points], text
        wanted = [[p.time / length, p.intensity] for p in path.key_points]
        np.testing.assert_allclose([[t, x] for t, _, x in found], wanted, atol=1e-6)
    for text in wrong:
        said = page.evaluate(read, [text, 2.4])
        try:
            assert parse_path(text).in_seconds and said == "the path ends at 9 s, the clip at 2.4 s"
        except ValueError as error:
            assert said == str(error)


def test_an_address_says_what_is_seen_first(chromium, url):
    asked = "?face=W009_128&expression=sad&intensity=0.75&frame=12"
    for page, complaints, _ in open_page(chromium, url + asked):
        seen = page.evaluate("['identity', 'expression', 'intensity', 'frame'].map((k) => dntModel.get(k))")
        assert seen == ["W009_128", "sad", 0.75, 12]
        assert complaints == []
    for page, complaints, _ in open_page(chromium, url + "?face=x&expression=joy&intensity=7&frame=-1"):
        seen = page.evaluate("['expression', 'intensity', 'frame'].map((k) => dntModel.get(k))")
        assert seen == ["happy", 0.8, 40]
        assert complaints == []


def test_without_an_adapter_webgpu_is_webassembly(chromium, url):
    for page, complaints, _ in open_page(chromium, url + "?compute=webgpu"):
        until(page, "dntLanes.ready()")
        drawn(page, expression="fear", intensity=0.4, frame=3)
        assert page.evaluate("dntLanes.compute()") == "wasm" and complaints == []


def test_a_notebooks_page_opens_the_living_face_and_fetches_nothing_before(
    chromium, static_page_folder, tmp_path
):
    from website.notebook_pages import living_face

    (tmp_path / "live").symlink_to(static_page_folder, target_is_directory=True)
    (tmp_path / "notebooks").mkdir()
    text = living_face("../live/index.html", "sad", "0.7", "5", "")
    (tmp_path / "notebooks" / "a.html").write_text(f"<!doctype html><body>{text}</body>")
    with static_server(tmp_path) as address:
        page, fetched = chromium.new_page(), []
        page.on("request", lambda r: fetched.append(r.url))
        page.goto(address + "notebooks/a.html")
        page.wait_for_timeout(500)
        assert not any("/live/" in asked for asked in fetched)
        page.locator("summary").click()
        frame = page.frame_locator("iframe")
        frame.locator("canvas[data-drawn]").wait_for(timeout=120_000)
        assert "sad" in frame.locator(PAD).get_attribute("aria-valuetext")
        page.close()


def test_no_code_but_the_pages_own_runs(chromium, url):
    probe = """() => new Promise((done) => {
      const inline = document.createElement("script"), outside = document.createElement("script");
      const refused = [];
      document.addEventListener("securitypolicyviolation", (e) => refused.push(e.violatedDirective));
      inline.textContent = "window.dntProbe = 1";
      outside.src = "http://localhost:9/probe.js";
      document.body.append(inline, outside);
      fetch("http://localhost:9/").catch(() => {});
      setTimeout(() => done([window.dntProbe ?? null, refused]), 500); })"""
    page = chromium.new_page()
    page.goto(url)
    ran, refused = page.evaluate(probe)
    page.close()
    assert ran is None and "connect-src" in refused and refused.count("script-src-elem") == 2


def test_a_phone_shows_it_without_scrolling_sideways(chromium, url):
    dark = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True,
            "has_touch": True, "color_scheme": "dark"}  # fmt: skip
    for page, complaints, _ in open_page(chromium, url, **dark):
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 27)"
        canvas = page.locator(CANVAS).first.bounding_box()
        pad = page.locator(PAD).bounding_box()
        assert canvas["y"] + canvas["height"] < 844 and pad["y"] < 844, "face and pad on one screen"
        page.locator("button[data-type=sad]").tap()
        until(page, "dntModel.get('expression') === 'sad'")
        page.set_viewport_size({"width": 844, "height": 390})  # turned on its side
        page.evaluate("scrollTo(0, 0)")
        canvas = page.locator(CANVAS).first.bounding_box()
        assert canvas["y"] + canvas["height"] < 390, "the whole face"
        assert complaints == []


def test_who_asks_for_less_motion_sees_no_glide_and_a_clip_that_ends(chromium, url):
    for reduced in ("reduce", "no-preference"):
        for page, complaints, _ in open_page(chromium, url, reduced_motion=reduced):
            page.evaluate("dntModel.set('intensity', 0.9)")
            jump = """() => { const seen = new Set();
              dntModel.on("change:intensity", () => seen.add(dntModel.get("intensity")));
              document.querySelector("button[data-type=sad]").click();
              return new Promise((done) => setTimeout(() => done([...seen]), 600)); }"""
            assert (page.evaluate(jump) == []) == (reduced == "reduce")
            assert page.evaluate("[dntModel.get('expression'), dntModel.get('intensity')]") == ["sad", 0.9]
            page.locator(".dnt-live .play").click()
            page.wait_for_timeout(3500)  # the clip lasts 2.4 s
            assert page.evaluate("dntModel.get('playing')") == (reduced != "reduce")
            if reduced == "reduce":  # again from its beginning
                page.locator(".dnt-live .play").click()
                until(page, "dntModel.get('frame') > 5 && dntModel.get('frame') < 60")
            assert complaints == []


def test_a_clip_that_plays_is_not_read_out_and_what_is_chosen_shows_in_forced_colors(chromium, url):
    for page, _, _ in open_page(chromium, url, forced_colors="active"):
        live = """[...document.querySelectorAll(".dnt-live :is(output, [role=status], [aria-live])")]
          .map((e) => e.getAttribute("aria-live"))"""
        assert set(page.evaluate(live)) == {"off"}
        colors = """(on) => { const style = getComputedStyle(
          document.querySelector(`.dnt-live .type[aria-pressed=${on}]`)); return style.backgroundColor; }"""
        assert page.evaluate(colors, "true") != page.evaluate(colors, "false")


def test_a_page_whose_scripts_do_not_come_as_scripts_says_why(chromium):
    page = chromium.new_page()
    page.goto((PAGE / "index.html").as_uri())
    until(page, "document.getElementById('waiting').textContent.includes('python -m http.server')")
    page.route("**/app.js", lambda route: route.fulfill(body="1", content_type="text/plain"))
    with static_server(PAGE) as address:
        page.goto(address)
        until(page, "document.getElementById('waiting').textContent.includes('.js files as text/javascript')")
    page.close()


def test_a_server_that_says_that_zipped_files_are_encoded_shows_the_face(chromium, static_page_folder):
    with static_server(static_page_folder, unzips=True) as address:
        with_face = open_page(chromium, address)
        _, complaints, _ = next(with_face)
        with_face.close()
    assert complaints == []


def test_a_face_that_does_not_come_is_said(chromium, url):
    page = chromium.new_page()
    page.route("**/*.face", lambda route: route.fulfill(status=404, body=""))
    page.goto(url)
    until(page, "document.querySelector('.trouble')?.textContent.includes('the server says 404')")
    page.close()


def test_a_runtime_that_did_not_come_is_asked_for_again_when_the_hand_moves(chromium, url):
    page = chromium.new_page()
    page.route("**/*.wasm.gz", lambda route: route.abort())
    page.goto(url)
    until(page, "document.querySelector('.trouble')?.textContent.includes('is this device online?')")
    page.unroute("**/*.wasm.gz")
    page.locator("button[data-type=sad]").click()
    until(page, "document.querySelector('canvas[data-drawn]') && document.querySelector('.trouble').hidden")
    page.close()


def test_who_changes_in_a_clip_that_plays_speaks_in_their_own_voice(chromium, url):
    heard = """() => { window.dntHeard = [];
      const { prototype } = AudioBufferSourceNode, { start } = prototype;
      prototype.start = function (...when) {
        dntHeard.push(Array.from(this.buffer.getChannelData(0).slice(20000, 20050)));
        return start.apply(this, when); }; }"""
    for page, complaints, _ in open_page(chromium, url):
        page.evaluate(heard)
        page.locator(".dnt-live .play").click()
        until(page, "dntHeard.length === 1")
        page.get_by_label("identity").select_option("W009_128")
        until(page, "dntHeard.length === 2")
        first, second = page.evaluate("dntHeard")
        assert page.evaluate("dntModel.get('playing')") and first != second
        assert complaints == []


TROUBLES = """() => { window.dntTroubles = []; const said = document.querySelector(".dnt-live .trouble");
  const note = () => said.hidden || !said.textContent || dntTroubles.push(said.textContent);
  new MutationObserver(note).observe(said, { attributes: true, childList: true, subtree: true }); }"""


def test_whoever_is_chosen_in_haste_nothing_but_the_last_is_shown(page):
    """Three people, of whom a lane keeps two, while the clip plays and frames are asked for."""
    page.route("**/faces.json", lambda route: route.fulfill(json=with_a_third(route.fetch().json())))
    page.reload()
    page.wait_for_selector("canvas[data-drawn]")
    page.evaluate(TROUBLES)
    until(page, "dntLanes.ready()")
    for pause in (20, 60, 150):
        page.evaluate("dntModel.set('playing', true)")
        for who in ("W009_128", "third", "M003_128", "third", "M003_128", "W009_128"):
            page.evaluate(f"dntModel.set('identity', '{who}')")
            page.wait_for_timeout(pause)
        page.evaluate("dntModel.set('playing', false)")
        drawn(page, identity="W009_128", expression="sad", intensity=1.0, frame=3)
    assert page.evaluate("dntTroubles") == []
    face = LiveFace(ROOT / "weights" / "generator_W009_128.safetensors")
    shown = drawn(page, identity="W009_128", expression="happy", intensity=0.6, frame=9)
    assert np.abs(shown - face("happy", 0.6, 9)).max() <= 2


def with_a_third(told):
    told["faces"].append({**told["faces"][1], "name": "third"})
    return told


def test_without_a_connection_the_face_goes_on_and_what_is_missing_is_said(chromium, url):
    context = chromium.new_context()
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("canvas[data-drawn]")
    until(page, "dntLanes.ready()")
    context.set_offline(True)
    trouble = "document.querySelector('.dnt-live .trouble')"
    page.get_by_label("identity").select_option("W009_128")
    until(page, f"{trouble}.textContent === "
        "'./faces/W009_128.face did not come whole; is this device online?'")  # fmt: skip
    page.get_by_label("identity").select_option("M003_128")
    drawn(page, expression="sad", intensity=0.5, frame=3)
    assert page.evaluate(f"{trouble}.hidden")
    context.set_offline(False)
    page.get_by_label("identity").select_option("W009_128")
    drawn(page, identity="W009_128", expression="happy", intensity=0.5, frame=3)
    assert page.evaluate(f"{trouble}.hidden")
    context.close()
