r"""What is looked at before a page is made ready, which may take minutes: is Voilà here, is the port free."""

from __future__ import annotations

import errno
import socket
from importlib.util import find_spec


def check_voila() -> None:
    r"""OSError when Voilà is not installed."""
    if find_spec("voila") is None:
        raise OSError("the page needs Voilà, which is not installed: `make env`, or `pip install voila`")


def check_port(host: str, port: int) -> None:
    r"""OSError when the port is taken, or the host is none of this machine's."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = "is taken" if taken else f"cannot be used ({error.strerror})"
            raise OSError(f"port {port} on {host} {why}; choose another with --port") from error
