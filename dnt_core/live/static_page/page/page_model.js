// Stands where the widget has its model and the kernel behind it: the same values and the same answers, made in the
// page itself by lanes of workers.

import { parsePath } from "./path_text.js";

const REST = 400; // ms without a request after which frames are prepared for playing

export function makePageModel(first, lanes) {
  const values = { ...first }, listeners = new Map();
  let askedAt = 0, warming = null;

  const emit = (event, ...said) => (listeners.get(event) || []).slice().forEach((action) => action(...said));
  const model = {
    get: (name) => values[name],
    set(name, value) {
      if (JSON.stringify(values[name]) === JSON.stringify(value)) return;
      values[name] = value;
      emit(`change:${name}`);
    },
    on: (event, action) => listeners.set(event, [...(listeners.get(event) || []), action]),
    off: (event, action) => listeners.set(event, (listeners.get(event) || []).filter((other) => other !== action)),
    lanes: () => lanes.count(),
    send(request) {
      if (request.kind === "set") return Object.entries(request.values).forEach(([name, value]) => model.set(name, value));
      return answer(request).then(
        ([message, buffers]) => emit("msg:custom", { id: request.id, kind: request.kind, ...message }, buffers),
        (error) => emit("msg:custom", { id: request.id, kind: "trouble", sentence: error.message }, []));
    },
  };

  async function answer(request) {
    const kinds = { open, frame, path };
    if (!kinds[request.kind]) throw new Error(`this page cannot ${request.kind}`);
    return kinds[request.kind](request);
  }

  async function open({ identity }) {
    const { header, part } = await lanes.open(identity);
    const { n_frames, fps, rate, captions } = header;
    clearInterval(warming);
    warming = warm(identity, n_frames);
    return [{ identity, n_frames, fps, rate, captions }, [part("sound")]];
  }

  async function frame(request) {
    askedAt = performance.now();
    const { pictures, side, engine_ms } = await lanes.frame({ ...request, intensity: inRange(request) });
    const whole = [0, 0, side, side];
    return [{ since: null, engine_ms, shapes: pictures.map(() => [side, side]), boxes: pictures.map(() => whole) }, pictures];
  }

  function inRange({ expression, intensity }) {
    if (!(intensity >= 0 && intensity <= 1)) throw new Error(`intensity ${intensity} is not in [0, 1]`);
    return expression === "neutral" ? 0 : intensity;
  }

  async function path({ text, duration }) {
    return [{ points: parsePath(text, [...Object.keys(values.colors)], duration) }, []];
  }

  // What does not depend on the expression is computed for every frame while nobody asks for a picture.
  function warm(identity, frames) {
    let next = 0;
    return setInterval(() => {
      if (next >= frames) return clearInterval(warming);
      if (performance.now() - askedAt > REST && lanes.idle()) lanes.prepare(identity, next++).catch(() => {});
    }, 30);
  }

  return model;
}
