// Another sound for the face to say: dropped on the page, chosen, or recorded. Nothing of it leaves the page.

import { canRecord, readFile, readSound, record } from "./sound_in.js";

export function offerSounds(model) {
  const area = document.getElementById("speak"), [choose, talk, back] = area.querySelectorAll("button");
  const file = area.querySelector("input"), said = area.querySelector("[role=status]");
  let recording = null, turn = 0;

  function tell(sentence) {
    said.textContent = sentence;
  }

  // One sound after the other; what comes last is said.
  async function say(name, bytes) {
    const mine = ++turn;
    tell(`listening to ${name} …`);
    try {
      const sound = await readSound(await bytes, model.get("sounds"));
      if (mine !== turn) return;
      await model.say(sound);
      if (mine !== turn) return;
      back.hidden = false;
      model.set("playing", true);
      tell(`The face says ${name}, ${sound.seconds.toFixed(1)} s.`);
    } catch (error) {
      if (mine === turn) tell(`${name}: ${error.message}`);
    }
  }

  function take(files) {
    if (files.length) say(files[0].name, readFile(files[0]));
  }

  choose.onclick = () => file.click();
  file.onchange = () => {
    take(file.files);
    file.value = ""; // the same file again is a change, too
  };
  talk.hidden = !canRecord();
  talk.onclick = async () => {
    if (recording) return recording.stop();
    talk.disabled = true;
    try {
      recording = await record();
      talk.textContent = "Stop";
      tell("Speak. The recording stays in this page.");
      talk.disabled = false;
      const bytes = await recording.whole;
      say("your recording", bytes);
    } catch (error) {
      tell(error.message);
    }
    talk.disabled = false;
    recording = null;
    talk.textContent = "Record";
    return null;
  };
  back.onclick = async () => {
    const mine = ++turn;
    back.hidden = true;
    tell("");
    try {
      await model.say(null);
    } catch (error) {
      if (mine !== turn) return;
      back.hidden = false; // the sound is still said
      tell(error.message);
    }
  };
  for (const event of ["dragover", "dragenter"]) {
    document.addEventListener(event, (e) => {
      e.preventDefault();
      area.classList.add("over");
    });
  }
  document.addEventListener("dragleave", () => area.classList.remove("over"));
  document.addEventListener("drop", (e) => {
    e.preventDefault();
    area.classList.remove("over");
    take(e.dataTransfer.files);
  });
  area.hidden = false;
}
