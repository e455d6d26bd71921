// Draws a face's pictures with ONNX Runtime: any expression in any frame, faster where a frame stands still.

import { HOLE, MASK, expandWeights, openClip, readFace } from "./face_file.js";
import { lastOf } from "./loop_frames.js";
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

// Values of frames that come one after the other, in a loop of `frames()`. Where they do not all fit, the frame leaves
// whose turn comes last.
class KeptAhead extends Kept {
  constructor(limit, frames) {
    super(limit);
    this.frames = frames;
  }
  set(frame, value) {
    this.values.set(frame, value);
    if (this.values.size <= this.limit) return value;
    this.values.delete(lastOf(frame, this.values.keys(), this.frames()));
    return value;
  }
}

// What one lane has prepared the others may have, too: in memory that is shared where the page's headers allow it.
const keep = !globalThis.crossOriginIsolated ? (values) => values : (values) => {
  const copy = new values.constructor(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
};

// `ort` is the runtime's module, `memory` the bytes that prepared frames may take; `tell` is given what was prepared,
// and `learn` of another lane's face takes it.
export async function openFace(ort, buffer, { providers = ["wasm"], memory = 128e6, tell = () => {} } = {}) {
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

  // A prepared frame is kept small, so that all of a clip's stay: pixels, bits and UV maps in as many bits as they have.
  const area = height * width, uvSteps = header.uv_steps * Math.floor(65535 / header.uv_steps);
  const mouth = header.mouth[0] * header.mouth[1];
  const prepared = new KeptAhead(Math.max(2, Math.floor(memory / (area * (3 + 1 + 2 * 2 + 4 * 32 / 4) + 4 * 8 * mouth))), () => view.frames);
  const folded = new Kept(KEPT_FOLDS);
  // Of frames that come again and again with one type of expression: what `fold` gives, in 8 bits.
  const moving = new KeptAhead(Math.max(2, Math.floor(memory / 2 / (R * (area * 32 / 4 + 8 * mouth)))), () => view.frames);
  let movingType = -1, turn = 0; // `turn`: which sound is said
  let latest = { frame: -1 }; // as the graphs take it

  async function prepare(frame) {
    if (latest.frame === frame) return latest.values;
    const found = prepared.get(frame);
    if (found) return (latest = { frame, values: unpacked(found) }).values;
    const { background, hole, mask, mouth, uv } = view.inputsOf(frame), corner = cornerOf(view.mouthOf(frame));
    const inputs = { background: plane(background, 3), hole: plane(hole, 1), mask: plane(mask, 1), uv: plane(uv, 2),
      corner, center: ways[0].center };
    const { stem, look } = await run("prepare", { ...inputs, mouth: plane(mouth, 1) });
    const packed = { at: view.mouthOf(frame), stem: [keep(stem.data), stem.dims], look: [keep(look.data), look.dims],
      ...pixels(background, hole, mask, uv) };
    prepared.set(frame, packed);
    tell({ turn, frame, packed });
    return (latest = { frame, values: { ...inputs, stem, look } }).values;
  }

  const cornerOf = (at) => new ort.Tensor("int64", BigInt64Array.from(at, BigInt), [2]);

  function pixels(background, hole, mask, uv) {
    const color = new Uint8Array(3 * area), bits = new Uint8Array(area), map = new Uint16Array(2 * area);
    for (let i = 0; i < color.length; i++) color[i] = 255 * background[i] + 0.5;
    for (let k = 0; k < area; k++) bits[k] = HOLE * hole[k] + MASK * mask[k];
    for (let i = 0; i < map.length; i++) map[i] = uvSteps * uv[i] + 0.5;
    return { background: keep(color), bits: keep(bits), uv: keep(map) };
  }

  function unpacked({ at, stem, look, background, bits, uv }) {
    const color = new Float32Array(3 * area), hole = new Float32Array(area), mask = new Float32Array(area), map = new Float32Array(2 * area);
    for (let k = 0; k < area; k++) {
      if (bits[k] & HOLE) hole[k] = 1;
      if (bits[k] & MASK) mask[k] = 1;
    }
    for (let c = 0, i = 0; c < 3; c++) for (let k = 0; k < area; k++, i++) color[i] = bits[k] & HOLE ? 0.5 : background[i] / 255;
    for (let i = 0; i < map.length; i++) map[i] = uv[i] / uvSteps;
    return { background: plane(color, 3), hole: plane(hole, 1), mask: plane(mask, 1), uv: plane(map, 2), corner: cornerOf(at),
      center: ways[0].center, stem: float(stem[0], ...stem[1]), look: float(look[0], ...look[1]) };
  }

  const typeOf = (expression) => Math.max(0, header.types.indexOf(expression));

  function keepMoving(frame, type, packed) {
    if (type !== movingType) moving.clear();
    movingType = type;
    moving.set(frame, packed);
  }

  const wide = {}; // of `stems` and `looks`, made once: the runtime copies what it is given
  function widened(packed) {
    const values = {};
    for (const name of ["stems", "looks"]) {
      const { numbers, scales, dims, size } = packed[name];
      const out = (wide[name] = wide[name] || new Float32Array(numbers.length));
      for (let c = 0, i = 0; c < scales.length; c++) for (const end = Math.min(i + size, out.length), scale = scales[c]; i < end; i++) out[i] = numbers[i] * scale;
      values[name] = float(out, ...dims);
    }
    return values;
  }

  function ciecOf(expression, intensity) {
    const ciec = new Float32Array(header.types.length), k = header.types.indexOf(expression);
    if (k >= 0) ciec[k] = intensity;
    return float(ciec, 1, ciec.length);
  }

  const keyOf = (frame, expression) => `${frame} ${typeOf(expression)}`;

  async function fold(frame, expression) {
    const values = await prepare(frame), way = ways[typeOf(expression)];
    await session("rest");
    return run("fold", { ...values, ...way });
  }

  return {
    header, part, prepare, run, ciecOf, keyOf,
    get clip() {
      return view;
    },
    // With `speech` (openSpeech) and `mouth`, 11 movements a frame, the lips say something else; without, the clip's own.
    say(speech, mouth, of) {
      view = speech ? spokenClip(header, clip, speech, mouth) : clip;
      turn = of;
      for (const cache of [prepared, folded, moving]) cache.clear();
      latest = { frame: -1 };
    },
    // Whether one more prepared frame, or one more that is folded for a type, stays in memory.
    hasRoom: (expression) => (expression === undefined ? prepared.values.size < prepared.limit :
      typeOf(expression) !== movingType || moving.values.size < moving.limit),
    // How many frames of a clip that plays stay folded.
    room: Math.min(prepared.limit, moving.limit),
    warm: () => Promise.all(["prepare", "draw"].map(session)),
    isFolded: (key) => folded.values.has(key),
    isFoldedMoving: (frame, expression) => typeOf(expression) === movingType && moving.values.has(frame),
    // Of a frame that stands still.
    async fold(frame, expression) {
      folded.set(keyOf(frame, expression), await fold(frame, expression));
    },
    // Of a frame that comes again.
    async foldMoving(frame, expression) {
      const type = typeOf(expression);
      if (this.isFoldedMoving(frame, expression)) return;
      const mine = turn, { stems, looks } = await fold(frame, expression);
      const packed = { stems: narrow(stems, width / 2), looks: narrow(looks, header.mouth[1] || looks.data.length) };
      keepMoving(frame, type, packed);
      tell({ turn: mine, frame, type, packed });
    },
    // What another lane told.
    learn({ turn: of, frame, type, packed }) {
      if (of !== turn) return;
      if (type !== undefined) keepMoving(frame, type, packed);
      else prepared.set(frame, packed);
    },
    // The rectangle's pixels, RGB bytes.
    async patch(expression, intensity, frame) {
      const values = await prepare(frame), ciec = ciecOf(expression, intensity), type = typeOf(expression);
      const coming = this.isFoldedMoving(frame, expression) && moving.get(frame);
      const at = folded.get(keyOf(frame, expression)) || (coming && widened(coming));
      const { picture } = at ? await run("rest", { ...values, ...ways[type], ...at, ciec }) : await run("draw", { ...values, ciec });
      return picture.data;
    },
    async picture(expression, intensity, frame) {
      return view.composed(frame, await this.patch(expression, intensity, frame));
    },
  };
}

// Numbers in 8 bits with a scale for every `size` of them: a row of the picture.
function narrow({ data, dims }, size) {
  const numbers = new Int8Array(data.length), scales = new Float32Array(Math.ceil(data.length / size));
  for (let row = 0; row < scales.length; row++) {
    const start = row * size, end = Math.min(start + size, data.length);
    let most = 0;
    for (let i = start; i < end; i++) most = Math.max(most, Math.abs(data[i]));
    const scale = (scales[row] = most / 127 || 1);
    for (let i = start; i < end; i++) numbers[i] = Math.round(data[i] / scale);
  }
  return { numbers: keep(numbers), scales, dims, size };
}
