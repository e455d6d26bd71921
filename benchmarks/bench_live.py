r"""The live face: what the engine takes, and what a browser paints of it while a hand drags.

``live.engine_ms.<size>.<runtime>`` is a move of the intensity slider,
``live.engine_new_frame_ms.<size>.<runtime>`` a prepared frame of the speech that was not folded, on as many
threads as torch has.

``live.fps`` and ``live.latency_p95_ms`` are of ``LiveFaceWidget`` in JupyterLab in headless Chromium, dragged
for five seconds, 256 px, one thread; ``live.naive.*`` the same for ``FloatSlider`` and ``Image`` with JPEG.
They need Chromium and are left out, with a line that says so, where there is none. Every picture carries its
value as the grey of a patch in its centre, which is how the browser knows what it sees. ``….hand_per_s`` is
how often the hand moved: where frames a second come near it, the hand was the limit and not the widget.
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
PATCH = 32  # px, whole blocks of a JPEG

LIVE_CELL = """
from dnt_core.live.widget import LiveFaceWidget
LiveFaceWidget(face, expression="happy", frame=FRAME)
"""
NAIVE_CELL = """
import io, ipywidgets
from PIL import Image
def jpeg(picture):
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="jpeg", quality=85)
    return buffer.getvalue()
slider = ipywidgets.FloatSlider(min=0, max=1, step=0.001, readout_format=".3f", layout={"width": "600px"})
shown = ipywidgets.Image(value=jpeg(face("happy", 0.0, FRAME)), format="jpeg", width=256)
def follow(change):
    shown.value = jpeg(face("happy", change["new"], FRAME))
slider.observe(follow, names="value")
ipywidgets.VBox([shown, slider])
"""
#: widget → its cell, and the selectors of picture and slider, and the slider's value in [0, 1].
WIDGETS = {
    "live": (
        LIVE_CELL, ".dnt-live figure canvas", '.dnt-live input[aria-label^="intensity"]',
        "(s => s.value / s.max)(document.querySelector('.dnt-live input[aria-label^=\"intensity\"]'))",
    ),
    "live.naive": (
        NAIVE_CELL, "img.widget-image", ".widget-slider .noUi-base",
        "Number(document.querySelector('.widget-slider .noUi-handle').getAttribute('aria-valuetext'))",
    ),
}  # fmt: skip


class MarkedFace:
    r"""A ``LiveFace`` whose pictures say in their centre for which intensity they were drawn, to 1/255."""

    def __init__(self, face) -> None:
        self.face = face

    def __getattr__(self, name: str):
        return getattr(self.__dict__["face"], name)

    def __call__(self, expression: str, intensity: float, *others, **named) -> np.ndarray:
        picture, first = self.face(expression, intensity, *others, **named), (self.face.size - PATCH) // 2
        picture[first : first + PATCH, first : first + PATCH] = round(255 * intensity)  # JPEG keeps greys
        return picture


def run() -> dict[str, float]:
    r"""The engine on its own, then the two widgets in a browser."""
    numbers: dict[str, float] = {}
    for size in SIZES:
        numbers |= _engine(size)
    sys.path.insert(0, str(STAGE))
    try:
        from widget_stage import find_chromium

        if find_chromium() is None:
            print("no Chromium (`apt install chromium`): live.fps and live.latency_p95_ms are left out")
            return numbers
        for name in WIDGETS:
            numbers |= _dragged(name)
    finally:
        sys.path.remove(str(STAGE))
    return numbers


def face_of(size: int, runtime: str = "auto"):
    r"""The shipped face of M003 at that size."""
    from dnt_core.live import LiveFace

    return LiveFace(HERE.parent / "weights" / f"generator_M003_{size}.safetensors", runtime=runtime)


def _engine(size: int) -> dict[str, float]:
    from dnt_core.live.exported import can_export

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
            lambda k, face=face: face("happy", k / 100, FRAME)
        )
        numbers[f"live.engine_new_frame_ms.{size}.{runtime}"] = playing
    return numbers


def _median_ms(call: Callable[[int], object], times: int = 40) -> float:
    spent = []
    for k in range(times):
        start = time.perf_counter()
        call(k)
        spent.append(1000 * (time.perf_counter() - start))
    return float(np.median(spent[5:]))


def _dragged(name: str) -> dict[str, float]:
    from widget_stage import WATCH, browser, drag, lab, open_lab, write_notebook

    cell, picture, slider, hand = WIDGETS[name]
    first = (
        f"import sys; sys.path.insert(0, {str(HERE)!r})\n"
        "from bench_live import FRAME, MarkedFace, face_of\n"
        "face = MarkedFace(face_of(256))\n"
        "for _ in range(2): face('happy', 0.5, FRAME)\n"
        "assert face.settle()"
    )
    with tempfile.TemporaryDirectory() as folder:
        write_notebook(Path(folder), first, cell)
        with lab(Path(folder)) as url, browser() as chromium:
            page, _ = open_lab(chromium, url)
            page.wait_for_selector(slider, timeout=90_000)
            page.wait_for_selector(picture, timeout=30_000)
            page.wait_for_timeout(2000)
            page.locator(slider).scroll_into_view_if_needed()
            box = page.locator(slider).bounding_box()  # noUiSlider is dragged by its handle alone: bring it
            page.mouse.click(box["x"] + 9, box["y"] + box["height"] / 2)  # to where the hand takes hold
            page.wait_for_timeout(1000)
            page.evaluate(WATCH, [picture])
            report = drag(page, slider, SECONDS, hand, rest=2.0)
    if abs(report["last"] - report["hand"]) > 1 / 100:
        raise RuntimeError(f"{name}: the last picture is not the last value's: {report}")
    print(f"{name}: {report}")
    return {
        f"{name}.fps": report["fps"],
        f"{name}.latency_p95_ms": report["p95"],
        f"{name}.hand_per_s": report["hand_moves"] / SECONDS,
    }


if __name__ == "__main__":
    for key, value in run().items():
        print(f"{key:40s} {value:10.1f}")
