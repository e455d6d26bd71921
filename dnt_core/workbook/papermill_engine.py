r"""A papermill engine that cannot hang: it watches the kernel, and says in one sentence why it stopped.

nbclient can miss the wake-up for a cell's reply and then waits for ever although the kernel is idle
(nbclient#312). Here the reply is waited for in slices, so that a missed wake-up costs a quarter of a second;
a kernel that says it is idle and still sends no reply is given up; and every cell has a time limit.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbclient.util import run_sync
from nbformat import NotebookNode
from nbformat.v4 import new_output
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines
from papermill.iorw import LocalHandler
from papermill.translators import PythonTranslator, papermill_translators

from dnt_core.assets import absolute_variables
from dnt_core.atomic_write import write_text
from dnt_core.own_kernel import OwnKernelManager
from dnt_core.workbook.kernel_bars import KernelBars

ENGINE = "dnt-watched"
SLICE_SECONDS = 0.25
#: How long the outputs of a cell that has ended may take; nbclient's 4 s are too few on a busy machine.
IOPUB_SECONDS = 60
#: The limit of a cell without one; nbclient hears of a stall only where there is a limit.
NO_LIMIT = 10.0 * 365 * 86400
#: Papermill writes the whole notebook twice per cell, which is 280 MB for one notebook of the quick profile.
SAVE_SECONDS = 10.0
#: glibc would hand memory back after each picture and fetch it anew, page by page. The first number is the
#: largest that glibc itself comes to, and this keeps up to 256 MB.
MEMORY = {"MALLOC_MMAP_THRESHOLD_": f"{32 << 20}", "MALLOC_TRIM_THRESHOLD_": f"{256 << 20}"}
#: How long a kernel may be idle without having answered before the notebook is stopped.
STALL_SECONDS = 30.0

INJECTED = "injected-parameters"


class NotebookStopped(RuntimeError):
    r"""The notebook was stopped from outside a cell: time limit, dead kernel, stall; says so in one line."""


class WatchedClient(PapermillNotebookClient):
    r"""Papermill's client with sliced waiting, a stall watch, and errors that name their cause.

    Args:
        on_cell: called as ``on_cell(index, cell)`` before each cell.
        stall_seconds: patience with an idle kernel that has not answered, in s.
        on_bar: called with the text of the notebook's own progress bar when it moves.
        stop: once it is set, the notebook is stopped within a second.
    """

    def __init__(
        self,
        nb_man: Any,
        *,
        on_cell: Callable[[int, NotebookNode], None],
        stall_seconds: float = STALL_SECONDS,
        on_bar: Callable[[str], None] | None = None,
        stop: threading.Event | None = None,
        **traits: Any,
    ) -> None:
        super().__init__(nb_man, **traits)
        self.on_bar, self.bars = on_bar, KernelBars()
        self.stop = stop or threading.Event()
        self.on_cell = on_cell
        self.stall_seconds = stall_seconds
        self.idle_since: float | None = None
        self.stalled = False
        self._seen_errors: set[str] = set()

    async def async_start_new_kernel_client(self) -> Any:
        client = await super().async_start_new_kernel_client()
        receive = client.shell_channel.get_msg

        async def receive_in_slices(timeout: float | None = None) -> dict[str, Any]:
            deadline = None if timeout is None else monotonic() + timeout
            while True:
                left = SLICE_SECONDS if deadline is None else min(SLICE_SECONDS, deadline - monotonic())
                try:
                    return await receive(timeout=max(left, 0.0))
                except Empty:
                    if self.stop.is_set() or (deadline is not None and monotonic() >= deadline):
                        raise
                    if self.idle_since is not None and monotonic() - self.idle_since > self.stall_seconds:
                        self.stalled = True
                        raise

        client.shell_channel.get_msg = receive_in_slices
        return client

    start_new_kernel_client = run_sync(async_start_new_kernel_client)

    def process_message(self, msg: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if msg["msg_type"] == "status" and msg["content"]["execution_state"] == "idle":
            self.idle_since = monotonic()
        if self.on_bar is not None and self.bars.feed(msg):
            self.on_bar(self.bars.text)
        return super().process_message(msg, *args, **kwargs)

    def execute_cell(self, cell: NotebookNode, cell_index: int, **kwargs: Any) -> NotebookNode:
        self.on_cell(cell_index, cell)
        self.idle_since = None
        try:
            done = super().execute_cell(cell, cell_index, **kwargs)
            self._check_output_widgets()
            return done
        except CellTimeoutError as error:
            reason = f"it ran longer than its time limit of {self.timeout:g} s"
            if "IOPub" in str(error):
                reason = f"it ended, but its outputs did not arrive within {self.iopub_timeout:g} s"
            if self.stop.is_set():
                reason = "the run was stopped"
            elif self.stalled:
                reason = (
                    f"the kernel was idle for {self.stall_seconds:g} s without answering "
                    "(nbclient#312: avoid @interact and `with Output()`)"
                )
        except DeadKernelError:
            reason = "the kernel died while it ran (out of memory, or a crash in compiled code)"
        self.shutdown_kernel = "immediate"
        cell.outputs.append(new_output("error", ename="NotebookStopped", evalue=reason, traceback=[reason]))
        raise NotebookStopped(reason)

    def _check_output_widgets(self) -> None:
        """An error inside an ``ipywidgets.Output`` reaches the widget, not the cell: it is raised here."""
        for model, state in self.widget_state.items():
            for output in state.get("outputs", ()):
                if output["output_type"] == "error" and model not in self._seen_errors:
                    self._seen_errors.add(model)
                    reason = f"{output['ename']}: {output['evalue']} (inside an Output widget)"
                    raise NotebookStopped(reason)


class LiteralTranslator(PythonTranslator):
    r"""Parameters as Python literals: papermill makes a string of a tuple without a word."""

    @classmethod
    def translate(cls, value: Any) -> str:
        return repr(value) if isinstance(value, tuple) else super().translate(value)


@contextmanager
def _saved_rarely(nb_man: Any) -> Iterator[None]:
    r"""Inside, the notebook is written every :data:`SAVE_SECONDS` at most; papermill writes it at its end."""
    save = nb_man.save

    def save_rarely(**more: Any) -> None:
        if (nb_man.now() - nb_man.last_save_time).total_seconds() >= SAVE_SECONDS:
            save(**more)

    nb_man.save = save_rarely
    try:
        yield
    finally:
        del nb_man.save


def _expected_errors_as_text(notebook: NotebookNode) -> None:
    """Papermill takes the error of a cell tagged ``raises-exception`` for a failure; its text may stay."""
    for cell in notebook.cells:
        if "raises-exception" in cell.metadata.get("tags", []):
            for number, output in enumerate(cell.get("outputs", [])):
                if output.output_type == "error":
                    cell.outputs[number] = new_output(
                        "stream", name="stderr", text="\n".join(output.traceback)
                    )


class WatchedEngine(Engine):
    r"""The engine under the name ``dnt-watched``; further arguments of ``execute_notebook`` arrive here."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        on_cell: Callable[[int, NotebookNode], None],
        kernel_log: Path,
        timeout: float | None,
        start_timeout: int = 60,
        stall_seconds: float = STALL_SECONDS,
        on_bar: Callable[[str], None] | None = None,
        stop: threading.Event | None = None,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        **unused: Any,
    ) -> None:
        client = WatchedClient(
            nb_man,
            on_cell=on_cell,
            stall_seconds=stall_seconds,
            on_bar=on_bar,
            stop=stop,
            timeout=NO_LIMIT if timeout is None else timeout,
            startup_timeout=start_timeout,
            iopub_timeout=IOPUB_SECONDS,
            kernel_name=kernel_name,
            kernel_manager_class=OwnKernelManager,
        )
        # A headless shell often exports MPLBACKEND=Agg, which would leave the notebooks without pictures.
        environment = {
            **MEMORY,
            **os.environ,
            **absolute_variables(),
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            **(environment or {}),
        }
        # Papermill's own `cwd` would change the folder of this whole process, and other notebooks run in it.
        place = {"cwd": str(folder)} if folder else {}
        with open(kernel_log, "wb") as log, _saved_rarely(nb_man):
            client.execute(env=environment, stdout=log, stderr=log, **place)
        _expected_errors_as_text(nb_man.nb)


def _write_whole(handler: LocalHandler, buf: str, path: str) -> None:
    r"""In the place of papermill's own: a full disk or a kill leaves no half notebook under its name."""
    if os.path.isabs(path):
        write_text(path, buf)
    else:
        _write_in_place(handler, buf, path)


_write_in_place = LocalHandler.write
LocalHandler.write = _write_whole
papermill_engines.register(ENGINE, WatchedEngine)
for language in ("python", "python3"):
    papermill_translators.register(language, LiteralTranslator)
