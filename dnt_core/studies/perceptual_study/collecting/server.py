r"""The page for a class: one process, one SQLite file, any number of observers, and a page for the lecturer.

An observer's page posts its requests (``session``) to ``ask``, the lecturer's to ``lecturer-ask``; each page
has a code of its own. No observer's page can ask what the lecturer's can.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dnt_core.serving import qr
from dnt_core.serving.access import CODE_HEADER, Access, draw_code
from dnt_core.serving.address import LOOPBACK, address, addresses
from dnt_core.serving.guard import Guard, json_of
from dnt_core.serving.http_server import serve_app
from dnt_core.serving.message_bytes import pack
from dnt_core.serving.served_page import ServedPage
from dnt_core.studies.perceptual_study.collecting import page_text
from dnt_core.studies.perceptual_study.collecting.answer_store import AnswerStore
from dnt_core.studies.perceptual_study.collecting.session import ObserverSession

MOST_TOGETHER = 64  # requests in one transaction
_TITLE = "Which face shows more?"


class StudyApp:
    r"""The ASGI application of a study.

    Args:
        store: where answers go.
        observers, lecturer: who may use which page.
        places: addresses of the observers' page, code and all, for the lecturer to show.
        prefix: see :class:`~dnt_core.serving.guard.Guard`.
    """

    def __init__(
        self, store: AnswerStore, observers: Access, lecturer: Access, places: list[str], prefix: str = ""
    ) -> None:
        self.store, self.session, self.places = store, ObserverSession(store), places
        # SQLite has one writer at a time anyway; what comes while it waits for the disk is written together
        self._store_thread = ThreadPoolExecutor(1, "answers")
        self._waiting: list[tuple[Any, asyncio.Future]] = []
        self._working: asyncio.Task | None = None
        style = page_text.joined("page.css") + page_text.STYLE
        mine = ServedPage("study", _TITLE, page_text.served_script(), style, data={"study": store.plan.mark})
        theirs = ServedPage(
            "lecturer-page", f"{_TITLE} For the lecturer", page_text.lecturer_script(),
            page_text.lecturer_style(), data={"study": store.plan.mark},
        )  # fmt: skip
        routes = [
            *mine.routes(),
            *theirs.routes("/lecturer"),
            Route("/ask", partial(self._answer, observers, self._observer), methods=["POST"]),
            Route("/lecturer-ask", partial(self._answer, lecturer, self._lecturer), methods=["POST"]),
        ]
        self.app = Guard(Starlette(routes=routes), prefix)

    async def _answer(self, access: Access, handle: Callable, request: Request) -> Response:
        if not access.allows(request.headers, request.headers.get(CODE_HEADER, "")):
            return PlainTextResponse("this page's code is needed", 403)
        return Response(await handle(await json_of(request)), media_type="application/octet-stream")

    async def _observer(self, asked: Any) -> bytes:
        answered = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answered))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        screen, clips = await answered
        return pack({"id": asked.get("id") if isinstance(asked, dict) else None, "screen": screen}, clips)

    async def _work(self) -> None:
        r"""Answers all that waits, then what has come meanwhile, until nothing waits."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            asked = [request for request, _ in batch]
            answers = await loop.run_in_executor(self._store_thread, self.session.handle_all, asked)
            for (_, answered), answer in zip(batch, answers, strict=True):
                if not answered.done():  # its page has gone
                    answered.set_result(answer)

    def settle(self) -> None:
        r"""Has the file of the answers made whole, between two batches of them."""
        self._store_thread.submit(self.store.settle)

    async def _lecturer(self, asked: Any) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(self._store_thread, self._lecturers, asked)

    def _lecturers(self, asked: Any) -> bytes:
        kind = asked.get("kind") if isinstance(asked, dict) else None
        if kind == "table":
            try:
                return pack({"kind": "table"}, [_csv(self.store.path)])
            except (ValueError, OSError) as error:
                return pack({"kind": "trouble", "sentence": str(error)})
        if kind == "withdraw":
            name = str(asked.get("observer", ""))
            done = self.store.withdraw(name=name)
            said = f"{name} and all answers of this observer are deleted." if done else f"There is no {name}."
            return pack({"kind": "withdrawn", "sentence": said})
        return pack(
            {
                "kind": "state", "counts": asdict(self.store.counts()), "observers": self.store.progress(),
                "groups": len(self.store.plan.scored), "places": self.places,
                "qr": qr.as_svg(self.places[0]), "file": self.store.path.name,
            }
        )  # fmt: skip


def serve(
    store: AnswerStore, port: int, host: str = "127.0.0.1", tell: Callable[[str], None] = print,
    prefix: str = "",
) -> None:  # fmt: skip
    r"""Serve the pages until Ctrl-C or SIGTERM.

    Args:
        store: where answers go.
        port, host: of the page; the default host is loopback, "0.0.0.0" every network of this machine.
        tell: is given lines for the lecturer: where the pages are, and how far observers are.
        prefix: that a proxy leaves in front of every path.

    Raises:
        OSError: the port is taken or not allowed.
    """
    code = store.code("observers", draw_code)
    mine = store.code("lecturer", partial(secrets.token_hex, 16))
    alone = host in LOOPBACK
    places = addresses(host, port, code)
    observers, lecturer = Access(code, alone, tell), Access(mine)

    def ready() -> None:
        tell(address(host, port, "for a class", "" if alone else code))
        own = addresses(host if alone else "127.0.0.1", port, mine, "lecturer")[0]
        tell(f"Yours, with progress, QR code and export, is {own}")
        if not alone and (drawn := qr.for_terminal(places[0], sys.stdout.encoding)):
            tell(drawn)
        if hub := os.environ.get("JUPYTERHUB_SERVICE_PREFIX"):
            tell(f"Behind this JupyterHub the page is at {hub.rstrip('/')}/proxy/{port}/#{code}")

    with store.kept_open():
        study = StudyApp(store, observers, lecturer, places, prefix)
        serve_app(study.app, port, host, ready=ready, meanwhile=_Report(store, tell, study.settle))


def _csv(path: Path) -> bytes:
    from dnt_core.studies.perceptual_study.collecting.export import export_answers

    with tempfile.TemporaryDirectory(prefix="dnt_answers_") as folder:
        export_answers(path, out := Path(folder) / "answers.csv")
        return out.read_bytes()


class _Report:
    """Tells how far the observers are, and has the file settled, whenever that has changed."""

    def __init__(self, store: AnswerStore, tell: Callable[[str], None], settle: Callable[[], None]) -> None:
        self.store, self.tell, self.settle, self.last = store, tell, settle, None

    def __call__(self) -> None:
        counts = self.store.counts()
        if counts != self.last and counts.observers:
            self.tell(str(counts))
            self.settle()
        self.last = counts
