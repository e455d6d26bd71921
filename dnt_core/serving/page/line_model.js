// What a widget's script knows as its model, without a notebook: values that the page alone holds, and messages over a
// line. `get`, `set`, `on`, `off`, `send` and the events "change:…", "msg:custom" and "comm_live_update" are anywidget's.

// Promises the model once the line is open.
function makeLineModel(state, openLine) {
  const listeners = new Map(); // event → set of functions
  let connected = null;
  let opened;
  const open = new Promise((resolve) => (opened = resolve));
  const emit = (event, ...values) => [...(listeners.get(event) || [])].forEach((listener) => listener(...values));

  const line = openLine({
    onMessage: (message, buffers) => emit("msg:custom", message, buffers),
    onConnection(now) {
      const other = connected !== null && now !== connected;
      if (connected === null && !now) return; // it was never there, and is tried again
      connected = now;
      opened(model);
      if (other) emit("comm_live_update");
    },
  });

  const model = {
    get: (name) => state[name],
    set(name, value) {
      if (JSON.stringify(state[name]) === JSON.stringify(value)) return;
      state[name] = value;
      emit(`change:${name}`, model, value);
    },
    save_changes() {},
    send: (content) => line.post(content),
    on: (event, listener) => listeners.set(event, (listeners.get(event) || new Set()).add(listener)),
    off: (event, listener) => listeners.get(event)?.delete(listener),
  };
  return open;
}
