r"""The page for a class: Voilà serves one notebook of one cell, a kernel for each observer's tab.

What an observer can reach is the rendered cell and the widget's messages: sources are stripped, no file is
served, Voilà's kernels take no code to execute, and a kernel is found by its random name alone. Each kernel
writes to the one SQLite file. The page asks nothing of other hosts.
"""

from __future__ import annotations

import errno
import logging
import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

import nbformat
from jupyter_server.services.kernels.kernelmanager import ServerKernelManager
from nbformat.v4 import new_code_cell, new_notebook
from tornado.ioloop import IOLoop, PeriodicCallback
from traitlets.config import Config
from voila.app import Voila

from dnt_core.studies.perceptual_study.collecting.answer_store import AnswerStore
from dnt_core.studies.perceptual_study.collecting.served_page import write_template

POOL = 4  # kernels that wait for observers; a page that finds none waiting starts its own
_IDLE_SECONDS = 900  # after which a kernel without a page is ended; a page that comes back gets a new one
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
    check_port(host, port)
    with tempfile.TemporaryDirectory(prefix="dnt_study_") as folder:
        notebook = Path(folder) / "study.ipynb"
        cell = _CELL.format(answers=str(store.path.resolve()), clips=str(Path(clips).resolve()))
        nbformat.write(new_notebook(cells=[new_code_cell(cell)]), notebook)
        _Server.clear_instance()
        os.environ.setdefault("OMP_NUM_THREADS", "1")  # of the kernels, which compute nothing
        server = _Server(config=_config(port, host, pool), log_level=logging.ERROR)
        server.config_file_paths = []  # no voila.json of the working folder
        server.page = write_template(Path(folder))
        server.report = _Report(store, tell)
        server.initialize([str(notebook)])
        server.opened = lambda: tell(address(host, port))
        server.start()


def address(host: str, port: int) -> str:
    r"""Where observers find the page, in a sentence."""
    if host not in ("0.0.0.0", "::"):
        here = host in ("127.0.0.1", "localhost", "::1")
        only = " (this machine only; for a class: --host 0.0.0.0)" if here else ""
        return f"The page is at http://{host}:{port}/{only}"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: asks which of our addresses would be used
            found = probe.getsockname()[0]
        except OSError:
            found = socket.gethostname()
    return f"The page is at http://{found}:{port}/ for everybody on this network"


class _Report:
    """Tells how far the observers are, whenever that has changed."""

    def __init__(self, store: AnswerStore, tell: Callable[[str], None]) -> None:
        self.store, self.tell, self.last = store, tell, None

    def __call__(self) -> None:
        counts = self.store.counts()
        if counts != self.last and counts.observers:
            self.tell(str(counts))
        self.last = counts


class QuietKernel(ServerKernelManager):
    r"""A kernel that tells the lecturer's terminal of errors alone."""

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        return super().format_kernel_cmd([*(extra_arguments or []), "--log-level=ERROR"])


class _Server(Voila):
    opened: Callable[[], None]
    report: Callable[[], None]
    page: Path

    def setup_template_dirs(self) -> None:
        super().setup_template_dirs()  # error pages and what else Voilà looks for
        self.template_paths.insert(0, str(self.page))

    def listen(self) -> None:
        IOLoop.current().add_callback(self.opened)  # runs once the port is listened to
        PeriodicCallback(self.report, 5000).start()
        super().listen()


def _config(port: int, host: str, pool: int) -> Config:
    return Config(
        Voila={
            "port": port, "ip": host, "open_browser": False, "port_retries": 0,
            # the one request that is posted ends a kernel, whose random name its own page alone knows
            "tornado_settings": {
                "disable_check_xsrf": True, "ws_ping_interval": 30_000, "ws_ping_timeout": 30_000,
            },
        },
        VoilaConfiguration={
            "template": "lab", "show_tracebacks": False, "strip_sources": True, "file_allowlist": ["^$"],
            "allow_template_override": "NO", "allow_theme_override": "NO", "preheat_kernel": pool > 0,
            "default_pool_size": pool,
        },
        # a screen's clips come in one message; Voilà would drop what is above its rate
        ZMQChannelsWebsocketConnection={"limit_rate": False},
        MappingKernelManager={
            "kernel_manager_class": f"{__name__}.{QuietKernel.__name__}",
            "cull_idle_timeout": _IDLE_SECONDS, "cull_interval": 60, "cull_connected": False,
        },
    )  # fmt: skip


def check_port(host: str, port: int) -> None:
    r"""OSError when the port is taken, or the host is none of this machine's."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = "is taken" if taken else f"cannot be used ({error.strerror})"
            raise OSError(f"port {port} on {host} {why}; choose another with --port") from error
