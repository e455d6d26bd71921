// The CIEC as a disc: the angle is the type, the distance from the centre the intensity, the centre neutral.
// Towards the border between two types the intensity sinks to zero, so that every way of the hand from one
// type to another leads through neutral, as the code itself demands.

const PAD = { radius: 100, plain: 0.6, snap: 0.06 };

function makePad(types, colors, onMove) {
  const step = (2 * Math.PI) / types.length;
  const angle = (k) => -Math.PI / 2 + k * step;
  // How much of the distance counts, `off` radians away from a type's axis: 1, and 0 at the border.
  const share = (off) => {
    const u = clamp((1 - Math.abs(off) / (step / 2)) / (1 - PAD.plain), 0, 1);
    return u * u * (3 - 2 * u);
  };

  const svg = shape("svg", {
    viewBox: "-178 -127 356 254", class: "pad", tabindex: 0, role: "slider", "aria-label":
      "expression pad: left and right choose the type, up and down the intensity",
    "aria-valuemin": 0, "aria-valuemax": 100,
  });
  types.forEach((name, k) => {
    const outline = [];
    for (let i = 0; i <= 24; i++) {
      const off = (i / 24 - 0.5) * step;
      const r = PAD.radius * (0.06 + 0.94 * share(off));
      outline.push(`${(r * Math.cos(angle(k) + off)).toFixed(1)},${(r * Math.sin(angle(k) + off)).toFixed(1)}`);
    }
    const [x, y] = [Math.cos(angle(k)), Math.sin(angle(k))];
    svg.append(
      shape("polygon", { points: `0,0 ${outline.join(" ")}`, fill: colors[name], class: "petal" }),
      shape("line", { x1: 0, y1: 0, x2: 100 * x, y2: 100 * y, stroke: colors[name], class: "axis" }),
      ...[1 / 3, 2 / 3].map((r) => shape("circle", {
        cx: 100 * r * x, cy: 100 * r * y, r: 1.8, fill: colors[name], class: "tick" })),
      furnish(shape("text", { x: 118 * x, y: 118 * y + 4, class: "type",
        "text-anchor": x > 0.3 ? "start" : x < -0.3 ? "end" : "middle" }), {}, [name]),
    );
  });
  const hand = shape("circle", { r: 9, class: "hand" });
  svg.append(shape("circle", { r: 3.5, class: "neutral" }), hand);

  function show(type, intensity) {
    const k = Math.max(0, types.indexOf(type));
    const r = types.includes(type) ? PAD.radius * intensity : 0;
    mark(hand, { cx: r * Math.cos(angle(k)), cy: r * Math.sin(angle(k)), fill: colors[type] || colors.neutral });
    const said = r ? `${type}, ${Math.round(r)} per cent` : "neutral";
    mark(svg, { "aria-valuenow": Math.round(100 * (r / PAD.radius)), "aria-valuetext": said });
  }

  function read(event) {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const r = Math.hypot(at.x, at.y) / PAD.radius;
    if (r < PAD.snap) return { type: null, intensity: 0 };
    const turn = Math.atan2(at.y, at.x) - angle(0);
    const k = ((Math.round(turn / step) % types.length) + types.length) % types.length;
    const off = turn - Math.round(turn / step) * step;
    const distance = clamp((r - PAD.snap) / (1 - PAD.snap), 0, 1);
    return { type: types[k], intensity: distance * share(off) };
  }

  let held = null; // the pointer that drags: another finger on the pad means nothing
  svg.addEventListener("pointerdown", (event) => {
    if (held !== null || event.button !== 0) return;
    held = event.pointerId;
    svg.setPointerCapture(event.pointerId);
    svg.dataset.by = "pointer"; // no frame around it then
    svg.focus({ preventScroll: true });
    onMove(read(event), { jump: true });
    event.preventDefault();
  });
  svg.addEventListener("pointermove", (event) => {
    if (event.pointerId === held) onMove(read(event), {});
  });
  for (const end of ["pointerup", "pointercancel"]) {
    svg.addEventListener(end, (event) => event.pointerId === held && (held = null));
  }
  svg.addEventListener("keydown", (event) => {
    const move = { ArrowUp: [0, 0.05], ArrowDown: [0, -0.05], ArrowLeft: [-1, 0], ArrowRight: [1, 0],
      PageUp: [0, 0.25], PageDown: [0, -0.25], Home: [0, -1], End: [0, 1] }[event.key];
    if (!move) return;
    event.preventDefault();
    svg.dataset.by = "key";
    onMove({ by: move }, { jump: true });
  });
  return { svg, show };
}
