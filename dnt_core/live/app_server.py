r"""The live face for visitors: one process and one engine for all of their tabs, each with a line of its own.

A tab's values live in the tab; the process keeps the pictures last sent to it and nothing else, so memory
does not grow with visits. One picture is drawn at a time, and one film beside them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from dnt_core.live.widget.live_widget import LiveFaceWidget, first_values
from dnt_core.live.widget.request_handler import RequestHandler
from dnt_core.serving.access import CODE_HEADER, Access
from dnt_core.serving.guard import Guard, json_of
from dnt_core.serving.message_bytes import pack
from dnt_core.serving.served_page import ServedPage, text_file

MOST_TABS = 24
PROTOCOL = "dnt"
FULL = 4429  # closes a line that is one too many


class LiveApp:
    r"""The ASGI application.

    Args:
        faces: as :class:`~dnt_core.live.widget.request_handler.RequestHandler` takes them.
        page: what stands around the face. access: who may use it.
        values: first values of the page, as ``LiveFaceWidget`` takes them.
        most_tabs: connected at once. prefix: see :class:`~dnt_core.serving.guard.Guard`.
    """

    def __init__(
        self, faces: Mapping[str, Any], page: ServedPage, access: Access, values: Mapping[str, Any],
        most_tabs: int = MOST_TABS, prefix: str = "",
    ) -> None:  # fmt: skip
        self.handler = RequestHandler(faces, pages=most_tabs)
        self.access, self.most_tabs, self.tabs = access, most_tabs, 0
        self.first = first_values(self.handler.names) | dict(values)
        self._drawing = ThreadPoolExecutor(1, "drawing")
        self._filming = ThreadPoolExecutor(1, "filming")
        routes = [
            *page.routes(),
            Route("/face.js", text_file(LiveFaceWidget._esm, "text/javascript; charset=utf-8")),
            Route("/enter", self._enter, methods=["POST"]),
            WebSocketRoute("/line", self._line),
        ]
        self.app = Guard(Starlette(routes=routes), prefix)

    async def _enter(self, request: Request) -> Response:
        if not self.access.allows(request.headers, request.headers.get(CODE_HEADER, "")):
            return PlainTextResponse("this page's code is needed", 403)
        await json_of(request)
        if self.tabs >= self.most_tabs:
            said = f"{self.tabs} tabs show this face already, and it draws for no more. Please wait."
            return PlainTextResponse(said, 503)
        return JSONResponse(self.first)

    async def _line(self, socket: WebSocket) -> None:
        offered = socket.scope.get("subprotocols", [])
        code = next((p.removeprefix(f"{PROTOCOL}.") for p in offered if p.startswith(f"{PROTOCOL}.")), "")
        if not self.access.allows(socket.headers, code):
            await socket.close()  # before it is accepted: 403
            return
        await socket.accept(PROTOCOL if PROTOCOL in offered else None)
        if self.tabs >= self.most_tabs:
            await socket.close(FULL)
            return
        self.tabs += 1
        try:
            await _Tab(self, socket).talk()
        finally:
            self.tabs -= 1


class _Tab:
    """One tab's line: requests are answered in their sequence, a film beside them."""

    def __init__(self, app: LiveApp, socket: WebSocket) -> None:
        self.app, self.socket, self.gone = app, socket, False
        self.loop, self.sending = asyncio.get_running_loop(), asyncio.Lock()
        self.film: asyncio.Task | None = None

    async def talk(self) -> None:
        try:
            while True:
                request = _parsed(await self.socket.receive_text())
                kind = request.get("kind") if isinstance(request, dict) else None
                if kind == "set":
                    continue  # of values that nobody else looks at
                if kind == "film" and (self.film is None or self.film.done()):
                    self.film = asyncio.create_task(self._answer(self.app._filming, request))
                elif kind == "film":
                    said = "a film is being made already; wait for it"
                    await self._send({"id": request.get("id"), "kind": "trouble", "sentence": said})
                else:
                    await self._answer(self.app._drawing, request)
        except (WebSocketDisconnect, KeyError, RuntimeError):
            pass  # left, or sent what is no text, or left while it was being answered
        finally:
            self.gone = True

    async def _answer(self, thread: ThreadPoolExecutor, request: Any) -> None:
        answer = partial(self.app.handler.answer, request, tell=self._tell)
        message, buffers = await self.loop.run_in_executor(thread, answer)
        await self._send(message, buffers)

    async def _send(self, message: Mapping[str, Any], buffers=()) -> None:
        async with self.sending:
            if not self.gone:
                await self.socket.send_bytes(pack(message, buffers))

    def _tell(self, message: Mapping[str, Any]) -> None:
        r"""From the thread that films; ends the film of a tab that is gone."""
        if self.gone:
            raise ConnectionError("the page was closed")
        asyncio.run_coroutine_threadsafe(self._send(message), self.loop)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
