r"""``dnt study`` as a process, its page in headless Chromium, and observers who need no browser."""

import asyncio
import json
import re
import secrets
import signal
import struct
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

MIDDLES = """() => Array.from(document.querySelectorAll(".card video")).map((video) => {
  const canvas = new OffscreenCanvas(1, 1), pen = canvas.getContext("2d");
  pen.drawImage(video, video.videoWidth / 3, video.videoHeight / 3, 1, 1, 0, 0, 1, 1);
  return pen.getImageData(0, 0, 1, 1).data[0];
})"""
PLAYING = """() => { const all = Array.from(document.querySelectorAll(".card video"));
  return all.length && all.every((v) => v.readyState >= 2 && !v.paused); }"""


class StudyProcess:
    r"""``dnt study`` on a port; ``url`` once it serves, ``lines`` that it said."""

    def __init__(self, folder: Path, port: int, *options: str) -> None:
        command = [sys.executable, "-m", "dnt_core.cli", "study", "--port", str(port)]
        command += ["--clips", str(folder / "clips"), "--answers", str(folder / "answers.sqlite"), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.url, self.lines, ready = f"http://127.0.0.1:{port}/", [], threading.Event()

        def listen() -> None:
            for line in self.process.stdout:
                self.lines.append(line.rstrip())
                if "The page is at" in line:
                    ready.set()
            ready.set()

        self._listener = threading.Thread(target=listen, daemon=True)
        self._listener.start()
        assert ready.wait(60) and self.process.poll() is None, "\n".join(self.lines)

    def stop(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        code = self.process.wait(30)
        self._listener.join(5)
        return code


@contextmanager
def study_server(folder: Path, port: int):
    server = StudyProcess(folder, port)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()


# with a browser


def open_page(context, url: str):
    r"""A tab of an observer; (page, list of what its console complained about)."""
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


def go_on(page, title: str) -> None:
    page.get_by_role("button", name="Next").click()
    page.get_by_role("heading", name=title, exact=True).wait_for()


def brightness(page) -> list[int]:
    r"""Of the cards as they lie."""
    page.wait_for_function(PLAYING)
    return page.evaluate(MIDDLES)


def drag_by_mouse(page, start: int, end: int) -> None:
    r"""Takes the card at place ``start`` (from 0) to place ``end``."""
    (x, y), (to_x, to_y) = (_middle(page, i) for i in (start, end))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(to_x, to_y, steps=6)
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


async def observe(url: str, order: list[int]) -> int:
    r"""One observer's whole session over the page's websocket; returns the number of answers given."""
    html = (await AsyncHTTPClient().fetch(url, request_timeout=120)).body.decode()
    kernel, comm = (re.search(rf'{name}: "([^"]+)"', html)[1] for name in ("kernel", "comm"))
    link = await connect_to(url, kernel)
    secret, count = secrets.token_hex(16), 0

    async def ask(**request) -> dict:
        nonlocal count
        count += 1
        content = {**request, "secret": secret, "id": count}
        await link.write_message(
            message("comm_msg", comm_id=comm, data={"method": "custom", "content": content}), True
        )
        while True:
            header, body = unpack(await asyncio.wait_for(link.read_message(), 60))
            reply = body.get("data", {}).get("content", {})
            if header["msg_type"] == "comm_msg" and reply.get("id") == count:
                return reply["screen"]

    assert (await ask(kind="hello"))["name"] == "consent"
    screen, answers = await ask(kind="consent"), 0
    while screen["name"] == "group":
        screen, answers = await ask(kind="answer", step=screen["step"], order=order), answers + 1
    assert screen["name"] == "thanks", screen
    link.close()
    return answers


async def connect_to(url: str, kernel: str):
    at = f"{url.replace('http', 'ws')}api/kernels/{kernel}/channels?session_id={secrets.token_hex(8)}"
    return await websocket_connect(
        HTTPRequest(at, request_timeout=60), subprotocols=["v1.kernel.websocket.jupyter.org"]
    )


def message(kind: str, **content) -> bytes:
    r"""A message of Jupyter's binary protocol, version 1."""
    header = {"msg_id": secrets.token_hex(8), "msg_type": kind, "username": "", "session": "test",
              "version": "5.3", "date": "2026-01-01T00:00:00Z"}  # fmt: skip
    parts = [b"shell", *(json.dumps(part).encode() for part in (header, {}, {}, content))]
    offsets = [8 * (len(parts) + 2)]
    for part in parts:
        offsets.append(offsets[-1] + len(part))
    return struct.pack(f"<{len(offsets) + 1}Q", len(offsets), *offsets) + b"".join(parts)


def unpack(data: bytes) -> tuple[dict, dict]:
    r"""Header and content of a message."""
    offsets = struct.unpack_from(f"<{struct.unpack_from('<Q', data)[0]}Q", data, 8)
    parts = [data[a:b] for a, b in zip(offsets, offsets[1:], strict=False)]
    return json.loads(parts[1]), json.loads(parts[4])
