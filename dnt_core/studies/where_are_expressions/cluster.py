r"""A Dask cluster that does the fits: whether one answers at an address, and joblib sent to it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from joblib import parallel_config

CONNECT_SECONDS = 10  # until a scheduler must have answered
WORKER_SECONDS = 30  # until it must have a worker
EXPECTED = "expected the address of a running Dask scheduler, such as tcp://host:8786"


def check_cluster(address: str) -> None:
    r"""Raises a ValueError, one sentence, unless ``address`` is "" (this machine) or something listens
    there.

    Cheap enough to ask before anything else is done: it opens a connection and closes it.

    Args:
        address: of a Dask scheduler, such as ``tcp://host:8786``, or "".
    """
    if not address:
        return
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError as error:  # such as a port above 65535
        raise ValueError(f"cluster {address!r} is no address ({error}); {EXPECTED}") from error
    if parts.scheme not in ("tcp", "tls") or not host or not port:
        raise ValueError(f"cluster {address!r} is no address; {EXPECTED}")
    try:
        socket.create_connection((host, port), timeout=CONNECT_SECONDS).close()
    except OSError as error:
        raise ValueError(f"nothing answers at cluster {address!r} ({error}); {EXPECTED}") from error


@contextmanager
def on_cluster(address: str) -> Iterator[None]:
    r"""joblib's calls inside the block run on the workers of the scheduler at ``address``.

    Raises:
        ValueError: Dask is not installed, no scheduler answers, or it has no workers.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise ValueError("a cluster needs Dask: pip install 'dnt-core[cluster]'") from error
    check_cluster(address)
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ValueError(f"no Dask scheduler answers at {address!r} ({error}); {EXPECTED}") from error
    with client:
        try:  # a task, not a look at the list: an adaptive cluster starts workers when there is work
            client.submit(int).result(timeout=WORKER_SECONDS)
        except TimeoutError as error:
            raise ValueError(
                f"the Dask scheduler at {address!r} has no worker after {WORKER_SECONDS} s; "
                f"start some with `dask worker {address}`"
            ) from error
        with parallel_config("dask", client=client):
            yield
