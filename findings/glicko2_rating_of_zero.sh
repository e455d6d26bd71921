#!/bin/sh
# glicko2: a rating of 0 becomes 1500, as a player's and as the scale's middle.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts glicko2@1.2.2
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import glicko2 from "glicko2";

const version = JSON.parse(readFileSync("node_modules/glicko2/package.json")).version;
const ratings = (middle, values) => {
  const ranking = new glicko2.Glicko2({ rating: middle });
  return values.map((value) => ranking.makePlayer(value, 80, 0.06).getRating());
};
const players = ratings(1500, [-0.5, 0, 0.5]);
const [middle] = ratings(0, [undefined]);
console.log(`glicko2 ${version}; players made with -0.5, 0 and 0.5: ${players.map((v) => v.toFixed(1)).join(", ")}`);
console.log(`a scale whose default rating is 0, a player of the default: ${middle}`);
// Scales about 0 are usual where ratings are read as differences, such as a preference of one rendering over another.
players.forEach((value, i) => assert(Math.abs(value - [-0.5, 1500, 0.5][i]) < 1e-9, "the behaviour has changed"));
assert.equal(middle, 1500, "the behaviour has changed");
JS
node look.js
