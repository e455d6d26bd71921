// The line to the kernel. Frames: at most one in flight, always for the newest values, so the picture is never
// more than one frame behind the hand. A type changes only through neutral: one neutral frame lies between two
// types that both show.

const PATIENCE = 5000; // ms without an answer until the page says so
const sayable = (x) => (Number.isFinite(x) ? x : String(x)); // JSON has no NaN
const DRIVEN = ["expression", "intensity", "frame", "pose", "identity", "inside"];

function makeLink(model, { paint, say }) {
  const page = Math.random().toString(36).slice(2, 10);
  const waiting = new Map(); // id → what to do with the answer
  let count = 0;
  let wanted = null; // when the hand last moved, if that move has not been asked for yet
  let inFlight = null;
  let shown = null; // the values of the frame asked for last
  let painted = null; // the answer that is on the canvas: the kernel sends what differs from it
  let alive = true;
  let held = false; // the kernel is filming: frames wait

  function send(request, done, patience, onProgress) {
    const id = `${page}-${count++}`;
    const timer = setTimeout(() => {
      waiting.delete(id);
      done(null);
    }, patience);
    waiting.set(id, { done, timer, onProgress });
    try {
      model.send({ ...request, id });
    } catch (error) {
      console.debug("the kernel is not there", error); // the timer says so on the page
    }
  }

  function receive(message, buffers) {
    const entry = message && waiting.get(message.id);
    if (!entry) return null; // another view's, or too late
    if (message.kind === "progress") return entry.onProgress && entry.onProgress(message);
    clearTimeout(entry.timer);
    waiting.delete(message.id);
    return entry.done(message, buffers || []);
  }

  function next() {
    if (!alive || held || inFlight || wanted === null) return;
    const values = Object.fromEntries(DRIVEN.map((name) => [name, model.get(name)]));
    const turns = shown && shown.expression !== values.expression && shown.intensity > 0 && values.intensity > 0;
    const request = { kind: "frame", painted, ...values, intensity: sayable(values.intensity) };
    if (turns) Object.assign(request, { intensity: 0, passing: true });
    inFlight = { movedAt: wanted, sentAt: performance.now() };
    if (!turns) wanted = null; // after the neutral frame the newest values are asked for again
    shown = request;
    send(request, (message, buffers) => answered(request, message, buffers), PATIENCE);
  }

  function answered(request, message, buffers) {
    const times = inFlight;
    inFlight = null;
    if (!alive) return;
    if (!message) {
      shown = null;
      say("silence");
      return; // the next move of the hand asks again
    }
    if (message.kind === "trouble") {
      shown = null;
      say("trouble", message.sentence);
    } else {
      paint(message, buffers, { ...times, request });
      painted = message.id;
      say(message.note ? "trouble" : "well", message.note);
    }
    next();
  }

  model.on("msg:custom", receive);
  return {
    // The values moved: ask for their frame now, or as soon as the one in flight is here.
    want() {
      wanted = performance.now();
      next();
    },
    ask: (request, patience = PATIENCE, onProgress = null) => new Promise((resolve) => {
      send(request, (message, buffers) => resolve({ message, buffers }), patience, onProgress);
    }),
    hold(on) {
      held = on;
      next();
    },
    busy: () => inFlight !== null || wanted !== null,
    // No answer will come any more: the kernel restarted or went away.
    drop() {
      for (const { timer } of waiting.values()) clearTimeout(timer);
      waiting.clear();
      inFlight = shown = wanted = null;
    },
    stop() {
      alive = false;
      this.drop();
      model.off("msg:custom", receive);
    },
  };
}
