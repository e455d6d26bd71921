// A lane: one copy of the runtime in a thread of its own, which draws one picture after the other.

import { openFace } from "./engine.js";
import { inside } from "./insides.js";
import { expandWeights, readFace } from "./face_file.js";
import { openSpeech } from "./spoken_clip.js";

const REST = 100; // ms that a frame must stand before it is folded
const faces = new Map();
let ort = null, providers = ["wasm"];
let last = null, resting = null, patience = REST, memory = 128e6, work = Promise.resolve();

const kinds = {
  async begin({ wasm, threads, lane, bytes, gpu }) {
    ort = await (gpu ? import("./ort/ort.jspi.min.js") : import("./ort/ort.wasm.min.js"));
    if (gpu) providers = ["webgpu"];
    const mjs = new URL(`./ort/ort-wasm-simd-threaded${gpu ? ".jspi" : ""}.js`, import.meta.url).href;
    Object.assign(ort.env.wasm, { wasmBinary: wasm, numThreads: threads, wasmPaths: { mjs } });
    patience = REST * (1 + lane); // lanes do not fold at the same time
    memory = bytes;
    return {};
  },
  async open({ identity, buffer }) {
    if (!faces.has(identity)) {
      for (const other of [...faces.keys()].slice(0, -1)) faces.delete(other); // at most two
      const face = await openFace(ort, buffer, { memory, providers, tell: (learned) => postMessage({ learned: { identity, ...learned } }) });
      await face.warm();
      faces.set(identity, face);
    }
    return { room: faces.get(identity).room, faces: [...faces.keys()] };
  },
  // Before anybody asks for the frame: what holds for all expressions, or for one type.
  async prepare({ identity, frame, expression }) {
    const face = faces.get(identity), room = face.hasRoom(expression);
    if (room) await (expression === undefined ? face.prepare(frame) : face.foldMoving(frame, expression));
    return { full: !room };
  },
  // A frame that a clip will show soon.
  async ahead({ identity, frame, expression }) {
    await faces.get(identity).foldMoving(frame, expression);
    return {};
  },
  // From now on a face says another sound, or, without one, its own.
  async say({ identity, speech, mouth, turn }) {
    faces.get(identity).say(speech && openSpeech(speech), mouth, turn);
    return {};
  },
  // Sound (16 kHz, Float32Array) → the mouth, 11 movements per frame.
  async hear({ lips, sound, fps, frames }) {
    const file = readFace(lips), { header, part } = file, n = header.movements.length;
    const options = { executionProviders: ["wasm"], logSeverityLevel: 3,
      externalData: [{ path: "weights.bin", data: expandWeights(file) }] };
    const session = await ort.InferenceSession.create(part("lips.onnx"), options);
    const { mouth: { data } } = await session.run({ sound: new ort.Tensor("float32", sound, [1, sound.length]) });
    await session.release();
    const mouth = new Float32Array(n * frames);
    for (let frame = 0; frame < frames; frame++) {
      const at = (frame / fps) * header.columns_per_second, column = Math.floor(at), share = at - column;
      for (let k = 0, i = n * column; k < n; k++, i++) mouth[n * frame + k] = data[i] * (1 - share) + data[i + n] * share;
    }
    return { mouth };
  },
  async frame({ identity, expression, intensity, frame, inside: what, plays, first, again }) {
    const face = faces.get(identity), start = performance.now(), side = face.header.image_size;
    if (first) await face.foldMoving(frame, expression);
    const folded = face.isFolded(face.keyOf(frame, expression)) || face.isFoldedMoving(frame, expression);
    const pictures = [await face.picture(expression, intensity, frame)];
    if (what) pictures.push(await inside(face, what, expression, intensity, frame));
    const key = face.keyOf(frame, expression);
    if (again) work = work.then(() => folding(() => face.foldMoving(frame, expression)));
    if (!plays && key === last && !face.isFolded(key) && resting !== key) {
      resting = key;
      setTimeout(() => (work = work.then(async () => {
        resting = null;
        if (key === last && faces.get(identity) === face) await folding(() => face.fold(frame, expression));
      })), patience);
    }
    last = key;
    return { pictures, side, frame, folded, engine_ms: performance.now() - start };
  },
};

async function folding(fold) {
  postMessage({ folding: true }); // other lanes are sooner meanwhile
  await fold().catch((error) => console.debug("not folded", error));
  postMessage({ folding: false });
}

onmessage = ({ data }) => {
  if (data.learned) {
    if (faces.has(data.learned.identity)) faces.get(data.learned.identity).learn(data.learned);
    return;
  }
  work = work.then(async () => {
    try {
      const answer = await kinds[data.kind](data);
      postMessage({ ticket: data.ticket, answer }, (answer.pictures || []).map((p) => p.buffer));
    } catch (error) {
      postMessage({ ticket: data.ticket, trouble: String((error && error.message) || error) });
    }
  });
};
