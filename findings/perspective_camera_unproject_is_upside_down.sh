#!/bin/sh
# perspective-camera: project counts pixels from the bottom and unproject from the top, one pixel lower, so a point comes back mirrored.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts perspective-camera@2.0.1
cat > look.js <<'JS'
import assert from "node:assert";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const createCamera = require("perspective-camera");
console.log(`perspective-camera ${require("perspective-camera/package.json").version}; a camera at the origin that looks along -z, 640 by 480 pixels`);
const camera = createCamera({ fov: Math.PI / 3, near: 0.1, far: 10, viewport: [0, 0, 640, 480] });
camera.update();
const found = [];
for (const point of [[0.2, 0.1, -1], [0.2, -0.1, -1], [0.2, 0, -1]]) {
  const pixel = camera.project(point).slice(0, 3);
  const back = camera.unproject(pixel);
  found.push([pixel, back]);
  const show = (vector, digits) => vector.map((x) => x.toFixed(digits)).join(", ");
  console.log(`(${point}): at pixel (${show(pixel.slice(0, 2), 1)}), back at (${show(back, 4)})`);
}
// A pixel is 2 tan(30 degrees) / 480 high at a distance of 1.
const high = (2 * Math.tan(Math.PI / 6)) / 480;
found.forEach(([pixel, back], i) => {
  const y = [0.1, -0.1, 0][i];
  assert(Math.abs(pixel[1] - (240 + y / high)) < 1e-3 && Math.abs(back[0] - 0.2) < 1e-4, "the behaviour has changed");
  assert(Math.abs(back[1] - (-y - high)) < 1e-4, "the behaviour has changed");
});
JS
node look.js
