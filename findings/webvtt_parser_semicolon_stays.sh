#!/bin/sh
# webvtt-parser: `&amp;` in a cue becomes `&;`, and so does each other entity keep its semicolon.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts webvtt-parser@2.2.0
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import parser from "webvtt-parser";

const version = JSON.parse(readFileSync("node_modules/webvtt-parser/package.json")).version;
console.log(`webvtt-parser ${version}; the text of a cue, and what its tree says`);
for (const [written, found] of [["Mia &amp; Tom", "Mia &; Tom"], ["2 &lt; 3", "2 <; 3"], ["3 &gt; 2", "3 >; 2"], ["no entity; none", "no entity; none"]]) {
  const result = new parser.WebVTTParser().parse(`WEBVTT\n\n00:01.000 --> 00:02.000\n${written}\n`, "subtitles/captions/descriptions");
  const said = result.cues[0].tree.children.map((child) => child.value).join("");
  console.log(`${written}: ${said}; errors: ${result.errors.length}`);
  assert.equal(said, found, "the behaviour has changed");
  assert.equal(result.errors.length, 0, "the behaviour has changed");
}
JS
node look.js
