r"""The live face: what the engine takes, and what a browser paints of it while a hand drags.

``live.engine_ms.<size>.<runtime>`` is a move of the intensity slider,
``live.engine_new_frame_ms.<size>.<runtime>`` a prepared frame of the speech that was not folded, on half as
many threads as torch has, as the engine draws.

``live.fps``, ``live.latency_median_ms`` and ``live.latency_p95_ms`` are of ``LiveFaceWidget`` in JupyterLab
in headless Chromium, 256 px, one thread; ``live.naive.*`` the same for ``FloatSlider`` and ``Image`` with
JPEG, and ``live.naive_matplotlib.*`` for ``FloatSlider`` and a figure in an ``Output``, of the same engine in
the same kernel. The hand is a loop in the page: for five seconds it moves whenever the screen is drawn,
``….hand_per_s``. They need Chromium and are left out, with a line that says so, where there is none. Every
picture carries its value as three grey patches in its middle, which is how the browser knows what it sees.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
STAGE = HERE.parent / "tests" / "live"
SIZES = (128, 256)
SECONDS = 5.0  # of dragging
FRAME = 20
PATCH, DIGITS = 32, 3  # px, whole blocks of a JPEG; hexadecimal digits of the value, each a grey
STEPS = 16**DIGITS - 1

FACE_CELL = f"""
import sys; sys.path.insert(0, {str(HERE)!r})
from bench_live import FRAME, MarkedFace, face_of
face = MarkedFace(face_of(256))
for _ in range(2): face("happy", 0.5, FRAME)
assert face.settle()
import io, ipywidgets
def new_slider():
    width = ipywidgets.Layout(width="600px")
    return ipywidgets.FloatSlider(min=0, max=1, step=0.0001, readout_format=".4f", layout=width)
"""
LIVE_CELL = """
from dnt_core.live.widget import LiveFaceWidget
live = LiveFaceWidget(face, expression="happy", frame=FRAME)
live.add_class("live")
live
"""
NAIVE_CELL = """
from PIL import Image
slider = new_slider()
def jpeg(picture):
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="jpeg", quality=85)
    return buffer.getvalue()
shown = ipywidgets.Image(value=jpeg(face("happy", 0.0, FRAME)), format="jpeg", width=256)
def follow(change):
    shown.value = jpeg(face("happy", change["new"], FRAME))
slider.observe(follow, names="value")
ipywidgets.VBox([shown, slider]).add_class("naive")
"""
MATPLOTLIB_CELL = """
import matplotlib.pyplot as plt
from IPython.display import clear_output
figure_slider, output = new_slider(), ipywidgets.Output(layout={"height": "300px"})
def draw(change):
    with output:
        clear_output(wait=True)
        plt.figure(figsize=(2.56, 2.56), dpi=100)
        plt.axes((0, 0, 1, 1)).imshow(face("happy", change["new"], FRAME))
        plt.axis("off")
        plt.show()
figure_slider.observe(draw, names="value")
draw({"new": 0.0})
ipywidgets.VBox([output, figure_slider]).add_class("matplotlib")
"""
RANGE = '.live .dnt-live input[aria-label^="intensity"]'
#: widget → its cell, and the selectors of picture and slider, and the slider's value in [0, 1].
WIDGETS = {
    "live": (LIVE_CELL, ".live figure canvas", RANGE, f"Number(document.querySelector('{RANGE}').value)"),
    "live.naive": (
        NAIVE_CELL, ".naive img", ".naive .noUi-base",
        "document.querySelector('.naive .noUi-target').noUiSlider.get(true)",
    ),
    "live.naive_matplotlib": (
        MATPLOTLIB_CELL, ".matplotlib .jp-OutputArea-output img", ".matplotlib .noUi-base",
        "document.querySelector('.matplotlib .noUi-target').noUiSlider.get(true)",
    ),
}  # fmt: skip
#: Where the patches lie, as shares of width and height, and JavaScript that reads their value in [0, 1].
POINTS = [[0.5 + (k - (DIGITS - 1) / 2) * PATCH / 256, 0.5] for k in range(DIGITS)]
LEVEL = f"c.reduce((n, [grey]) => 16 * n + Math.round(grey / 17), 0) / {STEPS}"


class MarkedFace:
    r"""A ``LiveFace`` whose pictures say in their middle for which intensity they were drawn."""

    def __init__(self, face) -> None:
        self.face = face

    def __getattr__(self, name: str):
        return getattr(self.__dict__["face"], name)

    def __call__(self, expression: str, intensity: float, *others, **named) -> np.ndarray:
        picture = self.face(expression, intensity, *others, **named)
        top, left = (self.face.size - PATCH) // 2, (self.face.size - DIGITS * PATCH) // 2
        for digit in f"{round(STEPS * intensity):0{DIGITS}x}":
            picture[top : top + PATCH, left : left + PATCH] = 17 * int(digit, 16)  # JPEG keeps 16 greys
            left += PATCH
        return picture


def run() -> dict[str, float]:
    r"""The engine on its own, then the widgets in a browser."""
    numbers: dict[str, float] = {}
    for size in SIZES:
        numbers |= _engine(size)
    sys.path.insert(0, str(STAGE))
    try:
        from widget_stage import find_chromium

        if find_chromium() is None:
            print("no Chromium (`apt install chromium`): live.fps and live.latency_p95_ms are left out")
            return numbers
        return numbers | _dragged()
    finally:
        sys.path.remove(str(STAGE))


def face_of(size: int, runtime: str = "auto"):
    r"""The shipped face of M003 at that size."""
    from dnt_core.live import LiveFace

    return LiveFace(HERE.parent / "weights" / f"generator_M003_{size}.safetensors", runtime=runtime)


def _engine(size: int) -> dict[str, float]:
    from dnt_core.live.onnx_session import can_export

    numbers = {}
    for runtime in ("torch", "exported") if can_export() else ("torch",):
        face = face_of(size, runtime)
        face.warm()
        playing = _median_ms(lambda k, face=face: face("happy", 0.5, k % face.n_frames))
        for _ in range(2):
            face("happy", 0.5, FRAME)
        if not face.settle():
            raise RuntimeError(f"frame {FRAME} was not folded")
        numbers[f"live.engine_ms.{size}.{runtime}"] = _median_ms(
            lambda k, face=face: face("happy", k % 100 / 100, FRAME)
        )
        numbers[f"live.engine_new_frame_ms.{size}.{runtime}"] = playing
    return numbers


def _median_ms(call: Callable[[int], object], times: int = 120) -> float:
    spent = []
    for k in range(times):
        start = time.perf_counter()
        call(k)
        spent.append(1000 * (time.perf_counter() - start))
    return float(np.median(spent[5:]))


def _dragged() -> dict[str, float]:
    r"""Every widget of one notebook swept, one after the other."""
    from dragging import WATCH, sweep
    from widget_stage import browser, lab, open_lab, write_notebook

    numbers = {}
    with tempfile.TemporaryDirectory() as folder:
        write_notebook(Path(folder), FACE_CELL, *(cell for cell, *_ in WIDGETS.values()))
        with lab(Path(folder)) as url, browser() as chromium:
            page, _ = open_lab(chromium, url)
            for name, (_, picture, slider, value) in WIDGETS.items():
                page.wait_for_selector(picture, timeout=120_000)
                page.locator(slider).scroll_into_view_if_needed()
                page.wait_for_timeout(2000)
                page.evaluate(WATCH, [picture, POINTS, LEVEL])
                report = sweep(page, slider, SECONDS, value, rest=3.0)
                print(f"{name}: {report}")
                if abs(report["last"] - report["hand"]) > 1 / 1000:
                    raise RuntimeError(f"{name}: the last picture is not the last value's: {report}")
                numbers |= {
                    f"{name}.fps": report["fps"],
                    f"{name}.latency_median_ms": report["median"],
                    f"{name}.latency_p95_ms": report["p95"],
                    f"{name}.hand_per_s": report["hand_moves"] / SECONDS,
                }
    return numbers


if __name__ == "__main__":
    for key, value in run().items():
        print(f"{key:40s} {value:10.1f}")
