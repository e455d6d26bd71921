#!/bin/sh
# normals: the normals of triangles with edges of 0.03 or less are zero, so a face in metres has none.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts normals@1.1.0
cat > look.js <<'JS'
import assert from "node:assert";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { faceNormals, vertexNormals } = require("normals");
console.log(`normals ${require("normals/package.json").version}; one triangle with a right angle, in the plane of x and y`);
const found = {};
for (const edge of [1, 0.04, 0.03, 0.004]) {
  const points = [[0, 0, 0], [edge, 0, 0], [0, edge, 0]];
  found[edge] = [faceNormals([[0, 1, 2]], points)[0][2], vertexNormals([[0, 1, 2]], points)[0][2]];
  console.log(`edges of ${edge}: the face's normal (0, 0, ${found[edge][0]}), a corner's (0, 0, ${found[edge][1]})`);
}
assert(found[1].every((z) => z === 1) && found[0.04].every((z) => Math.abs(z - 1) < 1e-9), "the behaviour has changed");
assert(found[0.03].every((z) => z === 0) && found[0.004].every((z) => z === 0), "the behaviour has changed");
// With an epsilon of one's own they are there.
assert(Math.abs(vertexNormals([[0, 1, 2]], [[0, 0, 0], [0.004, 0, 0], [0, 0.004, 0]], 1e-30)[0][2] - 1) < 1e-9, "the behaviour has changed");
JS
node look.js
