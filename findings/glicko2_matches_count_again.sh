#!/bin/sh
# glicko2: matches of addMatch stay, so each later update of the ratings counts them once more.
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
const firstWeek = () => {
  const ranking = new glicko2.Glicko2({ rating: 1500, rd: 200, vol: 0.06 });
  const { pl1 } = ranking.addMatch({ id: 0 }, { id: 1 }, 1);
  ranking.updateRatings();
  return [ranking, pl1];
};
const [ranking, winner] = firstWeek();
const [rating, deviation] = [winner.getRating(), winner.getRd()];
ranking.updateRatings(); // a second week, in which nobody played
const later = [winner.getRating(), winner.getRd()];
const show = (values) => values.map((value) => value.toFixed(1)).join(" with a deviation of ");
console.log(`glicko2 ${version}; one game won in the first week: ${show([rating, deviation])}`);
console.log(`after a second week without a game: ${show(later)}`);
const [other, same] = firstWeek();
other.updateRatings([]);
console.log(`with an empty list of games in place of none: ${show([same.getRating(), same.getRd()])}`);
// By Glickman's paper who did not play keeps the rating, and the deviation grows.
assert(later[0] - rating > 30 && later[1] < deviation, "the behaviour has changed");
assert(Math.abs(same.getRating() - rating) < 1e-9 && same.getRd() > deviation, "the behaviour has changed");
JS
node look.js
