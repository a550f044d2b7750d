/**
 * Bytes as text and back: hexadecimal and base64.
 * @module
 */

const CHUNK = 0x8000;

/**
 * @param {Uint8Array} bytes
 * @returns {string} two lower-case digits a byte
 */
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {Uint8Array | Int8Array} bytes signed bytes as two's complement
 * @returns {string} with padding
 */
export function base64(bytes) {
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  let text = "";
  for (let at = 0; at < plain.length; at += CHUNK) text += String.fromCharCode(...plain.subarray(at, at + CHUNK));
  return btoa(text);
}

/**
 * @param {string} text base64 with padding; throws for anything else
 * @returns {Uint8Array}
 */
export function fromBase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
