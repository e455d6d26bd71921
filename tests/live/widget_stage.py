r"""JupyterLab and Voilà on a throw-away notebook, and headless Chromium in front of them.

Chromium is Debian's package (``apt install chromium``; on other systems name a Chrome or Chromium with
``DNT_CHROMIUM=/path``). Without one, ``playwright install chromium`` does.
"""

from __future__ import annotations

import base64
import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import nbformat

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TOKEN = "stage"
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
#: Watches a picture from outside, the same way for any widget: samples its middle whenever the screen is
#: drawn, or the ``points`` given as shares of width and height. ``level`` is JavaScript that reads a value in
#: [0, 1] from their colours ``c``; by default that of a ``DrawnFace``.
WATCH = r"""
([selector, points = [[0.5, 0.5]], level = "(c[0][0] * 256 + c[0][1]) / 65535"]) => {
  const eye = new OffscreenCanvas(points.length, 1).getContext("2d", { willReadFrequently: true });
  const seen = [], hand = [], read = Function("c", "return " + level);
  let last = null;
  const look = () => {
    const shown = document.querySelector(selector);
    if (shown && (shown.naturalWidth ?? shown.width)) {
      const w = shown.naturalWidth || shown.width, h = shown.naturalHeight || shown.height;
      points.forEach(([x, y], i) => eye.drawImage(shown, x * w, y * h, 1, 1, i, 0, 1, 1));
      const data = eye.getImageData(0, 0, points.length, 1).data;
      const colors = points.map((_, i) => [...data.slice(4 * i, 4 * i + 3)]), now = colors.join();
      if (now !== last) seen.push({ at: performance.now(), level: read(colors), last: colors[0][2] });
      last = now;
    }
    window.dntWatch.timer = requestAnimationFrame(look);
  };
  window.dntWatch = { seen, hand, timer: null };
  look();
}
"""
#: Moves an ``<input type=range>`` or the handle of a noUiSlider from one end to the other.
SWEEP = r"""
([target, seconds, hand]) => new Promise((done) => {
  const slider = document.querySelector(target), value = Function("return " + hand);
  const box = slider.getBoundingClientRect(), begun = performance.now();
  const mouse = (part) => ({ bubbles: true, cancelable: true, buttons: 1,
    clientX: box.left + part * box.width, clientY: box.top + box.height / 2 });
  const handle = slider.querySelector(".noUi-touch-area");
  if (handle) handle.dispatchEvent(new MouseEvent("mousedown", mouse(0)));
  const move = () => {
    const now = performance.now(), part = Math.min(1, (now - begun) / 1000 / seconds);
    if (handle) document.documentElement.dispatchEvent(new MouseEvent("mousemove", mouse(part)));
    else {
      slider.value = Number(slider.min) + part * (slider.max - slider.min);
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    }
    window.dntWatch.hand.push({ at: now, value: value() });
    if (part < 1) return requestAnimationFrame(move);
    if (handle) document.documentElement.dispatchEvent(new MouseEvent("mouseup", mouse(1)));
    return done();
  };
  requestAnimationFrame(move);
})
"""
#: A command given earlier is lost.
KERNEL_IS_READY = r"""
() => {
  const app = window.jupyterapp, notebook = app?.shell.currentWidget?.context;
  const session = notebook?.sessionContext;
  return notebook?.isReady && session?.isReady && session.session?.kernel?.status === "idle" &&
    app.commands.isEnabled("notebook:run-all-cells");
}
"""


def find_chromium() -> str | None:
    r"""Path of a Chromium, or None."""
    named = os.environ.get("DNT_CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def write_notebook(folder: Path, *cells: str) -> Path:
    r"""A notebook with these code cells; the first line of each runs with ``tests/live`` on the path."""
    first = f"import sys; sys.path.insert(0, {str(HERE)!r})\n"
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(c) for c in (first, *cells)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    path = folder / "stage.ipynb"
    nbformat.write(notebook, path)
    return path


@contextmanager
def served(command: list[str], port: int, folder: Path, ready: str, seconds: float = 120):
    r"""A server process, ended when the block ends; waits until ``ready`` answers."""
    with (folder / "server.log").open("wb") as log:
        environment = os.environ | {"OMP_NUM_THREADS": "1", "JUPYTER_CONFIG_DIR": str(folder / "config")}
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=environment)
    url = f"http://127.0.0.1:{port}/"
    try:
        deadline = time.monotonic() + seconds
        while True:
            try:
                urllib.request.urlopen(url + ready, timeout=30).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((folder / "server.log").read_text()[-3000:]) from None
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def lab(folder: Path):
    r"""JupyterLab on ``folder``; its page has ``window.jupyterapp``."""
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", "--ip=127.0.0.1",
        f"--IdentityProvider.token={TOKEN}", "--expose-app-in-browser", "--allow-root",
        f"--ServerApp.root_dir={folder}", "--LabApp.news_url=",
        "--LabApp.extension_manager=readonly", "--LabApp.collaborative=False",
        "--ServerApp.jpserver_extensions={'dnt_core.live.nodelay': True}"]  # fmt: skip
    return served(command, port, folder, f"api/status?token={TOKEN}")


@contextmanager
def browser():
    r"""Headless Chromium that may play sound; RuntimeError says how to get one."""
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as driver:
        try:
            chromium = driver.chromium.launch(
                executable_path=find_chromium(),
                args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--mute-audio"],
            )
        except Error as error:
            if "executable doesn't exist" not in str(error).lower():
                raise
            raise RuntimeError(
                "these tests drive Chromium and found none: `apt install chromium`, or name a Chrome with "
                "DNT_CHROMIUM=/path, or `playwright install chromium`"
            ) from None
        try:
            yield chromium
        finally:
            chromium.close()


def open_lab(chromium, url: str, width: int = 1280, **context):
    r"""The stage's notebook open in JupyterLab, all cells run; (page, list of console errors)."""
    page = chromium.new_page(viewport={"width": width, "height": 1000}, **context)
    errors: list[str] = []
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: errors.append(str(e)))
    page.goto(f"{url}lab/tree/stage.ipynb?token={TOKEN}&reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    run_all(page)
    return page, errors


def run_all(page):
    page.wait_for_function(KERNEL_IS_READY, timeout=60_000)
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")


def in_kernel(page, code: str) -> str:
    r"""Runs code in the notebook's kernel, outside any cell; what it raised, "" if nothing."""
    return page.evaluate(
        "async (code) => { const { context } = window.jupyterapp.shell.currentWidget;"
        " const { content } = await context.sessionContext.session.kernel.requestExecute({ code }).done;"
        " return content.status === 'ok' ? '' : `${content.ename}: ${content.evalue}` }", code)  # fmt: skip


def pixels(page, canvas: str):
    r"""What a canvas shows, (H, W, 3) uint8."""
    import numpy as np
    from PIL import Image

    url = page.evaluate("(canvas) => document.querySelector(canvas).toDataURL('image/png')", canvas)
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("RGB"))


def drag_by_finger(page, *points: tuple[float, float]):
    r"""A finger put down at the first point, drawn through the others and lifted at the last."""
    finger = page.context.new_cdp_session(page)

    def send(kind, *at):
        touch = [{"x": x, "y": y} for x, y in at]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touch})
        page.wait_for_timeout(30)

    send("touchStart", points[0])
    for point in points[1:]:
        send("touchMove", point)
    send("touchEnd")
    finger.detach()


def drag(page, target: str, seconds: float, hand: str, rest: float = 1.0):
    r"""Drag along a slider once, left to right, and report what was painted meanwhile.

    Args:
        target: selector of the slider. hand: JavaScript expression of its value now, in [0, 1].
        rest: seconds to wait after the hand has stopped.

    Returns:
        dict: ``frames`` distinct pictures, ``fps``, ``median`` and ``p95`` latency in ms (from the value's
        being set to its picture on the screen), ``settled`` ms from the hand's stop to the last picture,
        ``last`` the last picture's level, ``hand`` the last value, ``behind`` the most pictures outstanding.
    """
    box = page.locator(target).bounding_box()
    left, y = box["x"] + 9, box["y"] + box["height"] / 2
    page.evaluate(
        "(hand) => document.addEventListener('pointermove', () => setTimeout(() => window.dntWatch.hand.push("
        "{ at: performance.now(), value: Function('return ' + hand)() }), 0), true)", hand)  # fmt: skip
    page.mouse.move(left, y)
    page.mouse.down()
    begun = time.monotonic()
    while (part := (time.monotonic() - begun) / seconds) < 1:
        page.mouse.move(left + part * (box["width"] - 18), y)
        time.sleep(max(0.0, 0.012 - (time.monotonic() - begun) % 0.012))
    page.mouse.up()
    page.wait_for_timeout(1000 * rest)
    return _watched(page)


def sweep(page, target: str, seconds: float, hand: str, rest: float = 1.0):
    r"""As :func:`drag`, by a hand inside the page that moves whenever the screen is drawn, 60 times a second.

    Playwright's own mouse comes to half of that, and a widget would be measured no faster than it.
    """
    page.evaluate(SWEEP, [target, seconds, hand])
    page.wait_for_timeout(1000 * rest)
    return _watched(page)


def _watched(page):
    watched = page.evaluate("() => { cancelAnimationFrame(window.dntWatch.timer);"
        " return { seen: window.dntWatch.seen, hand: window.dntWatch.hand } }")  # fmt: skip
    return _report(watched["seen"], [h for h in watched["hand"] if h["value"] is not None])


def _report(seen, hand):
    import numpy as np

    values = np.array([h["value"] for h in hand])
    at = np.array([h["at"] for h in hand])
    lags = []
    for picture in seen:
        k = int(np.abs(values - picture["level"]).argmin())
        first = int(np.flatnonzero(values == values[k])[0])  # when the hand came to that value
        if abs(values[k] - picture["level"]) < 2e-3 and picture["at"] >= at[first]:
            lags.append(picture["at"] - at[first])
    stopped = at[np.flatnonzero(values == values[-1])[0]]
    during = [p for p in seen if at[0] <= p["at"] <= at[-1]]
    return {
        "frames": len(during),
        "fps": 1000 * len(during) / (at[-1] - at[0]),
        "median": float(np.median(lags)) if lags else float("inf"),
        "p95": float(np.percentile(lags, 95)) if lags else float("inf"),
        "settled": seen[-1]["at"] - stopped,
        "last": seen[-1]["level"],
        "hand": float(values[-1]),
        "hand_moves": len(hand),
    }
