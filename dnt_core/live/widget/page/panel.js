// The widget's parts on the page and what each of them changes. Only builds; live.js connects it to the kernel.

const ANGLES = ["turn (right →)", "nod (down →)", "tilt (left →)"];
const INSIDE_LABELS = { "": "nothing", static: "static texture", captured: "geometry as captured", expressive: "without decoupling", uv: "UV map" };

function makePanel(model, hands) {
  const types = Object.keys(model.get("colors")).filter((name) => name !== "neutral");
  const colors = model.get("colors");

  const canvas = element("canvas", { width: 256, height: 256, role: "img", "aria-label": "the face" });
  const inner = element("canvas", { width: 256, height: 256, role: "img", "aria-label": "its inside" });
  const caption = element("figcaption", {});
  const beside = element("figure", { hidden: true }, inner, caption);
  const stage = element("div", { class: "stage" }, element("figure", {}, canvas), beside);

  const play = element("button", { type: "button", class: "play", onclick: hands.play }, "▶ Play");
  const sound = element("input", { type: "checkbox", checked: true, onchange: () => hands.loud(sound.checked) });
  const speech = rangeRow("speech", { min: 0, max: 1, step: 1, say: (f) => hands.seconds(f), oninput: hands.seek });
  const speaking = element("div", { class: "speaking" }, play,
    speech.row, element("label", { class: "tick" }, sound, "sound"));

  const pad = makePad(types, colors, hands.pad);
  const intensity = rangeRow("intensity (more →)", {
    min: 0, max: 1, step: "any", say: (x) => `${Math.round(100 * x)} %`, oninput: hands.intensity });
  const buttons = ["neutral", ...types].map((name) => element("button", {
    type: "button", class: "type", "data-type": name, style: `--own: ${colors[name]}`, onclick: () => hands.type(name),
  }, name));
  const face = element("div", { class: "face" }, pad.svg, intensity.row,
    element("div", { class: "types", role: "group", "aria-label": "expression" }, ...buttons));

  const pose = ANGLES.map((label, i) => rangeRow(label, {
    min: -model.get("pose_limit")[i], max: model.get("pose_limit")[i], step: 1, say: (v) => `${v}°`, oninput: (v) => hands.pose(i, v) }));
  const straight = element("button", { type: "button", class: "small", onclick: hands.straight }, "straight");
  const turns = model.get("pose_limit").some((most) => most > 0); // a page without a kernel has the clip's poses alone
  const head = element("details", { hidden: !turns }, element("summary", {}, "Head"), ...pose.map((p) => p.row), straight);

  const identity = element("select", { "aria-label": "identity", onchange: () => hands.identity(identity.value) },
    ...model.get("names").map((name) => element("option", { value: name }, name)));
  const who = element("label", { class: "row", hidden: model.get("names").length < 2 },
    element("span", {}, "identity"), identity);
  const insides = ["", ...Object.keys(model.get("insides"))].map((name) => element("button", {
    type: "button", class: "inside", "data-inside": name, onclick: () => hands.inside(name) }, INSIDE_LABELS[name] || name));
  const look = element("details", {}, element("summary", {}, "Look inside"),
    element("div", { class: "types", role: "group", "aria-label": "shown beside the face" }, ...insides));

  const timeline = makeTimeline(types, colors, {
    onChange: hands.path, onSeek: (t) => hands.seekTo(t), onChoose: (i, path) => chosen(i, path) });
  const drives = element("input", { type: "checkbox", onchange: () => hands.drives(drives.checked) });
  const pointType = element("select", { "aria-label": "type of the chosen key-point", onchange: () => hands.retype(pointType.value) },
    element("option", { value: "", hidden: true }, "none chosen"), ...types.map((name) => element("option", { value: name }, name)));
  const small = (text, action) => element("button", { type: "button", class: "small", onclick: action }, text);
  const removal = small("remove", hands.removePoint);
  const text = element("input", { type: "text", class: "text", spellcheck: "false",
    "aria-label": "the path as text", onchange: () => hands.text(text.value) });
  const film = small("film it (mp4)", hands.film);
  hide(film, Boolean(model.lanes)); // a kernel writes films
  const filmed = element("a", { class: "filmed", hidden: true }, "");
  const over = element("details", { class: "over" }, element("summary", {}, "Expression over time"),
    element("div", { class: "tools" }, element("label", { class: "tick" }, drives, "the curve drives the face"),
      small("+ key-point here", hands.addPoint), element("label", { class: "tick" }, "type", pointType), removal),
    timeline.svg,
    element("label", { class: "tools" }, "as text", text), element("div", { class: "tools" }, film, filmed));

  function chosen(i, path) {
    pointType.disabled = i === null;
    removal.disabled = i === null || withoutNode(path, i) === null;
    pointType.value = i === null ? "" : path.types[Math.min(i, path.types.length - 1)];
  }

  const said = element("p", { class: "said", hidden: true });
  const trouble = element("p", { class: "trouble", role: "alert", hidden: true });
  const speed = element("span", { class: "speed", title: "frames painted in a second · from the hand to the picture" });
  const root = element("div", { class: "dnt-live" },
    element("div", { class: "columns" },
      element("div", { class: "left" }, stage, said, trouble, speaking, element("div", { class: "foot" }, speed), look),
      element("div", { class: "right" }, face, who, head)),
    over);

  return {
    root, canvas, inner, beside, caption, play, speech, pad, intensity, buttons, pose, identity, insides, timeline, drives, text, film, filmed, trouble, speed, over, said,
  };
}
