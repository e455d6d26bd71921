r"""Small pictures are sent at once: a socket says so, and ``make lab`` starts a server that does."""

import asyncio
import os
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application
from tornado.websocket import WebSocketHandler, websocket_connect

from dnt_core.live.nodelay import send_at_once
from tests.live.widget_stage import ROOT, free_port


def delays(handler: type) -> tuple[bool, list]:
    r"""Connects to a handler: whether its socket holds small data back, and what its ``open`` was given."""
    found = []

    async def connect():
        def said(self, message):
            stream = self.ws_connection.stream
            found.append(not stream.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            self.write_message("done")

        handler.on_message = said
        listener, port = bind_unused_port()
        server = HTTPServer(Application([("/(.*)", handler)]))
        server.add_socket(listener)
        line = await websocket_connect(f"ws://127.0.0.1:{port}/here")
        await line.write_message("how is it?")
        assert await line.read_message() == "done"
        line.close()
        server.stop()

    asyncio.run(connect())
    return found[0], handler.opened


@pytest.mark.parametrize("awaited", [True, False])
def test_an_open_line_sends_at_once(awaited):
    class Handler(WebSocketHandler):
        opened = []

        def open(self, place):
            self.opened.append(place)
            return asyncio.sleep(0) if awaited else None

    assert delays(Handler) == (True, ["here"]), "else there is nothing to switch off"
    Handler.opened.clear()
    send_at_once(Handler)
    once = Handler.open
    send_at_once(Handler)
    assert Handler.open is once
    assert delays(Handler) == (False, ["here"])


@pytest.mark.slow
@pytest.mark.alone
def test_make_lab_loads_it(tmp_path):
    ask = ["make", "-n", "--no-print-directory", "-o", "env", "lab"]
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    listed = subprocess.check_output(ask, cwd=ROOT, text=True, env=own)  # under `make test`, too
    _, *command = shlex.split(listed.strip().splitlines()[-1])
    assert command[:2] == ["-m", "jupyterlab"]
    options = ["--no-browser", "--allow-root", f"--port={free_port()}", "--LabApp.news_url="]
    log = tmp_path / "log"
    with log.open("w") as out:
        lab = subprocess.Popen([sys.executable, *command, *options], cwd=ROOT, stdout=out, stderr=out)
    try:
        deadline = time.monotonic() + 90
        while "is running at" not in log.read_text() and lab.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        said = log.read_text()
    finally:
        lab.terminate()
        lab.wait(20)
    for extension in ("dnt_core.live.nodelay", "jupyterlab"):
        assert f"{extension} | extension was successfully loaded." in said, said[-2000:]
