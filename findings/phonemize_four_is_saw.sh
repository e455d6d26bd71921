#!/bin/sh
# phonemize: the vowel of four, saw and bought is the phone SAW in ARPABET, and the end of cats is the phone TS.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts phonemize@2.0.1
cat > look.js <<'JS'
import assert from "node:assert";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(import.meta.url);
const { toARPABET, toIPA } = require("phonemize");
const version = JSON.parse(readFileSync("node_modules/phonemize/package.json")).version;
console.log(`phonemize ${version}, whose ARPABET is that of CMU`);
const cmu = new Set("AA AE AH AO AW AX AY B CH D DH EH EL ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH".split(" "));
const unknown = {};
for (const word of ["four", "saw", "bought", "cats", "boy", "cloud"]) {
  const phones = toARPABET(word).split(" ").map((phone) => phone.replace(/\d/, ""));
  unknown[word] = phones.filter((phone) => !cmu.has(phone));
  console.log(`${word}: IPA ${toIPA(word)}, ARPABET ${toARPABET(word)}; not of ARPABET: ${unknown[word].join(" ") || "none"}`);
}
for (const word of ["four", "bought"]) assert.deepEqual(unknown[word], ["SAW"], "the behaviour has changed");
assert.deepEqual(unknown.cats, ["TS"], "the behaviour has changed");
assert.deepEqual([...unknown.boy, ...unknown.cloud], [], "the behaviour has changed");
JS
node look.js
