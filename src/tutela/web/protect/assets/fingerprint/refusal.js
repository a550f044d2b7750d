/**
 * Why there is no fingerprint.
 * @module
 */

const REASONS = {
  unsupported: "this browser does not read such files",
  hidden: "this browser hides the pixels of pictures from pages",
  damaged: "the picture is damaged or cut off and cannot be decoded",
  too_large: "the file or the picture is larger than the limit",
  failed: "the browser could not compute it, through no fault of the file",
  cancelled: "the fingerprint is no longer wanted",
};

/** @typedef {"unsupported" | "hidden" | "damaged" | "too_large" | "failed" | "cancelled"} Code */

/** An error that says by its `code` what is wrong; its message is a sentence in English. */
export class Refusal extends Error {
  /** @param {Code} code */
  constructor(code) {
    super(REASONS[code]);
    this.name = "Refusal";
    this.code = code;
  }
}
