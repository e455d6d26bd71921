// Reads the text form of a CIEC path as dnt_core.ciec_path does: points [time in the clip, type, intensity].

const EXAMPLE = 'expected e.g. "happy:0->1->0, sad:0->0.8" or, with times, "happy:0@0s->1@0.5s" or "happy:0@0%->1@50%"';
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const g = (x) => String(Number(x.toPrecision(6)));
const quoted = (text) => `'${text}'`;

export function parsePath(text, types, duration) {
  const refuse = (sentence) => {
    throw new Error(sentence);
  };
  const whole = `the expression path ${quoted(text)}`, raw = [], units = new Set();
  const number = (written, item, what) => {
    if (!NUMBER.test(written)) refuse(`${quoted(item)} in ${whole} is no ${what}; ${EXAMPLE}`);
    return Number(written);
  };
  for (const part of String(text).split(",").filter((part) => part.trim())) {
    const [name, ...rest] = part.split(":"), type = name.trim().toLowerCase(), values = rest.join(":");
    if (!rest.length || !type) refuse(`${quoted(part.trim())} in ${whole} has no 'type:values'; ${EXAMPLE}`);
    if (!types.includes(type)) refuse(`unknown expression ${quoted(name.trim())}: expected one of ${types.join(", ")}`);
    const points = values.split(/→|->/).map((found) => {
      const item = found.trim(), [value, ...late] = item.split("@"), time = late.join("@").trim();
      const x = number(value.trim(), item, "intensity");
      if (!late.length) return units.add(null) && [x, null];
      const unit = /[%s]$/.test(time) ? time.slice(-1) : "";
      units.add(unit || "s");
      return [x, number(time.slice(0, time.length - unit.length).trim(), time || item, "time")];
    });
    raw.push([type, points]);
  }
  if (!raw.length) refuse(`${whole} holds no expression; ${EXAMPLE}`);
  if (units.size > 1) refuse(`${whole} must give times to all values in one unit, or to none`);
  const [unit] = units;
  let points;
  if (unit) points = raw.flatMap(([type, values]) => values.map(([x, t]) => [unit === "%" ? t / 100 : t, type, x]));
  else {
    const runs = raw.map(([type, values]) => [type, values.length === 1 ? [values[0], values[0]] : values]);
    const shares = runs.reduce((sum, [, values]) => sum + values.length - 1, 0);
    let k = 0;
    points = runs.flatMap(([type, values]) => {
      const run = values.map(([x], j) => [(k + j) / shares, type, x]);
      k += values.length - 1;
      return run;
    });
  }
  const checked = canonical(points.map(([t, type, x]) => [Number(t.toFixed(9)), type, x]), unit === "s", refuse);
  if (unit !== "s") return checked;
  const end = checked[checked.length - 1][0];
  if (end > duration + 1e-6) refuse(`the path ends at ${g(end)} s, the clip at ${g(duration)} s`);
  return checked.map(([t, type, x]) => [t / duration, type, x]);
}

// Refuses jumps and changes of type at non-zero intensity; closes and opens each type's run with a zero.
function canonical(points, seconds, refuse) {
  for (const [t, type, x] of points) {
    if (!(x >= 0 && x <= 1)) refuse(`key-point ${type} at time ${g(t)}: intensity ${g(x)} is not in [0, 1]`);
    if (type === "neutral" && x) refuse(`key-point at time ${g(t)}: neutral has no intensity, got ${g(x)}`);
    if (t < 0 || (!seconds && t > 1 + 1e-9)) {
      refuse(`key-point ${type}=${g(x)}: time ${g(t)} is not ${seconds ? "seconds ≥ 0" : "a fraction of the clip in [0, 1]"}`);
    }
  }
  const runs = [[points[0]]];
  for (let k = 1; k < points.length; k++) {
    const [a, b] = [points[k - 1], points[k]], run = runs[runs.length - 1];
    if (b[0] < a[0]) refuse(`key-points must be in order of time, but ${g(b[0])} follows ${g(a[0])}`);
    if (a[1] !== b[1] && a[2] && b[2]) {
      refuse(`the type changes from ${a[1]} at ${g(a[2])} to ${b[1]} at ${g(b[2])}, but a CIEC may change its type only at zero intensity`);
    }
    if (a[0] === b[0] && a[2] !== b[2]) {
      const hint = a[1] !== b[1] && a[2] ? ` (end ${a[1]} with →0)` : "";
      refuse(`the path jumps from ${a[1]} at ${g(a[2])} to ${b[1]} at ${g(b[2])} at time ${g(a[0])}; it must be continuous and change its type only at zero intensity${hint}`);
    }
    if (a[1] === b[1]) run.push(b);
    else if (a[2]) {
      run.push([b[0], a[1], 0]);
      runs.push([b]);
    } else runs.push([[a[0], b[1], 0], ...(b[0] > a[0] ? [b] : [])]);
  }
  const longer = runs.filter((run) => run[run.length - 1][0] > run[0][0]);
  const all = (longer.length ? longer : [runs[runs.length - 1]]).flat();
  return all.filter((p, k) => k === 0 || String(p) !== String(all[k - 1]));
}
