// Draws a face's pictures with ONNX Runtime: any expression in any frame, faster where a frame stands still.

import { expandWeights, openClip, readFace } from "./face_file.js";
import { spokenClip } from "./spoken_clip.js";

const KEPT_FOLDS = 6;

// Least recently used values leave first.
class Kept {
  constructor(limit) {
    [this.limit, this.values] = [limit, new Map()];
  }
  get(key) {
    const value = this.values.get(key);
    if (value !== undefined) {
      this.values.delete(key);
      this.values.set(key, value);
    }
    return value;
  }
  clear() {
    this.values.clear();
  }
  set(key, value) {
    this.values.set(key, value);
    while (this.values.size > this.limit) this.values.delete(this.values.keys().next().value);
    return value;
  }
}

// The first values stay, and the last one: a clip that plays in a loop would drive out each value before its turn.
class KeptFirst extends Kept {
  set(key, value) {
    if (this.values.size >= this.limit) {
      this.values.delete(this.latest);
      this.latest = key;
    }
    this.values.set(key, value);
    return value;
  }
}

// `ort` is the runtime's module, `memory` the bytes that prepared frames may take.
export async function openFace(ort, buffer, { providers = ["wasm"], memory = 128e6 } = {}) {
  const face = readFace(buffer), { header, part } = face, clip = openClip(face);
  let view = clip; // or the same heads with other lips
  const [height, width] = header.size, [R, K] = header.ways_shape;
  const sessions = {};
  const weights = expandWeights(face); // of which the runtime copies what a graph needs
  const asked = {}; // name → promise of its session; one is made after the other, as WebGPU demands
  let making = Promise.resolve();
  function session(name) {
    if (!asked[name]) asked[name] = making = making.catch(() => {}).then(() => make(name));
    return asked[name];
  }
  async function make(name) {
    const options = { executionProviders: providers, graphOptimizationLevel: "all", logSeverityLevel: 3,
      externalData: [{ path: "weights.bin", data: weights }] };
    return (sessions[name] = await ort.InferenceSession.create(part(`${name}.onnx`), options));
  }
  const float = (data, ...shape) => new ort.Tensor("float32", data, shape);
  const ways = header.ways.map(([center, across, along]) => ({ center: float(Float32Array.from(center), 1, K),
    across: float(Float32Array.from(across), K, R), along: float(Float32Array.from(along), R, K) }));
  const plane = (data, n) => float(data, 1, n, height, width);

  async function run(name, values) {
    const ready = sessions[name] || (await session(name)), given = {};
    for (const key of ready.inputNames) given[key] = values[key];
    return ready.run(given);
  }

  const bytes = 4 * height * width * (7 + 32 / 4) + 1e5;
  const prepared = new KeptFirst(Math.max(2, Math.floor(memory / bytes))), folded = new Kept(KEPT_FOLDS);

  async function prepare(frame) {
    const found = prepared.get(frame);
    if (found) return found;
    const { background, hole, mask, mouth, uv } = view.inputsOf(frame);
    const inputs = { background: plane(background, 3), hole: plane(hole, 1), mask: plane(mask, 1), uv: plane(uv, 2),
      corner: new ort.Tensor("int64", BigInt64Array.from(view.mouthOf(frame), BigInt), [2]) };
    const results = await run("prepare", { ...inputs, mouth: plane(mouth, 1) });
    return prepared.set(frame, { ...inputs, ...results });
  }

  function ciecOf(expression, intensity) {
    const ciec = new Float32Array(header.types.length), k = header.types.indexOf(expression);
    if (k >= 0) ciec[k] = intensity;
    return float(ciec, 1, ciec.length);
  }

  const keyOf = (frame, expression) => `${frame} ${Math.max(0, header.types.indexOf(expression))}`;

  return {
    header, part, prepare, run, ciecOf, keyOf,
    get clip() {
      return view;
    },
    // With `speech` (openSpeech) and `mouth`, 11 movements a frame, the lips say something else; without, the clip's own.
    say(speech, mouth) {
      view = speech ? spokenClip(header, clip, speech, mouth) : clip;
      prepared.clear();
      folded.clear();
    },
    // Whether one more prepared frame stays in memory.
    hasRoom: () => prepared.values.size < prepared.limit,
    warm: () => Promise.all(["prepare", "draw"].map(session)),
    isFolded: (key) => folded.values.has(key),
    async fold(frame, expression) {
      const way = ways[Math.max(0, header.types.indexOf(expression))], values = await prepare(frame);
      await session("rest");
      folded.set(keyOf(frame, expression), { ...way, ...(await run("fold", { ...values, ...way })) });
    },
    // The rectangle's pixels, RGB bytes.
    async patch(expression, intensity, frame) {
      const values = await prepare(frame), ciec = ciecOf(expression, intensity);
      const at = folded.get(keyOf(frame, expression));
      const { picture } = at ? await run("rest", { ...values, ...at, ciec }) : await run("draw", { ...values, ciec });
      return picture.data;
    },
    async picture(expression, intensity, frame) {
      return view.composed(frame, await this.patch(expression, intensity, frame));
    },
  };
}
