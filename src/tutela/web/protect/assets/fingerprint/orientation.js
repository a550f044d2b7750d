/**
 * Pictures that a browser leaves lying: all of them heed EXIF's orientation in a JPEG, some not in a WebP (Chromium), and
 * some neither in a PNG nor what an AVIF has instead (WebKitGTK).
 * @module
 */

import { fromBase64 } from "./encoding.js";

const TAG = 0x0112;
const ENTRY = 12;
const EXTENT_OF_BOXES = 0x8000;

/** EXIF orientations (Exif 2.32, tag 0x0112) by what makes them upright: transpose, then mirror, then flip. */
const LYING = [5, 6, 7, 8];
const MIRRORED = [2, 3, 6, 7];
const UPSIDE_DOWN = [3, 4, 7, 8];

/** The same orientations by the quarter turns of `irot`: without `imir`, and with its axis 0 or 1. */
const ROTATED = [1, 8, 3, 6];
const ROTATED_AND_MIRRORED = [
  [4, 5, 2, 7],
  [2, 7, 4, 5],
];

const STATED = { "image/webp": ofWebp, "image/png": ofPng, "image/avif": ofAvif };

/** White pictures two pixels wide and one high, with an orientation that makes them one wide and two high. */
const SAMPLES = {
  "image/webp":
    "UklGRlIAAABXRUJQVlA4WAoAAAAIAAAAAQAAAAAAVlA4TBEAAAAvAQAAAAfQ//73v/+BiOh/AABFWElGGgAAAE1NACoAAAAIAAEBEgADAAAAAQAG" +
    "AAAAAAAA",
  "image/png":
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAGmVYSWZNTQAqAAAACAABARIAAwAAAAEABgAAAAAAANZnS2kAAAAPSURBVHicY/z//z8D" +
    "AwMADv8C/7jFnpkAAAAASUVORK5CYII=",
  "image/avif":
    "AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAAD1bWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAAAAAAAOcGl0bQAA" +
    "AAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAEdAAAAJQAAAChpaW5mAAAAAAABAAAAGmluZmUCAAAAAAEAAGF2MDFDb2xvcgAAAAB0aXBycAAAAFRp" +
    "cGNvAAAAFGlzcGUAAAAAAAAAAgAAAAEAAAAQcGl4aQAAAAADCAgIAAAADGF2MUOBAAwAAAAAE2NvbHJuY2x4AAEADQAGgAAAAAlpcm90AwAAABhpcG1h" +
    "AAAAAAAAAAEAAQUBAoMEhQAAAC1tZGF0EgAKCBgAJogIaDQgMhcUx4eGZQIIIJ5QAAAA9m9jPUjxumR0rA==",
};

/**
 * The orientation that decoding in this browser does not apply.
 * @param {Uint8Array} bytes the whole file, which this browser decodes
 * @param {string} mime
 * @returns {Promise<number>} 1 to 8; 1 where there is nothing to do
 */
export async function unheeded(bytes, mime) {
  const orientation = stated(bytes, mime);
  return orientation > 1 && !(await heeds(mime)) ? orientation : 1;
}

/**
 * The orientation that a WebP, PNG or AVIF states, 1 to 8; 1 for others, and where it is absent or nonsense.
 * @param {Uint8Array} bytes
 * @param {string} mime
 */
export function stated(bytes, mime) {
  try {
    return STATED[mime]?.(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length)) ?? 1;
  } catch (error) {
    if (error instanceof RangeError) return 1; // cut off: a picture without EXIF is still a picture
    throw error;
  }
}

/** Whether this browser turns such a picture upright. */
async function heeds(mime) {
  const { width, height } = await createImageBitmap(new Blob([fromBase64(SAMPLES[mime])], { type: mime }));
  return width < height;
}

/** From the chunk `EXIF` (RFC 9649). */
function ofWebp(bytes, data) {
  for (let at = 12, size; at + 8 <= bytes.length; at += 8 + size + (size % 2)) {
    size = data.getUint32(at + 4, true);
    if (named(bytes, at, "EXIF")) return ofExif(bytes.subarray(at + 8, at + 8 + size));
  }
  return 1;
}

/** From the chunk `eXIf` (PNG, third edition, 11.3.4.5). */
function ofPng(bytes, data) {
  for (let at = 8, size; at + 8 <= bytes.length; at += 12 + size) {
    size = data.getUint32(at);
    if (named(bytes, at + 4, "eXIf")) return ofExif(bytes.subarray(at + 8, at + 8 + size));
  }
  return 1;
}

/** From the properties `irot` and `imir` (ISO/IEC 23008-12, 6.5), whichever item they are of. */
function ofAvif(bytes) {
  const head = String.fromCharCode(...bytes.subarray(0, EXTENT_OF_BOXES));
  const property = (name) => (head.includes(name) ? bytes[head.indexOf(name) + 4] : null);
  const [turns, axis] = [(property("irot") ?? 0) & 3, property("imir")];
  return (axis === null ? ROTATED : ROTATED_AND_MIRRORED[axis & 1])[turns];
}

function named(bytes, at, name) {
  return String.fromCharCode(...bytes.subarray(at, at + 4)) === name;
}

/** From EXIF's first directory (TIFF 6.0, section 2). */
function ofExif(bytes) {
  const ahead = String.fromCharCode(...bytes.subarray(0, 6)) === "Exif\0\0" ? 6 : 0;
  const data = new DataView(bytes.buffer, bytes.byteOffset + ahead, bytes.length - ahead);
  const little = data.getUint16(0) === 0x4949;
  const directory = data.getUint32(4, little);
  const entries = data.getUint16(directory, little);
  for (let at = directory + 2; at < directory + 2 + entries * ENTRY; at += ENTRY) {
    const value = data.getUint16(at + 8, little);
    if (data.getUint16(at, little) === TAG) return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/**
 * Upright values for an EXIF orientation.
 * @param {Uint8Array} luma row after row
 * @param {number} columns
 * @param {number} rows
 * @param {number} orientation
 * @returns {{luma: Uint8Array, columns: number, rows: number}}
 */
export function turned(luma, columns, rows, orientation) {
  if (orientation === 1) return { luma, columns, rows };
  const lying = LYING.includes(orientation);
  const [width, height] = lying ? [rows, columns] : [columns, rows];
  const upright = new Uint8Array(luma.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const across = MIRRORED.includes(orientation) ? width - 1 - x : x;
      const down = UPSIDE_DOWN.includes(orientation) ? height - 1 - y : y;
      upright[y * width + x] = luma[lying ? across * columns + down : down * columns + across];
    }
  }
  return { luma: upright, columns: width, rows: height };
}
