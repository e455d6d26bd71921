r"""What stands between a command and the room it calls: bad input becomes one line."""

from __future__ import annotations

import errno
import functools
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from dnt_core.lazy_exports import without_collecting
from dnt_core.paths import HOME_VARIABLE, runs_folder


def one_line_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    r"""Turn bad input (``ValueError``, exit 2) and file trouble (``OSError``, exit 1) into one line."""

    @functools.wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (ValueError, OSError) as error:
            typer.secho(f"dnt: {' '.join(str(error).split())}{_way_out(error)}", fg="red", err=True)
            raise typer.Exit(2 if isinstance(error, ValueError) else 1) from error

    return guarded


def _way_out(error: Exception) -> str:
    r"""What helps where the folder of runs is somebody else's, or read-only; "" for other errors."""
    forbidden = isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)
    mine = forbidden and error.filename and Path(error.filename).absolute().is_relative_to(runs_folder())
    return f"; {HOME_VARIABLE} names another folder for what is written" if mine else ""


def lazy_import(module: str, name: str) -> Any:
    r"""A function of another room, with one clear line when its packages are not installed."""
    try:
        with without_collecting():
            return getattr(importlib.import_module(module), name)
    except ImportError as error:
        raise OSError(
            f"{module} cannot be imported ({error}); install the environment with `make env`"
        ) from error
