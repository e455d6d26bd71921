// Raw RGB bytes onto a canvas, and what is said about speed.

function makePainter(panel) {
  const painted = []; // {at, lag} of the last second
  const images = new Map();

  function put(canvas, bytes, [width, height]) {
    let image = images.get(canvas);
    if (!image || image.width !== width || image.height !== height) {
      canvas.width = width;
      canvas.height = height;
      image = new ImageData(width, height);
      image.data.fill(255);
      images.set(canvas, image);
    }
    const from = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), to = image.data;
    for (let i = 0, j = 0; j < to.length; i += 3, j += 4) {
      to[j] = from[i];
      to[j + 1] = from[i + 1];
      to[j + 2] = from[i + 2];
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
  }

  function tell(now) {
    while (painted.length && painted[0].at < now - 1000) painted.shift();
    const lags = painted.map((p) => p.lag).sort((a, b) => a - b);
    const median = lags[Math.floor(lags.length / 2)];
    panel.speed.textContent = !painted.length ? "at rest" : `${painted.length} frames/s · ${Math.round(median)} ms behind the hand`;
  }

  let told = 0;
  return {
    paint(message, buffers, times) {
      put(panel.canvas, buffers[0], message.shapes[0]);
      if (buffers.length > 1) put(panel.inner, buffers[1], message.shapes[1]);
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
