// The study as a page of its own: a server keeps the answers.

const kept = document.body.dataset.study;
const address = makeAddress(["secret"]);
const memory = makeMemory(`dnt-study-${kept}-`, address);
const place = document.getElementById("page");
let end = () => {};
let given = false; // a code was typed

const code = () => address.get("code") || memory.get("code") || "";
const line = makeHttpLine("ask", code, () => {
  end();
  askForCode(place, given, (typed) => {
    given = true;
    address.set("code", typed);
    begin();
  });
});

function begin() {
  memory.set("code", code() || null); // for a tab that is opened without it
  place.replaceChildren();
  end = showStudy({ line, memory, el: place, ownPage: true });
}

begin();
