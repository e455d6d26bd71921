#!/bin/sh
# wav-decoder: a chunk of odd length before the samples (a LIST with a title of odd length) ends the reading.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts wav-decoder@1.3.0
cat > look.js <<'JS'
const assert = require("node:assert");
const { readFileSync } = require("node:fs");
const { decode } = require("wav-decoder");

const chunk = (name, body) => {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(body.length);
  return Buffer.concat([Buffer.from(name), size, body, Buffer.alloc(body.length % 2)]); // RIFF fills odd lengths with a zero
};
const format = Buffer.alloc(16);
format.writeUInt16LE(1, 0); format.writeUInt16LE(1, 2); format.writeUInt32LE(16000, 4); format.writeUInt32LE(32000, 8);
format.writeUInt16LE(2, 12); format.writeUInt16LE(16, 14);
const samples = Buffer.alloc(8);
[0, 8192, -8192, 0].forEach((level, k) => samples.writeInt16LE(level, 2 * k));
const titled = (title) => {
  const body = [Buffer.from("WAVE"), chunk("fmt ", format), chunk("LIST", Buffer.from(`INFO${title}`)), chunk("data", samples)];
  return chunk("RIFF", Buffer.concat(body));
};
const read = async (title) => {
  try { return Array.from((await decode(titled(title))).channelData[0]); } catch (error) { return error.message; }
};
(async () => {
  const version = JSON.parse(readFileSync("node_modules/wav-decoder/package.json")).version;
  const even = await read("abcd"), odd = await read("abc");
  console.log(`wav-decoder ${version}; LIST of 8 bytes:`, even, "of 7 bytes and one of filling:", odd);
  assert(even.length === 4 && Math.abs(even[1] - 0.25) < 1e-3 && typeof odd === "string", "the behaviour has changed");
})();
JS
node look.js
