r"""What stands between a command and the room it calls: bad input becomes one line."""

from __future__ import annotations

import errno
import functools
import importlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from dnt_core.lazy_exports import without_collecting
from dnt_core.paths import HOME_VARIABLE, runs_folder, user_path

#: The largest values that options take: far beyond what anybody means, within what a computer can do.
MOST_SEED, MOST_STEPS, MOST_JOBS, MOST_SIDE = 2**32 - 1, 100_000_000, 256, 4096


def one_line_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    r"""Turn bad input (``ValueError``, exit 2) and file trouble (``OSError``, exit 1) into one line."""

    @functools.wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            _check_finite(kwargs)
            return command(*args, **{name: _at_home(value) for name, value in kwargs.items()})
        except (ValueError, OSError) as error:
            typer.secho(f"dnt: {' '.join(str(error).split())}{_way_out(error)}", fg="red", err=True)
            raise typer.Exit(2 if isinstance(error, ValueError) else 1) from error

    return guarded


def _check_finite(options: dict[str, Any]) -> None:
    r"""The bounds of an option let NaN through, which lies neither below nor above them."""
    for name, value in options.items():
        for number in value if isinstance(value, list) else [value]:
            if isinstance(number, float) and not math.isfinite(number):
                raise ValueError(f"--{name.replace('_', '-')} {number}: expected a finite number")


def _at_home(value: Any) -> Any:
    r"""Paths with their ``~`` as the user's folder."""
    if isinstance(value, list):
        return [_at_home(one) for one in value]
    return user_path(value) if isinstance(value, Path) else value


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
