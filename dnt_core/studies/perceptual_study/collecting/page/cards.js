// A row of playing clips that is put in order: by mouse or finger, by arrow keys, by buttons.

function makeCards(buffers, said, { say, onChange, onSeen }) {
  const letters = buffers.map((_, i) => String.fromCharCode(65 + i));
  const list = element("ol", { class: "cards", "aria-label": "Clips, from the weakest to the strongest" });
  const inOrder = () => Array.from(list.children);
  let moves = !calm(); // who asks for less motion begins the clips by a tap
  const urls = buffers.map((b) => URL.createObjectURL(new Blob([b], { type: "video/mp4" })));
  const cards = urls.map((url, index) => makeCard(url, index));
  list.append(...cards);
  label();

  const order = () => inOrder().map((card) => cards.indexOf(card));

  function makeCard(url, index) {
    const video = element("video", { src: url, loop: true, playsinline: true, autoplay: moves, "aria-hidden": "true" });
    video.muted = true; // the attribute alone does not mute a video that a script makes
    video.disablePictureInPicture = true;
    video.addEventListener("error", () => say(`Clip ${letters[index]} cannot be played: this browser has no H.264.`));
    const place = element("span", { class: "place", "aria-hidden": "true" });
    const grip = element("div", { class: "grip", title: "Drag to its place" }, video, place);
    if (said) video.append(captions(said));
    const { weaker, stronger } = moveButtons((by) => step(card, by, true));
    const sound = element("button", { type: "button", class: "sound", "aria-pressed": "false" });
    sound.append(element("span", { class: "speaker" }));
    sound.addEventListener("click", () => hear(video.muted ? index : null));
    const tools = element("div", { class: "tools" }, weaker, sound, stronger);
    const card = element("li", { class: "card", tabindex: "0" }, grip, tools);
    Object.assign(card, { video, place, weaker, stronger, sound });
    card.watch = watch(video, seen, begin);
    card.addEventListener("keydown", (event) => onKey(event, card));
    makeDraggable(card, grip, list, inOrder, (at) => moveTo(card, at));
    return card;
  }

  function onKey(event, card) {
    const at = () => inOrder().indexOf(card);
    const to = placeOfKey(event, card, at(), cards.length - 1);
    while (to !== null && at() !== to) step(card, to < at() ? -1 : 1, false);
  }

  function step(card, by, fromButton) {
    const now = inOrder();
    const other = now[now.indexOf(card) + by];
    if (!other) return;
    // the neighbour is moved, so that the card keeps the focus
    by < 0 ? put(other, card.nextElementSibling) : put(other, card);
    changed(card);
    if (fromButton && document.activeElement?.disabled) card.focus();
  }

  function moveTo(card, at) {
    const others = inOrder().filter((c) => c !== card);
    if (inOrder().indexOf(card) === at) return;
    put(card, others[at] || null);
    changed(card);
  }

  function seen() {
    if (cards.every((card) => card.watch.seen)) onSeen();
  }

  function put(card, before) {
    if (list.moveBefore) list.moveBefore(card, before);
    else list.insertBefore(card, before);
    if (moves) play([card]); // a video that is moved stops in browsers without moveBefore
  }

  function changed(card) {
    label();
    say(`Clip ${letters[cards.indexOf(card)]} is now at place ${inOrder().indexOf(card) + 1} of ${cards.length}.`);
    onChange();
  }

  function label() {
    Array.from(list.children).forEach((card, at) => {
      const letter = letters[cards.indexOf(card)];
      card.place.textContent = at + 1;
      card.setAttribute("aria-label", `Clip ${letter}, place ${at + 1} of ${cards.length}; arrow keys move it`);
      card.weaker.disabled = at === 0;
      card.stronger.disabled = at === cards.length - 1;
      card.weaker.setAttribute("aria-label", `Clip ${letter} is weaker`);
      card.stronger.setAttribute("aria-label", `Clip ${letter} is stronger`);
      card.sound.setAttribute("aria-label", `Sound of clip ${letter}`);
      card.sound.title = "Sound";
    });
  }

  function hear(index) {
    cards.forEach((card, i) => {
      card.video.muted = i !== index;
      card.sound.setAttribute("aria-pressed", String(i === index));
    });
  }

  function remove() {
    cards.forEach((card) => card.video.pause());
    urls.forEach((url) => URL.revokeObjectURL(url));
  }

  function begin() {
    moves = true;
    play(cards);
  }

  return { list, order, remove, begin: () => (moves ? play(cards) : cards.forEach((card) => card.watch.held(true))) };
}

// Starts videos; a browser that plays none before a tap (phones that save power), or stops them later (a locked phone, a
// media key), shows a button for it on each.
function play(cards) {
  for (const { video, watch } of cards) {
    video.play().then(() => watch.held(false), (error) => watch.held(video.paused && error.name !== "NotSupportedError"));
  }
}

// Whether a clip was seen from its beginning to its end, and the button that lies over one which may not play by itself.
function watch(video, onSeen, onTap) {
  const button = element("button", { type: "button", class: "tap", hidden: true, "aria-label": "Play the clips" },
    element("span", { class: "triangle" }), "Tap to play");
  button.addEventListener("click", onTap);
  button.addEventListener("pointerdown", (event) => event.stopPropagation()); // it is no drag
  video.after(button);
  const state = { seen: false, held: (on) => (button.hidden = !on) };

  function look() {
    let length = 0;
    for (let i = 0; i < video.played.length; i++) length += video.played.end(i) - video.played.start(i);
    if (state.seen || !(length >= 0.9 * video.duration)) return;
    state.seen = true;
    onSeen();
  }
  video.addEventListener("timeupdate", look);
  video.addEventListener("seeked", look); // a loop that begins again
  video.addEventListener("pause", () => state.held(video.paused));
  video.addEventListener("playing", () => state.held(false));
  return state;
}

// What is said, as a track of the video; the page shows it as a line of text, too.
function captions(said) {
  const text = `WEBVTT\n\n00:00.000 --> 01:00.000\n${said.replaceAll("-->", "")}\n`;
  const src = URL.createObjectURL(new Blob([text], { type: "text/vtt" }));
  return element("track", { kind: "captions", srclang: "en", label: "English", src });
}

// The two buttons that move a card by one place; `step` is told -1 or 1.
function moveButtons(step) {
  const weaker = element("button", { type: "button", class: "move", onclick: () => step(-1) });
  const stronger = element("button", { type: "button", class: "move", onclick: () => step(1) });
  weaker.append(element("span", { class: "arrow back" }), "weaker");
  stronger.append("stronger", element("span", { class: "arrow" }));
  return { weaker, stronger };
}

// The place that a key moves a card to which is at place `at` of 0 to `last`; null where it moves none.
function placeOfKey(event, card, at, last) {
  if (event.target !== card || event.altKey || event.ctrlKey || event.metaKey) return null;
  const to = { ArrowLeft: at - 1, ArrowUp: at - 1, ArrowRight: at + 1, ArrowDown: at + 1, Home: 0, End: last };
  if (!(event.key in to)) return null;
  event.preventDefault();
  return Math.min(Math.max(to[event.key], 0), last);
}

// Pointer events, so that mouse, finger and pen are one; `drop` is told the place it was let go at.
function makeDraggable(card, grip, list, inOrder, drop) {
  let drag = null;

  grip.addEventListener("pointerdown", (event) => {
    if (drag || event.button !== 0 || !event.isPrimary) return;
    const slots = inOrder().map((c) => middle(c.getBoundingClientRect()));
    const from = inOrder().indexOf(card);
    drag = { id: event.pointerId, x: event.clientX, y: event.clientY, slots, from, at: from, moved: false };
    grip.setPointerCapture(event.pointerId);
    event.preventDefault(); // no text selection, no native dragging
    card.focus({ preventScroll: true });
  });

  grip.addEventListener("pointermove", (event) => {
    if (!drag || event.pointerId !== drag.id) return;
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    if (!drag.moved && Math.hypot(dx, dy) < 4) return;
    drag.moved = true;
    list.classList.add("dragging");
    card.classList.add("dragged");
    card.style.transform = `translate(${dx}px, ${dy}px) scale(1.03)`;
    const [x, y] = drag.slots[drag.from];
    const far = drag.slots.map(([sx, sy]) => Math.hypot(sx - x - dx, sy - y - dy));
    drag.at = far.indexOf(Math.min(...far));
    inOrder().forEach((other, i) => {
      if (other === card) return;
      const aside = i > drag.from && i <= drag.at ? -1 : i < drag.from && i >= drag.at ? 1 : 0;
      const [[ax, ay], [bx, by]] = [drag.slots[i], drag.slots[i + aside]];
      other.style.transform = aside ? `translate(${bx - ax}px, ${by - ay}px)` : "";
    });
  });

  function end(event, taken) {
    if (!drag || (event.pointerId !== undefined && event.pointerId !== drag.id)) return;
    const { at, moved } = drag;
    drag = null;
    list.classList.remove("dragging");
    card.classList.remove("dragged");
    inOrder().forEach((c) => (c.style.transform = ""));
    if (taken && moved) drop(at);
  }
  grip.addEventListener("pointerup", (event) => end(event, true));
  grip.addEventListener("pointercancel", (event) => end(event, false));
  card.addEventListener("keydown", (event) => event.key === "Escape" && end(event, false));
}

function middle(box) {
  return [box.left + box.width / 2, box.top + box.height / 2];
}
