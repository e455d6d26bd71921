r"""``dnt study`` where browsers and networks are unlike ours: proxies, no cookies, no autoplay, Firefox."""

import re
import secrets

import pytest
from playwright.sync_api import expect

from dnt_core.studies.perceptual_study.collecting.export import read_answers
from tests.live.widget_stage import free_port
from tests.serving.firefox import find_firefox, firefox
from tests.serving.page_process import PageProcess, ended, request, said
from tests.serving.prefix_proxy import prefix_proxy
from tests.studies.study_clips import make_study
from tests.studies.study_page import (
    PLAYING,
    StudyProcess,
    agree,
    arrange,
    drag_by_mouse,
    go_on,
    open_page,
    wait_for_group,
)

pytestmark = [pytest.mark.slow, pytest.mark.alone]

#: A phone that saves power plays nothing before a tap.
NO_AUTOPLAY = """
const play = HTMLMediaElement.prototype.play;
let tapped = false;
const tap = (event) => event.isTrusted && (tapped = true);
for (const kind of ["pointerup", "keydown"]) addEventListener(kind, tap, true);
HTMLMediaElement.prototype.play = function () {
  return tapped ? play.call(this) : Promise.reject(new DOMException("no tap yet", "NotAllowedError"));
};
Object.defineProperty(HTMLMediaElement.prototype, "autoplay", { set() {}, get: () => false });
const set = Element.prototype.setAttribute;
Element.prototype.setAttribute = function (name, value) {
  if (name !== "autoplay") set.call(this, name, value);
};
"""
#: As browsers do where all cookies are blocked.
NO_STORAGE = """
for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("blocked", "SecurityError"); } });
}
"""


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory):
    r"""A study for everybody on the network; ``code`` of it."""
    folder = tmp_path_factory.mktemp("everywhere")
    make_study(folder / "clips")
    with ended(StudyProcess(folder, free_port(), "--host", "0.0.0.0")) as server:
        server.code = re.search(r"The page is at http://\S+/#(\S+)", "\n".join(server.lines))[1]
        server.answers = folder / "answers.sqlite"
        yield server


def whole_session(page):
    agree(page)
    for title in ("Group 1 of 2", "Group 2 of 2", "Thank you"):
        arrange(page, drag_by_mouse)
        go_on(page, title)


def count(answers) -> int:
    try:
        return read_answers(answers)["observer"].nunique()
    except ValueError:
        return 0


HUB = "/user/ann/proxy/8871"


@pytest.mark.parametrize(
    ("prefix", "how"),
    [
        (HUB, {"headers": {"X-Forwarded-Prefix": HUB, "X-Forwarded-For": "10.0.0.7"}}),
        ("/study", {"host": "study.example"}),
        ("/classes/2026", {"strips": False, "headers": {"X-Forwarded-Prefix": "/classes/2026"}}),
    ],
    ids=["jupyterhub", "nginx", "prefix-kept"],
)  # fmt: skip
def test_behind_a_proxy_all_is_found_under_its_prefix(everywhere, observer, prefix, how):
    before = count(everywhere.answers)
    with prefix_proxy(everywhere.port, prefix, **how) as at:
        page, complaints = open_page(observer, f"{at}#{everywhere.code}")
        whole_session(page)
        assert complaints == []
        page.close()
    assert count(everywhere.answers) == before + 1


def test_a_prefix_without_its_last_slash(everywhere, observer):
    hub = {"X-Forwarded-Prefix": HUB}
    with prefix_proxy(everywhere.port, HUB, headers=hub) as at:
        page, complaints = open_page(observer, f"{at.rstrip('/')}#{everywhere.code}")
        page.get_by_role("button", name="I agree, begin").wait_for()
        assert complaints == []


@pytest.mark.parametrize(
    "prefix", ['"><script>alert(1)</script>', "//elsewhere.example", "/a b", "javascript:x"]
)
def test_a_prefix_that_is_none_is_passed_over(everywhere, prefix):
    answer = request(everywhere.port, "GET", "/", headers={"X-Forwarded-Prefix": prefix})
    assert answer.status == 200 and b"<base" not in answer.body


def test_on_loopback_a_proxy_needs_the_code_and_the_terminal_says_it(served, observer):
    with prefix_proxy(served.port, HUB, headers={"X-Forwarded-Prefix": HUB}) as at:
        page, _ = open_page(observer, at)
        page.get_by_label("Code").wait_for()
        told = said(served.lines, "x-forwarded-prefix")[-1]
        page.get_by_label("Code").fill(told.rpartition("#")[2])
        page.get_by_role("button", name="Open").click()
        page.get_by_role("button", name="I agree, begin").wait_for()
        assert page.url.endswith(f"#{told.rpartition('#')[2]}"), "so that a reload goes on"


def test_a_class_needs_the_code_and_may_type_it(everywhere, observer):
    page, _ = open_page(observer, everywhere.url)
    page.get_by_label("Code").fill("0000-0000")
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_text("not the page's code").wait_for()
    page.get_by_label("Code").fill(f" {everywhere.code.replace('-', '').upper()} ")
    page.keyboard.press("Enter")
    agree(page)
    again, complaints = open_page(observer, everywhere.url)  # another tab, without the code
    again.get_by_role("button", name="Withdraw from the study").wait_for()
    assert complaints == []


def test_all_addresses_and_a_code_for_phones_are_told(everywhere):
    assert said(everywhere.lines, "█") and said(everywhere.lines, "▀"), "the QR code"
    told = "\n".join(everywhere.lines)
    assert "for everybody on this network" in told and "this machine only" not in told
    assert re.fullmatch(r"[2-9a-z]{4}-[2-9a-z]{4}", everywhere.code)


def test_where_cookies_are_blocked_the_address_keeps_the_place(everywhere, observer):
    observer.add_init_script(NO_STORAGE)
    before = count(everywhere.answers)
    page, complaints = open_page(observer, f"{everywhere.url}#{everywhere.code}")
    page.get_by_role("button", name="I agree, begin").wait_for()
    assert "This browser keeps nothing" in page.inner_text("main")
    agree(page)
    go_on(page, "Group 1 of 2")
    assert "secret=" in page.url and page.url.startswith(f"{everywhere.url}#{everywhere.code}&")
    page.reload()
    page.get_by_role("button", name="Go on").click()
    for title in ("Group 1 of 2", "Group 2 of 2"):
        wait_for_group(page, title)
        go_on(page, "Group 2 of 2" if title == "Group 1 of 2" else "Thank you")
    assert complaints == [] and count(everywhere.answers) == before + 1


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_without_autoplay_a_tap_plays_and_next_waits_for_it(everywhere, chromium, motion):
    r"""A phone that plays nothing before a tap; a browser of somebody who asks for less motion."""
    small = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    phone = chromium.new_context(**small, reduced_motion=motion)
    if motion == "no-preference":
        phone.add_init_script(NO_AUTOPLAY)
    page, complaints = open_page(phone, f"{everywhere.url}#{everywhere.code}")
    page.get_by_role("button", name="I agree, begin").evaluate("(button) => button.click()")
    taps = page.get_by_role("button", name="Play the clips")
    taps.first.wait_for()
    assert taps.count() == 4
    page.get_by_label("The order is right as it stands").evaluate("(box) => box.click()")
    page.wait_for_timeout(1500)
    following = page.get_by_role("button", name="Next")
    assert following.is_disabled() and page.locator(".waits").is_visible(), "nobody orders stills"
    taps.first.tap()
    wait_for_group(page, "Practice")
    expect(taps).to_have_count(0)  # each goes when its own clip has begun
    page.locator(".waits").wait_for(state="hidden")
    assert following.is_enabled() and complaints == []
    page.evaluate("document.querySelector('video').pause()")  # as a locked phone or a media key does
    taps.tap()
    page.wait_for_function(PLAYING)
    expect(taps).to_have_count(0)
    phone.close()


def test_next_waits_for_a_clip_that_does_not_play(everywhere, observer):
    observer.add_init_script(
        "const play = HTMLMediaElement.prototype.play; let n = 0;"
        "HTMLMediaElement.prototype.play = function () { this.n ??= n++; this.loop = true;"
        " if (this.n === 2) { this.removeAttribute('autoplay'); this.pause(); return Promise.resolve(); }"
        " return play.call(this); };"
    )
    page, _ = open_page(observer, f"{everywhere.url}#{everywhere.code}")
    page.get_by_role("button", name="I agree, begin").click()
    page.get_by_label("The order is right as it stands").check()
    page.wait_for_timeout(2500)
    assert page.get_by_role("button", name="Next").is_disabled()
    page.evaluate("document.querySelectorAll('video').forEach((v) => { v.n = 0; v.play(); })")
    page.locator(".waits").wait_for(state="hidden")
    assert page.get_by_role("button", name="Next").is_enabled()


BUTTON = "[...document.querySelectorAll('button')].find((b) => b.textContent.includes({!r}) && !b.disabled)"
AS_IT_STANDS = "document.querySelector('.confirm:not([hidden]) input')"


@pytest.mark.skipif(not find_firefox(), reason="no Firefox: apt install firefox-esr")
def test_a_whole_session_in_firefox(everywhere):
    before = count(everywhere.answers)
    with firefox() as page:
        page.goto(f"{everywhere.url}#{everywhere.code}")
        page.click(BUTTON.format("I agree"))
        for title in ("Practice", "Group 1 of 2", "Group 2 of 2"):
            page.wait_for(f"document.querySelector('h1').textContent === {title!r}")
            page.click(AS_IT_STANDS)
            page.click(BUTTON.format("Next"))  # once every clip has played
        page.wait_for("document.querySelector('h1').textContent === 'Thank you'")
        assert page.complaints == []
    assert count(everywhere.answers) == before + 1


@pytest.mark.skipif(not find_firefox(), reason="no Firefox: apt install firefox-esr")
def test_in_a_firefox_that_plays_nothing_by_itself_a_tap_plays(everywhere):
    nothing = {"media.autoplay.default": 5, "media.autoplay.blocking_policy": 2}
    with firefox(**nothing) as page:
        page.goto(f"{everywhere.url}#{everywhere.code}")
        page.wait_for(BUTTON.format("I agree"))
        page.evaluate(f"{BUTTON.format('I agree')}.click()")
        page.wait_for("document.querySelectorAll('.tap:not([hidden])').length === 4")
        assert page.evaluate("document.querySelector('.waits').hidden") is False
        page.click("document.querySelector('.tap')")
        page.wait_for("document.querySelector('.waits').hidden")


def test_no_answer_names_the_secret(everywhere):
    secret = secrets.token_hex(16)
    asked = {"X-Dnt-Code": everywhere.code}
    for kind in ("hello", "consent", "hello", "withdraw"):
        answer = request(everywhere.port, "POST", "/ask", {"kind": kind, "secret": secret}, asked)
        assert answer.status == 200 and secret.encode() not in answer.body


def test_a_taken_port_is_said_by_a_second_server(everywhere, tmp_path):
    make_study(tmp_path / "clips")
    with pytest.raises(RuntimeError, match=f"port {everywhere.port} on 0.0.0.0 is taken"):
        PageProcess(StudyProcess.command(tmp_path, everywhere.port, "--host", "0.0.0.0"), everywhere.port)
