/**
 * Key points: blobs that stand out in place and in size (Lowe, "Distinctive image features from scale-invariant
 * keypoints", IJCV 2004, sections 3 and 4). The same arithmetic in the same order as `tutela.fingerprints.keypoints`:
 * 32-bit floats where that has them (`fround`), 64-bit ones elsewhere.
 * @module
 */

/** Sizes that are told apart between one octave and the next. */
export const LAYERS = 3;

const FIRST = 1.6; // blur of the first layer, in pixels
const GIVEN = 0.5; // blur that a picture is taken to have already
const REACH = 3.5;
const EDGE = 5;
const ROUNDS = 5;
const RIDGE = 10;
const LEAST_SIDE = 12;

const { fround, abs } = Math;

/**
 * @typedef {{width: number, height: number, values: Float32Array}} Layer brightness from 0 to 1, row after row
 * @typedef {{x: number, y: number, blur: number, strength: number, layer: number}} Point in pixels of its octave
 */

/** @returns {number} the nearest whole number, the even one of two */
export function rounded(value) {
  const below = Math.floor(value);
  const part = value - below;
  return part > 0.5 || (part === 0.5 && below % 2 !== 0) ? below + 1 : below;
}

/**
 * The picture at more and more blur: of each octave `LAYERS` + 3 layers; the next has half of the pixels a side.
 * @param {Uint8Array} grey
 * @param {number} width
 * @param {number} height
 * @returns {Generator<Layer[]>}
 */
export function* octaves(grey, width, height) {
  const values = Float32Array.from(grey, (level) => level / 255);
  let base = blurred({ width, height, values }, bell(Math.sqrt(FIRST ** 2 - GIVEN ** 2)));
  const steps = Array.from({ length: LAYERS + 2 }, (_, i) =>
    bell(FIRST * 2 ** ((i + 1) / LAYERS) * Math.sqrt(1 - 2 ** (-2 / LAYERS))),
  );
  for (;;) {
    const layers = [base];
    for (const weights of steps) layers.push(blurred(layers.at(-1), weights));
    yield layers;
    if (Math.min(base.width, base.height) < 2 * LEAST_SIDE) return;
    base = halved(layers[LAYERS]);
  }
}

/** Half of a Gaussian, from its middle on; the whole sums to 1. */
function bell(sigma) {
  const half = Array.from({ length: Math.ceil(REACH * sigma) + 1 }, (_, i) => Math.exp(-(i ** 2) / (2 * sigma ** 2)));
  const whole = half[0] + 2 * half.slice(1).reduce((sum, each) => sum + each, 0);
  return Float32Array.from(half, (each) => each / whole);
}

/** Every second pixel of every second row, from the first on. */
function halved({ width, height, values }) {
  const half = { width: (width + 1) >> 1, height: (height + 1) >> 1 };
  const fewer = new Float32Array(half.width * half.height);
  for (let y = 0; y < half.height; y++) {
    for (let x = 0; x < half.width; x++) fewer[y * half.width + x] = values[2 * y * width + 2 * x];
  }
  return { ...half, values: fewer };
}

/**
 * The picture under a symmetric, separable filter; outside it goes on as at its edge.
 * @param {Layer} picture
 * @param {Float32Array} weights half of the filter, from its middle on
 * @returns {Layer}
 */
export function blurred({ width, height, values }, weights) {
  const reach = weights.length - 1;
  const out = new Float32Array(values.length);
  const row = new Float32Array(width + 2 * reach);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) row[reach + x] = weights[0] * values[y * width + x];
    for (let k = 1; k <= reach; k++) {
      const above = Math.max(y - k, 0) * width;
      const below = Math.min(y + k, height - 1) * width;
      add(row, reach, values, above, below, weights[k], width);
    }
    row.fill(row[reach], 0, reach);
    row.fill(row[reach + width - 1], reach + width);
    const start = y * width;
    for (let x = 0; x < width; x++) out[start + x] = weights[0] * row[reach + x];
    for (let k = 1; k <= reach; k++) add(out, start, row, reach - k, reach + k, weights[k], width);
  }
  return { width, height, values: out };
}

/** Adds `weight` times the sum of two stretches of `count` values. */
function add(out, start, values, one, other, weight, count) {
  for (let x = 0; x < count; x++) {
    const both = fround(values[one + x] + values[other + x]);
    out[start + x] = fround(out[start + x] + fround(weight * both));
  }
}

/**
 * The key points of one octave whose strength is at least `least`, row by row.
 * @param {Layer[]} layers
 * @param {number} least
 * @returns {Point[]}
 */
export function extrema(layers, least) {
  const { width, height } = layers[0];
  const rises = layers.slice(1).map(({ values }, number) => {
    const lower = layers[number].values;
    return values.map((value, at) => value - lower[at]);
  });
  const found = [];
  for (let layer = 1; layer < rises.length - 1; layer++) {
    const rise = rises[layer];
    for (let y = EDGE; y < height - EDGE; y++) {
      for (let x = EDGE; x < width - EDGE; x++) {
        const at = y * width + x;
        if (abs(rise[at]) < 0.5 * least || !standsOut(rises, layer, at, width)) continue;
        const point = settled(rises, width, height, layer, y, x, least);
        if (point) found.push(point);
      }
    }
  }
  return found;
}

function standsOut(rises, layer, at, width) {
  const value = rises[layer][at];
  const sign = value > 0 ? 1 : -1;
  const most = sign * value;
  for (let k = layer - 1; k <= layer + 1; k++) {
    const rise = rises[k];
    for (let row = at - width; row <= at + width; row += width) {
      if (sign * rise[row - 1] > most || sign * rise[row] > most || sign * rise[row + 1] > most) return false;
    }
  }
  return true;
}

/**
 * Between the pixels: where a parabola through the neighbours has its top.
 * @returns {Point | null} null where it is weak or an edge
 */
function settled(rises, width, height, layer, y, x, least) {
  for (let round = 0; round < ROUNDS; round++) {
    const { here, top, slope, ridge } = parabola(rises, layer, width, y * width + x);
    if (!top || top.some((each) => abs(each) > 3)) return null;
    const [across, along, deeper] = top;
    if (top.every((each) => abs(each) < 0.6)) {
      const strength = abs(here + (slope[0] * across + slope[1] * along + slope[2] * deeper) / 2);
      const blur = FIRST * 2 ** ((layer + deeper) / LAYERS);
      return strength >= least && !ridge ? { x: x + across, y: y + along, blur, strength, layer } : null;
    }
    [x, y, layer] = [x + rounded(across), y + rounded(along), layer + rounded(deeper)];
    const inside = EDGE <= x && x < width - EDGE && EDGE <= y && y < height - EDGE;
    if (!inside || layer < 1 || layer > rises.length - 2) return null;
  }
  return null;
}

/** The parabola around one value: how far off its top lies (null: nowhere), its slope, and whether it is a ridge. */
function parabola(rises, layer, width, at) {
  const [under, rise, over] = [rises[layer - 1], rises[layer], rises[layer + 1]];
  const here = rise[at];
  const dx = (rise[at + 1] - rise[at - 1]) / 2;
  const dy = (rise[at + width] - rise[at - width]) / 2;
  const ds = (over[at] - under[at]) / 2;
  const xx = rise[at + 1] + rise[at - 1] - 2 * here;
  const yy = rise[at + width] + rise[at - width] - 2 * here;
  const ss = over[at] + under[at] - 2 * here;
  const xy = (rise[at + width + 1] - rise[at + width - 1] - rise[at - width + 1] + rise[at - width - 1]) / 4;
  const xs = (over[at + 1] - over[at - 1] - under[at + 1] + under[at - 1]) / 4;
  const ys = (over[at + width] - over[at - width] - under[at + width] + under[at - width]) / 4;
  const [a, b, c] = [yy * ss - ys * ys, xs * ys - xy * ss, xy * ys - xs * yy];
  const [d, e, f] = [xx * ss - xs * xs, xy * xs - xx * ys, xx * yy - xy * xy];
  const whole = xx * a + xy * b + xs * c;
  const top = [a * dx + b * dy + c * ds, b * dx + d * dy + e * ds, c * dx + e * dy + f * ds];
  const ridge = !(f > 0 && (xx + yy) ** 2 * RIDGE < (RIDGE + 1) ** 2 * f);
  return { here, slope: [dx, dy, ds], top: whole === 0 ? null : top.map((each) => -each / whole), ridge };
}
