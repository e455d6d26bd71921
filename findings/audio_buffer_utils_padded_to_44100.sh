#!/bin/sh
# audio-buffer-utils: silence put behind a sound of 16 kHz makes it one of 44.1 kHz, which is faster and higher.
# Needs node and npm, and a registry for npm; nothing of this repository. Exit 0: as described.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts audio-buffer-utils@5.1.2
cat > look.js <<'JS'
import assert from "node:assert";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const utils = require("audio-buffer-utils");
console.log(`audio-buffer-utils ${require("audio-buffer-utils/package.json").version}`);
const found = {};
for (const rate of [16000, 44100, 48000]) {
  const sound = utils.create(rate, 1, rate);
  utils.fill(sound, (_, i) => Math.sin((2 * Math.PI * 100 * i) / rate));
  const padded = utils.pad(sound, 2 * rate);
  const longer = utils.resize(sound, 2 * sound.sampleRate);
  const shorter = utils.resize(sound, sound.sampleRate / 2);
  found[rate] = [padded, longer, shorter].map((buffer) => buffer.sampleRate);
  console.log(
    `1 s at ${sound.sampleRate} Hz padded to twice its samples: ${padded.length} samples at ${padded.sampleRate} Hz,` +
      ` ${padded.duration.toFixed(3)} s; cut to half of them: ${shorter.sampleRate} Hz`,
  );
}
assert.deepEqual(found[16000], [44100, 44100, 16000], "the behaviour has changed");
assert.deepEqual(found[44100], [44100, 44100, 44100], "the behaviour has changed");
assert.deepEqual(found[48000], [48000, 48000, 48000], "the behaviour has changed");
JS
node look.js
