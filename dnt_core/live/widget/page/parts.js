// Small things that every part of the page uses, beside `element` and `furnish` of dnt_core/serving/page/element.js.

const SVG = "http://www.w3.org/2000/svg";

function shape(tag, attributes = {}, ...children) {
  return furnish(document.createElementNS(SVG, tag), attributes, children);
}

// Attributes and text that differ: to set the same again costs a layout of the page.
function mark(node, attributes, text = null) {
  for (const [name, value] of Object.entries(attributes)) {
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
  if (text !== null && node.textContent !== text) node.textContent = text;
}

const hide = (node, on) => node.hidden === on || (node.hidden = on);

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

// What is drawn for a value that a program gave and that is no number; the kernel says so in words.
const finite = (value) => (Number.isFinite(value) ? value : 0);

// A slider with its label and what it stands at. `say` turns the value into words.
function rangeRow(label, { min, max, step, say = String, oninput }) {
  const input = element("input", { type: "range", min, max, step, "aria-label": label });
  const output = element("output", { "aria-live": "off" }); // the slider says its value; a clip that plays would be read out
  const row = element("label", { class: "row" }, element("span", {}, label), input, output);
  const show = (value) => {
    if (Number(input.value) !== value) input.value = value;
    mark(output, {}, say(value));
    mark(input, { "aria-valuetext": say(value) });
  };
  input.addEventListener("input", () => {
    show(Number(input.value));
    oninput(Number(input.value));
  });
  return { row, input, show };
}
