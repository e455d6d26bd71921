// The line to the kernel. While one picture travels here, the kernel may draw the next: a request leaves when the
// kernel is about to be free, with the values of that moment. So at most two are under way, none waits in a queue,
// and whatever a frame costs, the hand's value is drawn in the next one. A type changes only through neutral: one
// neutral frame lies between two types that both show.
// A page without a kernel draws in several lanes at once: then as many requests are under way as there are lanes, about
// evenly spaced. A request that had to wait leaves when the screen is next drawn, because the browser gives the hand's
// newest place just before: sent at once it would carry an older one, and its picture would be shown no sooner.

const PATIENCE = 5000; // ms without an answer until the page says so
const RETRY = 30000; // ms of silence until a move of the hand asks again
const sayable = (x) => (Number.isFinite(x) ? x : String(x)); // JSON has no NaN
const HALF = 8; // ms, of what lies between two drawings of the screen
const DRIVEN = ["expression", "intensity", "frame", "pose", "identity", "inside"];

function makeLink(model, { paint, say, tabIcon }) {
  const page = Math.random().toString(36).slice(2, 10);
  const waiting = new Map(); // id → what to do with the answer
  let count = 0;
  let wanted = null; // when the hand last moved, if that move has not been asked for yet
  let underWay = []; // {movedAt, sentAt} of frames asked for and not yet here, in order
  let drawing = Infinity; // ms that the kernel draws one frame, as the last answers said
  let travel = Infinity; // ms of a frame's way there and back, the shortest of late
  let answeredAt = 0; // when the last answer came
  let ahead = null, onScreen = null; // the timer of a request that waits for the kernel; for the screen
  let shown = null; // the values of the frame asked for last
  let painted = null; // the answer that is on the canvas: the kernel sends what differs from the last one
  let alive = true;
  let lastSent = 0, shownSentAt = 0; // when the last request left, and that of the picture on the canvas
  const lanes = () => (model.lanes ? model.lanes() : 1);
  let held = false; // the kernel is filming: frames wait
  let silentSince = null; // when a frame was given up that has not come yet

  function send(request, done, patience, onProgress) {
    const id = `${page}-${count++}`;
    const timer = setTimeout(() => {
      if (request.kind !== "frame") waiting.delete(id); // a frame may come late and is painted then
      done(null);
    }, patience);
    waiting.set(id, { kind: request.kind, done, timer, onProgress });
    tell({ ...request, id }); // where nobody is there, the timer says so on the page
  }

  function tell(said) {
    try {
      model.send(said);
    } catch (error) {
      console.debug("the kernel is not there", error);
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

  // Next; a page without a kernel waits until the screen is drawn.
  function soon() {
    if (!model.lanes) return next();
    cancelAnimationFrame(onScreen);
    onScreen = requestAnimationFrame(together);
    return null;
  }

  // Next, after all that moves in the same frame has moved: the hand and the clip.
  function together() {
    if (!model.lanes) return next();
    clearTimeout(ahead);
    ahead = setTimeout(next);
    return null;
  }

  function next() {
    clearTimeout(ahead);
    if (!alive || held || wanted === null || underWay.length >= (model.lanes ? lanes() : 2)) return;
    if (silentSince !== null && performance.now() - silentSince < RETRY) return; // what is asked now would pile up
    // a request that had to wait was begun when the answer before it left
    const free = model.lanes ? lastSent + drawing / lanes() - HALF : Math.max(underWay[0]?.sentAt, answeredAt - travel) + drawing;
    const early = underWay.length ? free - performance.now() : 0;
    if (early === Infinity) return;
    if (early > 0.5) {
      if (model.lanes) soon();
      else ahead = setTimeout(next, early);
      return;
    }
    const values = Object.fromEntries(DRIVEN.map((name) => [name, model.get(name)]));
    const turns = shown && shown.expression !== values.expression && shown.intensity > 0 && values.intensity > 0;
    const request = { kind: "frame", whole: painted === null, ...values, intensity: sayable(values.intensity) };
    if (turns) Object.assign(request, { intensity: 0, passing: true });
    const times = { movedAt: wanted, sentAt: performance.now() };
    lastSent = times.sentAt;
    underWay.push(times);
    if (!turns) wanted = null; // after the neutral frame the newest values are asked for again
    shown = request;
    tabIcon.keepStill();
    send(request, (message, buffers) => answered(request, times, message, buffers), PATIENCE);
    soon();
  }

  function answered(request, times, message, buffers) {
    underWay = underWay.filter((other) => other !== times);
    if (!alive) return;
    if (!message) {
      drawing = Infinity;
      times.late = true;
      silentSince = performance.now();
      say("silence");
      return; // when the answer comes after all, the newest values are asked for
    }
    silentSince = null;
    answeredAt = performance.now();
    if (message.kind === "trouble") {
      shown = null;
      say("trouble", message.sentence);
    } else if (message.since !== null && message.since !== painted) {
      painted = null; // the answer before it was given up: ask for a whole picture
      wanted = wanted ?? times.movedAt;
    } else if (times.sentAt < shownSentAt) {
      say("well"); // another lane was sooner with a newer one
    } else {
      shownSentAt = times.sentAt;
      paint(message, buffers, { ...times, request });
      painted = message.id;
      const spent = message.engine_ms;
      if (!times.late) drawing = drawing === Infinity ? spent : 0.7 * drawing + 0.3 * spent;
      travel = Math.min(1.03 * travel, answeredAt - times.sentAt - spent);
      say(message.note ? "trouble" : "well", message.note);
    }
    soon();
  }

  model.on("msg:custom", receive);
  return {
    // The values moved: ask for their frame now, or as soon as the kernel can draw it.
    want() {
      wanted = performance.now();
      together();
    },
    ask: (request, patience = PATIENCE, onProgress = null) => new Promise((resolve) => {
      send(request, (message, buffers) => resolve({ message, buffers }), patience, onProgress);
    }),
    tell, // what wants no answer
    hold(on) {
      held = on;
      next();
    },
    // No answer will come any more: the kernel restarted or went away. Whoever asked for more than a frame is told.
    drop() {
      const entries = [...waiting.values()];
      waiting.clear();
      clearTimeout(ahead);
      cancelAnimationFrame(onScreen);
      underWay = [];
      shown = wanted = painted = null;
      drawing = Infinity;
      silentSince = null;
      for (const { kind, timer, done } of entries) {
        clearTimeout(timer);
        if (kind !== "frame") done(null);
      }
    },
    stop() {
      alive = false;
      this.drop();
      model.off("msg:custom", receive);
    },
  };
}
