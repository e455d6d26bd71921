// A clip whose lips say another sound: heads and backgrounds of the face's own clip, a mesh posed anew in each frame.

import { HOLE, MASK, MOUTH, readFace, unpackSteps } from "./face_file.js";
import { drawMesh, insideLoop } from "./rasterizer.js";

const COORDINATES = 3, TEXTURE = 2; // rows of the mesh before those of its movements

// The face's second file, as dnt_core/live/static_page/speech_file.py writes it.
export function openSpeech(buffer) {
  const { header, part } = readFace(buffer), n = header.vertices, moves = header.scales.length - 1;
  const mesh = unpackSteps(part("mesh"), COORDINATES * (moves + 1) + TEXTURE), triangles = unpackSteps(part("triangles"), 3);
  const scaled = (from, rows, scale) => Float32Array.from(mesh.subarray(from * n, (from + rows) * n), (v) => v * scale);
  const movements = [...Array(moves).keys()].map((k) =>
    scaled(COORDINATES * (k + 1) + TEXTURE, COORDINATES, header.scales[k + 1]));
  return { header, triangles, movements, shape: scaled(0, COORDINATES, header.scales[0]),
    uv: scaled(COORDINATES, TEXTURE, 1 / 32767), filmed: part("filmed") };
}

// `mouth`: 11 movements a frame, Float32Array. Frame k of it has the head of the clip's frame `filmed(k)`.
export function spokenClip(header, clip, speech, mouth) {
  const [height, width] = header.size, area = height * width, about = speech.header, n = about.vertices;
  const order = about.order, blinks = about.blinks, moves = speech.movements.length, frames = mouth.length / (moves - 1);
  const filmed = (frame) => order[frame % order.length];
  const cornerOf = (frame) => about.corners[filmed(frame)];
  const faces = widen(speech.filmed, header.n_frames, area); // that were filmed
  const screen = new Float64Array(3 * n), place = new Float32Array(3 * n);
  let last = { frame: -1 };

  // Column, row and depth of every vertex in the rectangle.
  function pose(frame) {
    place.set(speech.shape);
    for (let k = 0; k < moves; k++) {
      const weight = k < moves - 1 ? mouth[frame * (moves - 1) + k] : blinks[frame % blinks.length];
      const moved = speech.movements[k];
      if (weight) for (let i = 0; i < 3 * n; i++) place[i] += weight * moved[i];
    }
    const [a, b, c, d, e, f, g, h, i, tx, ty, tz] = about.poses[filmed(frame)];
    const { scale, focal, center, distance } = about.camera, [top, left] = cornerOf(frame);
    for (let v = 0; v < n; v++) {
      const x = place[v], y = place[n + v], z = place[2 * n + v];
      const depth = distance - (g * x + h * y + i * z + tz);
      screen[v] = scale * ((focal * (a * x + b * y + c * z + tx)) / depth + center + 0.5) - 0.5 - left;
      screen[n + v] = scale * (223 - ((focal * (d * x + e * y + f * z + ty)) / depth + center) + 0.5) - 0.5 - top;
      screen[2 * n + v] = depth;
    }
  }

  // The mouth's window, its first row and column, so that the mouth is in the middle of it.
  function windowOf(loop) {
    const middle = (axis) => {
      const values = loop.map((v) => screen[axis * n + v]);
      return (Math.min(...values) + Math.max(...values)) / 2;
    };
    return [1, 0].map((axis, k) => {
      const size = header.mouth[k], first = Math.round(middle(axis) - (size - 1) / 2);
      return Math.min(Math.max(first, 0), header.size[k] - size);
    });
  }

  function drawn(frame) {
    if (last.frame === frame) return last;
    pose(frame);
    const uv = new Float32Array(2 * area), plane = new Uint8Array(area), of = filmed(frame);
    drawMesh(screen, speech.triangles, speech.uv, header.size, (pixel, u, v) => {
      uv[pixel] = u;
      uv[area + pixel] = v;
      plane[pixel] = MASK;
    });
    insideLoop(about.mouth_loop.map((v) => [screen[v], screen[n + v]]), header.size, (pixel) => {
      if (!plane[pixel]) plane[pixel] = MOUTH;
    });
    cutHole(plane, faces.subarray(of * area, (of + 1) * area), header.size, about.margin);
    return (last = { frame, plane, uv, corner: cornerOf(frame), window: windowOf(about.mouth_loop) });
  }

  return {
    frames, filmed, cornerOf, spoken: true,
    planeOf: (frame) => drawn(frame).plane,
    uvOf: (frame) => drawn(frame).uv,
    mouthOf: (frame) => drawn(frame).window,
    inputsOf: (frame) => clip.inputsOf(filmed(frame), drawn(frame)),
    composed: (frame, patch) => clip.composed(filmed(frame), patch, cornerOf(frame)),
  };
}

// The hole, as `face_and_hole` of dnt_core/networks/frame_inputs.py cuts it: wherever the face that is drawn or the one
// that was filmed lies within `margin` rows and columns. A hole for the widest mouth shows a second chin below a closed one.
export function cutHole(plane, filmed, [height, width], margin) {
  const near = new Uint8Array(height * width), left = new Uint8Array(width); // `left`: how many pixels a face still reaches
  const reach = margin + 1;
  for (let start = 0; start < near.length; start += width) {
    for (let k = start, far = 0; k < start + width; k++) {
      far = plane[k] || filmed[k] ? reach : far && far - 1;
      near[k] = far > 0;
    }
    for (let k = start + width - 1, far = 0; k >= start; k--) {
      far = plane[k] || filmed[k] ? reach : far && far - 1;
      if (far) near[k] = 1;
    }
  }
  for (const step of [1, -1]) {
    left.fill(0);
    for (let row = 0, y = step > 0 ? 0 : height - 1; row < height; row++, y += step) {
      for (let x = 0, k = y * width; x < width; x++, k++) {
        left[x] = near[k] ? reach : left[x] && left[x] - 1;
        if (left[x]) plane[k] |= HOLE;
      }
    }
  }
}

// Bits that say what differs from the frame before → one byte a pixel.
function widen(bits, frames, area) {
  const faces = new Uint8Array(frames * area);
  for (let k = 0; k < faces.length; k++) {
    faces[k] = ((bits[k >> 3] >> (7 - (k & 7))) & 1) ^ (k < area ? 0 : faces[k - area]);
  }
  return faces;
}
