r"""The pad, timeline and speaker of the live page: several fingers, and a device that is taken away."""

import json

import pytest

from dnt_core.live.widget.live_widget import first_values
from dnt_core.live.widget.page_files import page_script
from dnt_core.serving.page_parts import joined
from tests.live.widget_stage import ROOT, browser

pytestmark = [pytest.mark.slow, pytest.mark.alone]

PAGE = ROOT / "dnt_core" / "live" / "widget" / "page"
IDEAS = ("parts", "path", "pad", "timeline", "speaker")
SCRIPT = joined("element.js", *(PAGE / f"{idea}.js" for idea in IDEAS))
POINTER = """
const point = (node, kind, pointerId, x, y, button = 0) => node.dispatchEvent(
  new PointerEvent(kind, { pointerId, clientX: x, clientY: y, button, bubbles: true, cancelable: true }));
"""
#: A sound device that a test moves on, takes away and gives back; `seen`: when it began to play, and what.
DEVICE = """
const seen = {};
class Source { connect(to) { return to; } disconnect() {}
  start(when, offset) { seen.offset = offset; seen.at = device.currentTime; } stop() { seen.at = null; } }
class AudioContext {
  constructor() {
    Object.assign(this, { currentTime: 5, outputLatency: 0.25, state: "running", allowed: true });
    window.device = this;
  }
  createBuffer() { return { copyToChannel() {}, duration: 10 }; }
  createGain() { return { gain: {}, connect: (to) => to }; }
  createBufferSource() { return new Source(); }
  async resume() { if (this.allowed) this.state = "running"; else throw new Error("interrupted"); }
  turn(state) { this.state = state; this.onstatechange?.(); } close() {} }
const settled = () => new Promise((done) => setTimeout(done, 20));
"""


@pytest.fixture(scope="module")
def run():
    r"""Evaluates a body of JavaScript beside the parts."""
    with browser() as chromium:
        page = chromium.new_page()
        yield lambda *code: page.evaluate("\n".join(("async () => {", SCRIPT, *code, "}")))
        page.close()


def test_of_several_fingers_on_the_pad_the_first_drags_and_no_other_button_does(run):
    moves = run(POINTER, """
      const moves = [], pad = makePad(["happy", "sad"], {}, (to) => moves.push(to.intensity)).svg;
      pad.setPointerCapture = () => {};
      pad.style.width = "356px";
      document.body.replaceChildren(pad);
      const { left, top } = pad.getBoundingClientRect(), at = (up) => [left + 178, top + 127 - up];
      point(pad, "pointerdown", 1, ...at(100), 2);
      point(pad, "pointermove", 1, ...at(90));
      const menu = moves.length;
      point(pad, "pointerdown", 1, ...at(50));
      point(pad, "pointerdown", 2, ...at(-80));
      point(pad, "pointermove", 2, ...at(-90));
      point(pad, "pointerup", 2, ...at(-90));
      point(pad, "pointermove", 1, ...at(100));
      point(pad, "pointerup", 1, ...at(100));
      point(pad, "pointermove", 1, ...at(20));
      return { menu, moves };""")  # fmt: skip
    assert moves["menu"] == 0
    assert moves["moves"] == pytest.approx([(0.5 - 0.06) / 0.94, 1], abs=0.01)


def test_a_key_point_is_dragged_by_one_finger(run):
    paths = run(POINTER, """
      const paths = [], seeks = [];
      const { svg } = makeTimeline(["happy", "sad"], {}, {
        onChange: (path) => paths.push(path.nodes.map((node) => node.x)), onSeek: (t) => seeks.push(t),
        onChoose() {} });
      svg.setPointerCapture = () => {};
      document.body.replaceChildren(svg);
      await new Promise((done) => setTimeout(done, 100));
      const { left, top, width } = svg.getBoundingClientRect(), middle = left + width / 2;
      point(svg.querySelectorAll(".knot")[1], "pointerdown", 1, middle, top + 12);
      point(svg, "pointerdown", 2, left + 20, top + 100);
      point(svg, "pointermove", 2, left + 30, top + 110);
      point(svg, "pointerup", 2, left + 30, top + 110);
      point(svg, "pointermove", 1, middle, top + 65);
      point(svg, "pointerup", 1, middle, top + 65);
      point(svg, "pointerdown", 1, left + 20, top + 100, 2);
      return { paths, seeks };""")  # fmt: skip
    assert paths == {"paths": [[0, pytest.approx(0.5), 0]], "seeks": []}


def test_the_picture_is_of_what_is_heard_whenever_the_sound_begins(run):
    times = run(DEVICE, """
      const speaker = makeSpeaker(), times = [];
      speaker.load(new Int16Array(10), 1, 10);
      for (const from of [0, 4]) {
        await speaker.play(from);
        for (const seconds of [0.1, 1]) { device.currentTime += seconds; times.push(speaker.time()); }
      }
      return times;""")  # fmt: skip
    assert times == pytest.approx([0, 1.1 - 0.25, 4, 4 + 1.1 - 0.25], abs=0.05)


def test_without_its_device_the_clip_goes_on_and_the_sound_comes_back(run):
    said = run(DEVICE, """
      const speaker = makeSpeaker(), said = {};
      speaker.load(new Int16Array(10), 1, 10);
      await speaker.play(0);
      device.currentTime += 2.25;
      device.allowed = false;
      device.turn("interrupted");  // a call
      await settled();
      said.goes = speaker.time();
      said.silent = seen.at === null;
      await settled();
      said.on = speaker.time() - said.goes;
      device.turn("running");
      await settled();
      said.again = seen.at !== null && seen.offset - said.goes;
      device.turn("suspended");
      await settled();
      seen.at = null;
      device.allowed = true;
      speaker.loud(true);  // a click
      await settled();
      said.clicked = seen.at !== null;
      speaker.stop();
      seen.at = null;
      device.turn("suspended");
      device.turn("running");
      await settled();
      said.stopped = seen.at === null;
      return said;""")  # fmt: skip
    assert 2 <= said["goes"] < 3 and 0.01 < said["on"] < 1 and 0.01 < said["again"] < 1
    assert said["silent"] and said["clicked"] and said["stopped"]


def test_two_views_of_one_face_play_its_sound_once(run):
    script, values = page_script().partition("export default")[0], json.dumps(first_values(["ann"]))
    said = run("{", script, DEVICE, "const values =", values, """
      const listeners = [], sounding = new Set(), said = [];
      const emit = (event, ...what) => listeners.forEach(([of, act]) => of === event && act(...what));
      Object.assign(Source.prototype, {
        start() { sounding.add(this); }, stop() { sounding.delete(this); } });
      const bytes = (n) => new DataView(new ArrayBuffer(n));
      const picture = { shapes: [[2, 2]], boxes: [[0, 0, 2, 2]] };
      const answers = {
        open: [{ n_frames: 10, fps: 1, rate: 1 }, [bytes(20)]],
        path: [{ points: [[0, "happy", 0]] }, []],
        frame: [{ since: null, engine_ms: 1, ...picture }, [bytes(12)]] };
      const model = {
        get: (name) => values[name],
        set(name, value) {
          const other = values[name] !== value;
          values[name] = value;
          if (other) emit(`change:${name}`);
        },
        send({ id, kind }) {
          const [message, buffers] = answers[kind] || [{}, []];
          setTimeout(() => emit("msg:custom", { id, kind, ...message }, buffers));
        },
        on: (...both) => listeners.push(both), off() {} };
      const view = () => render({ model, el: document.createElement("div") });
      const leaveOne = view(), leaveOther = view(), play = (on) => () => model.set("playing", on);
      await settled();
      for (const act of [play(true), leaveOne, play(false), leaveOther]) {
        act();
        await settled();
        said.push(sounding.size);
      }
      return said;
    }""")  # fmt: skip
    assert said == [1, 1, 0, 0]
