r"""Work in a process of its own: torch draws the clips, and the server that stays is small."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from typing import Any


def in_own_process(work: Callable[..., None], *arguments: Any) -> None:
    r"""Calls ``work(*arguments)`` in a new process and waits for its end.

    Args:
        work: a function of a module. arguments: what can be pickled.

    Raises:
        Exception: what ``work`` raised.
        OSError: the process ended without a word.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(there, work, arguments), daemon=True)
    process.start()
    there.close()
    try:
        error = here.recv()
    except EOFError:
        process.join()
        raise OSError(
            f"the process that drew the clips was ended (exit status {process.exitcode}); was memory short? "
            "Start it again, and it goes on"
        ) from None
    finally:
        if process.is_alive():
            process.join(1)  # it has said what there was to say, or Ctrl-C has reached it, too
        process.terminate()
        process.join()
        here.close()
    if error is not None:
        raise error


def _run(back: Any, work: Callable[..., None], arguments: tuple) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C is the other process's to tell
    try:
        work(*arguments)
    except Exception as error:
        back.send(error)
    else:
        back.send(None)
