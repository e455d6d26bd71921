r"""Small parts of a served page: messages with bytes, QR codes, the process that serves."""

import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from dnt_core.serving import qr
from dnt_core.serving.message_bytes import pack, unpack
from dnt_core.serving.page_parts import PARTS
from tests.live.widget_stage import free_port
from tests.serving.page_process import request


@pytest.mark.parametrize("buffers", [[], [b""], [b"abc", b"", bytes(range(256))]])
def test_a_message_and_its_bytes_come_back(buffers):
    message = {"kind": "frame", "text": "0→1", "none": None, "boxes": [[0, 1], [2, 3]]}
    assert unpack(pack(message, buffers)) == (message, buffers)


def test_the_browser_reads_the_same(tmp_path):
    body = pack({"text": "0→1"}, [b"abc", b"", b"\xff"])
    script = (PARTS / "message_bytes.js").read_text(encoding="utf-8") + (
        "const body = new Uint8Array(JSON.parse(process.argv[2])).buffer;"
        "const { message, buffers } = unpackBytes(body);"
        "console.log(JSON.stringify([message, buffers.map((b) => "
        "Array.from(new Uint8Array(b.buffer, b.byteOffset, b.byteLength)))]));"
    )
    (tmp_path / "read.js").write_text(script, encoding="utf-8")
    said = subprocess.check_output(["node", str(tmp_path / "read.js"), json.dumps(list(body))])
    assert json.loads(said) == [{"text": "0→1"}, [[97, 98, 99], [], [255]]]


def test_a_qr_code_is_the_same_on_the_terminal_and_in_the_page():
    segno = pytest.importorskip("segno")
    address = "http://192.168.1.20:8866/#kq7f-2mxd"
    matrix = segno.make(address, error="m").matrix
    drawn = qr.for_terminal(address, "utf-8").splitlines()
    dark = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}
    rows = [[dark[c][k] for c in line] for line in drawn for k in (0, 1)]
    inner = [row[4:-4] for row in rows[4 : 4 + len(matrix)]]
    assert inner == [list(row) for row in matrix]
    assert not any(any(row) for row in rows[:4] + rows[4 + len(matrix) :]), "a light margin"
    assert qr.for_terminal(address, "cp1252") == qr.for_terminal(address, None) == ""
    assert qr.as_svg(address).startswith("<svg") and address in qr.as_svg(address)


SERVER = """
import sys, threading
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from dnt_core.serving.http_server import serve_app
from dnt_core.serving import http_server
http_server.LOOK_SECONDS = 0.2
async def page(request):
    return PlainTextResponse("here")
looks = []
def look():
    looks.append(1)
    raise OSError("the disk was away for a moment")
serve_app(Starlette(routes=[Route("/", page)]), int(sys.argv[1]), ready=lambda: print("ready", flush=True),
          meanwhile=look)
print("ended after", len(looks), "looks", flush=True)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ready_means_that_it_answers_and_either_signal_ends_it_quietly(how):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert process.stdout.readline() == "ready\n"
        answers = []
        asks = [
            threading.Thread(target=lambda: answers.append(request(port, "GET", "/").body)) for _ in range(8)
        ]
        for ask in asks:
            ask.start()
        for ask in asks:
            ask.join()
        assert answers == [b"here"] * 8
        time.sleep(1)
        process.send_signal(how)
        said = process.communicate(timeout=30)[0]
    finally:
        process.kill()
    assert process.returncode == 0 and said.startswith("ended after ") and "ended after 0" not in said
    assert said.count("\n") == 1, said
