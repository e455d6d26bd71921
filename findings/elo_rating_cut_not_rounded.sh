#!/bin/sh
# elo-rating: a change of rating loses its fraction, so who wins exactly as often as expected sinks.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts elo-rating@1.0.1
cat > look.js <<'JS'
import assert from "node:assert";
import { readFileSync } from "node:fs";
import elo from "elo-rating";

const version = JSON.parse(readFileSync("node_modules/elo-rating/package.json")).version;
const [strong, weak] = [1700, 1500];
const expected = elo.expected(strong, weak);
const won = elo.calculate(strong, weak, true).playerRating - strong;
const lost = elo.calculate(strong, weak, false).playerRating - strong;
const drift = expected * won + (1 - expected) * lost;
console.log(`elo-rating ${version}; ${strong} against ${weak} wins ${(100 * expected).toFixed(1)} % of the games`);
console.log(`by the formula ${(20 * (1 - expected)).toFixed(2)} for a win and ${(-20 * expected).toFixed(2)} for a loss, ` +
  `here ${won} and ${lost}: ${drift.toFixed(2)} per game in the mean`);
const small = elo.calculate(1500, 1500, true, 1.9).playerRating;
console.log(`at k = 1.9 a win against an equal gives ${small - 1500}, by the formula 0.95`);
// Rounded, the gains would be 5 and -15; as they are, the mean of a player who is rated rightly is not 0.
assert.deepEqual([won, lost, small], [4, -15, 1500], "the behaviour has changed");
assert(Math.abs(expected - 1 / (1 + 10 ** -0.5)) < 1e-12 && drift < -0.5, "the behaviour has changed");
JS
node look.js
