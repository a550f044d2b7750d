/**
 * PDQ: a 256-bit code that survives re-encoding and resizing (Meta, "The TMK+PDQF video-hashing algorithm and the PDQ
 * image-hashing algorithm", 2019). The same steps as `tutela.fingerprints.pdq`, which says why they are so.
 *
 * Two passes of a box filter and picking 64 values along each axis are linear, so each pick is a weighted sum over the
 * blocks of a picture that may have been reduced already.
 * @module
 */

const SIDE = 64;
const WINDOWS = 128;
const COEFFICIENTS = 16;
const SMALLEST = 5;
const CODE = 32;

/**
 * The code in all eight orientations: as it is, rotated by 90°, 180°, 270° (counter-clockwise), mirrored, flipped,
 * transposed, transversed.
 * @param {import("./decode.js").Raster} raster
 * @returns {{codes: Uint8Array, quality: number}} 8 × 32 bytes, and 0 to 100. A picture with a side under 5 pixels has
 *   the zero code with quality 0.
 */
export function pdq(raster) {
  const { width, height, scale } = raster;
  if (Math.min(width, height) < SMALLEST) return { codes: new Uint8Array(8 * CODE), quality: 0 };
  const small = picks(raster, bothWays(height, scale), bothWays(width, scale));
  return { codes: codes(small.map((half) => half.map(coefficients))), quality: quality(small[0][0]) };
}

/**
 * @typedef {{first: number, weights: Float64Array}} Pick a weighted sum over blocks, from number `first` on
 */

/** The picks along an axis of `full` pixels, and those of the same axis reversed (its windows lean to one side). */
function bothWays(full, scale) {
  return [false, true].map((reversed) => Array.from({ length: SIDE }, (_, i) => pick(i, full, scale, reversed)));
}

/**
 * The mean, over a window, of means over windows around each of its pixels.
 * @returns {Pick}
 */
function pick(number, full, scale, reversed) {
  const window = Math.ceil(full / WINDOWS);
  const ahead = Math.floor((window + 2) / 2) - 1;
  const behind = window - ahead - 1;
  const low = (at) => Math.max(0, at - behind);
  const high = (at) => Math.min(full, at + ahead + 1);
  const block = (at) => Math.floor((reversed ? full - 1 - at : at) / scale);
  const centre = Math.floor(((2 * number + 1) * full) / (2 * SIDE));
  const ends = [block(low(low(centre))), block(high(high(centre) - 1) - 1)];
  const first = Math.min(...ends);
  const weights = new Float64Array(Math.max(...ends) - first + 1);
  for (let inner = low(centre); inner < high(centre); inner++) {
    const share = 1 / ((high(centre) - low(centre)) * (high(inner) - low(inner)));
    for (let at = low(inner); at < high(inner); at++) weights[block(at) - first] += share;
  }
  return { first, weights };
}

/** The 64 × 64 pictures [flipped or not][mirrored or not], row after row. */
function picks({ luma, columns }, down, across) {
  return down.map((rows) => {
    const strips = rows.map((row) => strip(luma, columns, row));
    return across.map((places) => Float32Array.from({ length: SIDE * SIDE }, (_, i) => {
      const { first, weights } = places[i % SIDE];
      const values = strips[Math.floor(i / SIDE)];
      return weights.reduce((sum, weight, k) => sum + weight * values[first + k], 0);
    }));
  });
}

/** One pick of every column. */
function strip(luma, columns, { first, weights }) {
  const sums = new Float64Array(columns);
  weights.forEach((weight, k) => {
    const start = (first + k) * columns;
    for (let x = 0; x < columns; x++) sums[x] += weight * luma[start + x];
  });
  return sums;
}

/** The discrete cosine transform without its first row: 16 × 64. */
const WAVES = Float64Array.from({ length: COEFFICIENTS * SIDE }, (_, i) => {
  const phase = (Math.floor(i / SIDE) + 1) * (2 * (i % SIDE) + 1);
  return Math.sqrt(2 / SIDE) * Math.cos((Math.PI / (2 * SIDE)) * phase);
});

/** 16 × 16 coefficients of a 64 × 64 picture. */
function coefficients(small) {
  const half = new Float64Array(COEFFICIENTS * SIDE);
  for (let i = 0; i < COEFFICIENTS; i++) {
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) half[i * SIDE + x] += WAVES[i * SIDE + y] * small[y * SIDE + x];
    }
  }
  return Float64Array.from({ length: COEFFICIENTS * COEFFICIENTS }, (_, at) => {
    const [i, j] = [Math.floor(at / COEFFICIENTS) * SIDE, (at % COEFFICIENTS) * SIDE];
    let sum = 0;
    for (let x = 0; x < SIDE; x++) sum += half[i + x] * WAVES[j + x];
    return sum;
  });
}

function codes([[plain, mirrored], [flipped, turned]]) {
  const laid = [plain, transposed(mirrored), turned, transposed(flipped)];
  laid.push(mirrored, flipped, transposed(plain), transposed(turned));
  const all = new Uint8Array(laid.length * CODE);
  laid.forEach((each, number) => all.set(code(each), number * CODE));
  return all;
}

function transposed(square) {
  return square.map((_, at) => square[(at % COEFFICIENTS) * COEFFICIENTS + Math.floor(at / COEFFICIENTS)]);
}

/** A bit is set where the coefficient lies above the lower median; the last coefficient comes first. */
function code(values) {
  const median = values.slice().sort()[values.length / 2 - 1];
  const bits = new Uint8Array(CODE);
  values.forEach((value, at) => {
    if (value > median) bits[CODE - 1 - (at >> 3)] |= 1 << (at & 7);
  });
  return bits;
}

/** Sum of absolute gradients, each cut to whole hundredths of the range; 100 is plenty of texture. */
function quality(small) {
  const hundredths = Math.fround(100 / 255);
  const step = (one, other) => Math.abs(Math.trunc(Math.fround(Math.fround(other - one) * hundredths)));
  let total = 0;
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const at = y * SIDE + x;
      if (x + 1 < SIDE) total += step(small[at], small[at + 1]);
      if (y + 1 < SIDE) total += step(small[at], small[at + SIDE]);
    }
  }
  return Math.min(100, Math.floor(total / 90));
}
