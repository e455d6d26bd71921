// The screens of the study, and what leads from one to the next.

const COUNT = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

// Shows the study in `el`. `line` leads to whoever keeps the answers (requests.js), `memory` is the browser's;
// `ownPage`: the study is the whole page, and no notebook is around it.
function showStudy({ line, memory, el, ownPage }) {
  const status = element("p", { class: "unseen", role: "status", "aria-live": "polite" });
  const trouble = element("div", { class: "trouble", role: "alert", hidden: true });
  const stage = element("main", { class: "stage" });
  const root = element("div", { class: "dnt-study", "data-lm-suppress-shortcuts": "true" });
  root.classList.toggle("own-page", ownPage);
  root.append(trouble, stage, status);
  el.append(root);
  let cards = null;
  let me = null; // the secret of who sits before this tab; another tab may be somebody else's by now

  const say = (text) => (status.textContent = text);
  const { ask, stop } = makeAsk(line, onSilence);

  function onSilence(attempts) {
    trouble.hidden = attempts === 0;
    if (attempts === 0) return;
    const gone = attempts >= 3;
    const kept = "Nothing that you confirmed is lost.";
    const whatNow = ownPage ? "Reload the page to go on." : "Restart the kernel and run the cell again to go on.";
    const text = gone ? `The server does not answer. ${kept} ${whatNow}` : `Waiting for the server… ${kept}`;
    showTrouble(text, gone && ownPage);
  }

  function showTrouble(text, reload) {
    trouble.hidden = false;
    trouble.replaceChildren(element("span", {}, text));
    if (!reload) return;
    const again = () => location.reload();
    trouble.append(element("button", { type: "button", class: "plain", onclick: again }, "Reload"));
  }

  function secret() {
    if (!memory.get("secret")) memory.set("secret", randomHex(16));
    return memory.get("secret");
  }

  async function begin() {
    showText("One moment…");
    me = secret();
    const answer = await ask({ kind: "hello", secret: me });
    if (!answer) return;
    const pending = JSON.parse(memory.get("pending") || "null");
    const { screen } = answer;
    if (pending && pending.secret === me && screen.name === "group" && pending.step === screen.step) {
      return follow(await ask({ kind: "answer", ...pending })); // was given before the page was closed
    }
    if (screen.name === "group" && screen.step > 0) return showWelcomeBack(answer);
    follow(answer);
  }

  function follow(answer) {
    if (!answer) return;
    const { screen, buffers } = answer;
    memory.set("pending", null);
    if (screen.error) return showTrouble(screen.error, ownPage);
    if (screen.name === "consent") showConsent(screen);
    else if (screen.name === "thanks") showThanks(screen);
    else if (screen.name === "withdrawn") showWithdrawn();
    else showGroup(screen, buffers);
  }

  function show(name, title, ...content) {
    if (cards) cards.remove();
    cards = null;
    const heading = element("h1", { tabindex: "-1" }, title);
    stage.replaceChildren(heading, ...content);
    root.dataset.screen = name;
    if (ownPage) document.title = title;
    heading.focus({ preventScroll: true }); // not a button: a second Enter must do nothing
    if (ownPage) scrollTo(0, 0);
  }

  const showText = (text) => show("wait", text);
  const paragraph = (text) => element("p", {}, text);

  // A button that works once: a double click or a held Enter is one click.
  function action(text, run, more = {}) {
    const button = element("button", { type: "button", class: "main", ...more }, text);
    button.addEventListener("click", () => {
      if (button.disabled || root.dataset.busy) return;
      root.dataset.busy = "1";
      button.classList.add("waiting");
      Promise.resolve(run()).finally(() => delete root.dataset.busy);
    });
    button.addEventListener("keydown", (event) => event.repeat && event.preventDefault());
    return button;
  }

  function showConsent({ consent, groups, clips }) {
    const many = COUNT[clips] || clips;
    const how =
      `You will see ${many} clips of the same face saying the same words. Put them in order, from the weakest ` +
      `expression to the strongest. There are ${groups} such groups, and one to practise first.`;
    const agree = () => ask({ kind: "consent", secret: me }).then(follow);
    show("consent", "Which face shows more?", paragraph(how), element("p", { class: "consent" }, consent),
      element("div", { class: "actions" }, action("I agree, begin", agree)));
    if (memory.lasting) return;
    const place = ownPage ? "your place stands in this page's address alone. A reload goes on; a new tab begins anew." :
      "leave the page open until the end.";
    stage.append(paragraph(`This browser keeps nothing: ${place}`));
  }

  function showWelcomeBack(answer) {
    const { practice, number, groups } = answer.screen;
    const done = practice ? "You have begun." : `You have answered ${number - 1} of ${groups} groups.`;
    show("back", "Welcome back", paragraph(`${done} They are stored; you go on where you stopped.`),
      element("div", { class: "actions" }, action("Go on", () => follow(answer)), someoneElse()), withdrawal());
  }

  function someoneElse() {
    const anew = () => {
      memory.set("secret", null);
      return begin();
    };
    return action("I am someone else", anew, { class: "plain" });
  }

  function showThanks({ observer }) {
    const later = `Your random name is ${observer}. With it, the person who runs the study can delete your answers, too.`;
    show("thanks", "Thank you", paragraph("All your answers are stored. You can close this page."), paragraph(later),
      element("div", { class: "actions" }, someoneElse()), withdrawal());
  }

  function showWithdrawn() {
    if (memory.get("secret") === me) memory.set("secret", null); // else somebody else began in another tab
    show("withdrawn", "You have withdrawn", paragraph("Your answers and your consent are deleted."),
      element("div", { class: "actions" }, action("Take part after all", begin, { class: "plain" })));
  }

  // Answers are deleted after a second question; Escape is "no".
  function withdrawal() {
    const dialog = element("dialog", { "aria-label": "Withdraw from the study" });
    const close = () => dialog.close();
    const withdraw = () => {
      close();
      return ask({ kind: "withdraw", secret: me }).then(follow);
    };
    dialog.append(paragraph("Stop here, and delete all that you have answered? It cannot be brought back."),
      element("div", { class: "actions" }, element("button", { type: "button", class: "plain", onclick: close }, "Keep them"),
        action("Delete my answers", withdraw)));
    const open = () => dialog.showModal();
    return element("p", { class: "withdraw" }, element("button", { type: "button", class: "quiet", onclick: open },
      "Withdraw from the study"), dialog);
  }

  function showGroup(screen, buffers) {
    const many = COUNT[screen.clips] || screen.clips;
    const title = screen.practice ? "Practice" : `Group ${screen.number} of ${screen.groups}`;
    const asIs = element("input", { type: "checkbox" });
    const confirm = element("label", { class: "confirm" }, asIs, "The order is right as it stands");
    const next = action("Next", send, { disabled: true, "aria-describedby": "dnt-study-waits" });
    const waits = element("p", { class: "waits", id: "dnt-study-waits" }, "Next waits until every clip has played once.");
    const allow = () => (next.disabled = !(waits.hidden && (confirm.hidden || asIs.checked)));
    asIs.addEventListener("change", allow);
    const row = makeCards(buffers, screen.said, {
      say,
      onChange() {
        confirm.hidden = true; // it was touched
        allow();
      },
      onSeen() {
        waits.hidden = true;
        allow();
      },
    });
    const progress = element("progress", { max: screen.groups, value: screen.practice ? 0 : screen.number - 1 });
    progress.setAttribute("aria-label", "Groups answered");
    const ask4 = `Put the ${many} clips in order, from the weakest expression to the strongest.`;
    const how = "Drag a clip, or use its buttons or the arrow keys.";
    const heard = screen.said ? [element("p", { class: "said" }, element("span", { class: "how" }, "All of them say: "), `“${screen.said}”`)] : [];
    show("group", title, progress, element("p", { class: "task" }, ask4, " ", element("span", { class: "how" }, how)),
      element("div", { class: "scale", "aria-hidden": "true" }, element("span", {}, "weakest"),
        element("span", { class: "line" }), element("span", {}, "strongest")),
      row.list, ...heard, element("div", { class: "actions" }, waits, confirm, next), withdrawal());
    cards = row;
    row.begin();
    say(`${title}. ${many} clips.`);

    function send() {
      const answer = { secret: me, step: screen.step, order: row.order() };
      memory.set("pending", JSON.stringify(answer));
      row.list.inert = true;
      return ask({ kind: "answer", ...answer }).then(follow);
    }
  }

  begin();
  return () => {
    stop();
    if (cards) cards.remove();
  };
}
