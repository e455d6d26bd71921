// The threads that draw. A frame needs no other frame, so each lane draws whole pictures on its own: that needs no
// memory shared between threads, which a server would have to allow.

import { makeAhead } from "./ahead.js";
import { fetchUnzipped, readFace } from "./face_file.js";

const MOST = 3;
const TRIES = 4, ALIKE = 2; // pictures that a lane is timed with; of 255, how far they may be apart

// `compute`: "wasm", "webgpu", or "" for what is sooner here.
export function makeLanes(faces, { told, compute = "" }) {
  const cores = navigator.hardwareConcurrency || 2, all = Math.max(1, Math.min(MOST, cores));
  let count = all;
  const threads = self.crossOriginIsolated ? Math.max(1, Math.min(4, Math.floor(cores / all))) : 1;
  const bytes = (navigator.deviceMemory || 4) < 4 ? 32e6 : 128e6;
  const lanes = [], files = new Map(), rooms = new Map(); // `rooms`: how many frames of a face stay folded
  let spoken = null; // {mouth, turn} of all frames of another sound than the clip's; turn: its number
  let turns = 0, before = {}; // `before`: what was asked for last
  const seen = new Set(); // the frames that were asked for with this face and type

  function makeLane() {
    const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    const waiting = new Map();
    let tickets = 0;
    worker.onmessage = ({ data }) => {
      if (data.folding !== undefined) return (lane.folding = data.folding);
      if (data.learned) return lanes.filter((other) => other !== lane).forEach((other) => other.tell({ learned: data.learned }));
      const { done, failed } = waiting.get(data.ticket);
      waiting.delete(data.ticket);
      lane.busy = waiting.size;
      if (data.trouble === undefined) done(data.answer);
      else failed(new Error(data.trouble));
      return null;
    };
    worker.onerror = (event) => {
      lane.broken = event.message || "a part of this page did not come";
      for (const { failed } of waiting.values()) failed(new Error(lane.broken));
      waiting.clear();
    };
    const lane = {
      busy: 0, folding: false, faces: new Set(), said: new Map(), broken: null, opening: Promise.resolve(), // `said`: what each face speaks
      ask(request, transfer = []) {
        if (lane.broken) return Promise.reject(new Error(lane.broken));
        const ticket = tickets++;
        lane.busy = waiting.size + 1;
        worker.postMessage({ ...request, ticket }, transfer);
        return new Promise((done, failed) => waiting.set(ticket, { done, failed }));
      },
      tell: (said) => worker.postMessage(said),
      close: () => worker.terminate(),
    };
    return lane;
  }

  function addLane() {
    const lane = makeLane();
    lane.begun = begin(lane, lanes.length);
    lane.begun.catch(() => { // the next try begins another
      lanes.splice(0, lanes.length, ...lanes.filter((other) => other !== lane));
      lane.close();
    });
    lanes.push(lane);
  }

  function fetched(url, tell) {
    if (!files.has(url)) {
      const coming = fetchUnzipped(url, tell);
      coming.catch(() => files.delete(url)); // the next try asks again
      files.set(url, coming);
    }
    return files.get(url);
  }

  function file(identity) {
    const { file: url, bytes: size } = faces.find((face) => face.name === identity);
    return fetched(url, (come) => told(identity, come, size));
  }

  async function begin(lane, k) {
    const wasm = await fetched("./ort/ort-wasm-simd-threaded.wasm.gz");
    await lane.ask({ kind: "begin", wasm, threads, lane: k, bytes });
  }

  // One face after the other, so that a lane's `faces` are those that its worker keeps; nobody whom the visitor has left.
  function openIn(lane, identity, wanted = () => true) {
    return (lane.opening = lane.opening.catch(() => {}).then(() => wanted() && openNow(lane, identity)));
  }

  async function openNow(lane, identity) {
    if (!lane.faces.has(identity)) {
      await lane.begun;
      const buffer = await file(identity);
      lane.faces = new Set([...lane.faces].slice(-1)); // the worker gives the others up now
      const { room, faces: kept } = await lane.ask({ kind: "open", identity, buffer });
      rooms.set(identity, room);
      lane.said.delete(identity);
      lane.faces = new Set(kept);
    }
    if (speaks(lane, identity)) return;
    const now = spoken, { speech } = faces.find((face) => face.name === identity);
    if (now && !speech) throw new Error(`${identity} can say nothing but its own clip`);
    await lane.ask({ kind: "say", identity, turn: now ? now.turn : 0, ...(now && { mouth: now.mouth, speech: await fetched(speech) }) });
    lane.said.set(identity, now);
    if (now !== spoken) await openNow(lane, identity); // meanwhile it is to say something else
  }

  async function others(identity) {
    while (lanes.length < count) addLane();
    for (const lane of lanes) await openIn(lane, identity, () => identity === opened); // one after the other: frames go on meanwhile
  }

  const speaks = (lane, identity) => (lane.said.get(identity) || null) === spoken;
  const able = (identity) => lanes.filter((lane) => lane.faces.has(identity) && speaks(lane, identity));

  // A lane on the graphics processor takes the others' place where it draws the same pictures sooner than they do.
  let tried = compute === "wasm";
  async function tryGraphics(identity) {
    if (tried || !WebAssembly.Suspending || !navigator.gpu) return;
    tried = true;
    const adapter = await navigator.gpu.requestAdapter();
    if (!adapter || (compute !== "webgpu" && adapter.info.isFallbackAdapter)) return;
    const lane = makeLane();
    try {
      const wasm = await fetchUnzipped("./ort/ort-wasm-simd-threaded.jspi.wasm.gz");
      lane.begun = lane.ask({ kind: "begin", wasm, threads: 1, lane: 0, bytes, gpu: true });
      await openIn(lane, identity);
      const theirs = await timed(lane, identity), ours = await timed(lanes[0], identity);
      const off = theirs.picture.reduce((most, v, i) => Math.max(most, Math.abs(v - ours.picture[i])), 0);
      const sooner = theirs.ms < ours.ms / able(identity).length;
      console.debug(`WebGPU: ${theirs.ms.toFixed(1)} ms, WebAssembly: ${ours.ms.toFixed(1)} ms, ${off} of 255 apart`);
      if (off > ALIKE || !(sooner || compute === "webgpu")) return lane.close();
      lane.graphics = true;
      const before = lanes.splice(0, lanes.length, lane);
      count = 1;
      setTimeout(() => before.forEach((other) => other.close()), 10000); // what they draw meanwhile is still shown
      if (opened !== identity) await openIn(lane, opened);
    } catch (error) {
      console.debug("no WebGPU", error);
      lane.close();
    }
    return null;
  }

  // The shortest time of a picture in a moving clip, and the picture.
  async function timed(lane, identity) {
    let ms = Infinity, picture = null;
    for (let k = 0; k < TRIES; k++) {
      const answer = await lane.ask({ kind: "frame", identity, expression: k % 2 ? "sad" : "happy", intensity: 0.7, frame: 0 });
      if (k > 0) ms = Math.min(ms, answer.engine_ms); // before the first one its frame is prepared
      [picture] = answer.pictures;
    }
    return { ms, picture };
  }

  async function withoutGraphics(lane, identity) {
    if (lanes.includes(lane)) {
      lanes.splice(0, lanes.length);
      lane.close();
      count = all;
      addLane();
    }
    await openIn(lanes[0], identity);
    setTimeout(() => others(identity).catch((error) => console.debug("fewer lanes", error)), 600);
  }

  // Whether a moving clip shows a frame again with the same type of expression.
  function comesAgain({ identity, expression, frame }) {
    if (expression !== before.expression || identity !== before.identity || spoken !== before.spoken) seen.clear();
    const again = frame !== before.frame && seen.has(frame);
    before = { identity, expression, frame, spoken };
    seen.add(frame);
    return again;
  }

  const load = (lane) => lane.busy + lane.folding;
  const keyOf = (identity, expression) => `${identity} ${expression} ${spoken ? spoken.turn : 0}`;
  const ahead = makeAhead(({ identity, expression }, frame) => {
    const lane = able(identity).reverse().find((one) => !load(one));
    return lane && !lane.graphics ? lane.ask({ kind: "ahead", identity, expression, frame }) : null;
  });

  // A picture of a clip that plays.
  async function playing(lane, request) {
    if (lane.graphics) return lane.ask({ ...request, kind: "frame" });
    const of = keyOf(request.identity, request.expression);
    const chosen = ahead.chosen(request, of, rooms.get(request.identity), able(request.identity).length > 1);
    const answer = await lane.ask({ ...chosen, kind: "frame" });
    ahead.drawn(of, chosen.frame, answer, chosen.first);
    return answer;
  }

  let opened = null; // the identity that is looked at
  return {
    count: () => Math.max(1, able(opened).length - ahead.busy()), // the lane that folds ahead draws nothing
    threads,
    ready: () => lanes.length === count && able(opened).length === count,
    async open(identity) {
      const coming = file(identity);
      if (!lanes.length) addLane();
      opened = identity;
      await openIn(lanes[0], identity, () => identity === opened);
      const wait = lanes.length < count ? 600 : 0; // first the face, then the threads that make it quicker
      setTimeout(() => others(identity).then(() => tryGraphics(identity)).catch((error) => console.debug("fewer lanes", error)), wait);
      return readFace(await coming);
    },
    frame(request) {
      const ready = able(request.identity);
      if (!ready.length) throw new Error(`${request.identity} is not open yet`);
      const lane = ready.reduce((best, other) => (load(other) < load(best) ? other : best));
      const again = comesAgain(request) && !lane.graphics && !lanes.some((one) => one.folding); // one lane at a time folds
      const answer = request.plays ? playing(lane, request) : lane.ask({ ...request, kind: "frame", again });
      return answer.catch((error) => {
        if (!lane.graphics) throw error;
        return withoutGraphics(lane, request.identity).then(() => this.frame(request));
      });
    },
    compute: () => (lanes.some((lane) => lane.graphics) ? "webgpu" : "wasm"),
    // Whether there is no room for more; null when no lane is free. Of several lanes one stays free for the hand, which may
    // move at any moment. With an expression: what holds for its type.
    prepare(identity, frame, expression) {
      const all = able(identity), free = all.filter((one) => !load(one) && !(one.graphics && expression));
      if (!free.length || free.length < Math.min(2, all.length)) return null;
      return free[free.length - 1].ask({ kind: "prepare", identity, frame, expression }).then(({ full }) => {
        if (expression && !full) ahead.folded(keyOf(identity, expression), frame);
        return full;
      });
    },
    // The mouth that a sound moves, 11 movements a frame.
    async hear(sound, fps, frames) {
      const lips = await fetched("./lips.gz");
      const lane = able(opened).at(-1) || lanes[0]; // the first one opens whom the visitor turns to meanwhile
      return (await lane.ask({ kind: "hear", lips, sound, fps, frames })).mouth;
    },
    // From now on faces that are opened say this; null: their own clip.
    say: (mouth) => (spoken = mouth && { mouth, turn: ++turns }),
    mouth: () => spoken && spoken.mouth,
    idle: () => lanes.every((lane) => !lane.busy),
    close: () => lanes.forEach((lane) => lane.close()),
  };
}
