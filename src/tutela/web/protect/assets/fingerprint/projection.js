/**
 * Descriptions of 128 numbers → 64 signed bytes.
 * @module
 */

import { LENGTH } from "./descriptions.js";
import { fromBase64 } from "./encoding.js";
import { ROWS } from "./projection-data.js";

/** Bytes of a projected description. */
export const PROJECTED = 64;

const QUANTUM = 256;

const numbers = new DataView(fromBase64(ROWS).buffer);
const all = Float32Array.from({ length: numbers.byteLength / 4 }, (_, i) => numbers.getFloat32(4 * i, true));

const row = (number) => all.subarray(number * LENGTH, (number + 1) * LENGTH);

/** The mean description. */
export const MEAN = row(0);

/** The 64 axes along which descriptions differ most. */
export const AXES = Array.from({ length: PROJECTED }, (_, number) => row(number + 1));

/**
 * @param {Float32Array} description `LENGTH` numbers
 * @returns {Int8Array} `PROJECTED` numbers, 256 levels for a length of one
 */
export function projected(description) {
  const rest = description.map((value, i) => value - MEAN[i]);
  return Int8Array.from(AXES, (axis) => {
    let sum = 0;
    for (let i = 0; i < LENGTH; i++) sum += rest[i] * axis[i];
    return Math.min(Math.max(Math.floor(sum * QUANTUM + 0.5), -127), 127);
  });
}
