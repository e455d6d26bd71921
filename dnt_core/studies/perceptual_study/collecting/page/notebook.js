// The study in a notebook: a kernel keeps the answers.

function render({ model, el }) {
  const memory = makeMemory(`dnt-study-${model.get("study")}-`);
  return showStudy({ line: model, memory, el, ownPage: false });
}

export default { render };
