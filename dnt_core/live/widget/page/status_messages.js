// What the widget says in its own area. A sentence about frames goes with the next good one; any other stays long enough
// to be read, whatever frames come meanwhile.

const READING = 4000; // ms

function makeSentences(model, panel) {
  const ownPage = model.lanes || document.body.dataset.ownPage !== undefined; // nothing of Jupyter is to be seen there
  const [who, again] = ownPage ? ["The program behind this page", "reload the page"] : ["The kernel", "run the cell again"];
  let heal = null; // the timer of a sentence that is being read
  let lasting = ["well"]; // what is said of the frames, for when it has been read

  function say(what, sentence) {
    lasting = [what, sentence];
    if (what !== "well" || heal === null) show(what, sentence);
  }

  function show(what, sentence) {
    const text = {
      silence: `${who} does not answer. It is busy, or it was restarted: then ${again}.`,
      gone: `${who} was restarted or is no longer connected. To go on, ${again}.`,
    }[what] || sentence || "";
    clearTimeout(heal);
    heal = null;
    mark(panel.trouble, {}, text);
    hide(panel.trouble, !text);
    mark(panel.root, { "data-state": what });
  }

  const healed = () => show(...lasting);

  function notice(sentence) {
    show("trouble", sentence);
    heal = setTimeout(healed, READING);
  }

  return { say, notice, healed };
}
