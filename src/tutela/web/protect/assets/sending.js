/**
 * What leaves the device: the body of the one request, exactly as the person can read it beforehand.
 * @module
 */

import { hex } from "./fingerprint/encoding.js";

/**
 * @typedef {object} Case
 * @property {"intimate" | "ordinary"} kind
 * @property {boolean} parts whether the person wants parts to be sent
 * @property {string} consent version of what the person agrees to
 */

/**
 * A fingerprint as it travels: field by field, so that nothing else can slip in, and parts only if agreed.
 * @param {any} fingerprint
 * @param {boolean} parts
 */
export function sent(fingerprint, parts) {
  const { media, width, height, sha256, md5, pdq } = fingerprint;
  return {
    media,
    width,
    height,
    sha256,
    md5,
    pdq: pdq && { hash: pdq.hash, quality: pdq.quality },
    parts: parts && fingerprint.parts
      ? { points: fingerprint.parts.points, descriptions: fingerprint.parts.descriptions }
      : null,
  };
}

/**
 * @param {any[]} fingerprints
 * @param {Case} about
 * @returns {string} JSON
 */
export function body(fingerprints, { kind, parts, consent }) {
  const told = fingerprints.map((each) => sent(each, parts));
  return JSON.stringify({ kind, under_18: false, consent, keep_parts: parts, fingerprints: told });
}

/**
 * How many parts a fingerprint has: 6 bytes a point, in base64.
 * @param {any} fingerprint
 */
export function counted(fingerprint) {
  return fingerprint.parts ? Math.floor((fingerprint.parts.points.replace(/=/g, "").length * 3) / 4 / 6) : 0;
}

/** What nobody can guess, for `keyOf`. */
export function newSecret() {
  return hex(crypto.getRandomValues(new Uint8Array(16)));
}

/**
 * The key under which a case is opened: the same for the same body, so that whoever sends it again because an answer was
 * lost gets the same case. 128 bits.
 * @param {string} secret
 * @param {string} told the body
 */
export async function keyOf(secret, told) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret + told));
  return hex(new Uint8Array(digest, 0, 16));
}
