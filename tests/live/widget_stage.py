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
NAMES = (
    "chromium", "chromium-browser", "google-chrome", "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)  # fmt: skip
ALWAYS = "--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--mute-audio"
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
    r"""A notebook with these code cells."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(c) for c in cells],
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
def browser(*arguments: str):
    r"""Headless Chromium that may play sound, started with more ``arguments``; RuntimeError says how to get
    one."""
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as driver:
        try:
            chromium = driver.chromium.launch(
                executable_path=find_chromium(),
                args=[
                    "--no-sandbox",
                    "--autoplay-policy=no-user-gesture-required",
                    "--mute-audio",
                    *arguments,
                ],
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


def looks_like(page, canvas: str, drawn, other) -> bool:
    r"""Whether a canvas looks on the screen, as far as a scaled screenshot can tell, as it was ``drawn``, and
    not like ``other``; both (S, S, 3) uint8."""
    import numpy as np
    from PIL import Image

    side = len(drawn)
    seen = Image.open(io.BytesIO(page.locator(canvas).first.screenshot())).convert("RGB").resize((side, side))
    inner = np.s_[side // 8 : -side // 8, side // 8 : -side // 8]  # its corners are round
    off, without = (np.abs(np.asarray(seen, float) - p)[inner].mean() for p in (drawn, other))
    return off < 4 and off < 0.7 * without


def pixels(page, canvas: str):
    r"""What a canvas shows, (H, W, 3) uint8."""
    import numpy as np
    from PIL import Image

    url = page.evaluate("(canvas) => document.querySelector(canvas).toDataURL('image/png')", canvas)
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("RGB"))
