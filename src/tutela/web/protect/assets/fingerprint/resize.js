/**
 * Grey pictures made larger or smaller by a triangle filter as wide as the reduction, in whole numbers and rounded after
 * each axis, as Pillow's `BILINEAR` is.
 * @module
 */

const BITS = 22;

/**
 * @param {Uint8Array} grey row after row
 * @param {number} columns
 * @param {number} rows
 * @param {number} width of the result
 * @param {number} height of the result
 * @returns {Uint8Array} height × width
 */
export function resized(grey, columns, rows, width, height) {
  const across = transposed(alongRows(grey, columns, rows, width), width, rows);
  return transposed(alongRows(across, rows, width, height), height, width);
}

function alongRows(grey, columns, rows, width) {
  const out = new Uint8Array(rows * width);
  const { firsts, counts, weights, most } = windows(columns, width);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x++) {
      const from = y * columns + firsts[x];
      let sum = 1 << (BITS - 1);
      for (let k = 0; k < counts[x]; k++) sum += grey[from + k] * weights[x * most + k];
      out[y * width + x] = sum >> BITS;
    }
  }
  return out;
}

/** Which values each result is made of, and their weights in 2²² parts. */
function windows(before, after) {
  const scale = before / after;
  const reach = Math.max(scale, 1);
  const slope = 1 / reach;
  const most = 2 * Math.ceil(reach) + 1;
  const [firsts, counts] = [new Int32Array(after), new Int32Array(after)];
  const weights = new Int32Array(after * most);
  for (let place = 0; place < after; place++) {
    const centre = (place + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const count = Math.min(before, Math.trunc(centre + reach + 0.5)) - first;
    const bell = Array.from({ length: count }, (_, k) => Math.max(0, 1 - Math.abs((k + first - centre + 0.5) * slope)));
    const whole = bell.reduce((sum, each) => sum + each, 0);
    bell.forEach((each, k) => (weights[place * most + k] = Math.trunc(0.5 + (each / whole) * 2 ** BITS)));
    [firsts[place], counts[place]] = [first, count];
  }
  return { firsts, counts, weights, most };
}

function transposed(grey, columns, rows) {
  const out = new Uint8Array(grey.length);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) out[x * rows + y] = grey[y * columns + x];
  }
  return out;
}
