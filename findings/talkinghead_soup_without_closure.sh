#!/bin/sh
# TalkingHead: the English visemes of soup, group and coupon have no closed lips, but OO, which is no viseme; hour has EE.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @met4citizen/talkinghead@1.7.0
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import { LipsyncEn } from "@met4citizen/talkinghead/modules/lipsync-en.mjs";

const version = JSON.parse(readFileSync("node_modules/@met4citizen/talkinghead/package.json")).version;
console.log(`@met4citizen/talkinghead ${version}`);
// The fifteen of Oculus, for which an avatar has its morph targets "viseme_aa" and so on.
const oculus = ["sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "I", "O", "U"];
const english = new LipsyncEn();
const found = {};
for (const word of ["soup", "group", "coupon", "soap", "loop", "hour"]) {
  found[word] = english.wordsToVisemes(english.preProcessText(word)).visemes;
  const unknown = found[word].filter((viseme) => !oculus.includes(viseme));
  console.log(`${word}: ${found[word].join(" ")}${unknown.length ? `; not a viseme: ${unknown.join(" ")}` : ""}`);
}
for (const word of ["soup", "group", "coupon"]) {
  assert(found[word].includes("OO") && !found[word].includes("PP"), "the behaviour has changed");
}
assert(found.soap.at(-1) === "PP" && found.loop.at(-1) === "PP", "the behaviour has changed");
assert.deepEqual(found.hour, ["aa", "EE"], "the behaviour has changed");
JS
node look.js
