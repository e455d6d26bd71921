r"""numba's ``njit`` for this package: machine code is kept in :func:`~dnt_core.paths.cache_folder`.

By numba's own rule it would lie in the repository or the home folder, and where neither can be written the
import fails. A kernel is compiled when it is first called, never at import, and again after a file of its
folder changed: it may call kernels and read constants of its own folder, where numba looks at one file only.
"""

from __future__ import annotations

import inspect
import os
from pathlib import Path

import numba
from numba.core import config

from dnt_core.cache.built_once import PACKAGE, code_digest
from dnt_core.paths import cache_folder


def kernel(*signatures, **options):
    r"""Decorates a kernel: ``@kernel`` or ``@kernel(fastmath=True)``; always ``nogil`` and cached.

    A division by 0 gives inf, as NumPy's does.

    ``NUMBA_CACHE_DIR``, when the user has set it, is where the machine code goes instead.
    """
    if len(signatures) == 1 and callable(signatures[0]):
        return kernel()(signatures[0])

    def decorate(function):
        chosen = config.CACHE_DIR
        if not chosen and not os.environ.get("NUMBA_CACHE_DIR"):
            home = Path(inspect.getfile(function)).parent
            digest = code_digest(str(home.relative_to(PACKAGE))) if home.is_relative_to(PACKAGE) else b""
            config.CACHE_DIR = str(cache_folder() / "kernels" / digest.hex()[:12])
        try:
            return numba.njit(
                *signatures, **{"cache": True, "nogil": True, "error_model": "numpy"} | options
            )(function)
        finally:
            config.CACHE_DIR = chosen  # other packages' kernels stay where they are

    return decorate
