r"""``dnt study`` with a class: many observers at once, memory, and how soon its first page comes.

A client of the class's behaviour: every observer opens the page, agrees, and answers a group every 20 seconds
on average, at a moment of its own; each answer is timed from the first byte sent to the last byte of the next
group's clips. It runs in this process, beside the server and on the same cores, so its own work is in the
times. ``DNT_BENCH_OBSERVERS`` and ``DNT_BENCH_SECONDS`` choose another size: 300 observers for 300 seconds is
the issue's.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np
import psutil

from dnt_core.serving.message_bytes import unpack
from dnt_core.studies.perceptual_study.collecting.clip_making import ClipOrder, RenderedClip, make_clips

OBSERVERS = int(os.environ.get("DNT_BENCH_OBSERVERS", "100"))
SECONDS = float(os.environ.get("DNT_BENCH_SECONDS", "40"))
EVERY = 20.0  # s from one answer to the next


def draw(order: ClipOrder) -> RenderedClip:
    r"""Two seconds of a noisy square: a file about as large as a generator's clip."""
    rng = np.random.default_rng(order.speech)
    frames = np.full((50, 128, 128, 3), 90, np.uint8)
    frames[:, 16:112, 16:112] = round(40 + 180 * order.intensity)
    frames += rng.integers(0, 8, frames.shape, np.uint8)
    tone = 0.1 * np.sin(2 * np.pi * 300 * np.arange(32_000) / 16_000)
    return RenderedClip(iter(frames), 25, tone.astype(np.float32), 16_000)


async def post(port: int, body: dict) -> tuple[float, dict, int]:
    r"""One request of a page: seconds, the screen it led to, bytes of the clips on it."""
    text = json.dumps(body).encode()
    head = (f"POST /ask HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            f"X-Dnt-Code: \r\nConnection: close\r\nContent-Length: {len(text)}\r\n\r\n")  # fmt: skip
    begun = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    writer.write(head.encode() + text)
    answer = await asyncio.wait_for(reader.read(), 60)
    spent = time.perf_counter() - begun
    writer.close()
    headers, _, content = answer.partition(b"\r\n\r\n")
    if not headers.startswith(b"HTTP/1.1 200"):
        raise OSError(headers.split(b"\r\n")[0].decode())
    message, clips = unpack(content)
    return spent, message["screen"], sum(map(len, clips))


async def observer(port: int, ends: float, times: list, errors: list, sizes: list) -> None:
    r"""One observer until the end; begins anew as another one when through."""
    rng = random.Random(secrets.randbits(32))
    await asyncio.sleep(rng.uniform(0, min(EVERY, ends - time.perf_counter())))
    while time.perf_counter() < ends:
        secret, asked = secrets.token_hex(16), {"kind": "hello"}
        while time.perf_counter() < ends:
            try:
                spent, screen, size = await post(port, {**asked, "secret": secret, "id": "x"})
            except (OSError, TimeoutError, ValueError) as error:
                errors.append(repr(error))
                break
            times.append(spent)
            sizes.append(size)
            if screen["name"] == "consent":
                asked = {"kind": "consent"}
                continue
            if screen["name"] == "thanks":
                break
            order = rng.sample(range(screen["clips"]), screen["clips"])
            asked = {"kind": "answer", "step": screen["step"], "order": order}
            await asyncio.sleep(rng.uniform(0.5 * EVERY, 1.5 * EVERY))


async def a_class(port: int, server: psutil.Process, observers: int, seconds: float) -> dict[str, float]:
    r"""The numbers of one lesson."""
    times, errors, sizes, memory = [], [], [], []
    ends, used = time.perf_counter() + seconds, sum(server.cpu_times()[:2])

    async def watch() -> None:
        while time.perf_counter() < ends:
            memory.append(_megabytes(server))
            await asyncio.sleep(1)

    everybody = [observer(port, ends, times, errors, sizes) for _ in range(observers)]
    await asyncio.gather(watch(), *everybody)
    if errors:
        raise OSError(f"{len(errors)} of {len(times) + len(errors)} requests failed, first {errors[0]}")
    return {
        "study.observers": float(observers),
        "study.answers": float(len(times)),
        "study.errors": float(len(errors)),
        "study.median_ms": 1000 * float(np.median(times)),
        "study.p95_ms": 1000 * float(np.percentile(times, 95)),
        "study.most_ms": 1000 * max(times),
        "study.cpu_ms_per_answer": 1000 * (sum(server.cpu_times()[:2]) - used) / len(times),
        "study.mb": max(memory),
        "study.clips_kb_per_group": max(sizes) / 1000,
    }


def _megabytes(server: psutil.Process) -> float:
    processes = [server, *server.children(recursive=True)]
    return sum(p.memory_info().rss for p in processes) / 1e6


def measure(observers: int, seconds: float, clips: Path | None = None) -> dict[str, float]:
    r"""The server on clips of its own (or a study's folder), at rest and with a class."""
    with tempfile.TemporaryDirectory(prefix="dnt_bench_") as folder:
        if clips is None:
            clips = Path(folder) / "clips"
            make_clips(clips, draw, ("M003", "M011", "W009"), progress=False)
        port = _free_port()
        command = [sys.executable, "-m", "dnt_core", "study", "--port", str(port), "--clips", str(clips),
                   "--answers", str(Path(folder) / "answers.sqlite")]  # fmt: skip
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            while "The page is at" not in (line := process.stdout.readline()):
                if not line:
                    raise OSError("dnt study ended before it served")
            ready = time.perf_counter()
            for part in ("", "study.js", "study.css"):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/{part}", timeout=60).read()
            first = time.perf_counter()
            server = psutil.Process(process.pid)
            rest = _megabytes(server)
            numbers = asyncio.run(a_class(port, server, observers, seconds))
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
        begin = {"study.ready_s": ready - begun, "study.first_page_s": first - ready, "study.rest_mb": rest}
        return begin | numbers | {"study.seconds": seconds, "study.load": os.getloadavg()[0]}


def _free_port() -> int:
    import socket

    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return place.getsockname()[1]


def run() -> dict[str, float]:
    return measure(OBSERVERS, SECONDS)


if __name__ == "__main__":
    clips = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    for name, value in measure(OBSERVERS, SECONDS, clips).items():
        print(f"{name:28s} {value:10.2f}")
