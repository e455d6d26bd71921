// MediaPipe's face mesh (refined) for a folder of PNG files, in a headless browser.
//
//   node face_mesh.js FOLDER [CHROMIUM]       (packages from NODE_PATH)
//
// Every picture gets a new instance: one that is used again remembers the picture before.
// Prints one JSON object: versions, and per file the 478 points in pixels, or null where no face is found.
const { spawn, execFileSync } = require('child_process');
const fs = require('fs');
const http = require('http');
const os = require('os');
const path = require('path');

const PAGE = `<!doctype html><script src="/mesh/face_mesh.js"></script><script>
async function points(name) {
  const mesh = new FaceMesh({ locateFile: (file) => '/mesh/' + file });
  mesh.setOptions({ maxNumFaces: 1, refineLandmarks: true, minDetectionConfidence: 0.5 });
  const picture = new Image();
  picture.src = '/still/' + name;
  await picture.decode();
  const found = new Promise((done) => mesh.onResults(done));
  await mesh.send({ image: picture });
  const face = (await found).multiFaceLandmarks[0];
  await mesh.close();
  return face ? face.map((p) => [p.x * picture.width, p.y * picture.height]) : null;
}
(async () => {
  const files = {};
  try {
    for (const name of await (await fetch('/names')).json()) files[name] = await points(name);
    await fetch('/done', { method: 'POST', body: JSON.stringify({ files }) });
  } catch (error) {
    await fetch('/done', { method: 'POST', body: JSON.stringify({ error: String(error) }) });
  }
})();
</script>`;

const home = path.dirname(require.resolve('@mediapipe/face_mesh/package.json'));
const version = require('@mediapipe/face_mesh/package.json').version;

function main(folder, chromium) {
  const names = fs.readdirSync(folder).filter((f) => f.endsWith('.png')).sort();
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'face_mesh-'));
  let browser;
  const server = http.createServer((request, response) => {
    const url = decodeURIComponent(request.url);
    const [, kind, name] = url.split('/');
    if (url === '/') {
      response.setHeader('content-type', 'text/html');
      response.end(PAGE);
    } else if (url === '/names') {
      response.end(JSON.stringify(names));
    } else if (url === '/done') {
      let body = '';
      request.on('data', (part) => { body += part; });
      request.on('end', () => {
        response.end();
        browser.kill();
        server.close();
        const { files, error } = JSON.parse(body);
        if (error) throw new Error(error);
        const seen = execFileSync(chromium, ['--version'], { encoding: 'utf8' }).trim();
        const versions = { '@mediapipe/face_mesh': version, browser: seen };
        fs.writeSync(1, JSON.stringify({ versions, files }));
        process.exit(0);
      });
    } else if (!name) {  // the browser asks for an icon
      response.statusCode = 404;
      response.end();
    } else {
      const file = path.join(kind === 'mesh' ? home : folder, path.basename(name));
      if (file.endsWith('.wasm')) response.setHeader('content-type', 'application/wasm');
      fs.createReadStream(file).on('error', () => { response.statusCode = 404; response.end(); }).pipe(response);
    }
  });
  server.listen(0, '127.0.0.1', () => {
    const flags = ['--headless=new', '--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];
    const page = `http://127.0.0.1:${server.address().port}/`;
    browser = spawn(chromium, [...flags, `--user-data-dir=${profile}`, page], { stdio: 'ignore' });
  });
}

main(process.argv[2], process.argv[3] || 'chromium');
