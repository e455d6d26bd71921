r"""numba's ``njit`` for this package: machine code is kept in :func:`~dnt_core.cache.folder.cache_folder`.

By numba's own rule it would lie in the repository or the home folder, and where neither can be written the
import fails. A kernel is compiled when it is first called, never at import, and again after its file changed.
"""

from __future__ import annotations

import os

import numba
from numba.core import config

from dnt_core.cache.folder import cache_folder


def kernel(*signatures, **options):
    r"""Decorates a kernel: ``@kernel`` or ``@kernel(fastmath=True)``; always ``nogil`` and cached.

    ``NUMBA_CACHE_DIR``, when the user has set it, is where the machine code goes instead.
    """
    if len(signatures) == 1 and callable(signatures[0]):
        return kernel()(signatures[0])

    def decorate(function):
        chosen = config.CACHE_DIR
        if not chosen and not os.environ.get("NUMBA_CACHE_DIR"):
            config.CACHE_DIR = str(cache_folder() / "kernels")
        try:
            return numba.njit(*signatures, **{"cache": True, "nogil": True} | options)(function)
        finally:
            config.CACHE_DIR = chosen  # other packages' kernels stay where they are

    return decorate
