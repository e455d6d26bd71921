// Expression and landmarks of @vladmandic/face-api for a folder of PNG files.
//
//   node face_api.js FOLDER       (packages from NODE_PATH)
//
// Prints one JSON object: versions, and per file the seven probabilities in both chains
// (detection without landmarks, detection with landmarks) and the 68 landmarks in pixels.
const fs = require('fs');
const path = require('path');
const { PNG } = require('pngjs');
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');
const api = require('@vladmandic/face-api/dist/face-api.node-wasm.js');

const home = (name) => path.dirname(require.resolve(`${name}/package.json`));
const version = (name) => require(`${name}/package.json`).version;

function pixels(file) {
  const png = PNG.sync.read(fs.readFileSync(file));
  const rgb = new Int32Array(png.width * png.height * 3);
  for (let i = 0; i < png.width * png.height; i++) {
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = png.data[4 * i + c];
  }
  return tf.tensor(rgb, [1, png.height, png.width, 3], 'int32');
}

async function main(folder) {
  wasm.setWasmPaths(`${home('@tensorflow/tfjs-backend-wasm')}/dist/`);
  await tf.setBackend('wasm');
  await tf.ready();
  const models = path.join(home('@vladmandic/face-api'), 'model');
  await api.nets.ssdMobilenetv1.loadFromDisk(models);
  await api.nets.faceLandmark68Net.loadFromDisk(models);
  await api.nets.faceExpressionNet.loadFromDisk(models);
  const options = new api.SsdMobilenetv1Options({ minConfidence: 0.5 });
  const files = {};
  for (const name of fs.readdirSync(folder).filter((f) => f.endsWith('.png')).sort()) {
    const picture = pixels(path.join(folder, name));
    const plain = await api.detectSingleFace(picture, options).withFaceExpressions();
    const marked = await api.detectSingleFace(picture, options).withFaceLandmarks().withFaceExpressions();
    files[name] = {
      found: Boolean(marked),
      without_landmarks: plain ? { ...plain.expressions } : null,
      with_landmarks: marked ? { ...marked.expressions } : null,
      landmarks: marked ? marked.landmarks.positions.map((p) => [p.x, p.y]) : null,
    };
    tf.dispose(picture);
  }
  const versions = { node: process.version };
  for (const name of ['@vladmandic/face-api', '@tensorflow/tfjs']) versions[name] = version(name);
  process.stdout.write(JSON.stringify({ versions, files }));
}

main(process.argv[2]).catch((error) => { console.error(error); process.exit(1); });
