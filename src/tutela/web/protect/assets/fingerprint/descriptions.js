/**
 * Directions and descriptions of key points (Lowe 2004, sections 5 and 6), as square roots (Arandjelović and Zisserman,
 * "Three things everyone should know to improve object retrieval", CVPR 2012). The same arithmetic as
 * `tutela.fingerprints.descriptions`.
 * @module
 */

import { rounded } from "./keypoints.js";

/** Numbers in a description: 4 × 4 squares with 8 directions each. */
export const LENGTH = 128;

const DIRECTIONS = 36;
const NEARLY = 0.8; // a second direction counts from this share of the strongest
const SQUARE = 3; // side of a square, in blurs
const [MOST, NOTHING] = [0.2, 1e-12];
const TURN = 2 * Math.PI;
const GRID = 6; // the 4 × 4 squares and one more all around, which takes what is shared beyond the edge

const { fround, abs, floor, exp, sqrt, max, min } = Math;

/**
 * The angle of (x, y) from −π to π, within 0.0003: a polynomial that every language computes alike.
 * @param {number} y
 * @param {number} x both 32-bit floats
 */
export function direction(y, x) {
  const [wide, high] = [abs(x), abs(y)];
  const most = max(wide, high);
  if (most === 0) return 0;
  const part = fround(min(wide, high) / most);
  const square = fround(part * part);
  let angle = ((-0.0464964749 * square + 0.15931422) * square - 0.327622764) * square * part + part;
  if (high > wide) angle = Math.PI / 2 - angle;
  if (x < 0) angle = Math.PI - angle;
  return y < 0 ? -angle : angle;
}

/**
 * The main directions of brightness around a point, strongest first.
 * @param {import("./keypoints.js").Layer} picture
 * @param {import("./keypoints.js").Point} point
 * @param {number} most so many of them
 * @returns {number[]}
 */
export function directions(picture, point, most) {
  const smooth = smoothed(counted(picture, point));
  const strongest = max(...smooth);
  const order = Array.from(smooth.keys()).sort((one, other) => smooth[other] - smooth[one]);
  const found = [];
  for (const k of order) {
    const [before, here, after] = [smooth[(k + DIRECTIONS - 1) % DIRECTIONS], smooth[k], smooth[(k + 1) % DIRECTIONS]];
    if (found.length === most || here < NEARLY * strongest || here <= 0) break;
    if (here > before && here >= after) {
      found.push(((k + (before - after) / (2 * (before - 2 * here + after))) * TURN) / DIRECTIONS);
    }
  }
  return found;
}

/** How much the brightness rises in each of 36 directions. */
function counted({ width, height, values }, { x, y, blur }) {
  const spread = 1.5 * blur;
  const reach = rounded(3 * spread);
  const bell = Float64Array.from({ length: reach + 1 }, (_, k) => exp((-k * k) / (2 * spread * spread)));
  const counts = new Float64Array(DIRECTIONS);
  const [left, top] = [rounded(x), rounded(y)];
  const [firstColumn, lastColumn] = [max(left - reach, 1), min(left + reach, width - 2)];
  for (let row = max(top - reach, 1); row <= min(top + reach, height - 2); row++) {
    for (let column = firstColumn; column <= lastColumn; column++) {
      const at = row * width + column;
      const across = fround(values[at + 1] - values[at - 1]);
      const down = fround(values[at + width] - values[at - width]);
      const weight = bell[abs(row - top)] * bell[abs(column - left)];
      const place = floor(direction(down, across) * (DIRECTIONS / TURN) + 0.5);
      counts[(place + DIRECTIONS) % DIRECTIONS] += weight * length(across, down);
    }
  }
  return counts;
}

function smoothed(counts) {
  const at = (k) => counts[(k + DIRECTIONS) % DIRECTIONS];
  return counts.map((here, k) => (at(k - 2) + at(k + 2) + 4 * (at(k - 1) + at(k + 1)) + 6 * here) / 16);
}

function length(across, down) {
  return fround(sqrt(fround(fround(across * across) + fround(down * down))));
}

/**
 * How much the brightness rises in each of 8 directions in each of 4 × 4 squares, turned to `angle`.
 * @param {import("./keypoints.js").Layer} picture
 * @param {import("./keypoints.js").Point} point
 * @param {number} angle
 * @returns {Float32Array} `LENGTH` numbers, a unit vector
 */
export function described({ width, height, values }, { x, y, blur }, angle) {
  const side = SQUARE * blur;
  const reach = rounded(side * Math.SQRT2 * 2.5);
  const [cos, sin] = [Math.cos(angle) / side, Math.sin(angle) / side];
  const [left, top] = [rounded(x), rounded(y)];
  const places = { length: 2 * reach + 1 };
  const bellX = Float64Array.from(places, (_, k) => exp(-(((k - reach + left - x) / side) ** 2) / 8));
  const bellY = Float64Array.from(places, (_, k) => exp(-(((k - reach + top - y) / side) ** 2) / 8));
  const counts = new Float64Array(GRID * GRID * 8);
  const [firstColumn, lastColumn] = [max(left - reach, 1), min(left + reach, width - 2)];
  for (let row = max(top - reach, 1); row <= min(top + reach, height - 2); row++) {
    for (let column = firstColumn; column <= lastColumn; column++) {
      const u = cos * (column - x) + sin * (row - y) + 2.5;
      const v = cos * (row - y) - sin * (column - x) + 2.5;
      if (u <= 0 || u >= 5 || v <= 0 || v >= 5) continue;
      const at = row * width + column;
      const across = fround(values[at + 1] - values[at - 1]);
      const down = fround(values[at + width] - values[at - width]);
      const weight = bellX[column - left + reach] * bellY[row - top + reach] * length(across, down);
      share(counts, u, v, (direction(down, across) - angle) * (8 / TURN), weight);
    }
  }
  return unit(counts);
}

/** Adds a weight to the two nearest squares each way, and to the two nearest directions of each. */
function share(counts, u, v, turn, weight) {
  turn -= floor(turn / 8) * 8;
  const [whole, i, j] = [floor(turn), floor(u), floor(v)];
  const [later, right, below] = [turn - whole, u - i, v - j];
  const first = whole & 7;
  const second = (first + 1) & 7;
  for (let down = 0; down < 2; down++) {
    const here = weight * (down ? below : 1 - below);
    const [near, far] = [here * (1 - right), here * right];
    const square = ((j + down) * GRID + i) * 8;
    counts[square + first] += near * (1 - later);
    counts[square + second] += near * later;
    counts[square + 8 + first] += far * (1 - later);
    counts[square + 8 + second] += far * later;
  }
}

/** The inner squares, cut at a share of the length, as square roots of shares of the sum. */
function unit(counts) {
  const inner = new Float64Array(LENGTH);
  for (let row = 0; row < 4; row++) {
    const start = ((row + 1) * GRID + 1) * 8;
    inner.set(counts.subarray(start, start + 32), row * 32);
  }
  const most = MOST * sqrt(inner.reduce((sum, each) => sum + each * each, 0));
  const cut = inner.map((each) => min(each, most));
  const whole = cut.reduce((sum, each) => sum + each, 0) + NOTHING;
  return Float32Array.from(cut, (each) => sqrt(each / whole));
}
