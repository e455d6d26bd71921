// Requests to the kernel, repeated until they are answered; every one of them may be repeated without harm.

const PATIENCE = [6000, 12000, 20000]; // ms before the same request is sent again; the last one from then on

function makeAsk(model, onSilence) {
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
  model.on("msg:custom", receive);

  async function ask(request) {
    const id = `${page}-${count++}`;
    let answer = null;
    const answered = new Promise((resolve) => waiting.set(id, resolve)).then((a) => (answer = a));
    for (let attempt = 0; !answer && waiting.has(id); attempt++) {
      try {
        model.send({ ...request, id });
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
    model.off("msg:custom", receive);
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

// What the browser keeps of an observer: the secret, and an answer that the server has not confirmed yet.
function makeMemory(study) {
  const here = {}; // where a browser keeps nothing, for as long as the page is open
  let lasting = true;
  const place = (name) => `dnt-study-${study}-${name}`;
  return {
    get lasting() {
      return lasting;
    },
    get(name) {
      try {
        return localStorage.getItem(place(name)) ?? here[name] ?? null;
      } catch {
        lasting = false;
        return here[name] ?? null;
      }
    },
    set(name, value) {
      here[name] = value;
      try {
        if (value === null) localStorage.removeItem(place(name));
        else localStorage.setItem(place(name), value);
      } catch {
        lasting = false;
      }
    },
  };
}

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}
