// A lane: one copy of the runtime in a thread of its own, which draws one picture after the other.

import * as ort from "./ort/ort.wasm.min.mjs";
import { openFace } from "./engine.js";
import { inside } from "./insides.js";

const REST = 100; // ms that a frame must stand before it is folded
const faces = new Map();
let last = null, resting = null, patience = REST, memory = 128e6, work = Promise.resolve();

const kinds = {
  async begin({ wasm, threads, lane, bytes }) {
    Object.assign(ort.env.wasm, { wasmBinary: wasm, numThreads: threads, wasmPaths: new URL("./ort/", import.meta.url).href });
    patience = REST * (1 + lane); // lanes do not fold at the same time
    memory = bytes;
    return {};
  },
  async open({ identity, buffer }) {
    if (!faces.has(identity)) {
      for (const other of [...faces.keys()].slice(0, -1)) faces.delete(other); // at most two
      const face = await openFace(ort, buffer, { memory });
      await face.warm();
      faces.set(identity, face);
    }
    return {};
  },
  async prepare({ identity, frame }) {
    await faces.get(identity).prepare(frame);
    return {};
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
