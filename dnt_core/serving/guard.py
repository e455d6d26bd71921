r"""What stands around every page: headers, a proxy's prefix, a limit to what is sent."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request

MOST_BYTES = 16_384  # of a request's body; an order of clips is a hundred
MOST_SECONDS = 20.0  # for a body to arrive
_PREFIX = re.compile(r"(/[\w.~@%+-]+)+")

#: Nothing comes from elsewhere, nothing goes elsewhere, no other site shows the page in a frame.
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self' blob:; style-src 'self'; style-src-attr 'unsafe-inline'; "
        "img-src 'self' data: blob:; media-src blob:; connect-src 'self'; base-uri 'self'; "
        "form-action 'none'; frame-ancestors 'self'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Guard:
    r"""An ASGI application with :data:`HEADERS` on every answer, under any prefix.

    Args:
        app: the application.
        prefix: that a proxy leaves in front of every path, such as ``/user/ann/proxy/absolute/8866``; one
            that a proxy names in ``X-Forwarded-Prefix`` is taken without being given here.
    """

    def __init__(self, app: Callable[..., Any], prefix: str = "") -> None:
        self.app, self.prefix = app, prefix.rstrip("/")

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        prefix = self.prefix or Headers(scope=scope).get("x-forwarded-prefix", "").rstrip("/")
        if _PREFIX.fullmatch(prefix):
            scope = {**scope, "root_path": prefix}  # Starlette's routes pass over it, where it is there
        await self.app(scope, receive, _with_headers(send))


def _with_headers(send: Callable) -> Callable:
    async def send_with_headers(message: dict) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return send_with_headers


async def json_of(request: Request) -> Any:
    r"""A request's body, which is JSON of at most :data:`MOST_BYTES`.

    Raises:
        HTTPException: 408, 413, 415 or 400 where it is not.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "expected application/json")  # no form of another site can send that
    body = bytearray()
    try:
        async with asyncio.timeout(MOST_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise HTTPException(413, f"expected at most {MOST_BYTES} bytes")
    except TimeoutError:
        raise HTTPException(408, "the request did not arrive") from None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise HTTPException(400, "expected JSON") from None
