r"""One process that serves a page: an ASGI application behind uvicorn, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import uvicorn

from dnt_core.serving.preflight import listening

LOOK_SECONDS = 5.0  # between two calls of ``meanwhile``
PATIENCE = 3  # s that open connections are given at the end
MOST_BYTES = 2**16  # of one message over a websocket, as a page sends it


def serve_app(
    app: Callable[..., Any], port: int, host: str = "127.0.0.1", *, ready: Callable[[], None],
    meanwhile: Callable[[], None] | None = None,
) -> None:  # fmt: skip
    r"""Serves an application until Ctrl-C or SIGTERM; ends quietly on either.

    Args:
        app: an ASGI application.
        port, host: of the page; the default host is loopback, "0.0.0.0" every network of this machine.
        ready: called once the page can be opened.
        meanwhile: called every five seconds.

    Raises:
        OSError: the port is taken or not allowed.
    """
    with listening(host, port) as place:
        _allow_many_connections()
        config = uvicorn.Config(
            _with_start(app, ready, meanwhile), log_level="error", access_log=False, lifespan="on",
            proxy_headers=False, server_header=False, ws_per_message_deflate=False,
            ws_max_size=MOST_BYTES, timeout_graceful_shutdown=PATIENCE,
        )  # fmt: skip
        # uvicorn ends on these and then raises them again, for whoever stood here before
        ends = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, lambda *_: None) for number in ends}
        try:
            asyncio.run(uvicorn.Server(config).serve(sockets=[place]))
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _with_start(app, ready: Callable[[], None], meanwhile: Callable[[], None] | None):
    r"""The application, with what happens when it begins: the socket is listened to already."""

    async def begun(scope: dict, receive: Callable, send: Callable) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        await receive()
        ready()
        looks = asyncio.create_task(_every(LOOK_SECONDS, meanwhile)) if meanwhile else None
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if looks:
            looks.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    return begun


async def _every(seconds: float, what: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(seconds)
        with suppress(OSError, ValueError):  # what is only looked at must not end the page
            what()


def _allow_many_connections() -> None:
    r"""A class opens a few connections per phone, and some systems allow a process 256 files."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        low, high = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = 8192 if high == resource.RLIM_INFINITY else min(8192, high)
        if low != resource.RLIM_INFINITY and low < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, high))
