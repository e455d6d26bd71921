r"""What is looked at before a page is made ready, which may take minutes: packages, the port."""

from __future__ import annotations

import errno
import os
import socket
from importlib.util import find_spec

NEEDED = ("starlette", "uvicorn", "websockets", "segno")


def check_packages() -> None:
    r"""OSError when a package that serves pages is not installed."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        names = " ".join(missing)
        raise OSError(f"the page needs {names}, which is not installed: `make env`, or `pip install {names}`")


def check_port(host: str, port: int) -> None:
    r"""OSError when the port is taken, or the host is none of this machine's."""
    listening(host, port).close()


def listening(host: str, port: int) -> socket.socket:
    r"""A socket that listens there; OSError as :func:`check_port`."""
    place = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    if os.name == "posix":  # elsewhere it would let two programs listen to one port
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        place.bind((host, port))
        place.listen(1024)
    except OSError as error:
        place.close()
        taken = error.errno == errno.EADDRINUSE
        why = "is taken" if taken else f"cannot be used ({error.strerror})"
        raise OSError(f"port {port} on {host} {why}; choose another with --port") from error
    return place
