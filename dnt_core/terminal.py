r"""The one door to the terminal: no character it lacks ends a command, and names stay as they are."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
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


def outlive_readers() -> None:
    r"""From now on a command outlives whoever reads what it prints, as ``| head -1`` does: the rest
    goes nowhere, and the command does all of its work."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # without a console there is none
            stream.write, stream.flush = (_or_nowhere(act, stream) for act in (stream.write, stream.flush))


def _or_nowhere(act: Callable[..., Any], stream: TextIO) -> Callable[..., Any]:
    def acting(*given: str) -> Any:
        try:
            return act(*given)
        except OSError as error:
            if error.errno not in (errno.EPIPE, errno.EINVAL):  # the second one is Windows'
                raise
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        return act(*given)

    return acting


def open_console() -> Console:
    r"""A console that shows text as it is: ``[final]`` in a file's name is no markup, ``:smile:`` no emoji.

    Colours are given as styles, by ``style=`` or ``rich.text.Text``.
    """
    from rich.console import Console

    show_what_fits()
    return Console(markup=False, emoji=False, highlight=False)
