/**
 * What `browser_page.py` has at hand in the page: the protect page's fingerprinter and the modules under it.
 */

import { Fingerprinter } from "/fingerprint/client.js";
import { decoded } from "/fingerprint/decode.js";
import { base64, fromBase64, hex } from "/fingerprint/encoding.js";
import { declaredPixels, recognise } from "/fingerprint/formats.js";
import { Md5 } from "/fingerprint/md5.js";
import { stated } from "/fingerprint/orientation.js";
import { LOOKUP, parts, PROTECT } from "/fingerprint/parts.js";
import { pdq } from "/fingerprint/pdq.js";
import { AXES, MEAN } from "/fingerprint/projection.js";
import { whole } from "/fingerprint/whole.js";

const fingerprinter = new Fingerprinter("/fingerprint/worker.js");

/** Bytes that the test has put on the server. */
async function fetched(path) {
  return (await fetch(path)).blob();
}

/** The fingerprint of each file, or `{code}`, and the milliseconds it took. */
async function fingerprintAll(paths, wanted) {
  await fingerprinter.ready;
  const answers = [];
  for (const path of paths) {
    const file = await fetched(path);
    const start = performance.now();
    const answer = await fingerprinter.fingerprint(file, wanted).catch(({ code, message }) => ({ code, message }));
    answers.push({ ...answer, ms: performance.now() - start });
  }
  return answers;
}

/** The luma that the decoder makes of a file. */
async function luma(path, wanted) {
  const bytes = new Uint8Array(await (await fetched(path)).arrayBuffer());
  const raster = await decoded(bytes, recognise(bytes), wanted);
  return { ...raster, luma: base64(raster.luma) };
}

/** PDQ and, where asked for, parts of grey pixels in base64. */
async function ofLuma({ luma, columns, rows, width, height, scale }, detail) {
  const raster = { luma: fromBase64(luma), columns, rows, width, height, scale };
  const { codes, quality } = pdq(raster);
  const found = detail ? await parts(raster, { PROTECT, LOOKUP }[detail]) : null;
  const written = found && { points: base64(found.points), descriptions: base64(found.descriptions) };
  return { hash: hex(codes), quality, parts: written };
}

/** The digest of pieces in base64. */
function md5(pieces) {
  const digest = new Md5();
  for (const piece of pieces) digest.update(fromBase64(piece));
  return hex(digest.digest());
}

/** What a file in base64 says of itself. */
function declared(file) {
  const bytes = fromBase64(file);
  const media = recognise(bytes);
  const pixels = media ? declaredPixels(bytes, media) : 0;
  return { media, pixels, whole: whole(bytes, media), orientation: stated(bytes, media) };
}

const projection = [MEAN, ...AXES].map((row) => [...row]);
window.tutela = { Fingerprinter, fetched, fingerprinter, fingerprintAll, luma, ofLuma, md5, declared, projection };
