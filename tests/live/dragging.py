r"""A hand on a slider, mouse, finger or script, and how soon the picture follows it."""

from __future__ import annotations

import numpy as np

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
#: Notes the page's lines to its kernels, and when a request for a frame leaves on one.
LINES = r"""
  window.dntLines = [];
  window.dntSent = [];
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    if (!window.dntLines.includes(this)) window.dntLines.push(this);
    const note = (text) => text.includes('"kind":"frame"') && window.dntSent.push(at), at = performance.now();
    if (data instanceof Blob) data.text().then(note);
    else note(typeof data === "string" ? data : new TextDecoder().decode(data));
    return send.call(this, data);
  };
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


def sweep(page, target: str, seconds: float, hand: str, rest: float = 1.0):
    r"""Drag along a slider once, left to right, and report what was painted meanwhile.

    The hand is inside the page and moves whenever the screen is drawn, 60 times a second. Playwright's own
    mouse comes to half of that, and a widget would be measured no faster than it.

    Args:
        target: selector of the slider. hand: JavaScript expression of its value now, in [0, 1].
        rest: seconds to wait after the hand has stopped.

    Returns:
        dict: ``frames`` distinct pictures, ``fps``, ``median`` and ``p95`` latency in ms (from the value's
        being set to its picture on the screen), ``settled`` ms from the hand's stop to the last picture,
        ``last`` the last picture's level, ``hand`` the last value, ``hand_moves`` how many there were.
    """
    page.evaluate(SWEEP, [target, seconds, hand])
    page.wait_for_timeout(1000 * rest)
    return _watched(page)


def assert_two_behind_at_most(page, drawn, sent, cost_ms: float) -> None:
    r"""After a sweep over an engine of ``cost_ms`` a picture: it never was further behind the hand.

    Args:
        drawn: what the widget said of each painted frame. sent: when each request left the page, ms.
    """
    hand, seen = page.evaluate("[window.dntWatch.hand, window.dntWatch.seen]")
    # no third request leaves the page before the first is painted, nor a second before the kernel is free
    assert len(sent) == len(drawn)
    assert all(third >= frame["now"] for frame, third in zip(drawn, sent[2:], strict=False))
    assert min(np.diff([frame["sentAt"] for frame in drawn])) > 0.9 * cost_ms
    # the newest wins: each picture is of the value at which the hand stood when it was asked for
    for frame in drawn:
        newest = [h["value"] for h in hand if h["at"] <= frame["sentAt"]][-1]
        assert frame["request"]["intensity"] == newest
    # seen from outside: after a value is set, at most two pictures of older ones are painted, one that was on
    # its way and one that was being drawn
    for h in hand:
        stale = [s for s in seen if s["at"] > h["at"] and s["level"] < h["value"] - 1e-4]
        assert len(stale) <= 2


def _watched(page):
    watched = page.evaluate("() => { cancelAnimationFrame(window.dntWatch.timer);"
        " return { seen: window.dntWatch.seen, hand: window.dntWatch.hand } }")  # fmt: skip
    return _report(watched["seen"], [h for h in watched["hand"] if h["value"] is not None])


def _report(seen, hand):
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
