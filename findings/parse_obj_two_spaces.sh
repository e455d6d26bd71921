#!/bin/sh
# parse-obj: two spaces after the v, as some modelling programs write, move each coordinate on by one; z is lost.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts parse-obj@0.0.0
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import parseObj from "parse-obj";

const version = JSON.parse(readFileSync("node_modules/parse-obj/package.json")).version;
const read = (text) => new Promise((done, failed) =>
  parseObj(Readable.from([text]), (error, mesh) => (error ? failed(error) : done(mesh))));
const text = "v 1 2 3\nv 4 5 6\nv 7 8 10\nf 1 2 3\n";
const one = await read(text);
const two = await read(text.replaceAll("v ", "v  "));
const end = await read(text.replace("f 1 2 3", "f 1 2 3 "));
console.log(`parse-obj ${version}; one space: ${JSON.stringify(one.vertexPositions)}`);
console.log(`two spaces: ${JSON.stringify(two.vertexPositions)}`);
console.log(`a space after the face's last number: ${JSON.stringify(end.facePositions)}`);
assert.deepEqual(one.vertexPositions, [[1, 2, 3], [4, 5, 6], [7, 8, 10]], "the behaviour has changed");
assert.deepEqual(two.vertexPositions, [[0, 1, 2], [0, 4, 5], [0, 7, 8]], "the behaviour has changed");
assert.deepEqual([one.facePositions, end.facePositions], [[[0, 1, 2]], [[0, 1, 2, -1]]], "the behaviour has changed");
JS
node look.js
