r"""What stands between a command and the room it calls: bad input becomes one line."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

import typer

from dnt_core.lazy_exports import without_collecting


def one_line_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    r"""Turn bad input (``ValueError``, exit 2) and file trouble (``OSError``, exit 1) into one line."""

    @functools.wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (ValueError, OSError) as error:
            typer.secho(f"dnt: {' '.join(str(error).split())}", fg="red", err=True)
            raise typer.Exit(2 if isinstance(error, ValueError) else 1) from error

    return guarded


def lazy_import(module: str, name: str) -> Any:
    r"""A function of another room, with one clear line when its packages are not installed."""
    try:
        with without_collecting():
            return getattr(importlib.import_module(module), name)
    except ImportError as error:
        raise OSError(
            f"{module} cannot be imported ({error}); install the environment with `make env`"
        ) from error
