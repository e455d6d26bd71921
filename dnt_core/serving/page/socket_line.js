// A line from a page to its server that stays open and connects again when it broke. What it carries is JSON there, and a
// message with bytes back.

function makeSocketLine(name, code, { onMessage, onConnection }) {
  let socket = null;

  function connect() {
    const at = new URL(name, document.baseURI);
    at.protocol = at.protocol === "https:" ? "wss:" : "ws:";
    at.hash = "";
    // browsers let a page name protocols and nothing else: the code travels as one
    socket = new WebSocket(at, code() ? ["dnt", `dnt.${code()}`] : ["dnt"]);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => onConnection(true));
    socket.addEventListener("close", () => {
      onConnection(false);
      setTimeout(connect, 1500); // what was asked is asked again by the page
    });
    socket.addEventListener("message", ({ data }) => {
      const { message, buffers } = unpackBytes(data);
      onMessage(message, buffers);
    });
  }
  connect();

  return {
    post(content) {
      if (socket.readyState !== WebSocket.OPEN) throw new Error("no connection");
      socket.send(JSON.stringify(content));
    },
  };
}
