/**
 * Pictures that a browser leaves lying: all of them heed EXIF's orientation in a JPEG, some not in a WebP.
 * @module
 */

import { fromBase64 } from "./encoding.js";

const TAG = 0x0112;
const ENTRY = 12;
const EXIF = 0x45584946; // "EXIF"

/** EXIF orientations (Exif 2.32, tag 0x0112) by what makes them upright: transpose, then mirror, then flip. */
const LYING = [5, 6, 7, 8];
const MIRRORED = [2, 3, 6, 7];
const UPSIDE_DOWN = [3, 4, 7, 8];

/** A WebP two pixels wide and one high, with an orientation that makes it one wide and two high. */
const SAMPLE =
  "UklGRlIAAABXRUJQVlA4WAoAAAAIAAAAAQAAAAAAVlA4TBEAAAAvAQAAAAfQ//73v/+BiOh/AABFWElGGgAAAE1NACoAAAAIAAEBEgADAAAAAQAG" +
  "AAAAAAAA";

/**
 * The orientation that decoding in this browser does not apply.
 * @param {Uint8Array} bytes the whole file
 * @param {string} mime
 * @returns {Promise<number>} 1 to 8; 1 where there is nothing to do
 */
export async function unheeded(bytes, mime) {
  const orientation = mime === "image/webp" ? ofWebp(bytes) : 1;
  return orientation > 1 && !(await heedsWebp()) ? orientation : 1;
}

/** Whether this browser turns a WebP upright. */
async function heedsWebp() {
  const { width, height } = await createImageBitmap(new Blob([fromBase64(SAMPLE)], { type: "image/webp" }));
  return width < height;
}

/** The orientation in the chunk `EXIF` of a WebP (RFC 9649); 1 where it is absent or nonsense. */
function ofWebp(bytes) {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 12;
  while (at + 8 <= data.byteLength) {
    const size = data.getUint32(at + 4, true);
    const start = at + 8;
    if (data.getUint32(at) === EXIF) return ofExif(bytes.subarray(start, start + size));
    at = start + size + (size % 2);
  }
  return 1;
}

/** The orientation in EXIF's first directory (TIFF 6.0, section 2). */
function ofExif(bytes) {
  const named = String.fromCharCode(...bytes.subarray(0, 6)) === "Exif\0\0" ? 6 : 0;
  const data = new DataView(bytes.buffer, bytes.byteOffset + named, bytes.length - named);
  try {
    const little = data.getUint16(0) === 0x4949;
    const directory = data.getUint32(4, little);
    const entries = data.getUint16(directory, little);
    for (let at = directory + 2; at < directory + 2 + entries * ENTRY; at += ENTRY) {
      const value = data.getUint16(at + 8, little);
      if (data.getUint16(at, little) === TAG) return value >= 1 && value <= 8 ? value : 1;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // cut off: a picture without EXIF is still a picture
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
