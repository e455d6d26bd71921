// Requests to whoever keeps the answers, a notebook's kernel or a server, repeated until they are answered; every one of
// them may be repeated without harm. `line` has a kernel's `send`, and `on` and `off` for "msg:custom".

const PATIENCE = [6000, 12000, 20000]; // ms before the same request is sent again; the last one from then on

function makeAsk(line, onSilence) {
  const page = randomHex(8);
  const waiting = new Map();
  let count = 0;

  function receive(reply, buffers) {
    const done = reply && waiting.get(reply.id);
    if (!done) return; // another page's, or a second answer to a repeated request
    if (reply.screen.again) return; // could not be stored yet: the request will be repeated
    waiting.delete(reply.id);
    done({ screen: reply.screen, buffers: buffers || [] });
  }
  line.on("msg:custom", receive);

  async function ask(request) {
    const id = `${page}-${count++}`;
    let answer = null;
    const answered = new Promise((resolve) => waiting.set(id, resolve)).then((a) => (answer = a));
    for (let attempt = 0; !answer && waiting.has(id); attempt++) {
      try {
        line.send({ ...request, id });
      } catch {
        // no connection: as good as no answer
      }
      await Promise.race([answered, sleep(PATIENCE[Math.min(attempt, PATIENCE.length - 1)])]);
      if (!answer && waiting.has(id)) onSilence(attempt + 1);
    }
    if (answer) onSilence(0);
    return answer;
  }

  function stop() {
    line.off("msg:custom", receive);
    waiting.clear();
  }
  return { ask, stop };
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function randomHex(bytes) {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (b) => b.toString(16).padStart(2, "0")).join("");
}
