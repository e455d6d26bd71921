#!/bin/sh
# subsrt-ts: each line of an ASS or SSA file loses its first letter when it is read, in its own files, too.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts subsrt-ts@2.1.2
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import subsrt from "subsrt-ts";

const version = JSON.parse(readFileSync("node_modules/subsrt-ts/package.json")).version;
const captions = subsrt.parse("1\n00:00:01,500 --> 00:00:02,250\nHello, Mia.\n\n2\n00:00:03,000 --> 00:00:04,000\nGood morning.\n\n");
const words = (list) => list.filter((part) => part.type === "caption").map((part) => part.text.trim());
console.log(`subsrt-ts ${version}; two captions, written and read again`);
const back = {};
for (const format of ["srt", "vtt", "ass", "ssa", "smi"]) {
  back[format] = words(subsrt.parse(subsrt.build(captions, { format }), { format }));
  console.log(`${format}:`, back[format]);
}
const events = "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n";
const other = words(subsrt.parse(`[Script Info]\nScriptType: v4.00+\n\n${events}Dialogue: 0,0:00:01.50,0:00:02.25,Default,,0,0,0,,Hello, Mia.\n`, { format: "ass" }));
console.log("ass of another program:", other);
assert.deepEqual([back.srt, back.vtt].flat(), ["Hello, Mia.", "Good morning.", "Hello, Mia.", "Good morning."], "the behaviour has changed");
assert.deepEqual([back.ass, back.ssa, other].flat(), ["ello, Mia.", "ood morning.", "ello, Mia.", "ood morning.", "ello, Mia."], "the behaviour has changed");
assert.deepEqual(back.smi, [], "the behaviour has changed"); // of SAMI nothing comes back
JS
node look.js
