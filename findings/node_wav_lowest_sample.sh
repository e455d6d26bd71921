#!/bin/sh
# node-wav: the lowest level of 24 bit is read as the highest, and silence of 8 bit is not silent.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts node-wav@0.0.2
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import wav from "node-wav";

const version = JSON.parse(readFileSync("node_modules/node-wav/package.json")).version;
const wave = [-1, -0.999, 0, 0.999, 1];
console.log(`node-wav ${version}; ${wave} written and read back`);
const back = {};
for (const bitDepth of [8, 16, 24, 32]) {
  const file = wav.encode([Float32Array.from(wave)], { sampleRate: 16000, bitDepth });
  back[bitDepth] = Array.from(wav.decode(file).channelData[0]);
  console.log(`${bitDepth} bit:`, back[bitDepth].map((x) => Number(x.toFixed(5))));
}
// A file of another program: 24 bit, one channel, the levels -8388608, -8388607 and 8388607.
const other = Buffer.alloc(44 + 9);
other.write("RIFF", 0); other.writeUInt32LE(45, 4); other.write("WAVEfmt ", 8); other.writeUInt32LE(16, 16);
other.writeUInt16LE(1, 20); other.writeUInt16LE(1, 22); other.writeUInt32LE(16000, 24); other.writeUInt32LE(48000, 28);
other.writeUInt16LE(3, 32); other.writeUInt16LE(24, 34); other.write("data", 36); other.writeUInt32LE(9, 40);
[-8388608, -8388607, 8388607].forEach((level, i) => other.writeIntLE(level, 44 + 3 * i, 3));
const levels = Array.from(wav.decode(Uint8Array.from(other).buffer).channelData[0]);
console.log("24 bit, levels -8388608, -8388607, 8388607:", levels);
// A peak at the bottom becomes a click of the full height; 16 and 32 bit are right.
assert(levels[0] > 1 && Math.abs(levels[1] + 1) < 1e-6 && levels[2] === 1, "the behaviour has changed");
assert(back[24][0] > 1 && back[16][0] === -1 && back[32][0] === -1, "the behaviour has changed");
assert(back[8][2] < -0.007 && back[16][2] === 0 && back[24][2] === 0, "the behaviour has changed");
JS
node look.js
