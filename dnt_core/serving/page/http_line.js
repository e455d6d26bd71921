// The line from a page to its server over plain requests, in the form of a kernel's: `send`, and "msg:custom" for what
// comes back. A request that gets no answer is as good as not sent; whoever asked sends it again.

const CODE_HEADER = "X-Dnt-Code";

function makeHttpLine(name, code, onRefused) {
  const listeners = new Set();

  async function post(request) {
    const headers = { "Content-Type": "application/json", [CODE_HEADER]: code() };
    const patience = AbortSignal.timeout ? AbortSignal.timeout(60_000) : undefined;
    const options = { method: "POST", headers, body: JSON.stringify(request), cache: "no-store", signal: patience };
    const answer = await fetch(new URL(name, document.baseURI), { ...options, credentials: "same-origin" });
    if (answer.status === 403) return onRefused(request);
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    const { message, buffers } = unpackBytes(await answer.arrayBuffer());
    return listeners.forEach((listener) => listener(message, buffers));
  }

  return {
    // Whether an answer came.
    send: (request) => post(request).then(() => true, (error) => {
      console.debug("no answer", error);
      return false;
    }),
    on: (_, listener) => listeners.add(listener),
    off: (_, listener) => listeners.delete(listener),
  };
}
