// A face that follows the hand: connects the panel to the model's values and to the kernel.

function render({ model, el }) {
  const set = (values) => {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
  };
  // Of traits that no frame's request carries. Not by save_changes: in JupyterLab that would also send values which a
  // hand once moved and a program has set since.
  const tell = (values) => {
    set(values);
    link.tell({ kind: "set", values });
  };
  let about = { n_frames: 1, fps: 30, rate: 0 };
  let drives = false, ticking = null;
  let glide = null, goal = null; // the type that a glide leads to
  let opened = null; // the identity whose clip is here
  let saved = null; // the timer that tells the kernel the path
  let given = false; // the curve is being set by a program
  const speaker = shareSpeaker();
  const duration = () => about.n_frames / about.fps;
  const parsed = (text, patience) => link.ask({ kind: "path", text, duration: duration() }, patience);

  // From one type at an intensity to another: down to neutral and up again, in a quarter of a second; at once for who
  // asks for less motion.
  function glideTo(expression, intensity) {
    cancelAnimationFrame(glide);
    goal = expression;
    const from = { expression: model.get("expression"), intensity: model.get("intensity") };
    const direct = calm() || from.expression === expression || !(from.intensity > 0 && intensity > 0);
    const begun = performance.now();
    const step = () => {
      const u = Math.min(1, (performance.now() - begun) / 260);
      if (direct || u === 1) {
        goal = null;
        return set({ expression, intensity });
      }
      if (u < 0.5) set({ intensity: from.intensity * (1 - 2 * u) });
      else set({ expression, intensity: intensity * (2 * u - 1) });
      return (glide = requestAnimationFrame(step));
    };
    step();
  }

  function byHand() {
    arrive();
    setDrives(false);
  }

  // A glide that is cut short has arrived at its type, at the intensity of this moment.
  function arrive() {
    cancelAnimationFrame(glide);
    if (goal !== null) set({ expression: goal });
    goal = null;
  }

  function setDrives(on) {
    drives = on;
    panel.drives.checked = on;
    if (on) fromPath();
  }

  function fromPath() {
    const { type, x } = pathAt(panel.timeline.path, about.n_frames > 1 ? model.get("frame") / (about.n_frames - 1) : 0);
    arrive();
    set({ expression: type, intensity: clamp(x, 0, 1) });
  }

  function seek(frame) {
    set({ frame });
    if (model.get("playing")) speaker.play(frame / about.fps);
  }

  const hands = {
    play: () => tell({ playing: !model.get("playing") }),
    loud: (on) => speaker.loud(on),
    seconds: (frame) => `${(frame / about.fps).toFixed(2)} s`,
    seek: (frame) => seek(Math.round(frame)),
    seekTo: (t) => seek(Math.round(t * (about.n_frames - 1))),
    pad({ type, intensity, by }, { jump }) {
      byHand();
      const names = panel.buttons.map((b) => b.dataset.type).slice(1);
      if (by) {
        const k = names.indexOf(model.get("expression"));
        type = by[0] ? names[(k + by[0] + names.length) % names.length] : model.get("expression");
        intensity = clamp(model.get("intensity") + by[1], 0, 1);
      }
      type = type || model.get("expression");
      if (jump) glideTo(type, intensity);
      else set({ expression: type, intensity });
    },
    intensity(value) {
      byHand();
      set(model.get("expression") === "neutral" ? { expression: "happy", intensity: value } : { intensity: value });
    },
    type(name) {
      byHand();
      if (name === "neutral") glideTo(model.get("expression"), 0);
      else glideTo(name, model.get("intensity") || 1);
    },
    pose(i, value) {
      const pose = [...model.get("pose")];
      pose[i] = value;
      set({ pose });
    },
    straight: () => set({ pose: [0, 0, 0] }),
    identity: (name) => set({ identity: name }),
    inside: (name) => set({ inside: name }),
    path(path) {
      panel.text.value = pathText(path);
      clearTimeout(saved);
      if (!given) saved = setTimeout(() => tell({ path: panel.text.value }), 200); // when the hand rests
      if (drives) fromPath();
    },
    drives: setDrives,
    retype: (type) => panel.timeline.retype(type),
    removePoint: () => panel.timeline.remove(),
    addPoint() {
      const t = about.n_frames > 1 ? model.get("frame") / (about.n_frames - 1) : 0;
      const type = model.get("expression") === "neutral" ? "happy" : model.get("expression");
      const added = panel.timeline.add(type, clamp(t, 0.02, 0.98), model.get("intensity") || 0.5);
      if (!added) notice("there is a key-point here already: move the speech a little, then add one");
    },
    async text(value) {
      const { message } = await parsed(value);
      if (!message || message.kind === "trouble") return refused(message);
      healed();
      return panel.timeline.set(message.points);
    },
    async film() {
      panel.film.disabled = true;
      panel.film.textContent = "filming …";
      link.hold(true);
      const request = { kind: "film", text: panel.text.value, identity: model.get("identity"), pose: model.get("pose") };
      const { message, buffers } = await link.ask(request, 600000, ({ done, frames }) => {
        panel.film.textContent = `filming ${done} of ${frames} frames …`;
      });
      link.hold(false);
      panel.film.disabled = false;
      panel.film.textContent = "film it (mp4)";
      if (!message || message.kind === "trouble") return refused(message);
      URL.revokeObjectURL(panel.filmed.href);
      const name = `live_${model.get("identity")}.mp4`;
      furnish(panel.filmed, { href: URL.createObjectURL(new Blob([buffers[0]], { type: "video/mp4" })), download: name }, []);
      panel.filmed.textContent = `save ${name} (${Math.round(buffers[0].byteLength / 1024)} kB)`;
      panel.filmed.hidden = false;
      return healed();
    },
  };
  const panel = makePanel(model, hands);
  const painter = makePainter(panel);
  const tabIcon = makeTabIcon();
  const { say, notice, healed } = makeSentences(model, panel);
  const link = makeLink(model, { paint: painter.paint, say, tabIcon });

  // Said by the kernel outside any answer: a value that a program gave to a trait. What the last frame said outlasts it.
  function complained() {
    const sentence = model.get("error");
    if (sentence && (sentence !== panel.trouble.textContent || panel.trouble.hidden)) notice(sentence);
  }

  const refused = (message) => (message ? notice(message.sentence) : say("silence"));

  function show() {
    const [expression, intensity, frame] = [model.get("expression"), finite(model.get("intensity")), finite(model.get("frame"))];
    panel.pad.show(expression, intensity);
    panel.intensity.show(intensity);
    for (const b of panel.buttons) {
      const on = b.dataset.type === (intensity > 0 ? expression : "neutral");
      mark(b, { "aria-pressed": on });
      b.classList.toggle("next", !on && b.dataset.type === expression);
    }
    panel.speech.show(frame);
    panel.timeline.seek(about.n_frames > 1 ? frame / (about.n_frames - 1) : 0);
    panel.pose.forEach((p, i) => p.show(finite(model.get("pose")[i])));
    panel.identity.value = model.get("identity");
    for (const b of panel.insides) mark(b, { "aria-pressed": b.dataset.inside === model.get("inside") });
    hide(panel.beside, !model.get("inside"));
    mark(panel.caption, {}, model.get("insides")[model.get("inside")] || "");
    mark(panel.play, { "aria-label": model.get("playing") ? "Pause" : "Play" }, model.get("playing") ? "❚❚ Pause" : "▶ Play");
  }

  function moved(changed) {
    if (changed === "frame" && drives) fromPath();
    show();
    if (opened === model.get("identity")) link.want();
    else if (opened !== "opening") open();
  }

  async function open() {
    const identity = model.get("identity");
    opened = "opening";
    if (model.lanes) link.hold(true); // a page without a kernel draws nobody whom it has not opened
    const slow = setTimeout(() => painter.busy(`getting ${identity} ready …`), 400);
    const { message, buffers } = await link.ask({ kind: "open", identity }, 120000);
    clearTimeout(slow);
    if (identity !== model.get("identity")) return null; // another one is being opened by now
    painter.busy("");
    if (model.lanes) link.hold(false);
    if (!message || message.kind === "trouble") {
      opened = null; // the next move of the hand tries again
      if (!message) return say("silence");
      if (model.get("playing")) hands.play(); // not the clock: it would ask at every frame
      return say("trouble", message.sentence);
    }
    [about, opened] = [message, identity];
    panel.speech.input.max = about.n_frames - 1;
    const bytes = buffers[0];
    const samples = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    const sound = speaker.load(samples, about.rate, duration());
    panel.timeline.sound(sound ? sound.samples : []);
    mark(panel.said, {}, about.captions ? `“${about.captions}”` : "");
    hide(panel.said, !about.captions);
    if (model.get("frame") >= about.n_frames) set({ frame: 0 });
    if (model.get("playing")) speaker.play(model.get("frame") / about.fps); // in the voice that is here now
    repathed();
    return moved();
  }

  // Space plays wherever it means nothing else, and the notebook does not hear keys that are meant for the face.
  function keyed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key === "Escape") return;
    if (event.key === "Enter" && event.shiftKey) return;
    event.stopPropagation();
    if (event.key === " " && !event.target.closest("button, input, select, summary, a")) {
      event.preventDefault();
      hands.play();
    }
  }

  // A clip goes on in a loop; for who asks for less motion it plays once.
  function tick() {
    const frame = Math.min(about.n_frames - 1, Math.floor(speaker.time() * about.fps));
    if (calm() && frame < model.get("frame") - about.n_frames / 2) {
      set({ frame: about.n_frames - 1 });
      return hands.play();
    }
    if (frame !== model.get("frame")) set({ frame });
    ticking = requestAnimationFrame(tick);
  }

  function playing() {
    cancelAnimationFrame(ticking);
    if (model.get("playing")) {
      if (calm() && model.get("frame") >= about.n_frames - 1) set({ frame: 0 }); // it had ended
      speaker.play(model.get("frame") / about.fps);
      ticking = requestAnimationFrame(tick);
    } else speaker.stop();
    show();
  }

  // The line to the kernel broke or came back: ask whether anybody is there, and then for what was not answered.
  async function liveness() {
    link.drop();
    const identity = model.get("identity");
    const gone = setTimeout(() => say("gone"), 1500);
    const { message } = await link.ask({ kind: "open", identity }, 600000); // it may only be busy
    clearTimeout(gone);
    if (!message) return null; // the line broke again
    say("well");
    return opened === identity ? link.want() : open();
  }

  // A program, or another view, gave the curve another path.
  async function repathed() {
    const text = model.get("path");
    if (text === panel.text.value || opened !== model.get("identity")) return;
    const { message } = await parsed(text, 600000);
    if (!message || text !== model.get("path")) return;
    if (message.kind === "trouble") {
      notice(message.sentence);
      return;
    }
    given = true;
    panel.timeline.set(message.points);
    given = false;
  }
  const listeners = { "change:playing": playing, "change:identity": open, "change:error": complained, "change:path": repathed, "comm_live_update": liveness };
  for (const name of DRIVEN.filter((n) => n !== "identity")) listeners[`change:${name}`] = () => moved(name);
  for (const [name, action] of Object.entries(listeners)) model.on(name, action);
  panel.root.addEventListener("keydown", keyed);
  panel.drives.checked = false;
  panel.text.value = pathText(panel.timeline.path);
  el.append(panel.root);
  show();
  open().then(() => model.get("playing") && playing());
  return () => {
    for (const [name, action] of Object.entries(listeners)) model.off(name, action);
    cancelAnimationFrame(ticking);
    cancelAnimationFrame(glide);
    clearTimeout(saved);
    healed();
    link.stop();
    tabIcon.release();
    speaker.close();
  };
}

export default { render };
