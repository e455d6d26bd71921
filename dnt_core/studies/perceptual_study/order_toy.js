// A row of pictures that the reader puts in order; what the kernel says about the order stands below it.
// `element`, `makeDraggable`, `moveButtons` and `placeOfKey` come from the study's page.

function render({ model, el }) {
  const root = element("div", { class: "dnt-study order-toy", "data-lm-suppress-shortcuts": "true" });
  const list = element("ol", { class: "cards", "aria-label": "Pictures, from the weakest to the strongest" });
  const said = element("div", { class: "said", role: "status", "aria-live": "polite" });
  const scale = element("div", { class: "scale", "aria-hidden": "true" }, "weakest");
  scale.append(element("span", { class: "line" }), "strongest");
  root.append(scale, list, said);
  el.append(root);
  let cards = [];

  const inOrder = () => Array.from(list.children);
  const letter = (card) => String.fromCharCode(65 + cards.indexOf(card));

  function makeCard(url, index) {
    const name = String.fromCharCode(65 + index);
    const place = element("span", { class: "place", "aria-hidden": "true" });
    place.textContent = name;
    const picture = element("img", { src: url, alt: `Face ${name}`, draggable: "false" });
    const grip = element("div", { class: "grip", title: "Drag to its place" }, picture, place);
    const { weaker, stronger } = moveButtons((by) => step(card, by));
    const card = element("li", { class: "card", tabindex: "0" }, grip);
    card.append(element("div", { class: "tools" }, weaker, stronger));
    Object.assign(card, { weaker, stronger });
    card.addEventListener("keydown", (event) => onKey(event, card));
    makeDraggable(card, grip, list, inOrder, (at) => moveTo(card, at));
    return card;
  }

  function onKey(event, card) {
    const to = placeOfKey(event, card, inOrder().indexOf(card), cards.length - 1);
    if (to !== null) moveTo(card, to);
  }

  function step(card, by) {
    moveTo(card, inOrder().indexOf(card) + by);
    if (document.activeElement?.disabled) card.focus();
  }

  function moveTo(card, at) {
    if (inOrder().indexOf(card) === at) return;
    const hadFocus = card.contains(document.activeElement) ? document.activeElement : null;
    list.insertBefore(card, inOrder().filter((c) => c !== card)[at] || null);
    hadFocus?.focus({ preventScroll: true });
    label();
    model.set("order", inOrder().map((c) => cards.indexOf(c)));
    model.save_changes();
  }

  function label() {
    inOrder().forEach((card, at) => {
      const name = letter(card);
      card.setAttribute("aria-label", `Face ${name}, place ${at + 1} of ${cards.length}; arrow keys move it`);
      card.weaker.disabled = at === 0;
      card.stronger.disabled = at === cards.length - 1;
      card.weaker.setAttribute("aria-label", `Face ${name} is weaker`);
      card.stronger.setAttribute("aria-label", `Face ${name} is stronger`);
    });
  }

  function deal() {
    cards = model.get("pictures").map(makeCard);
    arrange();
  }

  function arrange() {
    const wanted = model.get("order");
    const now = inOrder().map((card) => cards.indexOf(card));
    if (now.length === wanted.length && wanted.every((index, at) => index === now[at])) return;
    list.replaceChildren(...wanted.map((index) => cards[index]));
    label();
  }

  const speak = () => (said.textContent = model.get("said"));
  deal();
  speak();
  model.on("change:pictures", deal);
  model.on("change:order", arrange);
  model.on("change:said", speak);
  return () => {
    model.off("change:pictures", deal);
    model.off("change:order", arrange);
    model.off("change:said", speak);
  };
}

export default { render };
