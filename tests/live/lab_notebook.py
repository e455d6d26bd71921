r"""The notebook that the tests in JupyterLab open: four live faces, and what a test asks of one by name."""

import numpy as np

from dnt_core.ciec import EXPRESSIONS
from tests.live.dragging import LINES, WATCH, sweep
from tests.live.drawn_face import DrawnFace
from tests.live.widget_stage import ROOT, pixels

WEIGHTS = ROOT / "weights" / "generator_M003_128.safetensors"
REAL = """
from dnt_core.live import LiveFace
from dnt_core.live.widget import LiveFaceWidget
def stage(name, faces, **values):
    widget = LiveFaceWidget(faces, **values)
    widget.add_class(name)
    return widget
face = LiveFace(WEIGHTS)
real = stage("real", face, frame=20)
real
"""
QUICK = """
import ipywidgets
from tests.live.drawn_face import BrokenFace, DrawnFace
quick = stage("quick", DrawnFace())
mine = ipywidgets.FloatSlider(min=0, max=1, step=0.01)
word = ipywidgets.Text("happy", continuous_update=False)
ipywidgets.jslink((mine, "value"), (quick, "intensity"))
ipywidgets.jslink((word, "value"), (quick, "expression"))
ipywidgets.VBox([mine, word, quick])
"""
SLOW = """slow = stage("slow", DrawnFace(cost_ms=50))
slow"""
BROKEN = """
troubles = [OSError("not yet there")]
def at_the_second_try():
    if troubles:
        raise troubles.pop()
    return DrawnFace()
def in_two_seconds():
    import time
    time.sleep(2)
    return DrawnFace()
broken = stage("broken", {
    "good": BrokenFace(), "missing": "generator_of_nobody.safetensors", "foreign": FOREIGN,
    "without truth": lambda: LiveFace(WEIGHTS, "bare.mp4"),
    "at the second try": at_the_second_try, "in two seconds": in_two_seconds}, intensity=0.5)
broken
"""
#: ms, more than a sentence of a program's mistake stays
READING = 5000
#: Notes what widgets say, in sentences and of each painted frame, and when a request for one leaves the page.
LISTEN = (
    r"""
() => {
  window.dntPaints = {};
  window.dntSaid = {};
  for (const root of document.querySelectorAll(".dnt-live")) {
    const name = root.parentElement.className.split(" ").pop(), trouble = root.querySelector(".trouble");
    const paints = (window.dntPaints[name] = []), said = (window.dntSaid[name] = []);
    root.querySelector("canvas").addEventListener("dnt-frame", ({ detail }) => paints.push(detail));
    new MutationObserver(() => trouble.hidden || said.push(trouble.textContent)).observe(
      trouble, { childList: true, attributes: true });
  }
  const sound = (window.dntSound = { contexts: [], playing: new Set() });
  window.AudioContext = class extends AudioContext {
    constructor(...how) {
      super(...how);
      sound.contexts.push(this);
    }
    createBufferSource() {
      const source = super.createBufferSource(), { start, stop } = source;
      source.start = (...when) => (sound.playing.add(source), start.apply(source, when));
      source.stop = (...when) => (sound.playing.delete(source), stop.apply(source, when));
      return source;
    }
  };
"""
    + LINES
    + "}"
)


def canvas(name):
    return f".{name} .dnt-live figure canvas"


def intensity(name):
    return f'.{name} .dnt-live input[aria-label^="intensity"]'


def paints(page, name):
    return page.evaluate("(name) => window.dntPaints[name]", name)


def wait_for_paint(page, name, condition):
    r"""Until the last painted frame's request ``r`` fulfils a condition in JavaScript; that request."""
    last = f"window.dntPaints['{name}'].at(-1)?.request"
    page.wait_for_function(f"() => {{ const r = {last}; return r && ({condition}) }}", timeout=20_000)
    return page.evaluate(f"() => {last}")


def swept(page, name, seconds):
    page.locator(f".{name} .dnt-live").scroll_into_view_if_needed()
    page.evaluate(f"document.querySelector('{intensity(name)}').value = 0")
    # several points of the face: a single one may keep its colour while the picture changes
    page.evaluate(WATCH, [canvas(name), [[x, y] for x in (0.4, 0.5, 0.6) for y in (0.35, 0.5, 0.6, 0.7)]])
    return sweep(page, intensity(name), seconds, f"Number(document.querySelector('{intensity(name)}').value)")


def on_pad(box, name, r):
    r"""Where a type's axis lies on the screen, ``r`` of the pad's radius from its centre."""
    turn = -np.pi / 2 + EXPRESSIONS.index(name) * 2 * np.pi / 7
    scale = min(box["width"] / 356, box["height"] / 254)
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    return tuple(float(m + 100 * r * scale * f(turn)) for m, f in zip(middle, (np.cos, np.sin), strict=True))


def same(page, name, request):
    r"""Whether the canvas shows, to the last bit, what the engine draws for a request."""
    picture = DrawnFace()(request["expression"], request["intensity"], request["frame"])
    return np.array_equal(pixels(page, canvas(name)), picture)


def trouble(page, name="broken", part=""):
    r"""The next sentence with that ``part`` that a widget showed or shows, and was not asked for yet."""
    at = "window.dntSaid[name].findIndex((said) => said.includes(part))"
    page.wait_for_function(f"([name, part]) => {at} >= 0", arg=[name, part], timeout=20_000)
    return page.evaluate(f"([name, part]) => window.dntSaid[name].splice(0, {at} + 1).pop()", [name, part])
