/**
 * Fingerprints files beside the page, one after the other. No byte of a picture leaves this worker: it answers with the
 * fingerprint alone.
 *
 * It is told `{id, file, parts}` to begin and `{id, cancelled: true}` to stop, and answers `{ready: true}` once,
 * `{id, share, stage}` on the way, and `{id, fingerprint}` or `{id, code}` at the end.
 * @module
 */

import { decoded } from "./decode.js";
import { base64, hex } from "./encoding.js";
import { recognise } from "./formats.js";
import { Md5 } from "./md5.js";
import { parts, PROTECT } from "./parts.js";
import { pdq } from "./pdq.js";
import { Refusal } from "./refusal.js";

const MOST_BYTES = 64 * 1024 * 1024;
const PIECE = 4 * 1024 * 1024;

/** From where to where each stage reaches, of the whole with parts. */
const STAGES = { reading: [0, 0.1], decoding: [0.1, 0.3], pdq: [0.3, 0.35], parts: [0.35, 1] };

/** @type {Set<number>} jobs that nobody waits for any more */
const cancelled = new Set();
let last = Promise.resolve();

if (!self.crypto?.subtle || !self.OffscreenCanvas) throw new Error("this needs HTTPS and OffscreenCanvas");

self.addEventListener("message", ({ data }) => {
  if (data.cancelled) cancelled.add(data.id);
  else last = last.then(() => answer(data));
});
self.postMessage({ ready: true });

async function answer({ id, file, parts: wanted }) {
  const whole = wanted ? 1 : STAGES.pdq[1];
  const stepOf = (stage) => async (share) => {
    const [start, end] = STAGES[stage].map((each) => each / whole);
    self.postMessage({ id, stage, share: start + (end - start) * share });
    await new Promise((resolve) => setTimeout(resolve)); // lets the word come in that this is not wanted any more
    if (cancelled.has(id)) throw new Refusal("cancelled");
  };
  try {
    self.postMessage({ id, fingerprint: await fingerprint(file, wanted, stepOf) });
  } catch (error) {
    self.postMessage({ id, code: error instanceof Refusal ? error.code : "failed" });
  }
  cancelled.delete(id);
}

/** Field by field as `tutela.model.Fingerprint`, in text. */
async function fingerprint(file, wanted, stepOf) {
  if (file.size > MOST_BYTES) throw new Refusal("too_large");
  await stepOf("reading")(0);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const media = recognise(bytes);
  if (!media) throw new Refusal("unsupported");
  const digests = await digested(bytes, stepOf("reading"));
  await stepOf("decoding")(0);
  const raster = await decoded(bytes, media, wanted, stepOf("decoding"));
  const { codes, quality } = pdq(raster);
  await stepOf("pdq")(1);
  return {
    media,
    width: raster.width,
    height: raster.height,
    ...digests,
    pdq: { hash: hex(codes), quality },
    parts: wanted ? written(await parts(raster, PROTECT, stepOf("parts"))) : null,
  };
}

async function digested(bytes, step) {
  const sha256 = crypto.subtle.digest("SHA-256", bytes);
  const md5 = new Md5();
  for (let at = 0; at < bytes.length; at += PIECE) {
    md5.update(bytes.subarray(at, at + PIECE));
    await step(Math.min(1, (at + PIECE) / bytes.length));
  }
  return { sha256: hex(new Uint8Array(await sha256)), md5: hex(md5.digest()) };
}

function written({ points, descriptions }) {
  return { points: base64(points), descriptions: base64(descriptions) };
}
