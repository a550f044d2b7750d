/**
 * Fingerprints of files, computed in a worker beside the page.
 * @module
 */

import { Refusal } from "./refusal.js";

/**
 * @typedef {object} Fingerprint as the intake takes it; the file's name is not part of it
 * @property {string} media MIME type
 * @property {number} width in pixels, upright
 * @property {number} height
 * @property {string} sha256 64 hexadecimal digits
 * @property {string} md5 32 hexadecimal digits
 * @property {{hash: string, quality: number}} pdq eight codes of 64 hexadecimal digits, and 0 to 100
 * @property {{points: string, descriptions: string} | null} parts base64 of n × 6 and n × 64 bytes
 *
 * @typedef {object} Wanted
 * @property {boolean} [parts] whether to compute the picture's parts, too
 * @property {AbortSignal} [signal] ends it
 * @property {(share: number, stage: "reading" | "decoding" | "pdq" | "parts") => void} [onprogress] from 0 to 1
 */

/** Computes one fingerprint after the other; `close` it when no more are wanted. */
export class Fingerprinter {
  #url;
  #jobs = new Map();
  #count = 0;
  #closed = false;
  /** @type {Worker | null} */
  #worker = null;

  /**
   * Resolves once everything is loaded; from then on no network is needed. Rejects with `failed` where it cannot be
   * loaded or the browser cannot run it.
   * @type {Promise<void>}
   */
  ready;

  /** @param {string | URL} workerUrl where `worker.js` lies */
  constructor(workerUrl) {
    this.#url = workerUrl;
    this.#start();
  }

  /**
   * The fingerprint of one file. Files wait for one another.
   * @param {Blob} file
   * @param {Wanted} wanted
   * @returns {Promise<Fingerprint>} rejects with a `Refusal`, whose `code` is `unsupported`, `hidden`, `damaged`,
   *   `too_large`, `cancelled`, or `failed`: the worker was not loaded or broke down, and the next file gets another one
   */
  fingerprint(file, { parts = false, signal, onprogress } = {}) {
    return new Promise((resolve, reject) => {
      if (this.#closed || signal?.aborted) return reject(new Refusal("cancelled"));
      if (!this.#worker) this.#start();
      const id = this.#count++;
      const cancel = () => {
        this.#worker.postMessage({ id, cancelled: true });
        this.#ended(id).reject(new Refusal("cancelled"));
      };
      signal?.addEventListener("abort", cancel);
      this.#jobs.set(id, { resolve, reject, onprogress, forget: () => signal?.removeEventListener("abort", cancel) });
      this.#worker.postMessage({ id, file, parts });
    });
  }

  /** Ends the worker; what is still wanted is rejected with `cancelled`. */
  close() {
    this.#closed = true;
    this.#stop("cancelled");
  }

  #start() {
    const worker = new Worker(this.#url, { type: "module" });
    this.#worker = worker;
    this.ready = new Promise((resolve, reject) => {
      worker.addEventListener("message", ({ data }) => {
        if (data.ready) resolve();
        else this.#heard(data);
      });
      worker.addEventListener("error", (event) => {
        event.preventDefault();
        if (worker === this.#worker) this.#stop("failed");
        reject(new Refusal("failed"));
      });
    });
    this.ready.catch(() => {}); // whoever waits for it hears of it
  }

  #heard({ id, share, stage, fingerprint, code }) {
    if (!this.#jobs.has(id)) return; // cancelled
    if (stage) this.#jobs.get(id).onprogress?.(share, stage);
    else if (code) this.#ended(id).reject(new Refusal(code));
    else this.#ended(id).resolve(fingerprint);
  }

  /** Takes a job off the list. */
  #ended(id) {
    const job = this.#jobs.get(id);
    this.#jobs.delete(id);
    job.forget();
    return job;
  }

  #stop(code) {
    this.#worker?.terminate();
    this.#worker = null;
    for (const id of [...this.#jobs.keys()]) this.#ended(id).reject(new Refusal(code));
  }
}
