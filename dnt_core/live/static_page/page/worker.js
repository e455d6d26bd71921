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
    ort = await (gpu ? import("./ort/ort.jspi.min.mjs") : import("./ort/ort.wasm.min.mjs"));
    if (gpu) providers = ["webgpu"];
    Object.assign(ort.env.wasm, { wasmBinary: wasm, numThreads: threads, wasmPaths: new URL("./ort/", import.meta.url).href });
    patience = REST * (1 + lane); // lanes do not fold at the same time
    memory = bytes;
    return {};
  },
  async open({ identity, buffer }) {
    if (!faces.has(identity)) {
      for (const other of [...faces.keys()].slice(0, -1)) faces.delete(other); // at most two
      const face = await openFace(ort, buffer, { memory, providers });
      await face.warm();
      faces.set(identity, face);
    }
    return {};
  },
  async prepare({ identity, frame }) {
    const face = faces.get(identity), room = face.hasRoom();
    if (room) await face.prepare(frame);
    return { full: !room };
  },
  // From now on a face says another sound, or, without one, its own.
  async say({ identity, speech, mouth }) {
    faces.get(identity).say(speech && openSpeech(speech), mouth);
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
  async frame({ identity, expression, intensity, frame, inside: what }) {
    const face = faces.get(identity), start = performance.now(), side = face.header.image_size;
    const pictures = [await face.picture(expression, intensity, frame)];
    if (what) pictures.push(await inside(face, what, expression, intensity, frame));
    const key = face.keyOf(frame, expression);
    if (key === last && !face.isFolded(key) && resting !== key) {
      resting = key;
      setTimeout(() => (work = work.then(async () => {
        resting = null;
        if (key !== last || faces.get(identity) !== face) return;
        postMessage({ folding: true }); // other lanes are sooner meanwhile
        await face.fold(frame, expression).catch((error) => console.debug("not folded", error));
        postMessage({ folding: false });
      })), patience);
    }
    last = key;
    return { pictures, side, engine_ms: performance.now() - start };
  },
};

onmessage = ({ data }) => {
  work = work.then(async () => {
    try {
      const answer = await kinds[data.kind](data);
      postMessage({ ticket: data.ticket, answer }, (answer.pictures || []).map((p) => p.buffer));
    } catch (error) {
      postMessage({ ticket: data.ticket, trouble: String((error && error.message) || error) });
    }
  });
};
