/**
 * Whether a file reaches to its end. Some browsers (Firefox, WebKit) fill up what is missing with grey and say nothing; a
 * fingerprint of that would find no copy.
 * @module
 */

const WHOLE = { "image/jpeg": jpeg, "image/png": png, "image/gif": gif, "image/bmp": bmp, "image/webp": webp };

/**
 * @param {Uint8Array} bytes the whole file
 * @param {string} mime
 * @returns {boolean} false where it is cut off; true, too, for formats whose decoders notice that in every browser
 */
export function whole(bytes, mime) {
  const check = WHOLE[mime];
  try {
    return check ? check(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), bytes) : true;
  } catch (error) {
    if (error instanceof RangeError) return false; // it ends where more was announced
    throw error;
  }
}

/** Behind the first scan comes an end of image (ITU-T T.81, B.1.1.3); within a scan 0xff is never followed by 0xd9. */
function jpeg(data, bytes) {
  let at = 2;
  for (let marker; (marker = data.getUint16(at)) !== 0xffda; ) at += marker === 0xffff ? 1 : 2 + data.getUint16(at + 2);
  while ((at = bytes.indexOf(0xff, at + 1)) >= 0) if (bytes[at + 1] === 0xd9) return true;
  return false;
}

/** The chunks lead to one that is called IEND. */
function png(data) {
  let at = 8;
  while (data.getUint32(at + 4) !== 0x49454e44) at += 12 + data.getUint32(at);
  return true;
}

/** The size that RIFF states is there. */
function webp(data) {
  return data.getUint32(4, true) + 8 <= data.byteLength;
}

/** All pieces of the first picture are there (GIF89a, sections 15 to 24). */
function gif(data) {
  const colours = (packed) => (packed & 0x80 ? 3 << ((packed & 7) + 1) : 0);
  const past = (at) => {
    for (let size; (size = data.getUint8(at)); ) at += 1 + size;
    return at + 1;
  };
  let at = 13 + colours(data.getUint8(10));
  while (data.getUint8(at) === 0x21) at = past(at + 2);
  past(at + 11 + colours(data.getUint8(at + 9)));
  return true;
}

/** All rows are there, where they are not compressed. */
function bmp(data) {
  const old = data.getUint32(14, true) === 12;
  const [width, height, depth, compression] = old
    ? [data.getUint16(18, true), data.getUint16(20, true), data.getUint16(24, true), 0]
    : [data.getInt32(18, true), data.getInt32(22, true), data.getUint16(28, true), data.getUint32(30, true)];
  if (compression === 1 || compression === 2) return true;
  return data.getUint32(10, true) + Math.ceil((width * depth) / 32) * 4 * Math.abs(height) <= data.byteLength;
}
