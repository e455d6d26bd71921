// A z-buffer for one mesh, by the rules of dnt_core/rendering/rasterizer_numba.py: integer pixel centres, the top-left
// rule on edges, the lower triangle on a tie.

// `screen`: columns, then rows, then depths of V vertices; `triangles`, `uv` likewise, corner after corner and u, v.
// `put(pixel, u, v)` is called for every pixel of `size` = [height, width] that shows the mesh.
export function drawMesh(screen, triangles, uv, [height, width], put) {
  const n = screen.length / 3, count = triangles.length / 3, area = height * width;
  const face = new Int32Array(area).fill(-1), nearest = new Float32Array(area).fill(Infinity);
  const owns = (ax, ay, bx, by, sign) => sign * (ay - by) > 0 || (ay === by && sign * (bx - ax) > 0);
  for (let f = 0; f < count; f++) {
    const i = triangles[f], j = triangles[count + f], k = triangles[2 * count + f];
    const y0 = screen[n + i], y1 = screen[n + j], y2 = screen[n + k];
    const x0 = screen[i], x1 = screen[j], x2 = screen[k];
    const top = Math.max(0, Math.ceil(Math.min(y0, y1, y2))), bottom = Math.min(height - 1, Math.floor(Math.max(y0, y1, y2)));
    const left = Math.max(0, Math.ceil(Math.min(x0, x1, x2))), right = Math.min(width - 1, Math.floor(Math.max(x0, x1, x2)));
    const twice = (x1 - x0) * (y2 - y0) - (y1 - y0) * (x2 - x0);
    if (top > bottom || left > right || twice === 0) continue;
    const sign = twice > 0 ? 1 : -1, q0 = 1 / screen[2 * n + i], q1 = 1 / screen[2 * n + j], q2 = 1 / screen[2 * n + k];
    for (let row = top; row <= bottom; row++) {
      const v0 = sign * (y0 - row), v1 = sign * (y1 - row), v2 = sign * (y2 - row);
      for (let col = left; col <= right; col++) {
        const u0 = x0 - col, u1 = x1 - col, u2 = x2 - col;
        const e0 = u1 * v2 - v1 * u2, e1 = u2 * v0 - v2 * u0, e2 = u0 * v1 - v0 * u1;
        if (e0 < 0 || e1 < 0 || e2 < 0) continue;
        if ((e0 === 0 && !owns(x1, y1, x2, y2, sign)) || (e1 === 0 && !owns(x2, y2, x0, y0, sign)) ||
          (e2 === 0 && !owns(x0, y0, x1, y1, sign))) continue;
        const depth = Math.fround((e0 + e1 + e2) / (e0 * q0 + e1 * q1 + e2 * q2)), pixel = row * width + col;
        if (depth < nearest[pixel]) {
          nearest[pixel] = depth;
          face[pixel] = f;
        }
      }
    }
  }
  const vertices = uv.length / 2;
  for (let row = 0, pixel = 0; row < height; row++) {
    for (let col = 0; col < width; col++, pixel++) {
      const f = face[pixel];
      if (f < 0) continue;
      const i = triangles[f], j = triangles[count + f], k = triangles[2 * count + f];
      const u0 = screen[i] - col, u1 = screen[j] - col, u2 = screen[k] - col;
      const v0 = screen[n + i] - row, v1 = screen[n + j] - row, v2 = screen[n + k] - row;
      const w0 = (u1 * v2 - v1 * u2) / screen[2 * n + i], w1 = (u2 * v0 - v2 * u0) / screen[2 * n + j];
      const w2 = (u0 * v1 - v0 * u1) / screen[2 * n + k], scale = 1 / (w0 + w1 + w2);
      put(pixel, scale * (w0 * uv[i] + w1 * uv[j] + w2 * uv[k]),
        scale * (w0 * uv[vertices + i] + w1 * uv[vertices + j] + w2 * uv[vertices + k]));
    }
  }
}

// Pixel centres inside a closed loop of [column, row], by the even-odd rule; left and top edges belong to it.
export function insideLoop(loop, [height, width], put) {
  const rows = loop.map(([, row]) => row);
  const top = Math.max(0, Math.ceil(Math.min(...rows))), bottom = Math.min(height - 1, Math.floor(Math.max(...rows)));
  for (let row = top; row <= bottom; row++) {
    const crossings = [];
    loop.forEach(([ax, ay], k) => {
      const [bx, by] = loop[(k + 1) % loop.length];
      if (Math.min(ay, by) <= row && row < Math.max(ay, by)) crossings.push(ax + ((row - ay) / (by - ay)) * (bx - ax));
    });
    crossings.sort((a, b) => a - b);
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      for (let col = Math.max(0, Math.ceil(crossings[k])); col < crossings[k + 1] && col < width; col++) put(row * width + col);
    }
  }
}
