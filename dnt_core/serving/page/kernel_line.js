// The line from a page to its kernel: Jupyter's messages over a websocket that connects again when it broke.

const LOST = new Set(["restarting", "autorestarting", "dead"]); // a kernel that has forgotten the widget

function makeLine({ kernel, comm, base }, { onMessage, onConnection }) {
  const session = hex(16);
  let socket = null;

  function connect() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const at = `${scheme}//${location.host}${base}api/kernels/${kernel}/channels?session_id=${session}`;
    socket = new WebSocket(at, "v1.kernel.websocket.jupyter.org");
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => onConnection(true));
    socket.addEventListener("close", () => {
      onConnection(false);
      setTimeout(connect, 1500); // what was asked is asked again by the page
    });
    socket.addEventListener("message", ({ data }) => receive(unpack(data)));
  }

  function receive([, header, , , content, ...buffers]) {
    const { msg_type: kind } = toJSON(header);
    if (kind === "status" && LOST.has(toJSON(content).execution_state)) onConnection(false);
    if (kind !== "comm_msg") return;
    const { comm_id: from, data } = toJSON(content);
    if (from === comm) onMessage(data, buffers);
  }

  return {
    connect,
    post(data) {
      if (socket.readyState !== WebSocket.OPEN) throw new Error("no connection");
      const header = { msg_id: hex(16), msg_type: "comm_msg", username: "", session, version: "5.3", date: "" };
      header.date = new Date().toISOString();
      const parts = [header, {}, {}, { comm_id: comm, data }].map((part) => JSON.stringify(part));
      socket.send(pack(["shell", ...parts]));
    },
  };
}

// Jupyter's binary messages, version 1: how many offsets, the offsets, then the parts channel, header, parent
// header, metadata, content and any bytes; numbers are 64 bits, little-endian.
function unpack(data) {
  const view = new DataView(data);
  const number = (i) => Number(view.getBigUint64(8 * i, true));
  const offsets = Array.from({ length: number(0) }, (_, i) => number(i + 1));
  return offsets.slice(0, -1).map((start, i) => new DataView(data, start, offsets[i + 1] - start));
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
