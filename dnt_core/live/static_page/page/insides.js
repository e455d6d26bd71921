// The pipeline's steps as pictures, RGB bytes of the frame's size: what intermediate_outputs.py draws in a kernel.

import { MASK, fetchFile } from "./face_file.js";

const byte = (x) => Math.min(255, Math.max(0, Math.round(255 * x)));

// `at(k, x, y)` of the rectangle, whose first row and column are given, gives [r, g, b] in [0, 1]; white or black around it.
function framed(header, [top, left], at, ground = 0) {
  const side = header.image_size, [height, width] = header.size;
  const out = new Uint8Array(3 * side * side).fill(ground);
  for (let y = 0, k = 0; y < height; y++) {
    for (let x = 0, to = 3 * ((top + y) * side + left); x < width; x++, k++) {
      for (const value of at(k, x, y)) out[to++] = byte(value);
    }
  }
  return out;
}

// The value below which a share q of some of the values lies.
function quantile(values, q) {
  const step = Math.max(1, Math.floor(values.length / 4096));
  const some = Float32Array.from({ length: Math.floor(values.length / step) }, (_, i) => values[i * step]).sort();
  return some[Math.round(q * (some.length - 1))];
}

// A texture's planes beside each other on a square of `side` px, each as `tone` says.
function mosaic(texture, [n, size], side, columns, tone) {
  const out = new Uint8Array(3 * side * side), rows = Math.ceil(n / columns), cell = Math.floor(side / Math.max(rows, columns));
  for (let k = 0; k < n; k++) {
    const plane = texture.subarray(k * size * size, (k + 1) * size * size), paint = tone(plane);
    const top = Math.floor(k / columns) * cell, left = (k % columns) * cell, step = size / cell;
    for (let y = 0; y < cell; y++) {
      for (let x = 0; x < cell; x++) {
        const value = byte(paint(plane[Math.floor((y + 0.5) * step) * size + Math.floor((x + 0.5) * step)]));
        out.fill(value, 3 * ((top + y) * side + left + x), 3 * ((top + y) * side + left + x) + 3);
      }
    }
  }
  return out;
}

function colors(texture, size, side) {
  const out = new Uint8Array(3 * side * side), step = size / side;
  for (let y = 0, to = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const from = Math.floor((y + 0.5) * step) * size + Math.floor((x + 0.5) * step);
      for (let c = 0; c < 3; c++) out[to++] = byte(texture[c * size * size + from]);
    }
  }
  return out;
}

// Pictures that were drawn when the page was built; they come when they are first looked at.
async function stored(face, what, frame) {
  const { views, stem, size: [height, width] } = face.header;
  if (!face.views) {
    const answer = await fetchFile(new URL(`./faces/${stem}.views`, import.meta.url), `the file of ${what} pictures`);
    face.views = await answer.blob();
  }
  const sizes = Object.values(views).flat(), k = Object.keys(views).indexOf(what) * face.header.n_frames + frame;
  const start = sizes.slice(0, k).reduce((a, b) => a + b, 0);
  const file = face.views.slice(start, start + sizes[k], "image/webp");
  const eye = new OffscreenCanvas(width, height).getContext("2d");
  eye.drawImage(await createImageBitmap(file), 0, 0);
  const { data } = eye.getImageData(0, 0, width, height);
  return framed(face.header, face.header.corners[frame], (k) => [data[4 * k] / 255, data[4 * k + 1] / 255, data[4 * k + 2] / 255], 255);
}

export async function inside(face, what, expression, intensity, frame) {
  const { header, clip } = face, area = header.size[0] * header.size[1], side = header.image_size;
  const plane = clip.planeOf(frame), corner = clip.cornerOf(frame);
  if (what === "geometry" && clip.spoken) throw new Error("this page has pictures of the geometry of its own clip alone");
  if (header.views[what]) return stored(face, what, clip.filmed(frame));
  if (what === "background") {
    const { background } = clip.inputsOf(frame), bytes = new Uint8Array(3 * area);
    for (let k = 0; k < area; k++) for (let c = 0; c < 3; c++) bytes[3 * k + c] = byte(background[c * area + k]);
    return clip.composed(frame, bytes);
  }
  if (what === "uv") {
    const uv = clip.uvOf(frame);
    return framed(header, corner, (k) => (plane[k] & MASK ? [uv[k], uv[area + k], 0] : [0, 0, 0]));
  }
  const values = { ...(await face.prepare(frame)), ciec: face.ciecOf(expression, intensity) };
  const steps = await face.run("steps", values);
  if (what === "static") return clip.composed(frame, steps.static.data);
  if (what === "attention") return framed(header, corner, (k) => Array(3).fill(steps.attention.data[k]));
  const sampled = steps.sampled.data;
  if (what === "sampled") return framed(header, corner, (k) => [sampled[k], sampled[area + k], sampled[2 * area + k]]);
  if (what === "teeth") return teeth(face, frame, steps.teeth, (await face.run("draw", values)).picture.data);
  const texture = steps.texture.data, [n, size] = steps.texture.dims;
  if (what === "texture") return colors(texture, size, side);
  return mosaic(texture, [n, size], side, Math.ceil(Math.sqrt(n)), (values) => {
    const low = quantile(values, 0.02), high = quantile(values, 0.98);
    return (value) => (value - low) / Math.max(high - low, 1e-6);
  });
}

// The teeth features' squares, in yellow over the darkened picture.
function teeth(face, frame, { data, dims }, picture) {
  const { header } = face, [row, column] = face.clip.mouthOf(frame), most = Math.max(1e-6, ...data);
  const darkened = new Uint8Array(face.clip.composed(frame, picture).map((v) => 0.35 * v)), yellow = [1, 0.85, 0.2];
  const [top, left] = face.clip.cornerOf(frame), side = header.image_size;
  for (let y = 0; y < dims[0]; y++) {
    for (let x = 0; x < dims[1]; x++) {
      const share = (data[y * dims[1] + x] / most) ** 2, to = 3 * ((top + row + y) * side + left + column + x);
      for (let c = 0; c < 3; c++) darkened[to + c] += (255 - darkened[to + c]) * share * yellow[c];
    }
  }
  return darkened;
}
