#!/bin/sh
# subtitle: the name of a WebVTT cue becomes words of the cue before it, unless it is a number.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts subtitle@4.2.2
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import { parseSync } from "subtitle";

const version = JSON.parse(readFileSync("node_modules/subtitle/package.json")).version;
console.log(`subtitle ${version}; three cues of WebVTT, and what each one says`);
const said = {};
for (const names of [["1", "2", "3"], ["1", "greeting", "question"]]) {
  const words = ["Hello.", "I am Mia.", "And you?"];
  const cues = names.map((name, k) => `${name}\n00:0${k}.000 --> 00:0${k}.900\n${words[k]}\n`);
  said[names] = parseSync(`WEBVTT\n\n${cues.join("\n")}`).filter((node) => node.type === "cue").map((node) => node.data.text);
  console.log(`cues named ${names}:`, said[names]);
}
// A name stands alone on the line before the times. It is never shown.
assert.deepEqual(said["1,2,3"], ["Hello.", "I am Mia.", "And you?"], "the behaviour has changed");
assert.deepEqual(said["1,greeting,question"], ["Hello.\n\ngreeting", "I am Mia.\n\nquestion", "And you?"], "the behaviour has changed");
JS
node look.js
