r"""A folder handed out as any web server would, in a thread of this process."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ISOLATED = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *args, more: dict[str, str], unzips: bool, **options) -> None:
        self.more, self.unzips = more, unzips
        super().__init__(*args, **options)

    def guess_type(self, path: str) -> str:  # as nginx's table has it
        return "application/octet-stream" if path.endswith(".mjs") else super().guess_type(path)

    def end_headers(self) -> None:
        if self.unzips and self.path.endswith(".gz"):
            self.send_header("Content-Encoding", "gzip")
        for name, value in self.more.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_) -> None:
        pass


@contextmanager
def static_server(folder: Path, headers: dict[str, str] | None = None, unzips: bool = False) -> Iterator[str]:
    r"""The address of ``folder`` on loopback, until the block ends; ``unzips``: it says of ``.gz`` files that
    they are encoded, as Apache with AddEncoding does, and browsers unzip them."""
    handler = functools.partial(_Handler, directory=str(folder), more=headers or {}, unzips=unzips)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
