/**
 * MD5 (RFC 1321), a piece at a time. Exchanges still speak it, and browsers do not offer it; nothing trusts it.
 * @module
 */

const BLOCK = 64;
const SHIFTS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
];
const SINES = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32));

/** The word of the block that each of the 64 steps takes. */
const PLACES = Uint8Array.from({ length: 64 }, (_, i) => [i, 5 * i + 1, 3 * i + 5, 7 * i][i >> 4] % 16);

/** The digest of bytes that come in pieces: `update` as often as there are any, then `digest` once. */
export class Md5 {
  #state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  #words = new Int32Array(BLOCK / 4);
  #held = new Uint8Array(BLOCK);
  #length = 0;

  /** @param {Uint8Array} bytes the next piece, of any length */
  update(bytes) {
    const waiting = this.#length % BLOCK;
    this.#length += bytes.length;
    let at = 0;
    if (waiting) {
      at = Math.min(BLOCK - waiting, bytes.length);
      this.#held.set(bytes.subarray(0, at), waiting);
      if (waiting + at < BLOCK) return;
      this.#blocks(this.#held, 0, BLOCK);
    }
    const end = at + Math.floor((bytes.length - at) / BLOCK) * BLOCK;
    this.#blocks(bytes, at, end);
    this.#held.set(bytes.subarray(end));
  }

  /** @returns {Uint8Array} 16 bytes */
  digest() {
    const length = this.#length;
    const padding = new Uint8Array(BLOCK - ((length + 8) % BLOCK) + 8);
    const view = new DataView(padding.buffer);
    padding[0] = 0x80;
    view.setUint32(padding.length - 8, length * 8, true);
    view.setUint32(padding.length - 4, Math.floor(length / 2 ** 29), true);
    this.update(padding);
    const digest = new DataView(new ArrayBuffer(16));
    this.#state.forEach((word, i) => digest.setInt32(4 * i, word, true));
    return new Uint8Array(digest.buffer);
  }

  #blocks(bytes, start, end) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = start; at < end; at += BLOCK) {
      for (let i = 0; i < 16; i++) this.#words[i] = view.getInt32(at + 4 * i, true);
      mix(this.#state, this.#words);
    }
  }
}

/** One block of 16 words into the state of four. */
function mix(state, words) {
  let [a, b, c, d] = state;
  for (let i = 0; i < 64; i++) {
    const round = i >> 4;
    let mixed;
    if (round === 0) mixed = (b & c) | (~b & d);
    else if (round === 1) mixed = (d & b) | (~d & c);
    else if (round === 2) mixed = b ^ c ^ d;
    else mixed = c ^ (b | ~d);
    const sum = (a + mixed + SINES[i] + words[PLACES[i]]) | 0;
    const shift = SHIFTS[round][i & 3];
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}
