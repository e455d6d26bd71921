// What a browser keeps for a page, and where it keeps nothing (cookies blocked) what the page's own address does: behind
// the "#", which no server sees, stand the page's code and what else has to outlive a reload.

function makeMemory(prefix, address = null) {
  const here = {}; // for as long as the page is open
  let lasting = true;

  function box(action) {
    try {
      return action(localStorage); // asking for it is refused, too
    } catch {
      lasting = false;
      return null;
    }
  }
  box((kept) => kept.getItem(prefix));

  return {
    get lasting() {
      return lasting;
    },
    get: (name) => box((kept) => kept.getItem(prefix + name)) ?? here[name] ?? address?.get(name) ?? null,
    set(name, value) {
      here[name] = value;
      box((kept) => (value === null ? kept.removeItem(prefix + name) : kept.setItem(prefix + name, value)));
      if (!lasting) address?.set(name, value);
    },
  };
}

// "#code&name=value": the page's code, and of the names given whatever has a value.
function makeAddress(names) {
  const here = new Map();
  const [first, ...rest] = location.hash.slice(1).split("&").map(plain);
  here.set("code", first || null);
  for (const part of rest) {
    const at = part.indexOf("=");
    if (names.includes(part.slice(0, at))) here.set(part.slice(0, at), part.slice(at + 1));
  }
  addEventListener("hashchange", () => location.reload()); // another code was written there

  function write() {
    const more = names.filter((name) => here.get(name)).map((name) => `&${name}=${encodeURIComponent(here.get(name))}`);
    const text = `${encodeURIComponent(here.get("code") || "")}${more.join("")}`;
    history.replaceState(history.state, "", text ? `#${text}` : location.pathname + location.search);
  }

  return {
    get: (name) => here.get(name) ?? null,
    set(name, value) {
      if (name !== "code" && !names.includes(name)) return;
      here.set(name, value);
      write();
    },
  };
}

function plain(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // typed by hand
  }
}
