#!/bin/sh
# loaders.gl: an OBJ file's triangles come with the mode of triangles and the topology "point-list".
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts @loaders.gl/core@4.5.2 @loaders.gl/obj@4.5.2
cat > look.mjs <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import { parse } from "@loaders.gl/core";
import { OBJLoader } from "@loaders.gl/obj";

const version = JSON.parse(readFileSync("node_modules/@loaders.gl/obj/package.json")).version;
const vertices = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n";
const mesh = await parse(`${vertices}f 1 2 3 4\n`, OBJLoader, { worker: false });
const points = await parse(vertices, OBJLoader, { worker: false });
for (const [name, found] of Object.entries({ "a square": mesh, "four points": points })) {
  console.log(`@loaders.gl/obj ${version}; ${name}: mode ${found.mode}, topology ${found.topology}, ${found.header.vertexCount} vertices`);
}
// 4 is WebGL's TRIANGLES, 0 its POINTS; the two fields are meant to say the same.
assert(mesh.mode === 4 && mesh.topology === "point-list" && mesh.header.vertexCount === 6, "the behaviour has changed");
JS
node look.mjs
