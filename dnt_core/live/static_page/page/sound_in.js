// Sound from a file or the microphone, as the page needs it: to be heard by the network, and to be played.

const HEARD = 16000, PLAYED = 48000; // Hz
const LONGEST = 180, RECORDED = 60; // s
const LOOKED = 3000; // ms until a file's length is no longer waited for
const LARGEST = 300e6; // bytes of a file, which a page has to hold several times

// A file's bytes, or an Error where it has too many, or lasts too long to be decoded on a phone.
export async function readFile(file) {
  if (file.size > LARGEST) throw new Error(`the file has ${Math.round(file.size / 1e6)} MB; this page takes at most ${LARGEST / 1e6} MB`);
  refuseLong(await lengthOf(file));
  return file.arrayBuffer().catch(() => {
    throw new Error("it cannot be read; is it a folder?");
  });
}

function refuseLong(seconds) {
  if (seconds > LONGEST) throw new Error(`the sound lasts ${Math.round(seconds)} s; this page takes at most ${LONGEST} s`);
}

// Seconds that a file says it lasts; NaN where it does not say so soon.
async function lengthOf(file) {
  if (!file.size) return NaN; // a player would complain in the console
  const player = new Audio(), url = URL.createObjectURL(file);
  const known = new Promise((done) => {
    player.onloadedmetadata = player.onerror = done;
    setTimeout(done, LOOKED);
  });
  Object.assign(player, { preload: "metadata", src: url });
  await known;
  const { duration } = player;
  player.removeAttribute("src");
  URL.revokeObjectURL(url);
  return duration < Infinity ? duration : NaN; // a recorder's files say Infinity
}

// {samples (Int16Array), rate, heard (Float32Array, 16 kHz), seconds} of a file's bytes, or an Error that says why not.
// `shortest` in seconds and `quietest`, the loudest sample's size, are those of `dnt talk`.
export async function readSound(bytes, { shortest, quietest }) {
  const heard = mono(await decoded(bytes.slice(0), HEARD));
  const seconds = heard.length / HEARD, peak = heard.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  if (seconds < shortest) throw new Error(`the sound lasts ${seconds.toFixed(2)} s; it takes at least ${shortest} s`);
  refuseLong(seconds);
  if (!Number.isFinite(peak)) throw new Error("some of its samples are no numbers");
  if (peak < quietest) throw new Error("the sound is silent, so there is nothing to say");
  const played = mono(await decoded(bytes, PLAYED));
  const samples = Int16Array.from(played, (v) => Math.round(32767 * Math.min(1, Math.max(-1, v))));
  return { samples, rate: PLAYED, heard, seconds };
}

// The browser's decoder resamples to its context's rate; a buffer's playback would do so by straight lines.
async function decoded(bytes, sampleRate) {
  try {
    return await new OfflineAudioContext({ length: 1, sampleRate }).decodeAudioData(bytes);
  } catch {
    throw new Error("this browser finds no sound in it; wav and mp3 files work in every browser");
  }
}

function mono(buffer) {
  const sum = new Float32Array(buffer.length), share = 1 / buffer.numberOfChannels;
  for (let c = 0; c < buffer.numberOfChannels; c++) buffer.getChannelData(c).forEach((v, i) => (sum[i] += share * v));
  return sum;
}

export const canRecord = () => Boolean(navigator.mediaDevices?.getUserMedia && self.MediaRecorder);

// Records until `stop()` or for a minute; `whole` gives the recording's bytes.
export async function record() {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch (error) {
    throw new Error(error.name === "NotFoundError" ? "there is no microphone" : "the microphone was not allowed");
  }
  const recorder = new MediaRecorder(stream), parts = [];
  const whole = new Promise((done, failed) => {
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.onerror = () => failed(new Error("the recording broke off"));
    recorder.onstop = () => {
      stream.getTracks().forEach((track) => track.stop());
      new Blob(parts, { type: recorder.mimeType }).arrayBuffer().then(done, failed);
    };
  });
  const stop = () => recorder.state === "inactive" || recorder.stop();
  recorder.start();
  const timer = setTimeout(stop, 1000 * RECORDED);
  whole.finally(() => clearTimeout(timer)).catch(() => {});
  return { stop, whole };
}
