r"""A served page as a process, and a line to its kernels for visitors who need no browser."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import signal
import struct
import subprocess
import threading
from collections.abc import Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect


class PageProcess:
    r"""A command that says "The page is at" when it serves; ``url`` of it, ``lines`` that it said."""

    def __init__(self, command: Sequence[str], port: int, cwd: Path | None = None, env=None) -> None:
        self.process = subprocess.Popen(
            list(command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=cwd, env=env
        )
        self.url, self.lines, ready = f"http://127.0.0.1:{port}/", [], threading.Event()

        def listen() -> None:
            for line in self.process.stdout:
                self.lines.append(line.rstrip())
                if "The page is at" in line:
                    ready.set()
            ready.set()

        self._listener = threading.Thread(target=listen, daemon=True)
        self._listener.start()
        if not ready.wait(300) or self.process.poll() is not None:
            self.process.kill()
            raise RuntimeError("\n".join(self.lines))

    def kernels(self) -> set[int]:
        r"""Process numbers of its kernels."""
        found = set()
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.Error):  # it has just ended
                found |= {child.pid} if "ipykernel_launcher" in child.cmdline() else set()
        return found

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


async def open_by_hand(url: str) -> tuple[str, str]:
    r"""Opens the page as a browser's first request does; its kernel and the widget in it."""
    html = (await AsyncHTTPClient().fetch(url, request_timeout=300)).body.decode()
    return tuple(re.search(rf'{name}: "([^"]+)"', html)[1] for name in ("kernel", "comm"))


async def connect_to(url: str, kernel: str, origin: str | None = None):
    r"""The websocket of a kernel, as a page of ``origin`` opens it; None: no page at all."""
    at = f"{url.replace('http', 'ws')}api/kernels/{kernel}/channels?session_id={secrets.token_hex(8)}"
    headers = {"Origin": origin} if origin else None
    return await websocket_connect(
        HTTPRequest(at, headers=headers, request_timeout=60),
        subprotocols=["v1.kernel.websocket.jupyter.org"],
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
