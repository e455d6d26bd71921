// Stands where the widget has its model and the kernel behind it: the same values and the same answers, made in the
// page itself by lanes of workers.

import { parsePath } from "./path_text.js";

const REST = 400; // ms without a request after which frames are prepared for playing
const HAND = 300; // ms after its last move in which the hand may be moving on

export function makePageModel(first, lanes) {
  const values = { ...first }, listeners = new Map();
  let askedAt = 0, warming = null, turn = 0; // `turn`: which sound is to be said
  const afterOpening = [];
  let about = null, movedAt = 0, held = ""; // of the clip; when the hand moved, and where it is
  let spoken = null; // the sound that is said in place of the clip's

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
    // A sound that every face says from now on: {samples (Int16Array), rate, heard (16 kHz, Float32Array), name}; null: its own.
    // What was asked for last is said.
    async say(sound) {
      const mine = ++turn, { header } = await lanes.open(values.identity), { fps } = header;
      const frames = sound && Math.max(1, Math.ceil((sound.samples.length / sound.rate) * fps - 1e-6));
      const mouth = sound && (await lanes.hear(sound.heard, fps, frames));
      if (mine !== turn) return;
      lanes.say(mouth);
      spoken = sound && { ...sound, frames, fps };
      model.set("playing", false);
      emit("change:identity"); // its clip is another now
      model.set("frame", 0);
      await new Promise((done) => afterOpening.push(done));
    },
    send(request) {
      if (request.kind === "set") return Object.entries(request.values).forEach(([name, value]) => model.set(name, value));
      return answer(request).then(
        ([message, buffers]) => emit("msg:custom", { id: request.id, kind: request.kind, ...message }, buffers),
        (error) => emit("msg:custom", { id: request.id, kind: "trouble", sentence: error.message }, []),
      ).then(() => request.kind === "open" && afterOpening.splice(0).forEach((done) => setTimeout(done)));
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
    about = spoken ? { n_frames: spoken.frames, fps: spoken.fps, rate: spoken.rate, captions: "" } : { n_frames, fps, rate, captions };
    clearInterval(warming);
    warming = warm(identity, about.n_frames);
    return [{ identity, ...about }, [spoken ? new Uint8Array(spoken.samples.buffer.slice(0)) : part("sound")]];
  }

  async function frame(request) {
    askedAt = performance.now();
    const at = `${request.expression} ${request.intensity}`;
    if (at !== held) [held, movedAt] = [at, askedAt];
    const plays = values.playing && { n_frames: about.n_frames, fps: about.fps, hand: askedAt - movedAt < HAND };
    const { pictures, side, engine_ms } = await lanes.frame({ ...request, plays, intensity: inRange(request) });
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

  // While nobody asks for a picture, a lane computes what does not depend on the expression, frame after frame, and then
  // what holds for the type that the hand is at.
  function warm(identity, frames) {
    let next = 0, type = null;
    return setInterval(() => {
      if (performance.now() - askedAt < REST) return;
      if (values.expression !== type) [type, next] = [values.expression, Math.min(next, frames)];
      while (next < 2 * frames) {
        const coming = lanes.prepare(identity, next % frames, next < frames ? undefined : type);
        if (!coming) return;
        const end = next < frames ? frames : 2 * frames;
        coming.then((full) => full && (next = Math.max(next, end)), () => {});
        next++;
      }
    }, 50);
  }

  return model;
}
