#!/bin/sh
# arpabet-and-ipa-convertor-ts: the IPA that it makes of bet, bed and many is read back by itself as bait, bade and mainy: its EH becomes e, and e is EY.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts arpabet-and-ipa-convertor-ts@1.0.3
cat > look.js <<'JS'
import assert from "node:assert";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { toArpabet, toIPA } = require("arpabet-and-ipa-convertor-ts");
console.log(`arpabet-and-ipa-convertor-ts ${require("arpabet-and-ipa-convertor-ts/package.json").version}`);
const found = {};
for (const phones of ["B EH1 T", "B EH1 D", "M EH1 N IY0", "B EY1 T", "B AE1 T", "B IH1 T", "B OW1 T"]) {
  const ipa = toIPA(phones);
  found[phones] = toArpabet(ipa);
  console.log(`${phones}: IPA ${ipa}, read back ${found[phones]}`);
}
const { "B EH1 T": bet, "B EH1 D": bed, "M EH1 N IY0": many, ...rest } = found;
assert.deepEqual([bet, bed, many], ["B EY1 T", "B EY1 D", "M EY1 N IY0"], "the behaviour has changed");
for (const [before, after] of Object.entries(rest)) assert.equal(before, after, "the behaviour has changed");
JS
node look.js
