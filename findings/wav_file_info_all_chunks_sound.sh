#!/bin/sh
# wav-file-info: every byte of a WAV file counts as sound, so 32,000 bytes of metadata are a second at 16 kHz.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts wav-file-info@0.0.10
cat > look.js <<'JS'
import assert from "node:assert";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const info = require("wav-file-info");
function wav(rate, channels, metadata) {
  const sound = Buffer.alloc(rate * channels * 2);
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + sound.length + (metadata ? 8 + metadata : 0), 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  [1, channels].forEach((value, i) => head.writeUInt16LE(value, 20 + 2 * i));
  [rate, rate * channels * 2].forEach((value, i) => head.writeUInt32LE(value, 24 + 4 * i));
  [channels * 2, 16].forEach((value, i) => head.writeUInt16LE(value, 32 + 2 * i));
  head.write("data", 36);
  head.writeUInt32LE(sound.length, 40);
  const list = Buffer.alloc(metadata ? 8 + metadata : 0);
  if (metadata) {
    list.write("LIST", 0);
    list.writeUInt32LE(metadata, 4);
    list.write("INFO", 8);
  }
  return Buffer.concat([head, sound, list]);
}
console.log(`wav-file-info ${require("wav-file-info/package.json").version}; one second of 16 bit`);
const found = [];
for (const [rate, channels, metadata] of [[16000, 1, 0], [16000, 1, 32000], [44100, 2, 0]]) {
  writeFileSync("a.wav", wav(rate, channels, metadata));
  const { duration, header } = await new Promise((done, fail) => info.infoByFilename("a.wav", (error, got) => (error ? fail(error) : done(got))));
  found.push([duration, header.byte_rate]);
  console.log(`${rate} Hz, ${channels} channels, ${metadata} bytes of metadata: ${duration.toFixed(4)} s, byte rate ${header.byte_rate}`);
}
assert(Math.abs(found[0][0] - 1.001125) < 1e-9, "the behaviour has changed");
assert(Math.abs(found[1][0] - 2.001375) < 1e-9, "the behaviour has changed");
// Of the byte rate only two bytes are read: 176,400 becomes 45,328.
assert(found[0][1] === 32000 && found[2][1] === 176400 - 2 * 65536, "the behaviour has changed");
JS
node look.js
