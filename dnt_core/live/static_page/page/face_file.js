// One person's file: graphs, weights and clip, as dnt_core/live/static_page/face_file.py writes it.

const FORMAT = 3;
export const HOLE = 1, MASK = 2, MOUTH = 4; // bits of a plane

// The server's answer, or an Error that says what did not come and why.
export async function fetchFile(url, name = url) {
  const answer = await whole(name, fetch(url));
  if (!answer.ok) throw new Error(`${name} did not come: the server says ${answer.status}`);
  return answer;
}

// Browsers say of a connection that broke each something else.
const whole = (name, coming) => coming.catch(() => {
  throw new Error(`${name} did not come whole; is this device online?`);
});

// A gzip file's content as an ArrayBuffer; `told` is given the bytes that have come.
export async function fetchUnzipped(url, told = () => {}) {
  const answer = await fetchFile(url);
  let come = 0;
  const counted = new TransformStream({
    transform(chunk, out) {
      come += chunk.byteLength;
      told(come);
      out.enqueue(chunk);
    },
  });
  const body = answer.body.pipeThrough(counted).getReader(), first = await whole(url, body.read());
  const all = new ReadableStream({
    start: (out) => (first.done ? out.close() : out.enqueue(first.value)),
    pull: async (out) => {
      const { done, value } = await body.read();
      done ? out.close() : out.enqueue(value);
    },
  });
  // some servers say of such a file that it is encoded, and then the browser has unzipped it
  const zipped = first.done || (first.value[0] === 0x1f && first.value[1] === 0x8b);
  return whole(url, new Response(zipped ? all.pipeThrough(new DecompressionStream("gzip")) : all).arrayBuffer());
}

export function readFace(buffer) {
  const length = new DataView(buffer).getUint32(0, true), start = 4 + length;
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  if (header.format !== FORMAT) throw new Error(`the face is of format ${header.format}, this page reads ${FORMAT}: build the page again`);
  const part = (name, Kind = Uint8Array) => {
    const [offset, size] = header.parts[name];
    return new Kind(buffer, start + offset, size / Kind.BYTES_PER_ELEMENT);
  };
  return { header, part };
}

// The floats that the graphs name as their external data.
export function expandWeights({ header, part }) {
  const data = part("weights.bin"), { buffer, byteOffset } = data, half = halves();
  const [last] = header.weights.slice(-1), floats = new Float32Array((last[0] + last[1] + 3) & ~3);
  for (const [start, count, at, channels] of header.weights) {
    if (!channels) {
      const numbers = new Uint16Array(buffer, byteOffset + at, count);
      for (let i = 0; i < count; i++) floats[start + i] = half[numbers[i]];
      continue;
    }
    const scales = new Float32Array(buffer, byteOffset + at, channels), size = count / channels;
    const numbers = new Int8Array(buffer, byteOffset + at + 4 * channels, count);
    for (let c = 0, i = 0; c < channels; c++) for (const end = i + size; i < end; i++) floats[start + i] = numbers[i] * scales[c];
  }
  return new Uint8Array(floats.buffer);
}

// 16-bit numbers of `rows` rows, kept as steps along each: parts_file.py, pack_steps.
export function unpackSteps(data, rows) {
  const half = data.length / 2, n = half / rows, numbers = new Int32Array(half);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let k = 0, at = 0; k < n; k++, i++) {
      const z = data[i] | (data[half + i] << 8);
      numbers[i] = at = ((at + ((z >>> 1) ^ -(z & 1))) << 16) >> 16;
    }
  }
  return numbers;
}

// What each 16-bit float stands for.
function halves() {
  const table = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
    table[bits] = sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
  }
  return table;
}

// The clip's arrays, unpacked in place where they are whole, else when a frame is asked for.
export function openClip({ header, part }) {
  const [height, width] = header.size, side = header.image_size, n = header.n_frames;
  const planes = part("planes"), around = part("around"), folded = part("uv");
  const area = height * width, picture = 3 * side * side, half = 2 * n * area;
  for (let i = area; i < planes.length; i++) planes[i] ^= planes[i - area];
  for (let i = 0; i < around.length; i += 3) {
    around[i] += around[i + 1];
    around[i + 2] += around[i + 1];
  }
  for (let i = picture; i < around.length; i++) around[i] += around[i - picture];

  function uvOf(frame) {
    const plane = planeOf(frame), uv = new Float32Array(2 * area), row = new Uint16Array(width), scale = 1 / header.uv_steps;
    for (let axis = 0, i = 2 * frame * area, out = 0; axis < 2; axis++) {
      row.fill(0);
      for (let y = 0; y < height; y++) {
        let left = 0, upLeft = 0;
        for (let x = 0; x < width; x++, i++, out++) {
          const z = folded[i] | (folded[half + i] << 8), above = row[x];
          left = (((z >>> 1) ^ -(z & 1)) + left + above - upLeft) & 65535;
          upLeft = above;
          row[x] = left;
          if (plane[out % area] & MASK) uv[out] = left * scale;
        }
      }
    }
    return uv;
  }

  // What the graph `prepare` takes, float32; `drawn`: another face in the clip's frame.
  function inputsOf(frame, drawn = { plane: planeOf(frame), uv: uvOf(frame), corner: cornerOf(frame) }) {
    const { plane, uv, corner } = drawn;
    const bits = (bit) => {
      const values = new Float32Array(area); // a loop: `from` with a function takes ten times as long
      for (let k = 0; k < area; k++) if (plane[k] & bit) values[k] = 1;
      return values;
    };
    const background = new Float32Array(3 * area), [top, left] = corner;
    for (let y = 0, k = 0; y < height; y++) {
      let from = picture * frame + 3 * ((top + y) * side + left);
      for (let x = 0; x < width; x++, k++, from += 3) {
        const cut = plane[k] & HOLE;
        for (let c = 0; c < 3; c++) background[c * area + k] = cut ? 0.5 : around[from + c] / 255;
      }
    }
    return { background, hole: bits(HOLE), mask: bits(MASK), mouth: bits(MOUTH), uv };
  }

  // The whole frame with a rectangle's pixels in their place, both RGB bytes.
  function composed(frame, patch, [top, left] = cornerOf(frame)) {
    const whole = around.slice(picture * frame, picture * (frame + 1));
    for (let y = 0; y < height; y++) {
      whole.set(patch.subarray(3 * y * width, 3 * (y + 1) * width), 3 * ((top + y) * side + left));
    }
    return whole;
  }

  const cornerOf = (frame) => header.corners[frame];
  const planeOf = (frame) => planes.subarray(frame * area, (frame + 1) * area);
  return { frames: n, inputsOf, composed, planeOf, uvOf, cornerOf, mouthOf: (frame) => header.mouths[frame], filmed: (frame) => frame };
}
