// Asks for the page's code, as whoever types its address without one has to give it.

function askForCode(place, wrong, onGiven) {
  const input = element("input", { type: "text", id: "dnt-code", autocomplete: "off", autocapitalize: "none",
    spellcheck: "false", size: "12", required: true });
  const text = wrong ? "This is not the page's code. It stands behind the # of its address." :
    "This page has a code. It stands behind the # of its address, on the wall or beside the QR code.";
  const form = element("form", { class: "code" }, element("h1", {}, "The page's code"), element("p", { role: wrong && "alert" }, text),
    element("p", {}, element("label", { for: "dnt-code" }, "Code "), input, " ", element("button", { type: "submit" }, "Open")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.remove();
    onGiven(input.value.trim());
  });
  place.replaceChildren(form);
  input.focus();
}
