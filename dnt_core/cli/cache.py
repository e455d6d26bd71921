r"""``dnt cache``: where what is built once per machine lies, how large it is, and emptying it."""

from __future__ import annotations

from typing import Annotated

import typer

from dnt_core.cli.guard import one_line_errors


@one_line_errors
def cache(clear: Annotated[bool, typer.Option("--clear", help="Remove all of it.")] = False) -> None:
    """Say where the built faces and compiled kernels lie and how large they are; --clear removes them.

    They are built again when they are needed.
    """
    from dnt_core.cache.folder import cache_size, clear_cache

    print(f"removed {clear_cache()}" if clear else cache_size(), flush=True)
