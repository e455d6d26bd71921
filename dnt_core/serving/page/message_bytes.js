// A message and its bytes in one body, as dnt_core.serving.message_bytes packs them.

function unpackBytes(body) {
  const view = new DataView(body);
  const length = view.getUint32(0, true);
  const { message, sizes } = JSON.parse(new TextDecoder().decode(new Uint8Array(body, 4, length)));
  let at = 4 + length;
  const buffers = sizes.map((size) => {
    const part = new DataView(body, at, size);
    at += size;
    return part;
  });
  return { message, buffers };
}
