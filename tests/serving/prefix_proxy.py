r"""A reverse proxy in the test's own process, as JupyterHub and nginx put a page under a prefix."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager

from tests.live.widget_stage import free_port


@contextmanager
def prefix_proxy(
    target: int, prefix: str, *, strips: bool = True, headers: dict | None = None, host: str | None = None
):
    r"""Passes ``prefix`` on to a port of this machine, websockets, too; yields the address in front.

    Args:
        target: port behind. prefix: such as "/user/ann/proxy/8871".
        strips: takes the prefix off, as most proxies do.
        headers: that it adds. host: in place of the browser's.
    """
    port, ready = free_port(), threading.Event()
    loop, ends = asyncio.new_event_loop(), asyncio.Event()

    async def pump(reader, writer):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def passes(reader, writer):
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.rstrip("\r\n").split("\r\n")
            method, path, version = first.split(" ")
            if not path.startswith(prefix):
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                writer.close()
                return
            path = (path[len(prefix) :] or "/") if strips else path
            lines = [line for line in lines if not line.lower().startswith("connection: keep-alive")]
            if host:
                lines = [line for line in lines if not line.lower().startswith("host:")] + [f"Host: {host}"]
            lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
            if not any(line.lower().startswith("upgrade:") for line in lines):
                lines.append("Connection: close")  # one request per connection keeps this short
            behind, to = await asyncio.open_connection("127.0.0.1", target)
            to.write("\r\n".join([f"{method} {path} {version}", *lines, "", ""]).encode("latin-1"))
            await asyncio.gather(pump(reader, to), pump(behind, writer))
        except (OSError, asyncio.IncompleteReadError):
            writer.close()

    async def serve():
        server = await asyncio.start_server(passes, "127.0.0.1", port)
        ready.set()
        await ends.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield f"http://127.0.0.1:{port}{prefix}/"
    finally:
        loop.call_soon_threadsafe(ends.set)
        thread.join(10)
