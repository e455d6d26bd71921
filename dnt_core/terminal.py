r"""The one door to the terminal: no character it lacks ends a command, and names stay as they are."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console


def show_what_fits() -> None:
    r"""From now on a character that the terminal's encoding lacks is printed as ``?`` instead of raising.

    Output that Windows writes into a file is in cp1252, which has no check mark. A width of 0, as some
    terminals report it, is no width: Rich would print nothing.
    """
    if os.environ.get("COLUMNS") == "0":
        del os.environ["COLUMNS"]
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


class _WhileRead:
    r"""A stream whose reader may have had enough (``| head -1``): from then on what is printed goes nowhere,
    and the command does all of its work."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError as error:
            self._to_nowhere(error)
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as error:
            self._to_nowhere(error)

    def _to_nowhere(self, error: OSError) -> None:
        if error.errno not in (errno.EPIPE, errno.EINVAL):  # the second one is Windows'
            raise error
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)


def outlive_readers() -> None:
    r"""From now on a command outlives whoever reads what it prints, and ends as if all had been read."""
    for name in ("stdout", "stderr"):
        if (stream := getattr(sys, name)) is not None:  # without a console there is none
            setattr(sys, name, _WhileRead(stream))


def open_console() -> Console:
    r"""A console that shows text as it is: ``[final]`` in a file's name is no markup, ``:smile:`` no emoji.

    Colours are given as styles, by ``style=`` or ``rich.text.Text``.
    """
    from rich.console import Console

    show_what_fits()
    return Console(markup=False, emoji=False, highlight=False)
