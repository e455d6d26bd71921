// For whoever runs the study: how far the class is, the way in, the answers as a table, and withdrawals.

const address = makeAddress([]);
const memory = makeMemory(`dnt-lecturer-${document.body.dataset.study}-`, address);
const place = document.getElementById("page");
const code = () => address.get("code") || memory.get("code") || "";
let given = false, timer = null, state = null;

const line = makeHttpLine("lecturer-ask", code, () => {
  clearInterval(timer);
  askForCode(place, given, (typed) => {
    given = true;
    address.set("code", typed);
    begin();
  });
});

line.on("msg:custom", (message, buffers) => {
  if (message.kind === "state") show(message);
  else if (message.kind === "table") save(buffers[0]);
  else if (message.sentence) say(message.sentence);
  if (message.kind === "withdrawn") ask({ kind: "state" });
});

const parts = {
  trouble: element("p", { class: "trouble", role: "alert", hidden: true },
    "The study does not answer: its program has ended, or the network is gone. What you see here is what came last."),
  said: element("p", { class: "said", role: "status", "aria-live": "polite" }),
  counts: element("p", { class: "counts" }),
  bar: element("progress", { "aria-label": "Orders given, of those that all who agreed will give" }),
  qr: element("div", { class: "qr" }),
  places: element("ul", { class: "places" }),
  rows: element("tbody", {}),
};
const say = (text) => (parts.said.textContent = text);
const ask = (request) => line.send(request).then((came) => (parts.trouble.hidden = came));

function begin() {
  memory.set("code", code() || null);
  const button = (text, onclick, more = {}) => element("button", { type: "button", onclick, ...more }, text);
  const name = element("input", { type: "text", id: "dnt-name", placeholder: "p-…", autocomplete: "off", spellcheck: "false", size: "16" });
  const withdrawal = element("form", {}, element("label", { for: "dnt-name" }, "Random name "), name, " ",
    element("button", { type: "submit" }, "Delete this observer's answers"));
  withdrawal.addEventListener("submit", (event) => {
    event.preventDefault();
    const who = name.value.trim();
    if (who && confirm(`Delete ${who} and all answers of this observer? They cannot be brought back.`)) {
      ask({ kind: "withdraw", observer: who });
    }
  });
  const full = button("Show large", () => {
    const big = document.body.classList.toggle("large");
    full.textContent = big ? "Show small" : "Show large";
  }, { class: "large-button" });
  place.replaceChildren(
    element("main", {}, element("h1", {}, "Which face shows more?"), parts.trouble, parts.said, parts.counts, parts.bar,
      element("section", { class: "way-in", "aria-label": "The way in" }, parts.qr,
        element("div", {}, element("h2", {}, "The class opens"), parts.places, full)),
      element("section", {}, element("h2", {}, "Answers"),
        element("p", {}, "The table that ", element("code", {}, "dnt score"), " reads; practice is left out. Ctrl-C in the terminal writes it, too."),
        button("Save the answers as CSV", () => ask({ kind: "table" }))),
      element("section", {}, element("h2", {}, "Observers"),
        element("table", {}, element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Random name"),
          element("th", { scope: "col" }, "Orders given"))), parts.rows)),
      element("section", {}, element("h2", {}, "Withdrawing"),
        element("p", {}, "Every observer's page has “Withdraw from the study”, which deletes the consent and all answers at once. " +
          "Whoever closed the page can tell you the random name that “Thank you” shows. A table that you saved before still has the answers: save it anew and delete the old one."),
        withdrawal)),
  );
  ask({ kind: "state" });
  clearInterval(timer);
  timer = setInterval(() => document.hidden || ask({ kind: "state" }), 4000);
}

function show(now) {
  const first = state === null;
  state = now;
  const { observers, through, orders } = now.counts;
  parts.counts.textContent = `${observers} ${observers === 1 ? "observer" : "observers"}, ${through} through, ${orders} orders`;
  parts.bar.max = Math.max(1, observers * now.groups);
  parts.bar.value = orders;
  for (const row of [...parts.rows.children]) if (!(row.id in now.observers)) row.remove();
  for (const [who, given] of Object.entries(now.observers)) {
    const row = rowOf(who); // stays the same element: a name that is being copied stays chosen
    row.lastChild.textContent = `${given} of ${now.groups}`;
  }
  if (!first) return;
  const picture = new DOMParser().parseFromString(now.qr, "image/svg+xml").documentElement;
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", `QR code of ${now.places[0]}`);
  parts.qr.replaceChildren(picture);
  parts.places.replaceChildren(...now.places.map((at) => element("li", {}, at)));
}

function rowOf(who) {
  const row = document.getElementById(who) || element("tr", { id: who }, element("td", {}, who), element("td", {}));
  if (!row.isConnected) parts.rows.append(row);
  return row;
}

function save(bytes) {
  const url = URL.createObjectURL(new Blob([bytes], { type: "text/csv" }));
  const link = element("a", { href: url, download: "answers.csv" });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
  say("The answers are saved as answers.csv.");
}

begin();
