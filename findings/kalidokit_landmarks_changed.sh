#!/bin/sh
# Kalidokit: Face.solve changes the landmarks it is given, so the same list solved again shows another mouth.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts kalidokit@1.1.5
cat > look.js <<'JS'
const assert = require("node:assert");
const { readFileSync } = require("node:fs");
const { Face } = require("./node_modules/kalidokit/dist/kalidokit.umd.js");

// A frontal face in MediaPipe's 478 landmarks, x and y as shares of the picture: outline, corners of eyes and mouth, lips.
const places = { 21: [0.4, 0.4], 251: [0.6, 0.4], 397: [0.58, 0.62], 172: [0.42, 0.62], 130: [0.42, 0.45], 133: [0.47, 0.45],
  263: [0.58, 0.45], 362: [0.53, 0.45], 13: [0.5, 0.56], 14: [0.5, 0.6], 61: [0.46, 0.58], 291: [0.54, 0.58], 62: [0.46, 0.58], 308: [0.54, 0.58] };
const face = () => Array.from({ length: 478 }, (_, k) => ({ x: (places[k] ?? [0.5])[0], y: (places[k] ?? [0, 0.5])[1], z: 0 }));
const options = { runtime: "mediapipe", imageSize: { width: 640, height: 480 } };

const version = JSON.parse(readFileSync("node_modules/kalidokit/package.json")).version;
const landmarks = face();
const opened = [Face.solve(landmarks, options), Face.solve(landmarks, options)].map((pose) => pose.mouth.y);
const anew = Face.solve(face(), options).mouth.y;
console.log(`Kalidokit ${version}: the mouth of one list of landmarks, solved twice: ${opened.map((y) => y.toFixed(3))}; of a copy: ${anew.toFixed(3)}`);
console.log("landmark 13 before and after:", face()[13], landmarks[13]);
assert(anew === opened[0] && Math.abs(opened[1] - opened[0]) > 0.1, "the behaviour has changed");
assert(landmarks[13].x > 1 && landmarks[13].y > 1, "the behaviour has changed");
JS
node look.js
