r"""The live face that computes in the browser (``dnt site live``), in headless Chromium, WebAssembly.

``page.fps.<size>.<what>``: pictures the model drew, each for another value, that reached the screen per
second, the median over the seconds of a hand's 20 s on the pad; at most 60, as the screen draws. ``rest``:
the clip stands still; ``playing``: it plays, begun 6 s before; ``looping``: the 20 s after these, in which
most of its frames are folded; ``speaking``: the 20 s after a dropped sound of 2.4 s begins.
``page.p95_ms.…``: from the hand's move to the screen's next drawing with its picture.
``page.cpu_ms.…``: CPU milliseconds of all of Chromium's processes per such picture, which other programs on
the machine disturb less: two cores cannot show more than ``2000 / cpu_ms`` per second.
``page.first_face_s``: from the address to the first face from a server on this machine, 256 px, nothing
cached; ``page.first_face_cpu_s`` its CPU seconds. ``page.mb``: what was fetched until then.
"""

from __future__ import annotations

import base64
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
import psutil

HERE = Path(__file__).parent
ROOT = HERE.parent
SIZES = (128, 256)
SECONDS = 20.0

#: A hand that wanders along the petal of "happy" whenever the screen is drawn, and what came of it.
DRAG = r"""
(seconds) => new Promise((done) => {
  const pad = document.querySelector(".dnt-live .pad"), canvas = document.querySelector(".dnt-live canvas");
  const box = pad.getBoundingClientRect(), at = (x, y) => ({ bubbles: true, cancelable: true, pointerId: 1,
    clientX: box.left + box.width * (x + 178) / 356, clientY: box.top + box.height * (y + 127) / 254 });
  const shown = [], begun = performance.now();
  let come = null;
  const painted = (e) => (come = e.detail);
  canvas.addEventListener("dnt-frame", painted);
  pad.setPointerCapture = () => {};
  const angle = -Math.PI / 2 + 4 * 2 * Math.PI / 7;
  const point = (now) => {
    const r = 100 * (0.55 + 0.4 * Math.sin((now - begun) / 700) + 0.03 * Math.sin((now - begun) / 61));
    return at(r * Math.cos(angle), r * Math.sin(angle));
  };
  pad.dispatchEvent(new PointerEvent("pointerdown", point(begun)));
  const tick = (now) => {
    if (come) shown.push([now - begun, now - come.movedAt, come.request.intensity]);
    come = null;
    if (now - begun < 1000 * seconds) {
      pad.dispatchEvent(new PointerEvent("pointermove", point(performance.now())));
      return requestAnimationFrame(tick);
    }
    pad.dispatchEvent(new PointerEvent("pointerup", point(now)));
    canvas.removeEventListener("dnt-frame", painted);
    return done(shown);
  };
  requestAnimationFrame(tick);
})
"""


#: A file that falls onto the page.
DROP = r"""
(text) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0)), dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], "sentence.wav"));
  document.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
}
"""


def run(folder: Path | None = None, seconds: float = SECONDS) -> dict[str, float]:
    r"""Builds the page from the shipped weights and drags.

    Args:
        folder: of a page that is built already.
    """
    sys.path.insert(0, str(ROOT))
    from tests.live.widget_stage import find_chromium

    if find_chromium() is None:
        print("no Chromium (`apt install chromium`): page.* are left out")
        return {}
    with tempfile.TemporaryDirectory() as made:
        if folder is None:
            from dnt_core.live.static_page import build_page

            folder = Path(made)
            build_page(folder, [ROOT / "weights" / f"generator_M003_{size}.safetensors" for size in SIZES])
        return _measured(folder, seconds)


def _measured(folder: Path, seconds: float) -> dict[str, float]:
    from tests.live.static_server import ISOLATED, static_server
    from tests.live.widget_stage import browser

    numbers: dict[str, float] = {}
    with static_server(folder, ISOLATED) as url, browser() as chromium:
        for size in sorted(SIZES, reverse=True):
            page = chromium.new_page(viewport={"width": 1280, "height": 900})
            before, come = _cpu(), []
            page.on("requestfinished", lambda r, come=come: come.append(r.sizes()["responseBodySize"]))
            page.goto(f"{url}?face=M003_{size}")
            page.wait_for_selector("canvas[data-drawn]", timeout=300_000)
            if size == max(SIZES):
                first = "performance.getEntriesByName('first-face')[0].startTime"
                numbers["page.first_face_s"] = page.evaluate(first) / 1000
                numbers["page.first_face_cpu_s"] = _cpu() - before
                numbers["page.mb"] = sum(come) / 1e6
            while not page.evaluate("dntLanes.ready()"):
                page.wait_for_timeout(200)
            for what in ("rest", "playing", "looping", "speaking"):
                if what == "rest":
                    page.evaluate(DRAG, 1.5)  # folds
                elif what == "playing":
                    page.locator(".dnt-live .play").click()
                    page.wait_for_timeout(6000)  # twice through the clip: frames are prepared
                elif what == "speaking":
                    page.evaluate("dntModel.set('playing', false)")
                    page.evaluate(DROP, _sentence())
                    while not page.evaluate("dntModel.get('playing')"):
                        page.wait_for_timeout(100)
                before = _cpu()
                shown = page.evaluate(DRAG, seconds)
                for key, value in _report(shown, seconds).items():
                    numbers[f"page.{key}.{size}.{what}"] = value
                numbers[f"page.cpu_ms.{size}.{what}"] = 1000 * (_cpu() - before) / max(1, len(shown))
            page.close()
    return numbers


def _sentence() -> str:
    """A spoken sentence as a wav file, base64."""
    from dnt_core.actor.speech import SENTENCES, synthesize
    from dnt_core.clips import write_audio

    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / "sentence.wav"
        write_audio(path, synthesize(SENTENCES[1], 3).waveform.astype(np.float32))
        return base64.b64encode(path.read_bytes()).decode()


def _report(shown: list[list[float]], seconds: float) -> dict[str, float]:
    at, lag, value = np.array(shown).T
    new = np.concatenate([[True], np.diff(value) != 0])
    per_second = np.histogram(at[new] / 1000, bins=int(seconds), range=(0, seconds))[0]
    return {"fps": statistics.median(per_second.tolist()), "p95_ms": float(np.percentile(lag, 95))}


def _cpu() -> float:
    """CPU seconds of this process's children so far."""
    total = 0.0
    for child in psutil.Process().children(recursive=True):
        try:
            spent = child.cpu_times()
            total += spent.user + spent.system
        except psutil.Error:
            pass
    return total


if __name__ == "__main__":
    for key, value in run(*map(Path, sys.argv[1:2])).items():
        print(f"{key:40s} {value:10.2f}")
