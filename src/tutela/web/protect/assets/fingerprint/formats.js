/**
 * What a file is, and how many pixels it says it has, by its bytes. File names and declared types are never believed.
 * @module
 */

const HEIC = ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"];
const AVIF = ["avif", "avis"];
const SIGNATURES = [
  ["\xff\xd8\xff", "image/jpeg"],
  ["\x89PNG\r\n\x1a\n", "image/png"],
  ["GIF87a", "image/gif"],
  ["GIF89a", "image/gif"],
  ["BM", "image/bmp"],
  ["II*\0", "image/tiff"],
  ["MM\0*", "image/tiff"],
  ["II+\0", "image/tiff"],
  ["MM\0+", "image/tiff"],
];
const HEAD = 64;
const EXTENTS_WITHIN = 0x8000;

/** Formats that many browsers do not decode at all, so that failing says nothing about the file. */
export const UNCOMMON = ["image/tiff", "image/heic", "image/avif"];

/**
 * The same answers as `tutela.media.formats.recognise`.
 * @param {Uint8Array} bytes of a file, from its beginning
 * @returns {string | null} the MIME type of a format that Tutela reads
 */
export function recognise(bytes) {
  const head = letters(bytes, 0, HEAD);
  if (head.startsWith("RIFF") && head.slice(8, 12) === "WEBP") return "image/webp";
  const known = SIGNATURES.find(([signature]) => head.startsWith(signature));
  return known ? known[1] : byBrand(bytes, head);
}

/** HEIC and AVIF share ISO 14496-12's container; the brands after `ftyp` tell them apart. */
function byBrand(bytes, head) {
  if (head.slice(4, 8) !== "ftyp") return null;
  const size = Math.min(view(bytes).getUint32(0), head.length);
  const brands = [];
  for (let at = 8; at < size; at += 4) if (at !== 12) brands.push(head.slice(at, at + 4));
  if (brands.some((brand) => AVIF.includes(brand))) return "image/avif";
  return brands.some((brand) => HEIC.includes(brand)) ? "image/heic" : null;
}

/**
 * The pixels that a file declares: a browser takes memory for them before anything else.
 * @param {Uint8Array} bytes the whole file
 * @param {string} mime
 * @returns {number} 0 where it does not say
 */
export function declaredPixels(bytes, mime) {
  const declared = DECLARED[mime];
  try {
    return declared ? declared(view(bytes), bytes) : 0;
  } catch (error) {
    if (error instanceof RangeError) return 0; // cut off before it says; decoding will tell
    throw error;
  }
}

const DECLARED = {
  "image/jpeg": jpeg,
  "image/png": (data) => data.getUint32(16) * data.getUint32(20),
  "image/gif": (data) => data.getUint16(6, true) * data.getUint16(8, true),
  "image/bmp": (data) =>
    data.getUint32(14, true) === 12
      ? data.getUint16(18, true) * data.getUint16(20, true)
      : Math.abs(data.getInt32(18, true) * data.getInt32(22, true)),
  "image/webp": webp,
  "image/avif": extents,
  "image/heic": extents,
};

/** From the first frame header (ITU-T T.81, B.2.2), past all segments before it. */
function jpeg(data) {
  let at = 2;
  for (;;) {
    const marker = data.getUint8(at + 1);
    if (data.getUint8(at) !== 0xff || marker === 0xda) return 0;
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (frame) return data.getUint16(at + 5) * data.getUint16(at + 7);
    at += marker === 0xff ? 1 : 2 + data.getUint16(at + 2);
  }
}

/** From the first chunk (RFC 9649). */
function webp(data, bytes) {
  const kind = letters(bytes, 12, 16);
  if (kind === "VP8X") return ((data.getUint32(23, true) >>> 8) + 1) * ((data.getUint32(26, true) >>> 8) + 1);
  const bits = data.getUint32(21, true);
  if (kind === "VP8L") return ((bits & 0x3fff) + 1) * (((bits >>> 14) & 0x3fff) + 1);
  return (data.getUint16(26, true) & 0x3fff) * (data.getUint16(28, true) & 0x3fff);
}

/** The largest of the extents that the picture and its pieces have (ISO/IEC 23008-12, `ispe`). */
function extents(data, bytes) {
  const head = letters(bytes, 0, EXTENTS_WITHIN);
  let most = 0;
  for (let at = head.indexOf("ispe"); at >= 0; at = head.indexOf("ispe", at + 4)) {
    most = Math.max(most, data.getUint32(at + 8) * data.getUint32(at + 12));
  }
  return most;
}

function view(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function letters(bytes, start, end) {
  return String.fromCharCode(...bytes.subarray(start, end));
}
