r"""``dnt study`` as a class meets it: sessions in headless Chromium, thirty at once, killed and restarted.

Chromium is Debian's package (``apt install chromium``), a Chrome named by ``DNT_CHROMIUM=/path``, or what
``playwright install chromium`` fetches.
"""

import asyncio
import signal
import sqlite3

import pytest
from tornado.httpclient import AsyncHTTPClient

from dnt_core.studies.perceptual_study.collecting.export import read_answers
from dnt_core.studies.perceptual_study.orders import group_orders
from dnt_core.studies.perceptual_study.score import kendall_tau
from tests.live.widget_stage import free_port, lab, open_lab, write_notebook
from tests.serving.page_process import beside_the_browser
from tests.studies.study_clips import make_study
from tests.studies.study_page import (
    PATIENCE,
    StudyProcess,
    agree,
    answer,
    arrange,
    brightness,
    drag_by_finger,
    drag_by_mouse,
    go_on,
    observe,
    open_page,
    study_server,
    wait_for_group,
)

pytestmark = [pytest.mark.slow, pytest.mark.alone]


@pytest.fixture
def newcomers(served):
    r"""() → τ of the groups, for each observer who has answered since the test began."""
    with sqlite3.connect(served.answers) as db:
        before = {name for (name,) in db.execute("SELECT observer FROM observers")}

    def look():
        table = read_answers(served.answers)
        fresh = table[~table["observer"].isin(before)]
        by = {name: group_orders(rows) for name, rows in fresh.groupby("observer")}
        return [[float(kendall_tau(g.positions)[0]) for g in groups] for groups in by.values()]

    return look


def answer_until_the_last_group(page):
    agree(page)
    arrange(page, drag_by_mouse, ascending=False)
    go_on(page, "Group 1 of 2")
    wait_for_group(page, "Group 1 of 2")
    arrange(page, drag_by_mouse)
    go_on(page, "Group 2 of 2")


def test_a_whole_session_by_drag(served, observer, newcomers):
    heard = []
    observer.on("response", lambda answer: heard.append(answer))
    page, complaints = open_page(observer, served.url)
    agree(page)
    for title in ("Practice", "Group 1 of 2", "Group 2 of 2"):
        wait_for_group(page, title)
        following = page.get_by_role("button", name="Next")
        assert following.is_disabled(), "a group must not be skipped by accident"
        shown = brightness(page)
        arrange(page, drag_by_mouse)
        page.locator(".waits").wait_for(state="hidden")  # every clip has played
        assert following.is_enabled() == (shown != sorted(shown)), "an order that was touched can be given"
        assert page.locator(".card .place").all_inner_texts() == ["1", "2", "3", "4"]
        go_on(page, {"Practice": "Group 1 of 2", "Group 1 of 2": "Group 2 of 2"}.get(title, "Thank you"))
    assert newcomers() == [[1.0, 1.0]]
    assert complaints == []
    asked = [f"{h.url} {h.headers} {h.request.headers} {h.request.post_data}" for h in heard]
    lengths = {h.url: len(h.body()) for h in heard if not h.url.startswith("blob:")}
    received = b"".join(h.body() for h in heard if h.request.method == "POST")
    received += "".join([*asked, *map(str, lengths.values()), page.content()]).encode()
    assert len(received) > 12 * 1000
    for group in served.plan.scored:
        for clip in group.clips:
            for told in (clip.name, clip.path.stem, str(clip.intensity), group.expression, group.identity):
                assert told.encode() not in received, "the page tells what observers must not know"


def test_a_reload_in_the_middle_goes_on_where_it_was(served, observer, newcomers):
    page, complaints = open_page(observer, served.url)
    answer_until_the_last_group(page)
    page.reload()
    page.get_by_role("heading", name="Welcome back").wait_for()
    assert "You have answered 1 of 2 groups" in page.inner_text("main")
    page.close()  # and a closed tab, too
    page, more = open_page(observer, served.url)
    page.get_by_role("button", name="Go on").click()
    wait_for_group(page, "Group 2 of 2")
    arrange(page, drag_by_mouse)
    go_on(page, "Thank you")
    assert newcomers() == [[1.0, 1.0]]
    assert complaints + more == []


def test_two_observers_at_once(served, chromium, newcomers):
    contexts = [chromium.new_context(viewport={"width": 1100, "height": 800}) for _ in range(2)]
    tabs = [open_page(context, served.url) for context in contexts]
    for page, _ in tabs:
        agree(page)
    for title in ("Group 1 of 2", "Group 2 of 2", "Thank you"):
        for ascending, (page, _) in zip((True, False), tabs, strict=True):
            arrange(page, drag_by_mouse, ascending)
        for page, _ in tabs:
            go_on(page, title)
    assert sorted(newcomers()) == [[-1.0, -1.0], [1.0, 1.0]]
    assert [complaints for _, complaints in tabs] == [[], []]
    for context in contexts:
        context.close()


def test_two_people_in_two_tabs_of_one_browser(served, observer, newcomers):
    first, _ = open_page(observer, served.url)
    agree(first)
    go_on_to = ("Group 1 of 2", "Group 2 of 2", "Thank you")
    arrange(first, drag_by_mouse)
    go_on(first, go_on_to[0])
    second, _ = open_page(observer, served.url)
    second.get_by_role("button", name="I am someone else").click()
    agree(second)
    for title in go_on_to[1:]:
        arrange(first, drag_by_mouse)
        go_on(first, title)
    for title in go_on_to:
        arrange(second, drag_by_mouse, ascending=False)
        go_on(second, title)
    assert sorted(newcomers()) == [[-1.0, -1.0], [1.0, 1.0]]


def move_by_keys(page, start: int, end: int) -> None:
    page.locator(".card").nth(start).focus()
    for _ in range(abs(end - start)):
        page.keyboard.press("ArrowRight" if end > start else "ArrowLeft")


def test_by_keyboard_alone_and_a_held_enter_skips_nothing(served, observer, newcomers):
    page, complaints = open_page(observer, served.url)
    page.get_by_role("button", name="I agree, begin").focus()
    page.keyboard.press("Enter")
    for title in ("Practice", "Group 1 of 2", "Group 2 of 2"):
        wait_for_group(page, title)
        move_by_keys(page, 0, 1)  # touched, so that Next is there
        arrange(page, move_by_keys)
        page.locator(".waits").wait_for(state="hidden")  # a button that waits takes no focus
        page.get_by_role("button", name="Next").focus()
        page.keyboard.down("Enter")
        page.keyboard.down("Enter")  # repeats
        page.keyboard.up("Enter")
        page.keyboard.press("Enter")
    page.get_by_role("heading", name="Thank you").wait_for()
    assert newcomers() == [[1.0, 1.0]]
    assert complaints == []


def test_by_finger_on_a_phone(served, chromium, newcomers):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    context = chromium.new_context(**phone, device_scale_factor=2)
    page, complaints = open_page(context, served.url)
    agree(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "it must not scroll sideways"
    for title in ("Group 1 of 2", "Group 2 of 2", "Thank you"):
        arrange(page, drag_by_finger)
        as_it_stands = page.get_by_label("The order is right as it stands")
        if as_it_stands.is_visible():
            as_it_stands.tap()
        page.get_by_role("button", name="Next").tap()
        page.get_by_role("heading", name=title, exact=True).wait_for()
    assert newcomers() == [[1.0, 1.0]]
    assert complaints == []
    context.close()


MARGINS = """() => Array.from(document.querySelectorAll(".card button.move")).map((button) => {
  const text = document.createRange(), box = button.getBoundingClientRect();
  text.selectNodeContents(button);
  const inner = text.getBoundingClientRect();
  return Math.min(inner.left - box.left, box.right - inner.right);
})"""


def test_words_stay_inside_their_buttons_at_any_width(served, observer):
    page, _ = open_page(observer, served.url)
    agree(page)
    for width in (360, 700, 720, 780, 860, 960, 980, 1100, 1400):
        page.set_viewport_size({"width": width, "height": 900})
        assert min(page.evaluate(MARGINS)) >= 2, f"{width} px"


def test_in_a_notebook_an_order_is_given_and_stored(chromium, tmp_path):
    make_study(tmp_path / "clips")
    write_notebook(tmp_path, "from dnt_core.studies.perceptual_study.collecting import OrderStudy\n"
                             "OrderStudy('answers.sqlite', 'clips')")  # fmt: skip
    with lab(tmp_path) as url:
        page, _ = open_lab(chromium, url)
        page.set_default_timeout(PATIENCE)
        answer_until_the_last_group(page)
    (group,) = group_orders(read_answers(tmp_path / "answers.sqlite"))
    assert kendall_tau(group.positions).tolist() == [1.0]


def test_thirty_observers_at_once(served, newcomers):
    r"""Each with a page and requests of its own, as thirty browsers have."""

    async def everybody():
        AsyncHTTPClient.configure(None, max_clients=40)
        return await asyncio.gather(*(observe(served.url, [3, 1, 0, 2]) for _ in range(30)))

    assert beside_the_browser(everybody()) == [3] * 30
    assert [len(groups) for groups in newcomers()] == [2] * 30


def test_killed_in_the_middle_of_a_session_it_goes_on_after_a_restart(tmp_path, observer):
    make_study(tmp_path / "clips")
    answers, port = tmp_path / "answers.sqlite", free_port()
    server = StudyProcess(tmp_path, port)
    page, _ = open_page(observer, server.url)
    answer_until_the_last_group(page)
    arrange(page, drag_by_mouse)
    server.process.kill()
    server.process.wait()
    answer(page)  # into the void: the page keeps it
    assert len(read_answers(answers)) == 4

    with study_server(tmp_path, port) as server:
        page.goto(server.url)
        page.get_by_role("heading", name="Thank you").wait_for()
        assert server.stop(signal.SIGINT) == 0
        assert f"wrote the answers of 1 observer: dnt score {tmp_path / 'answers.csv'}" in server.lines
    taus = [float(kendall_tau(g.positions)[0]) for g in group_orders(read_answers(answers))]
    assert taus == [1.0, 1.0]
