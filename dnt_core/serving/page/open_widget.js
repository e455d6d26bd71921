// An anywidget in a page of its own: its state kept in step with the kernel's, as JupyterLab would do it.

async function openWidget(place, where) {
  const listeners = new Map(); // event → set of functions
  const changed = new Set(); // set by the page, not yet told to the kernel
  let state = null;
  let connected = null;
  let gotState;
  const stateCame = new Promise((resolve) => (gotState = resolve));

  const emit = (event, ...values) => [...(listeners.get(event) || [])].forEach((listener) => listener(...values));

  function take(values) {
    for (const [name, value] of Object.entries(values)) {
      if (JSON.stringify(state[name]) === JSON.stringify(value)) continue;
      state[name] = value;
      emit(`change:${name}`, model, value);
    }
  }

  const line = makeLine(where, {
    onMessage(data, buffers) {
      if (data.method === "custom") emit("msg:custom", data.content, buffers);
      else if (data.method === "update" && state) take(data.state);
      else if (data.method === "update") gotState((state = data.state));
    },
    onConnection(now) {
      if (!state && now) line.post({ method: "request_state" });
      else if (!state) tryAgain();
      const other = connected !== null && now !== connected;
      connected = now;
      if (state && other) emit("comm_live_update");
    },
  });

  const model = {
    get: (name) => state[name],
    set(name, value) {
      take({ [name]: value });
      changed.add(name);
    },
    save_changes() {
      const told = Object.fromEntries([...changed].map((name) => [name, state[name]]));
      changed.clear();
      line.post({ method: "update", state: told, buffer_paths: [] });
    },
    send: (content) => line.post({ method: "custom", content }),
    on: (event, listener) => listeners.set(event, (listeners.get(event) || new Set()).add(listener)),
    off: (event, listener) => listeners.get(event)?.delete(listener),
  };

  line.connect();
  const patience = setTimeout(tryAgain, 30_000); // of a kernel that died Jupyter may say nothing at all
  addEventListener("pagehide", ({ persisted }) => persisted || end(where));
  await stateCame;
  clearTimeout(patience);
  sessionStorage.removeItem("tries");
  document.head.append(Object.assign(document.createElement("style"), { textContent: state._css }));
  const script = URL.createObjectURL(new Blob([state._esm], { type: "text/javascript" }));
  const { default: widget } = await import(script);
  place.replaceChildren();
  widget.render({ model, el: place });
}

// A page that is left takes its kernel with it.
function end({ base, kernel }) {
  navigator.sendBeacon(`${base}voila/api/shutdown/${kernel}`);
}
