// Raw RGB bytes onto a canvas, and what is said about speed.

function makePainter(panel) {
  const painted = []; // {at, lag} of the last second
  const images = new Map();

  // The rectangle of a picture that changed; the rest stands on the canvas.
  function put(canvas, bytes, [width, height], [left, top, across, down]) {
    let image = images.get(canvas);
    if (!image || image.width !== width || image.height !== height) {
      canvas.width = width;
      canvas.height = height;
      image = new ImageData(width, height);
      image.data.fill(255);
      images.set(canvas, image);
    }
    const from = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), to = image.data;
    for (let row = 0, i = 0; row < down; row++) {
      const end = 4 * ((top + row) * width + left + across);
      for (let j = end - 4 * across; j < end; i += 3, j += 4) {
        to[j] = from[i];
        to[j + 1] = from[i + 1];
        to[j + 2] = from[i + 2];
      }
    }
    if (down) canvas.getContext("2d").putImageData(image, 0, 0, left, top, across, down);
  }

  let busy = false; // with something that is said in the place of the speed

  function tell(now) {
    if (busy) return;
    while (painted.length && painted[0].at < now - 1000) painted.shift();
    const lags = painted.map((p) => p.lag).sort((a, b) => a - b);
    const median = lags[Math.floor(lags.length / 2)];
    panel.speed.textContent = !painted.length ? "at rest" : `${painted.length} frame${painted.length > 1 ? "s" : ""}/s · ${Math.round(median)} ms behind the hand`;
  }

  let told = 0;
  return {
    busy(text) {
      busy = text !== "";
      panel.speed.textContent = text;
    },
    paint(message, buffers, times) {
      [panel.canvas, panel.inner].slice(0, buffers.length).forEach((canvas, k) =>
        put(canvas, buffers[k], message.shapes[k], message.boxes[k]));
      const now = performance.now();
      painted.push({ at: now, lag: now - times.movedAt });
      if (now - told > 200) {
        told = now;
        tell(now);
        setTimeout(() => tell(performance.now()), 1100);
      }
      panel.canvas.dispatchEvent(new CustomEvent("dnt-frame", { detail: { ...times, now, engine: message.engine_ms } }));
    },
  };
}
