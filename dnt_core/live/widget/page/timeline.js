// The expression over the clip's time: key-points on a curve under the waveform, dragged by hand or moved by keys.

const HEIGHT = 132, PAD_TOP = 12, PAD_BOTTOM = 14;

function makeTimeline(types, colors, { onChange, onSeek, onChoose }) {
  let path = pathFrom([[0, "happy", 0], [0.5, "happy", 1], [1, "happy", 0]]);
  let chosen = null, width = 600, peaks = [], now = 0;

  const wave = shape("path", { class: "wave" }), heard = furnish(shape("text", { x: 14, y: HEIGHT / 2 - 8, class: "heard" }), {}, ["sound"]);
  const curve = shape("g", {}), knots = shape("g", {});
  const playhead = shape("line", { y1: 0, y2: HEIGHT, class: "playhead" });
  const ground = shape("rect", { x: 0, y: 0, height: HEIGHT, class: "ground" });
  const svg = shape("svg", { class: "curve", height: HEIGHT, role: "group", "aria-label":
    "expression over time; key-points move with the arrow keys" }, ground, wave, heard, curve, playhead, knots);

  const toX = (t) => 10 + t * (width - 20), toY = (x) => HEIGHT - PAD_BOTTOM - x * (HEIGHT - PAD_TOP - PAD_BOTTOM);
  const fromEvent = (event) => {
    const box = svg.getBoundingClientRect();
    return {
      t: clamp((event.clientX - box.left - 10) / (width - 20), 0, 1),
      x: clamp((HEIGHT - PAD_BOTTOM - (event.clientY - box.top)) / (HEIGHT - PAD_TOP - PAD_BOTTOM), 0, 1),
    };
  };

  function change(next, index = chosen) {
    path = next;
    chosen = index;
    draw();
    onChange(path);
  }

  function draw() {
    svg.setAttribute("width", width);
    ground.setAttribute("width", width);
    playhead.setAttribute("x1", toX(now));
    playhead.setAttribute("x2", toX(now));
    drawWave();
    curve.replaceChildren();
    path.types.forEach((type, k) => {
      const [a, b] = [path.nodes[k], path.nodes[k + 1]];
      const ends = [toX(a.t), toY(a.x), toX(b.t), toY(b.x)];
      curve.append(
        shape("polygon", { fill: colors[type], class: "area", points:
          `${ends[0]},${ends[1]} ${ends[2]},${ends[3]} ${ends[2]},${toY(0)} ${ends[0]},${toY(0)}` }),
        shape("line", { x1: ends[0], y1: ends[1], x2: ends[2], y2: ends[3], stroke: colors[type], class: "piece" }),
      );
      const first = path.types[k - 1] !== type, top = Math.max(a.x, b.x);
      if (first && b.t - a.t > 0.02 && (top > 0 || path.types.length === 1)) {
        curve.append(furnish(shape("text", { x: ends[0] + 8, y: PAD_TOP + 2, fill: colors[type] }), {}, [type]));
      }
    });
    const focused = knots.contains(document.activeElement);
    knots.replaceChildren(...path.nodes.map(knot));
    if (focused && chosen !== null) knots.children[chosen].focus({ preventScroll: true });
    onChoose(chosen, path);
  }

  function drawWave() {
    const middle = HEIGHT / 2, n = peaks.length;
    heard.style.display = n ? "" : "none";
    if (!n) return wave.setAttribute("d", "");
    const up = peaks.map((p, i) => `${toX(i / (n - 1)).toFixed(1)},${(middle - p * 52).toFixed(1)}`);
    const down = peaks.map((p, i) => `${toX(i / (n - 1)).toFixed(1)},${(middle + p * 52).toFixed(1)}`).reverse();
    return wave.setAttribute("d", `M${up.join("L")}L${down.join("L")}Z`);
  }

  const saidOf = ({ nodes, types }, i) =>
    nodes[i].x > 0 ? `${types[Math.min(i, types.length - 1)]}, ${Math.round(100 * nodes[i].x)} per cent` : "neutral";

  function knot(node, i) {
    const pinned = isJoint(path, i);
    const color = colors[path.types[Math.min(i, path.types.length - 1)]];
    const group = shape("g", {
      class: `knot${pinned ? " pinned" : ""}${i === chosen ? " chosen" : ""}`, tabindex: 0, role: "slider",
      transform: `translate(${toX(node.t)} ${toY(node.x)})`, "aria-valuemin": 0, "aria-valuemax": 100,
      "aria-valuenow": Math.round(100 * node.x), "aria-valuetext": saidOf(path, i), "aria-label":
        `key-point at ${Math.round(100 * node.t)} per cent of the clip${pinned ? ", pinned at zero" : ""}`,
    }, shape("circle", { r: 15, class: "reach" }), shape("circle", { r: 6, fill: pinned ? "none" : color, class: "dot" }));
    group.addEventListener("pointerdown", (event) => grab(event, i));
    group.addEventListener("focus", () => {
      if (chosen === i) return;
      chosen = i;
      for (const [k, other] of [...knots.children].entries()) other.classList.toggle("chosen", k === i);
      onChoose(chosen, path);
    });
    group.addEventListener("keydown", (event) => {
      const move = { ArrowLeft: [-0.01, 0], ArrowRight: [0.01, 0], ArrowUp: [0, 0.05], ArrowDown: [0, -0.05] }[event.key];
      if (event.key === "Delete" || event.key === "Backspace") remove();
      else if (move) change(movedNode(path, i, node.t + move[0], path.nodes[i].x + move[1]), i);
      else return;
      event.preventDefault();
    });
    return group;
  }

  let held = null, by = null; // what is dragged, and by which pointer
  function takes(event, what) {
    if (by !== null || event.button !== 0) return false;
    [held, by] = [what, event.pointerId];
    svg.setPointerCapture(by);
    return true;
  }
  function grab(event, i) {
    if (!takes(event, i)) return;
    chosen = i;
    draw();
    knots.children[i].focus({ preventScroll: true });
    event.preventDefault();
    event.stopPropagation();
  }
  svg.addEventListener("pointerdown", (event) => {
    if (takes(event, "playhead")) onSeek(fromEvent(event).t);
  });
  svg.addEventListener("pointermove", (event) => {
    if (held === null || event.pointerId !== by) return;
    const { t, x } = fromEvent(event);
    if (held === "playhead") onSeek(t);
    else change(movedNode(path, held, t, x), held);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    svg.addEventListener(end, (event) => event.pointerId === by && ([held, by] = [null, null]));
  }

  function remove() {
    const next = chosen === null ? null : withoutNode(path, chosen);
    if (next) change(next, Math.min(chosen, next.nodes.length - 1));
    return next !== null;
  }

  new ResizeObserver(([entry]) => {
    width = Math.max(200, Math.round(entry.contentRect.width));
    draw();
  }).observe(svg);

  return {
    svg,
    remove,
    get path() {
      return path;
    },
    add(type, t, x) {
      const { path: next, chosen: index } = withNode(path, t, type, x);
      if (index !== null) change(next, index);
      return index !== null;
    },
    retype: (type) => chosen !== null && change(retyped(path, chosen, type)),
    set(points) {
      held = null; // of the curve before
      change(pathFrom(points), null);
    },
    seek(t) {
      now = t;
      mark(playhead, { x1: toX(t), x2: toX(t) });
    },
    sound(samples) {
      const n = samples.length ? 400 : 0, step = samples.length / 400;
      peaks = Array.from({ length: n }, (_, i) => {
        let most = 0;
        for (let j = Math.floor(i * step); j < (i + 1) * step; j++) most = Math.max(most, Math.abs(samples[j] || 0));
        return most;
      });
      const top = Math.max(...peaks, 1e-3);
      peaks = peaks.map((p) => (p / top) ** 0.6); // quiet syllables are seen, too
      draw();
    },
  };
}
