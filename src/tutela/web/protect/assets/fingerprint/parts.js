/**
 * Parts: a picture's key points and their descriptions, spread over all of it. The steps of `docs/parts.md`, as
 * `tutela.fingerprints.parts` takes them.
 * @module
 */

import { described, directions } from "./descriptions.js";
import { extrema, octaves } from "./keypoints.js";
import { PROJECTED, projected } from "./projection.js";
import { resized } from "./resize.js";

const LEAST = 0.0015; // strength of the weakest key points, of a brightness from 0 to 1
const SHORTEST = 16;
const GRID = 8;
const POINT_BYTES = 6;
const OFTEN = 64; // points described between two steps

/**
 * @typedef {{points: Uint8Array, descriptions: Int8Array}} Parts n × 6 and n × 64 bytes, as `tutela.model.Parts`
 * @typedef {{area: number, most: number, directions: number}} Detail pixels a picture is brought to, points, and
 *   directions of each
 * @typedef {(share: number) => Promise<void>} Step is awaited now and then, with the share done; may throw to end it
 * @typedef {{picture: import("./keypoints.js").Layer, point: import("./keypoints.js").Point, x: number, y: number,
 *   blur: number, score: number}} Found x and y in shares of the sides, blur in working pixels
 */

/** @type {Detail} what is needed to protect a picture */
export const PROTECT = { area: 400_000, most: 520, directions: 1 };

/** @type {Detail} what is needed to look a picture up */
export const LOOKUP = { area: 1_000_000, most: 1500, directions: 2 };

/**
 * @param {{luma: Uint8Array, columns: number, rows: number}} raster
 * @param {Detail} detail
 * @param {Step} step
 * @returns {Promise<Parts>}
 */
export async function parts({ luma, columns, rows }, detail, step = async () => {}) {
  const { width, height } = workingSize(columns, rows, detail.area);
  const grey = resized(luma, columns, rows, width, height);
  await step(0.1);
  const chosen = spread(await keyPoints(grey, width, height, (share) => step(0.1 + 0.7 * share)), detail.most);
  const [points, descriptions] = [[], []];
  for (const [number, each] of chosen.entries()) {
    if (number % OFTEN === 0) await step(0.8 + (0.2 * number) / chosen.length);
    for (const angle of directions(each.picture, each.point, detail.directions)) {
      points.push(record(each, angle, Math.sqrt(width * height)));
      descriptions.push(projected(described(each.picture, each.point, angle)));
    }
  }
  await step(1);
  return { points: joined(points, Uint8Array, POINT_BYTES), descriptions: joined(descriptions, Int8Array, PROJECTED) };
}

/** Width and height with about `area` pixels and nearly the same shape, at least 16 each. */
export function workingSize(width, height, area) {
  const factor = Math.sqrt(area / (width * height));
  const side = (before) => Math.max(SHORTEST, Math.floor(before * factor + 0.5));
  return { width: side(width), height: side(height) };
}

/** @returns {Promise<Found[]>} those of all octaves */
async function keyPoints(grey, width, height, step) {
  const found = [];
  let scale = 1;
  for (const layers of octaves(grey, width, height)) {
    for (const point of extrema(layers, LEAST)) {
      const [x, y] = [(point.x * scale + 0.5) / width, (point.y * scale + 0.5) / height];
      const blur = point.blur * scale;
      found.push({ picture: layers[point.layer], point, x, y, blur, score: point.strength * Math.sqrt(blur) });
    }
    scale *= 2;
    await step(1 - 1 / scale ** 2);
  }
  return found;
}

/**
 * Which points to take: the best of every one of 8 × 8 regions, then every second best, and so on. By score alone, a
 * pasted region could take them all.
 */
function spread(found, most) {
  const better = (one, other) => other.score - one.score;
  const regions = Array.from({ length: GRID * GRID }, () => []);
  for (const each of found) regions[Math.floor(each.y * GRID) * GRID + Math.floor(each.x * GRID)].push(each);
  const ranks = [];
  for (const region of regions) {
    region.sort(better).forEach((each, rank) => (ranks[rank] ??= []).push(each));
  }
  return ranks.flatMap((rank) => rank.sort(better)).slice(0, most);
}

/** One point: x and y in 65,536ths of the sides, 16 log₂ of the blur in 1,024ths of the size, direction in 256ths. */
function record({ x, y, blur }, angle, size) {
  const bytes = new Uint8Array(POINT_BYTES);
  const view = new DataView(bytes.buffer);
  const place = (share) => Math.min(Math.max(Math.floor(share * 65536), 0), 65535);
  view.setUint16(0, place(x), true);
  view.setUint16(2, place(y), true);
  view.setUint8(4, Math.min(Math.max(Math.floor(16 * Math.log2((1024 * blur) / size) + 0.5), 0), 255));
  view.setUint8(5, Math.floor(angle * (128 / Math.PI) + 0.5) & 255);
  return bytes;
}

function joined(rows, Kind, length) {
  const all = new Kind(rows.length * length);
  rows.forEach((row, number) => all.set(row, number * length));
  return all;
}
