#!/bin/sh
# subvibe: normalize, which keeps 40 ms between captions, moves every one of a film's without gaps 40 ms further than the one before: the 101st is 4 s late.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @aj-archipelago/subvibe@1.0.12
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import { SubtitleUtils } from "@aj-archipelago/subvibe";

const { version } = JSON.parse(readFileSync("node_modules/@aj-archipelago/subvibe/package.json"));
console.log(`@aj-archipelago/subvibe ${version}; 101 captions of 2 s, each from where the last one ends`);
const cues = Array.from({ length: 101 }, (_, i) => ({ index: i + 1, startTime: 2000 * i, endTime: 2000 * i + 2000, text: `caption ${i + 1}` }));
const delay = (list, i) => list[i].startTime - cues[i].startTime;
const normal = SubtitleUtils.normalize(cues, { format: "srt" });
const fixed = SubtitleUtils.fixTimings(cues);
for (const i of [0, 1, 50, 100]) console.log(`caption ${i + 1}: normalize ${delay(normal, i)} ms late, fixTimings ${delay(fixed, i)} ms`);
assert(normal.length === 101 && normal.every((_, i) => delay(normal, i) === 40 * (i + 1)), "the behaviour has changed");
assert(fixed.every((_, i) => delay(fixed, i) === (i ? 40 : 0)), "the behaviour has changed");
const apart = cues.map((cue) => ({ ...cue, endTime: cue.endTime - 100 })).slice(1);
assert(SubtitleUtils.normalize(apart, { format: "srt" }).every((cue, i) => cue.startTime === apart[i].startTime), "the behaviour has changed");
JS
node look.js
