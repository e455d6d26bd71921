// A CIEC over time, as it is edited: nodes {t, x} with t in [0, 1], and between two nodes a type. Where the types
// of two neighbours differ the node between them is pinned at zero: a type changes only there (figure 1).

function pathFrom(points) {
  const nodes = [], types = [];
  let type = (points.find(([, name]) => name !== "neutral") || [0, "happy"])[1];
  for (const [t, name, x] of points) {
    if (name !== "neutral") type = name; // neutral is any type at zero
    const last = nodes[nodes.length - 1];
    if (last && Math.abs(last.t - t) < 1e-9 && last.x === x) {
      last.type = type;
      continue;
    }
    if (last) types.push(last.x > 0 && x === 0 ? last.type : type);
    nodes.push({ t, x, type });
  }
  if (nodes[0].t > 0) {
    types.unshift(nodes[0].type);
    nodes.unshift({ ...nodes[0], t: 0 });
  }
  const last = nodes[nodes.length - 1];
  if (last.t < 1) {
    types.push(last.type);
    nodes.push({ ...last, t: 1 });
  }
  return { nodes: nodes.map(({ t, x }) => ({ t, x })), types };
}

function pathAt({ nodes, types }, t) {
  let k = nodes.findIndex((node) => node.t > t) - 1;
  if (k < 0) k = t < nodes[0].t ? 0 : nodes.length - 2;
  const [a, b] = [nodes[k], nodes[k + 1]];
  const part = b.t > a.t ? clamp((t - a.t) / (b.t - a.t), 0, 1) : 1;
  return { type: types[k], x: a.x + part * (b.x - a.x) };
}

const isJoint = ({ nodes, types }, i) => i > 0 && i < nodes.length - 1 && types[i - 1] !== types[i];

// The text form that dnt_core.ciec_path reads, with a time at every value.
function pathText({ nodes, types }) {
  const percents = (digits) => nodes.map(({ t }) => Number((100 * t).toFixed(digits)));
  let digits = 2; // more where two nodes would fall together
  while (digits < 12 && percents(digits).some((t, k, all) => k > 0 && t <= all[k - 1])) digits++;
  const times = percents(digits);
  const value = (k) => `${Number(nodes[k].x.toFixed(3))}@${times[k]}%`;
  const runs = [];
  for (let k = 0; k < types.length; k++) {
    const run = runs[runs.length - 1];
    if (run && run.type === types[k]) run.values.push(value(k + 1));
    else runs.push({ type: types[k], values: [value(k), value(k + 1)] });
  }
  return runs.map((run) => `${run.type}:${run.values.join("→")}`).join(", ");
}

function movedNode(path, i, t, x) {
  const nodes = path.nodes.map((node) => ({ ...node }));
  const ends = i === 0 || i === nodes.length - 1;
  if (!ends) {
    const [a, b] = [nodes[i - 1].t, nodes[i + 1].t], gap = Math.min(0.005, (b - a) / 2);
    nodes[i].t = clamp(t, a + gap, b - gap);
  }
  nodes[i].x = isJoint(path, i) ? 0 : clamp(x, 0, 1);
  return { nodes, types: path.types };
}

// A new node of `type` at (t, x). In a stretch of another type it comes with a zero on either side.
function withNode(path, t, type, x) {
  const k = clamp(path.nodes.findIndex((node) => node.t > t) - 1, 0, path.types.length - 1);
  const [a, b] = [path.nodes[k], path.nodes[k + 1]];
  const room = Math.min(t - a.t, b.t - t);
  if (room < 0.012) return { path, chosen: null };
  const nodes = [...path.nodes], types = [...path.types];
  if (types[k] === type || (a.x === 0 && b.x === 0)) {
    nodes.splice(k + 1, 0, { t, x });
    types.splice(k, 1, type, type);
    return { path: { nodes, types }, chosen: k + 1 };
  }
  const width = Math.min(0.08, room - 0.005);
  nodes.splice(k + 1, 0, { t: t - width, x: 0 }, { t, x }, { t: t + width, x: 0 });
  types.splice(k, 1, types[k], type, type, types[k]);
  return { path: { nodes, types }, chosen: k + 2 };
}

// Without node i, or null where taking it away would let a type change above zero.
function withoutNode(path, i) {
  if (i <= 0 || i >= path.nodes.length - 1) return null;
  const nodes = [...path.nodes], types = [...path.types];
  const flat = (k) => nodes[k].x === 0 && nodes[k + 1].x === 0;
  if (types[i - 1] !== types[i] && !flat(i - 1) && !flat(i)) return null;
  const kept = flat(i - 1) ? types[i] : types[i - 1];
  types.splice(i - 1, 2, kept);
  nodes.splice(i, 1);
  return { nodes, types };
}

// The whole run of one type that node i belongs to becomes another type.
function retyped(path, i, type) {
  const types = [...path.types];
  const k = Math.min(i, types.length - 1);
  const old = types[k];
  for (let j = k; j >= 0 && path.types[j] === old; j--) types[j] = type;
  for (let j = k + 1; j < types.length && path.types[j] === old; j++) types[j] = type;
  return { nodes: path.nodes, types };
}
