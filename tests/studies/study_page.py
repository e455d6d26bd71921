r"""``dnt study`` as a process, its page in headless Chromium, and observers who need no browser."""

import json
import secrets
import sys
from pathlib import Path

from tornado.httpclient import AsyncHTTPClient

from dnt_core.serving.message_bytes import unpack
from tests.serving.page_process import PageProcess, ended

PATIENCE = 120_000  # ms for what comes within one on an idle machine
MIDDLES = """() => Array.from(document.querySelectorAll(".card video")).map((video) => {
  const canvas = new OffscreenCanvas(1, 1), pen = canvas.getContext("2d");
  pen.drawImage(video, video.videoWidth / 3, video.videoHeight / 3, 1, 1, 0, 0, 1, 1);
  return pen.getImageData(0, 0, 1, 1).data[0];
})"""
PLAYING = """() => { const all = Array.from(document.querySelectorAll(".card video"));
  return all.length && all.every((v) => v.readyState >= 2 && !v.paused); }"""


class StudyProcess(PageProcess):
    r"""``dnt study`` on a port."""

    def __init__(self, folder: Path, port: int, *options: str) -> None:
        super().__init__(self.command(folder, port, *options), port)

    @staticmethod
    def command(folder: Path, port: int, *options: str) -> list[str]:
        command = [sys.executable, "-m", "dnt_core.cli", "study", "--port", str(port)]
        return [
            *command,
            "--clips",
            str(folder / "clips"),
            "--answers",
            str(folder / "answers.sqlite"),
            *options,
        ]


def study_server(folder: Path, port: int):
    return ended(StudyProcess(folder, port))


# with a browser


def open_page(context, url: str):
    r"""A tab of an observer; (page, list of what its console complained about)."""
    context.set_default_timeout(PATIENCE)
    page, complaints = context.new_page(), []
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(url)
    return page, complaints


def agree(page) -> None:
    page.get_by_role("button", name="I agree, begin").click()
    wait_for_group(page, "Practice")


def wait_for_group(page, title: str) -> None:
    page.get_by_role("heading", name=title, exact=True).wait_for()
    page.wait_for_function(PLAYING)


def answer(page) -> None:
    r"""Next, after a word for an order that was right as it came and so was never touched."""
    as_it_stands = page.get_by_label("The order is right as it stands")
    if as_it_stands.is_visible():
        as_it_stands.check()
    page.get_by_role("button", name="Next").click()


def go_on(page, title: str) -> None:
    answer(page)
    page.get_by_role("heading", name=title, exact=True).wait_for()


def brightness(page) -> list[int]:
    r"""Of the cards as they lie."""
    page.wait_for_function(PLAYING)
    return page.evaluate(MIDDLES)


def drag_by_mouse(page, start: int, end: int) -> None:
    r"""Takes the card at place ``start`` (from 0) to place ``end``."""
    page.locator(".card .grip").nth(start).hover()  # once it is at rest and nothing lies over it
    page.mouse.down()
    page.mouse.move(*_middle(page, end), steps=6)
    page.mouse.up()


def drag_by_finger(page, start: int, end: int) -> None:
    (x, y), (to_x, to_y) = (_middle(page, i) for i in (start, end))
    finger = page.context.new_cdp_session(page)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 21):
        at = {"x": x + step / 20 * (to_x - x), "y": y + step / 20 * (to_y - y)}
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [at]})
        page.wait_for_timeout(10)
    page.wait_for_timeout(300)  # at rest: Chromium swallows the tap that follows a swipe let go in motion
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    finger.detach()


def arrange(page, move, ascending: bool = True) -> None:
    r"""Puts the cards in order of brightness by ``move(page, start, end)``."""
    wanted = sorted(brightness(page), reverse=not ascending)
    for place, value in enumerate(wanted):
        now = brightness(page)
        if now[place] != value:
            move(page, now.index(value), place)
    assert brightness(page) == wanted


def _middle(page, index: int) -> tuple[float, float]:
    box = page.locator(".card .grip").nth(index).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


# without one


async def observe(url: str, order: list[int], code: str = "") -> int:
    r"""One observer's whole session over the page's requests; returns the number of answers given."""
    secret, count = secrets.token_hex(16), 0

    async def ask(**asked) -> dict:
        nonlocal count
        count += 1
        body = json.dumps({**asked, "secret": secret, "id": count})
        headers = {"Content-Type": "application/json", "X-Dnt-Code": code}
        answer = await AsyncHTTPClient().fetch(
            f"{url}ask", method="POST", body=body, headers=headers, request_timeout=60
        )
        reply, _ = unpack(answer.body)
        assert reply["id"] == count
        return reply["screen"]

    await AsyncHTTPClient().fetch(url)
    assert (await ask(kind="hello"))["name"] == "consent"
    screen, answers = await ask(kind="consent"), 0
    while screen["name"] == "group":
        screen, answers = await ask(kind="answer", step=screen["step"], order=order), answers + 1
    assert screen["name"] == "thanks", screen
    return answers
