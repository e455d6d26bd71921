r"""The names that a package shows, imported when first asked for: torch takes seconds, a name takes none."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

Exports = tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]


def lazy_exports(package: str, homes: Mapping[str, Sequence[str]]) -> Exports:
    r"""What a package needs to show names of its modules without importing them (PEP 562).

    Args:
        package: the package's ``__name__``.
        homes: module, in full → the names that the package shows of it. No name is one of the package's own
            modules: it would be two things.

    Returns:
        ``__getattr__``, ``__dir__`` and ``__all__`` of the package.

    >>> __getattr__, __dir__, __all__ = lazy_exports("dnt_core", {"dnt_core.ciec": ["encode"]})
    >>> __getattr__("encode").__module__
    'dnt_core.ciec'
    """
    home = {name: module for module, names in homes.items() for name in names}

    def get(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        with without_collecting():
            value = getattr(import_module(home[name]), name)
        setattr(sys.modules[package], name, value)  # found at once the next time
        return value

    return get, lambda: sorted({*vars(sys.modules[package]), *home}), sorted(home)


@contextmanager
def without_collecting() -> Iterator[None]:
    r"""Inside, Python looks for no garbage, and afterwards what was made inside counts as old.

    Imports make hundreds of thousands of objects that all stay. To look through them again and again took a
    fifth of the time to the first frame of ``dnt talk``.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():  # nobody else has frozen anything
            gc.freeze()
            gc.unfreeze()  # into the oldest generation, without a look
        gc.enable()
