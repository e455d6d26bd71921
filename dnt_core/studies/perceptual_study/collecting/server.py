r"""The page for a class: a kernel for each observer's tab, each writing to the one SQLite file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from dnt_core.serving.address import address
from dnt_core.serving.served_page import ServedPage
from dnt_core.serving.voila_server import serve_widget
from dnt_core.studies.perceptual_study.collecting.answer_store import AnswerStore

POOL = 4  # kernels that wait for observers; a page that finds none waiting starts its own
_PAGE = ServedPage(
    "Which face shows more?", broken="The study cannot be shown. Please tell the person who runs it."
)
_CELL = """\
from dnt_core.studies.perceptual_study.collecting import OrderStudy
OrderStudy({answers!r}, {clips!r}, still=False)
"""


def serve(
    store: AnswerStore,
    clips: str | os.PathLike,
    port: int = 8866,
    host: str = "127.0.0.1",
    tell: Callable[[str], None] = print,
    pool: int = POOL,
) -> None:
    r"""Serve the page until Ctrl-C or SIGTERM.

    Args:
        store: where answers go. clips: the folder of its plan's clips.
        port, host: of the page; the default host is loopback, "0.0.0.0" every network of this machine.
        tell: is given lines for the lecturer: where the page is, and how far observers are.
        pool: kernels started ahead; more: a page opens quicker when many come at once, more memory.

    Raises:
        OSError: the port is taken or not allowed.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # of the kernels, which compute nothing
    cell = _CELL.format(answers=str(store.path.resolve()), clips=str(Path(clips).resolve()))
    serve_widget(
        cell, _PAGE, port, host, ready=lambda: tell(address(host, port, "for a class")),
        meanwhile=_Report(store, tell), pool=pool,
    )  # fmt: skip


class _Report:
    """Tells how far the observers are, whenever that has changed."""

    def __init__(self, store: AnswerStore, tell: Callable[[str], None]) -> None:
        self.store, self.tell, self.last = store, tell, None

    def __call__(self) -> None:
        counts = self.store.counts()
        if counts != self.last and counts.observers:
            self.tell(str(counts))
        self.last = counts
