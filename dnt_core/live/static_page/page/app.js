// The page: the widget's own front end over lanes of workers in place of a kernel.

import { fetchFile } from "./face_file.js";
import live from "./live.js";
import { makeLanes } from "./lanes.js";
import { makePageModel } from "./page_model.js";
import { offerSounds } from "./speak.js";

const place = document.getElementById("face"), waiting = document.getElementById("waiting");

function say(sentence) {
  waiting.hidden = !sentence;
  waiting.textContent = sentence;
}

// The widget's style is dark where JupyterLab is.
const night = matchMedia("(prefers-color-scheme: dark)");
const dress = () => (document.body.dataset.jpThemeLight = String(!night.matches));
night.addEventListener("change", dress);
dress();

// The first expression, intensity and moment that the page's address asks for; what makes no sense is left.
function valuesOf(given, colors, { n_frames }) {
  const values = {};
  const number = (name) => (given.has(name) ? Number(given.get(name)) : NaN);
  if (given.get("expression") in colors) values.expression = given.get("expression");
  if (number("intensity") >= 0 && number("intensity") <= 1) values.intensity = number("intensity");
  if (Number.isInteger(number("frame")) && number("frame") >= 0) values.frame = Math.min(number("frame"), n_frames - 1);
  return values;
}

async function begin() {
  const missing = [["WebAssembly", self.WebAssembly], ["DecompressionStream", self.DecompressionStream]].find(([, found]) => !found);
  if (missing) throw new Error(`this browser is too old for the page: it has no ${missing[0]}`);
  const { faces, ...first } = await (await fetchFile("./faces.json")).json();
  const told = (identity, come, size) => say(document.querySelector("canvas[data-drawn]") ? "" :
    `One moment: ${(come / 1e6).toFixed(1)} of ${(size / 1e6).toFixed(1)} MB …`);
  const given = new URLSearchParams(location.search), asked = given.get("face");
  const lanes = makeLanes(faces, { told, compute: given.get("compute") || "" });
  const names = faces.map((face) => face.name);
  const small = matchMedia("(max-width: 40rem)").matches; // a phone begins with the face that costs it less
  const lightest = faces.reduce((best, face) => (face.image_size < best.image_size ? face : best));
  const identity = names.includes(asked) ? asked : (small ? lightest : faces[0]).name;
  const model = makePageModel({ ...first, ...valuesOf(given, first.colors, faces.find((face) => face.name === identity)), names, identity }, lanes);
  live.render({ model, el: place });
  if (faces.some((face) => face.speech)) offerSounds(model);
  const canvas = place.querySelector("canvas"), still = new Image();
  still.onload = () => {
    if (canvas.dataset.drawn !== undefined) return;
    [canvas.width, canvas.height] = [still.width, still.height];
    canvas.getContext("2d").drawImage(still, 0, 0);
  };
  still.src = faces.find((face) => face.name === identity).file.replace(/face$/, "webp"); // until the first picture is computed
  canvas.addEventListener("dnt-frame", () => {
    canvas.dataset.drawn = "";
    performance.mark("first-face");
    say("");
  }, { once: true });
  Object.assign(window, { dntModel: model, dntLanes: lanes });
}

begin().catch((error) => say(`The face cannot be shown: ${error.message}`));
