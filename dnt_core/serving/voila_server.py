r"""Voilà serves one notebook of one cell, a kernel for each visitor's tab.

What a visitor can reach is the rendered cell and the widget's messages: sources are stripped, no file is
served, Voilà's kernels take no code to execute, and a kernel is found by its random name alone. The page asks
nothing of other hosts.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager, ServerKernelManager
from nbformat.v4 import new_code_cell, new_notebook
from tornado.ioloop import IOLoop, PeriodicCallback
from tornado.iostream import StreamClosedError
from tornado.log import access_log, app_log, gen_log
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError
from traitlets.config import Config
from voila.app import Voila

from dnt_core.own_kernel import OwnInterpreter
from dnt_core.serving.preflight import check_port
from dnt_core.serving.served_page import ServedPage, write_template

PING_MS = 30_000  # between looks whether a page is still there; three without an answer: it is not


def serve_widget(
    cell: str, page: ServedPage, port: int, host: str = "127.0.0.1", *, ready: Callable[[], None],
    meanwhile: Callable[[], None] | None = None, pool: int = 1, idle_seconds: int = 900,
    look_seconds: int = 60,
) -> None:  # fmt: skip
    r"""Serves the widget that a cell ends with until Ctrl-C or SIGTERM.

    Args:
        cell: code that every visitor's kernel runs, in the folder in which this process stands; its last line
            is the widget.
        page: what stands around the widget. port, host: of the page; the default host is loopback, "0.0.0.0"
            every network of this machine.
        ready: called once the page can be opened and, with a ``pool``, the first kernel has run the cell.
        meanwhile: called every five seconds.
        pool: kernels started ahead; more: a page opens quicker when many come at once, more memory.
        idle_seconds: after which a kernel without a page is ended (a closed tab ends its own at once; a page
            that comes back later gets a new one). look_seconds: between looks for such kernels.

    Raises:
        OSError: the port is taken or not allowed.
    """
    check_port(host, port)
    here = f"import os; os.chdir({os.getcwd()!r})\n"
    with tempfile.TemporaryDirectory(prefix="dnt_page_") as folder:
        notebook = Path(folder) / "page.ipynb"
        nbformat.write(new_notebook(cells=[new_code_cell(here + cell)]), notebook)
        for log in (access_log, app_log, gen_log):  # a page that says farewell to a kernel that died is none
            log.setLevel(logging.ERROR)
        _Server.clear_instance()
        config = _config(port, host, pool, idle_seconds, look_seconds)
        server = _Server(config=config, log_level=logging.ERROR)
        server.config_file_paths = []  # no voila.json of the working folder
        server.page, server.ready, server.meanwhile = write_template(page, Path(folder)), ready, meanwhile
        server.initialize([str(notebook)])
        server.start()


class QuietKernel(OwnInterpreter, ServerKernelManager):
    r"""A kernel of this interpreter that tells the terminal of errors alone."""

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        return super().format_kernel_cmd([*(extra_arguments or []), "--log-level=ERROR"])

    async def _async_interrupt_kernel(self) -> None:
        """Not before its end: a kernel that has just begun would say at length where it was."""


class Kernels(AsyncMappingKernelManager):
    r"""Kernels of visitors, and those that wait for one, which Voilà does not count as idle."""

    _pools: dict[str, list]  # Voilà's own: notebook → tasks that give a kernel, first come first served

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._looked_at: set[str] = set()

    def waiting(self) -> list:
        r"""Tasks of the kernels started ahead; a kernel's own has run its cell when its ``["task"]`` has."""
        return [task for pool in getattr(self, "_pools", {}).values() for task in pool]

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        if kernel_id in self._looked_at:
            await super().cull_kernel_if_idle(kernel_id)
        else:  # however long it has waited: its time begins with its visitor, who may not be connected yet
            self._looked_at.add(kernel_id)
            self._kernels[kernel_id].last_activity = datetime.now(UTC)

    async def shutdown_all(self, now: bool = True) -> None:
        await super().shutdown_all(now=now)  # nothing of a visitor's is kept in a kernel

    async def _async_shutdown_kernel(self, kernel_id: str, now: bool = False, restart: bool = False) -> None:
        r"""What the end of the server calls for each kernel, also for those that are just coming or going."""
        if kernel_id in self._pending_kernels:
            await asyncio.wait([self._pending_kernels[kernel_id]], timeout=10)
        with suppress(HTTPError):  # gone
            await super()._async_shutdown_kernel(kernel_id, now, restart)


class _Server(Voila):
    ready: Callable[[], None]
    meanwhile: Callable[[], None] | None
    page: Path

    def setup_template_dirs(self) -> None:
        super().setup_template_dirs()  # error pages and what else Voilà looks for
        self.template_paths.insert(0, str(self.page))

    def listen(self) -> None:
        IOLoop.current().add_callback(self._when_ready)  # runs once the port is listened to
        if self.meanwhile:
            PeriodicCallback(self.meanwhile, 5000).start()
        self.ioloop = IOLoop.current()

        def end(number: int, frame: Any) -> None:
            signal.signal(signal.SIGINT, before)  # a second Ctrl-C is Python's own
            self._handle_signal_stop(number, frame)

        # as SIGTERM; Python's own Ctrl-C breaks off whatever the loop is at, and with it a kernel's start
        before = signal.signal(signal.SIGINT, end)
        try:
            super().listen()
        finally:
            signal.signal(signal.SIGINT, before)

    async def _when_ready(self) -> None:
        asyncio.get_running_loop().set_exception_handler(_but_for_closed_tabs)
        try:
            for started in self.kernel_manager.waiting()[:1]:
                await (await started)["task"]
        finally:  # where a kernel cannot be started the log says why, and so does the page
            self.ready()


def _but_for_closed_tabs(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    r"""Tells what went wrong in a task, unless a tab was closed while its kernel was still speaking to it."""
    if not isinstance(context.get("exception"), WebSocketClosedError | StreamClosedError):
        loop.default_exception_handler(context)


def _config(port: int, host: str, pool: int, idle_seconds: int, look_seconds: int) -> Config:
    config = Config(
        Voila={
            "port": port, "ip": host, "open_browser": False, "port_retries": 0,
            # the one request that is posted ends a kernel, whose random name its own page alone knows
            "tornado_settings": {
                "disable_check_xsrf": True, "ws_ping_interval": PING_MS, "ws_ping_timeout": 3 * PING_MS,
            },
        },
        VoilaConfiguration={
            "template": "lab", "show_tracebacks": False, "strip_sources": True, "file_allowlist": ["^$"],
            "allow_template_override": "NO", "allow_theme_override": "NO", "preheat_kernel": pool > 0,
            "default_pool_size": pool, "multi_kernel_manager_class": f"{__name__}.{Kernels.__name__}",
        },
        # pictures and films come in large messages; Jupyter would drop what is above its rate
        ZMQChannelsWebsocketConnection={"limit_rate": False},
        # a kernel that died is not started again: it would not know its page's widget
        KernelRestarter={"restart_limit": 0},
        MappingKernelManager={
            "kernel_manager_class": f"{__name__}.{QuietKernel.__name__}",
            "cull_idle_timeout": idle_seconds, "cull_interval": look_seconds, "cull_connected": False,
        },
    )  # fmt: skip
    # Kernels are spoken to over files where there are such sockets (whose names are short): another program
    # may have taken one of the ports that a kernel was given before the kernel comes to it.
    if os.name == "posix" and os.access("/tmp", os.W_OK):
        config.KernelManager.transport, config.Voila.connection_dir_root = "ipc", "/tmp"
    return config
