// What the widget says in its own area. A sentence about frames goes with the next good one; any other stays long enough
// to be read, whatever frames come meanwhile.

const READING = 4000; // ms

function makeSentences(panel) {
  const ownPage = document.body.dataset.voila !== undefined; // nothing of Jupyter is to be seen there
  const [who, again] = ownPage ? ["The program behind this page", "reload the page"] : ["The kernel", "run the cell again"];
  let heal = null; // the timer of a sentence that is being read

  function say(what, sentence) {
    const text = {
      silence: `${who} does not answer. It is busy, or it was restarted: then ${again}.`,
      gone: `${who} was restarted or is no longer connected. To go on, ${again}.`,
    }[what] || sentence || "";
    if (what === "well" && heal !== null) return;
    clearTimeout(heal);
    heal = null;
    mark(panel.trouble, {}, text);
    hide(panel.trouble, !text);
    mark(panel.root, { "data-state": what });
  }

  function healed() {
    clearTimeout(heal);
    heal = null;
    say("well");
  }

  function notice(sentence) {
    say("trouble", sentence);
    heal = setTimeout(healed, READING);
  }

  return { say, notice, healed };
}
