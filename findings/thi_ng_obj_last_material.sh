#!/bin/sh
# @thi.ng/geom-io-obj: a group of an OBJ file has one material, its last, so the faces before a second usemtl have the material of those behind it.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @thi.ng/geom-io-obj@0.1.9 obj-file-parser@0.6.2
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parseOBJ } from "@thi.ng/geom-io-obj";

const OBJFile = createRequire(import.meta.url)("obj-file-parser");
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
console.log(`@thi.ng/geom-io-obj ${version("@thi.ng/geom-io-obj")}, obj-file-parser ${version("obj-file-parser")}: a face of skin, then one of lips`);
const points = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 1 1 0\n";
const read = (text) => {
  const groups = parseOBJ(text).objects.flatMap((object) => object.groups);
  const mine = groups.flatMap(({ faces, mtl }) => faces.map(() => mtl));
  const other = new OBJFile(text).parse().models.flatMap((model) => model.faces.map((face) => face.material));
  return { mine, other };
};
const together = read(`o face\n${points}usemtl skin\nf 1 2 3\nusemtl lips\nf 2 4 3\n`);
const apart = read(`o face\n${points}g a\nusemtl skin\nf 1 2 3\ng b\nusemtl lips\nf 2 4 3\n`);
console.log(`in one group: ${together.mine}; obj-file-parser: ${together.other}`);
console.log(`each in its own group: ${apart.mine}; obj-file-parser: ${apart.other}`);
assert.deepEqual([together.other, apart.other], [["skin", "lips"], ["skin", "lips"]], "two materials");
assert.deepEqual(together.mine, ["lips", "lips"], "the behaviour has changed");
assert.deepEqual(apart.mine, ["skin", "lips"], "the behaviour has changed");
JS
node look.js
