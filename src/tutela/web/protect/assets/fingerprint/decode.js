/**
 * A file's bytes → the luma of the upright picture as a viewer would see it on a white page. The browser decodes: it
 * applies EXIF's orientation and the colour profile.
 * @module
 */

import { declaredPixels, UNCOMMON } from "./formats.js";
import { turned, unheeded } from "./orientation.js";
import { Refusal } from "./refusal.js";
import { whole } from "./whole.js";

/** The most pixels of a picture: a browser holds four bytes for each of them. */
export const MOST_PIXELS = 120_000_000;

/** Pixels that the shorter side keeps when the luma is reduced, as on the server. */
const SHORTEST = { pdq: 240, protect: 640 };
const SCALES = [8, 4, 2, 1];

/** Pixels are read in tiles of this side: a canvas has limits, and the whole picture is in memory once already. */
const TILE = 2048;

/** Levels that are drawn and read to see whether this browser shows scripts the pixels as they are. */
const LEVELS = Array.from({ length: 16 }, (_, i) => (i * 97) % 256);
const ABOUT = 2;

/** Luma by ITU-R BT.601 in 65,536ths, as Pillow has it. */
const [RED, GREEN, BLUE] = [19595, 38470, 7471];
const ONE = 65536;

/**
 * @typedef {object} Raster
 * @property {number} width of the upright picture, in pixels
 * @property {number} height
 * @property {number} scale 1, 2, 4 or 8
 * @property {Uint8Array} luma row after row, each value the mean of a scale × scale block; the last block of a side may
 *   be cut off
 * @property {number} columns
 * @property {number} rows
 */

/**
 * @param {Uint8Array} bytes the whole file
 * @param {string} media its MIME type
 * @param {boolean} parts whether the picture's parts are wanted, too: they need more pixels
 * @param {import("./parts.js").Step} step
 * @returns {Promise<Raster>} throws `Refusal`
 */
export async function decoded(bytes, media, parts, step = async () => {}) {
  if (declaredPixels(bytes, media) > MOST_PIXELS) throw new Refusal("too_large");
  if (!readsTruly()) throw new Refusal("hidden");
  if (!whole(bytes, media)) throw new Refusal("damaged");
  const bitmap = await decodedBitmap(bytes, media);
  try {
    const { width, height } = bitmap;
    const orientation = await unheeded(bytes, media);
    if (width * height > MOST_PIXELS) throw new Refusal("too_large");
    await step(0.5);
    const shortest = parts ? SHORTEST.protect : SHORTEST.pdq;
    const scale = SCALES.find((each) => each === 1 || Math.floor(Math.min(width, height) / each) >= shortest);
    const luma = await reduced(bitmap, scale, (share) => step(0.5 + 0.5 * share));
    const upright = turned(luma, Math.ceil(width / scale), Math.ceil(height / scale), orientation);
    return { scale, ...upright, ...(orientation < 5 ? { width, height } : { width: height, height: width }) };
  } finally {
    bitmap.close();
  }
}

async function decodedBitmap(bytes, media) {
  try {
    return await createImageBitmap(new Blob([bytes], { type: media }));
  } catch {
    throw new Refusal(UNCOMMON.includes(media) ? "unsupported" : "damaged");
  }
}

/** Some browsers scramble what scripts read, so that sites cannot tell people apart: no fingerprint would be right. */
function readsTruly() {
  const context = drawing(LEVELS.length, 1);
  LEVELS.forEach((level, x) => {
    context.fillStyle = `rgb(${level}, ${level}, ${level})`;
    context.fillRect(x, 0, 1, 1);
  });
  const { data } = context.getImageData(0, 0, LEVELS.length, 1);
  return LEVELS.every((level, x) => Math.abs(data[4 * x + 1] - level) <= ABOUT);
}

function drawing(width, height) {
  return new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true, colorSpace: "srgb" });
}

/** The luma in blocks of `scale` × `scale` pixels, tile after tile. */
async function reduced(bitmap, scale, step) {
  const { width, height } = bitmap;
  const [columns, rows] = [Math.ceil(width / scale), Math.ceil(height / scale)];
  const luma = new Uint8Array(columns * rows);
  const context = drawing(Math.min(TILE, width), Math.min(TILE, height));
  context.fillStyle = "white";
  for (let top = 0; top < height; top += TILE) {
    for (let left = 0; left < width; left += TILE) {
      const [wide, high] = [Math.min(TILE, width - left), Math.min(TILE, height - top)];
      context.fillRect(0, 0, wide, high);
      context.drawImage(bitmap, left, top, wide, high, 0, 0, wide, high);
      const { data } = context.getImageData(0, 0, wide, high);
      lay(luma, (top / scale) * columns + left / scale, columns, blocks(data, wide, high, scale));
    }
    await step(Math.min(1, (top + TILE) / height));
  }
  return luma;
}

/** Means over blocks of one tile of RGBA, in whole levels. */
function blocks(rgba, width, height, scale) {
  const [columns, rows] = [Math.ceil(width / scale), Math.ceil(height / scale)];
  const sums = new Float64Array(columns * rows);
  for (let y = 0, at = 0; y < height; y++) {
    const start = Math.floor(y / scale) * columns;
    for (let x = 0; x < width; x++, at += 4) {
      sums[start + ((x / scale) | 0)] += RED * rgba[at] + GREEN * rgba[at + 1] + BLUE * rgba[at + 2];
    }
  }
  const means = Uint8Array.from(sums, (sum, at) => {
    const wide = Math.min(scale, width - (at % columns) * scale);
    const high = Math.min(scale, height - Math.floor(at / columns) * scale);
    return Math.floor(sum / (wide * high * ONE) + 0.5);
  });
  return { means, columns };
}

function lay(luma, start, stride, { means, columns }) {
  for (let from = 0, to = start; from < means.length; from += columns, to += stride) {
    luma.set(means.subarray(from, from + columns), to);
  }
}
