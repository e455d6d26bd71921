r"""The live face's server without a browser: its lines, its limit, what it refuses, and its memory."""

import json
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from dnt_core.live.app_page import live_page
from dnt_core.live.app_server import LiveApp
from dnt_core.live.page_words import GIVEN
from dnt_core.serving.access import Access
from dnt_core.serving.message_bytes import unpack
from tests.live.drawn_face import DrawnFace, color_of
from tests.live.widget_stage import free_port
from tests.serving.page_process import request

WITH_CODE = ("dnt", "dnt.abcd-efgh")


class CountedFace(DrawnFace):
    r"""Notes how many of its pictures are drawn at the same time."""

    def __init__(self, **options):
        super().__init__(**options)
        self.now, self.most = 0, 0

    def __call__(self, *arguments, **options):
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            return super().__call__(*arguments, **options)
        finally:
            self.now -= 1


@contextmanager
def serving(face, code="abcd-efgh", own_browser=True, **options):
    r"""The application in a thread; ``.app``, ``.port``, ``.told``."""
    import uvicorn

    told = []
    live = LiveApp({"face": face}, live_page(), Access(code, own_browser, told.append), {}, **options)
    live.port, live.told = free_port(), told
    config = uvicorn.Config(
        live.app, port=live.port, log_level="error", ws_per_message_deflate=False, lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
    try:
        yield live
    finally:
        server.should_exit = True
        thread.join(20)


def line(live, path="line", protocols=("dnt",), **headers):
    at = f"ws://127.0.0.1:{live.port}/{path}"
    return connect(
        at, subprotocols=list(protocols), additional_headers=headers, compression=None, max_size=None
    )


def ask(socket, **asked):
    socket.send(json.dumps(asked))
    return unpack(socket.recv(timeout=60))


def frame(id="a-1", intensity=0.5, **more):
    asked = {"kind": "frame", "expression": "happy", "intensity": intensity, "frame": 3, "whole": True}
    return {**asked, "id": id, **more}


def test_two_tabs_have_values_of_their_own_and_one_picture_is_drawn_at_a_time():
    face = CountedFace(size=64, cost_ms=5)
    with serving(face) as live, line(live) as one, line(live) as two:
        for n in range(5):
            for k, socket in enumerate((one, two)):
                socket.send(json.dumps(frame(f"page{k}-{n}", 0.2 + 0.5 * k, whole=n == 0)))
        for k, socket in enumerate((one, two)):
            first, (pixels,) = unpack(socket.recv(timeout=60))
            assert first["id"] == f"page{k}-0" and first["since"] is None
            picture = np.frombuffer(pixels, np.uint8).reshape(64, 64, 3)
            assert tuple(picture[32, 32]) == color_of("happy", 0.2 + 0.5 * k, 3)
            for n in range(1, 5):
                message, (rest,) = unpack(socket.recv(timeout=60))
                assert (
                    message["id"] == f"page{k}-{n}" and message["since"] == f"page{k}-{n - 1}" and rest == b""
                )
    assert face.most == 1


def test_wrong_requests_are_answered_and_the_line_stays():
    with serving(DrawnFace(size=16)) as live, line(live) as socket:
        for odd in ("{", "[]", "7", '"x"', "[" * 5000):
            socket.send(odd)
            assert unpack(socket.recv(timeout=60))[0]["kind"] == "trouble"
        assert ask(socket, kind="frame", id="a-1", expression="glad", intensity=1)[0]["kind"] == "trouble"
        assert ask(socket, **frame())[0]["kind"] == "frame"
        socket.send(json.dumps({"kind": "set", "values": {"playing": True}}))  # wants no answer
        assert ask(socket, **frame("a-2"))[0]["id"] == "a-2"


def test_a_page_of_another_site_and_a_wrong_code_open_no_line():
    with serving(DrawnFace(size=16)) as live:
        here = f"http://127.0.0.1:{live.port}"
        for origin in ("http://elsewhere.example", "null", here.replace("127.0.0.1", "127.0.0.2")):
            with pytest.raises(InvalidStatus, match="403"):
                line(live, Origin=origin)
            assert request(live.port, "POST", "/enter", {}, {"Origin": origin}).status == 403
        with line(live, Origin=here), line(live, protocols=WITH_CODE, Origin="http://elsewhere.example"):
            pass
        assert len(live.told) == 3
    with serving(DrawnFace(size=16), own_browser=False) as live:
        for protocols in (("dnt",), ("dnt", "dnt.abcd-efgx")):
            with pytest.raises(InvalidStatus, match="403"):
                line(live, protocols=protocols)
        assert request(live.port, "POST", "/enter", {}).status == 403
        with line(live, protocols=WITH_CODE):
            pass
        for path in ("/face.json", "/weights", "/../../etc/passwd", "/line", "/enter"):
            assert request(live.port, "GET", path).status in (404, 405)


def test_too_many_tabs_are_told_and_a_closed_one_makes_room():
    with serving(DrawnFace(size=16), most_tabs=2) as live:
        with line(live) as first, line(live) as second:
            _full(live, first, second)
        while live.tabs:
            time.sleep(0.02)
        with line(live) as third:
            assert ask(third, **frame())[0]["kind"] == "frame"


def _full(live, first, second):
    assert ask(first, **frame())[0]["kind"] == ask(second, **frame())[0]["kind"] == "frame"
    answer = request(live.port, "POST", "/enter", {})
    assert answer.status == 503 and b"2 tabs show this face already" in answer.body
    with line(live) as third, pytest.raises(ConnectionClosed, match="4429"):
        third.recv(timeout=20)


def test_what_is_kept_of_pages_does_not_grow_with_visits():
    with serving(DrawnFace(size=64), most_tabs=3) as live:
        for visit in range(12):
            with line(live) as socket:
                ask(socket, **frame(f"visit{visit}-0"))
        assert len(live.handler._shown._sent) <= 3


def test_a_film_is_told_of_as_it_grows_and_frames_come_meanwhile():
    face = DrawnFace(size=128, n_frames=30, cost_ms=20)
    with serving(face) as live, line(live) as socket:
        socket.send(json.dumps({"kind": "film", "id": "a-0", "text": "happy:0→1→0"}))
        socket.send(json.dumps({"kind": "film", "id": "a-1", "text": "happy:0→1→0"}))
        socket.send(json.dumps(frame("a-2")))
        seen, film = [], None
        while film is None:
            message, buffers = unpack(socket.recv(timeout=120))
            seen.append((message["id"], message["kind"]))
            assert seen[-1] != ("a-0", "trouble"), message
            film = (message, buffers) if message["kind"] == "film" else None
        assert ("a-1", "trouble") in seen and ("a-2", "frame") in seen
        assert sum(kind == "progress" for _, kind in seen) > 3
        assert seen.index(("a-2", "frame")) < len(seen) - 1 and film[1][0][4:8] == b"ftyp"


def test_a_film_ends_when_its_page_is_closed():
    face = DrawnFace(size=128, n_frames=75, cost_ms=40)
    with serving(face) as live:
        with line(live) as socket:
            socket.send(json.dumps({"kind": "film", "id": "a-0", "text": "happy:0→1→0"}))
            unpack(socket.recv(timeout=60))  # it has begun
        done = live._filming.submit(lambda: "free")  # waits behind the film
        assert done.result(timeout=2.5) == "free", "75 frames take 3 s"


def test_a_page_over_a_given_clip_does_not_say_that_nobody_was_filmed():
    assert "Nobody was filmed" in live_page().above and "Nobody was filmed" not in live_page(GIVEN).above
