// The frames of a clip that plays are folded for the type that the hand is at. This says which of them are folded, which
// one comes next, and which one is shown.

import { lastOf, until } from "./loop_frames.js";

const PAUSE = 300; // ms without a request after which nobody watches any more
const TRY = 4; // ms until a lane is looked for again

// `fold(request, frame)` folds a frame in a lane that has nothing else to do, and gives null where there is none.
export function makeAhead(fold) {
  const folded = new Set(), shown = new Set();
  let key = "", frames = 1, room = 0; // of what is shown; how many frames stay folded
  let late = 100, needed = 100; // ms that it takes to draw a frame that is not folded, and to fold one
  let newest = null, busy = false; // the request that came last, and when; whether a lane folds ahead

  const apart = (frame, other) => Math.min(until(frame, other, frames), until(other, frame, frames));

  function know(of) {
    if (of === key) return;
    folded.clear();
    shown.clear();
    key = of;
  }

  function nextOf(frame) {
    for (let k = 0; k < Math.min(frames, room); k++) if (!folded.has((frame + k) % frames)) return (frame + k) % frames;
    return null;
  }

  async function run() {
    busy = true;
    while (newest.request.plays.hand && performance.now() - newest.at < PAUSE) {
      const begun = performance.now(), { request, at } = newest, mine = key;
      const next = nextOf(Math.ceil(request.frame + ((begun - at + needed) * request.plays.fps) / 1000));
      if (next === null) break;
      const coming = fold(request, next);
      if (!coming) {
        await new Promise((done) => setTimeout(done, TRY));
        continue;
      }
      try {
        await coming;
      } catch (error) {
        console.debug("not folded", error);
        break;
      }
      needed = 0.7 * needed + 0.3 * (performance.now() - begun);
      add(mine, next);
    }
    busy = false;
  }

  function add(of, frame) {
    if (of !== key) return;
    folded.add(frame);
    if (folded.size > room) folded.delete(lastOf(frame, folded, frames)); // as the lanes' engine does
  }

  return {
    busy: () => busy,
    // Somebody else folded a frame.
    folded(of, frame) {
      know(of);
      folded.add(frame);
    },
    // What is drawn for a request. While the hand moves, one lane folds the frames that come next, and the others draw
    // what is folded: the moment of speech nearest to the clock, unless the frame itself would come no later than that.
    // While the hand rests, a frame is folded when it is shown for the second time.
    chosen(request, of, most, several) {
      const { frame, plays, inside } = request;
      newest = { request, at: performance.now() };
      know(of);
      [frames, room] = [plays.n_frames, most];
      if (folded.has(frame) || inside) return request;
      const again = shown.has(frame);
      shown.add(frame);
      if (!plays.hand || !several) return { ...request, first: again && frames <= room };
      if (!busy) run();
      const near = [...folded].filter((other) => apart(frame, other) <= (late * plays.fps) / 1000);
      const nearest = near.reduce((best, other) => (apart(frame, other) < apart(frame, best) ? other : best), near[0] ?? frame);
      return { ...request, frame: nearest };
    },
    // What a lane answered.
    drawn(of, frame, { folded: was, engine_ms }, first) {
      if (was) return add(of, frame);
      if (of === key) folded.delete(frame); // the lane has given it up meanwhile
      if (!first) late = 0.7 * late + 0.3 * engine_ms;
    },
  };
}
