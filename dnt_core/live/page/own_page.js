// The live face as a page of its own: the widget's script, and a line to the process that draws.

const address = makeAddress([]);
const memory = makeMemory("dnt-live-", address);
const place = document.getElementById("page");
const code = () => address.get("code") || memory.get("code") || "";
let given = false; // a code was typed
const PATIENT = 5000; // ms until it is said that the line does not open
const NO_LINE = "No line to the program behind this page opens, and it is tried again. A proxy on the way may let no websockets through.";

async function begin() {
  memory.set("code", code() || null);
  let answer = null;
  try {
    const headers = { [CODE_HEADER]: code(), "Content-Type": "application/json" };
    answer = await fetch(new URL("enter", document.baseURI), { method: "POST", body: "{}", headers, credentials: "same-origin" });
  } catch (error) {
    return wait("The program behind this page does not answer. It is asked again in a moment.");
  }
  if (answer.status === 403) {
    return askForCode(place, given, (typed) => {
      given = true;
      address.set("code", typed);
      begin();
    });
  }
  if (!answer.ok) return wait(await answer.text());
  const { default: face } = await import(new URL("face.js", document.baseURI));
  const state = await answer.json();
  const slow = setTimeout(() => place.replaceChildren(element("p", { role: "status" }, NO_LINE)), PATIENT);
  const model = await makeLineModel(state, (events) => makeSocketLine("line", code, events));
  clearTimeout(slow);
  place.replaceChildren();
  return face.render({ model, el: place });
}

function wait(sentence) {
  place.replaceChildren(element("p", { role: "status" }, sentence));
  setTimeout(begin, 5000);
}

begin();
