r"""A served page as a process, and requests to it for visitors who need no browser."""

from __future__ import annotations

import asyncio
import http.client
import json
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil


class PageProcess:
    r"""A command that says "The page is at" when it serves; ``url`` of it, ``lines`` that it said."""

    def __init__(self, command: Sequence[str], port: int, cwd: Path | None = None, env=None) -> None:
        self.process = subprocess.Popen(
            list(command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=cwd, env=env
        )
        self.url, self.port = f"http://127.0.0.1:{port}/", port
        self.lines, serves, ready = [], threading.Event(), threading.Event()

        def listen() -> None:
            for line in self.process.stdout:
                self.lines.append(line.rstrip())
                if "The page is at" in line:
                    serves.set()
                    ready.set()
            ready.set()  # it says nothing more: a moment later it has ended

        self._listener = threading.Thread(target=listen, daemon=True)
        self._listener.start()
        ready.wait(300)
        if not serves.is_set():
            self.process.kill()
            raise RuntimeError("\n".join(self.lines))

    def processes(self) -> list[psutil.Process]:
        r"""Itself and every process that it started."""
        mine = psutil.Process(self.process.pid)
        return [mine, *mine.children(recursive=True)]

    def stop(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        code = self.process.wait(30)
        self._listener.join(5)
        return code


@contextmanager
def ended(server: PageProcess):
    r"""The server, ended when the block ends."""
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()


def beside_the_browser(work):
    r"""Runs a coroutine; Playwright has an event loop in this thread already."""
    result = []
    thread = threading.Thread(target=lambda: result.append(asyncio.run(work)))
    thread.start()
    thread.join()
    (value,) = result
    return value


class Answer:
    r"""Status, headers and body of an answer."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status, self.headers, self.body = answer.status, answer.headers, answer.read()


def request(port: int, method: str, path: str, body=None, headers=None) -> Answer:
    r"""One request whose path nothing tidies up; ``body`` is sent as JSON unless it is bytes."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = dict(headers or {})
    if body is not None and not isinstance(body, bytes):
        body, headers = json.dumps(body).encode(), {"Content-Type": "application/json"} | headers
    try:
        line.request(method, path, body, headers)
        return Answer(line.getresponse())
    finally:
        line.close()


def said(lines: Sequence[str], part: str) -> list[str]:
    r"""The lines that a process said with that ``part``, once one was read."""
    deadline = time.monotonic() + 20
    while not (found := [line for line in lines[:] if part in line]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def code_in(lines: Sequence[str], page: str = "lecturer") -> str:
    r"""The code that the terminal gives with a page's address."""
    return said(lines, f"/{page}#")[0].rpartition("#")[2].split()[0]
