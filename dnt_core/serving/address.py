r"""Where a page is, for a browser and in a sentence."""

from __future__ import annotations

import socket

EVERYBODY = ("0.0.0.0", "::")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def url(host: str, port: int) -> str:
    r"""The page's address, as a browser takes it."""
    if host in EVERYBODY:
        host = _own_address()
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def address(host: str, port: int, who: str) -> str:
    r"""Where the page is and who can reach it, in a sentence; ``who`` says what ``--host 0.0.0.0`` is for."""
    if host in EVERYBODY:
        return f"The page is at {url(host, port)} for everybody on this network"
    only = f" (this machine only; {who}: --host 0.0.0.0)" if host in LOOPBACK else ""
    return f"The page is at {url(host, port)}{only}"


def _own_address() -> str:
    """The one of this machine's addresses that others on its network would use."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: asks which of our addresses would be used
            return probe.getsockname()[0]
        except OSError:
            return socket.gethostname()
