#!/bin/sh
# wavefile: from 16 to 24 bit and back, samples come back one level off.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts wavefile@11.0.0
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import wavefile from "wavefile";

const version = JSON.parse(readFileSync("node_modules/wavefile/package.json")).version;
const levels = Int16Array.from({ length: 65536 }, (_, i) => i - 32768);
const wav = new wavefile.WaveFile();
wav.fromScratch(1, 16000, "16", levels);
wav.toBitDepth("24");
const wide = wav.getSamples();
wav.toBitDepth("16");
const back = wav.getSamples();
const off = Array.from(levels).filter((v, i) => back[i] !== v);
console.log(`wavefile ${version}; each level of 16 bit once`);
for (const v of [100, 256, 30000]) console.log(`${v}: ${wide[v + 32768]} as 24 bit (${v} * 256 is ${v * 256}), ${back[v + 32768]} after`);
console.log(`${off.length} of 65536 levels come back changed`);
// 24 bit holds every level of 16 bit exactly, so a copy "for editing" should lose nothing.
assert(off.length > 10000 && back[256 + 32768] === 255, "the behaviour has changed");
JS
node look.js
