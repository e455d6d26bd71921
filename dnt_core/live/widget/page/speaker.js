// The clip's sound and its clock. Samples come once; the audio device's own time says which frame it is, so that
// pictures are skipped, never the sound.

// All views of a widget have this script's one voice: each with its own would play the sound once more.
let voice = null, views = 0;

function shareSpeaker() {
  voice = voice || makeSpeaker();
  views++;
  const close = () => {
    if (--views > 0) return;
    voice.close();
    voice = null;
  };
  return { ...voice, close };
}

function makeSpeaker() {
  let context = null, source = null, buffer = null, gain = null;
  let length = 1; // s
  let startedAt = 0, offset = 0, running = false, loud = true;
  let turn = 0; // of play(): while the device wakes up another one may begin

  const silent = () => performance.now() / 1000;
  let clock = silent;

  function halt() {
    if (source) {
      try {
        source.stop();
      } catch {
        // it had not begun
      }
      source.disconnect();
    }
    source = null;
  }

  // A device that is taken away, by a call on a phone, stands still: the pictures go on without it, and it comes back.
  function begun() {
    const made = new AudioContext();
    made.onstatechange = () => running && (made.state === "running") !== (source !== null) && play(time());
    return made;
  }

  async function play(from) {
    halt();
    const mine = ++turn;
    offset = from;
    running = true;
    clock = silent;
    startedAt = clock();
    if (!buffer) return;
    context = context || begun();
    if (context.state !== "running") await context.resume().catch(() => {}); // no sound without a click: the pictures go on
    if (context.state !== "running") return;
    if (mine !== turn || !running) return;
    offset = time();
    const samples = context.createBuffer(1, buffer.samples.length, buffer.rate);
    samples.copyToChannel(buffer.samples, 0);
    gain = context.createGain();
    gain.gain.value = loud ? 1 : 0;
    source = context.createBufferSource();
    Object.assign(source, { buffer: samples, loop: true, loopEnd: length });
    source.connect(gain).connect(context.destination);
    source.start(0, Math.min(offset, samples.duration));
    clock = () => context.currentTime - (context.outputLatency || 0); // what is heard now left so long ago
    startedAt = context.currentTime;
  }

  // Seconds into the clip, in a loop.
  function time() {
    if (!running) return offset;
    return (((offset + Math.max(0, clock() - startedAt)) % length) + length) % length;
  }

  return {
    load(samples, rate, seconds) {
      buffer = rate ? { samples: Float32Array.from(samples, (v) => v / 32768), rate } : null;
      length = seconds;
      return buffer;
    },
    play,
    time,
    stop() {
      offset = time();
      running = false;
      halt();
    },
    loud(on) {
      loud = on;
      if (gain) gain.gain.value = on ? 1 : 0;
      if (on && running && !source) play(time()); // this click allows it
    },
    close() {
      running = false;
      halt();
      if (context) context.close();
    },
  };
}
