// The widget in a page of its own: its messages over the kernel's websocket, and nothing of JupyterLab.

async function openStudy({ kernel, comm, base }, place) {
  const listeners = new Set();
  const session = hex(16);
  let socket = null;
  let state = null;
  let gotState;
  const stateCame = new Promise((resolve) => (gotState = resolve));

  function connect() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const at = `${scheme}//${location.host}${base}api/kernels/${kernel}/channels?session_id=${session}`;
    socket = new WebSocket(at, "v1.kernel.websocket.jupyter.org");
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => state || post({ method: "request_state" }));
    socket.addEventListener("close", () => setTimeout(connect, 1500)); // what was asked is asked again by the page
    socket.addEventListener("message", ({ data }) => receive(unpack(data)));
  }

  function receive([, header, , , content, ...buffers]) {
    header = toJSON(header);
    content = toJSON(content);
    if (header.msg_type !== "comm_msg" || content.comm_id !== comm) return;
    if (content.data.method === "custom") listeners.forEach((listener) => listener(content.data.content, buffers));
    if (content.data.method === "update" && !state) gotState((state = content.data.state));
  }

  function post(data) {
    if (socket.readyState !== WebSocket.OPEN) throw new Error("no connection");
    const header = { msg_id: hex(16), msg_type: "comm_msg", username: "", session, version: "5.3", date: "" };
    header.date = new Date().toISOString();
    const content = { comm_id: comm, data };
    const parts = [header, {}, {}, content].map((part) => JSON.stringify(part));
    socket.send(pack(["shell", ...parts]));
  }

  connect();
  addEventListener("pagehide", ({ persisted }) => persisted || end(base, kernel));
  await stateCame;
  document.head.append(Object.assign(document.createElement("style"), { textContent: state._css }));
  const script = URL.createObjectURL(new Blob([state._esm], { type: "text/javascript" }));
  const { default: widget } = await import(script);
  const model = {
    get: (name) => state[name],
    send: (content) => post({ method: "custom", content }),
    on: (_, listener) => listeners.add(listener),
    off: (_, listener) => listeners.delete(listener),
  };
  place.replaceChildren();
  widget.render({ model, el: place });
}

// Jupyter's binary messages, version 1: how many offsets, the offsets, then the parts channel, header, parent
// header, metadata, content and any bytes; numbers are 64 bits, little-endian.
function unpack(data) {
  const view = new DataView(data);
  const number = (i) => Number(view.getBigUint64(8 * i, true));
  const offsets = Array.from({ length: number(0) }, (_, i) => number(i + 1));
  return offsets.slice(0, -1).map((start, i) => data.slice(start, offsets[i + 1]));
}

function pack(texts) {
  const parts = texts.map((text) => new TextEncoder().encode(text));
  const numbers = new DataView(new ArrayBuffer(8 * (parts.length + 2)));
  let offset = numbers.byteLength;
  numbers.setBigUint64(0, BigInt(parts.length + 1), true);
  [...parts, []].forEach((part, i) => {
    numbers.setBigUint64(8 * (i + 1), BigInt(offset), true);
    offset += part.length;
  });
  return new Blob([numbers, ...parts]);
}

function toJSON(part) {
  return JSON.parse(new TextDecoder().decode(part));
}

function hex(bytes) {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (b) => b.toString(16).padStart(2, "0")).join("");
}

// A page that is left takes its kernel with it; what it said is in the file.
function end(base, kernel) {
  navigator.sendBeacon(`${base}voila/api/shutdown/${kernel}`);
}
