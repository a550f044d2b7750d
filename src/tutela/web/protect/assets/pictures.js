/**
 * The chosen pictures: each is fingerprinted in a worker, one after the other. A picture is held only until then, or
 * as long as previews are shown; its file name is never read.
 * @module
 */

import { at, made, say } from "./say.js";

/**
 * @typedef {object} Picture
 * @property {number} number as it is called on the page
 * @property {Blob | null} file null for one that was fingerprinted on another day
 * @property {"waiting" | "working" | "ready" | "bad"} state
 * @property {string} why a code, for a bad one
 * @property {number} share of the work, 0 to 1
 * @property {any} fingerprint as it travels; null before it is ready
 * @property {AbortController | null} work
 */

/** Below this quality, PDQ tells nothing (as in the bank's own thresholds). */
const TELLING = 50;

const CODES = new Set(["unsupported", "hidden", "damaged", "too_large", "cancelled"]);

export class Pictures {
  /**
   * @param {{fingerprint: (file: Blob, options: object) => Promise<any>}} fingerprinter
   * @param {number} most pictures in a case
   * @param {() => void} changed is told of each change
   */
  constructor(fingerprinter, most, changed) {
    this.fingerprinter = fingerprinter;
    this.most = most;
    this.changed = changed;
    /** @type {Picture[]} */
    this.all = [];
    this.given = 0;
    this.busy = false;
  }

  /** @param {Iterable<Blob>} files @returns {boolean} whether all had room */
  add(files) {
    const room = [...files];
    const taken = room.slice(0, Math.max(0, this.most - this.all.length));
    for (const file of taken) this.put({ file });
    this.changed();
    this.go();
    return taken.length === room.length;
  }

  /** Takes up fingerprints of another day in place of all that is here. @param {any[]} fingerprints */
  take(fingerprints) {
    this.clear();
    this.given = 0;
    for (const fingerprint of fingerprints) this.put({ state: "ready", fingerprint });
    this.changed();
  }

  /** @param {Partial<Picture>} picture */
  put(picture) {
    this.given += 1;
    const fresh = { file: null, state: "waiting", why: "", share: 0, fingerprint: null, work: null };
    this.all.push(/** @type {Picture} */ ({ number: this.given, ...fresh, ...picture }));
  }

  /** @param {Picture} picture */
  remove(picture) {
    this.all = this.all.filter((each) => each !== picture);
    picture.work?.abort();
    this.changed();
  }

  /** @param {Picture} picture */
  again(picture) {
    Object.assign(picture, { state: "waiting", why: "", share: 0 });
    this.changed();
    this.go();
  }

  /** Ends the work on what is not ready; it stays in the list and can be tried again. */
  cancel() {
    for (const each of this.all) {
      if (each.state === "waiting") Object.assign(each, { state: "bad", why: "cancelled" });
      each.work?.abort();
    }
    this.changed();
  }

  /** Forgets everything. */
  clear() {
    for (const each of this.all) each.work?.abort();
    this.all = [];
    this.changed();
  }

  /** Those that are ready, the same file once. */
  get ready() {
    /** @type {Map<string, Picture>} */
    const files = new Map();
    for (const each of this.all) {
      const sum = each.state === "ready" && each.fingerprint.sha256;
      if (sum && !files.has(sum)) files.set(sum, each);
    }
    return [...files.values()];
  }

  get working() {
    return this.all.some((each) => each.state === "waiting" || each.state === "working");
  }

  async go() {
    if (this.busy) return;
    this.busy = true;
    for (let next; (next = this.all.find((each) => each.state === "waiting")); ) await this.one(next);
    this.busy = false;
  }

  /** @param {Picture} picture */
  async one(picture) {
    const work = new AbortController();
    Object.assign(picture, { state: "working", work });
    this.changed();
    const onprogress = (/** @type {number} */ share) => {
      picture.share = share;
      this.changed();
    };
    try {
      // Parts are computed in any case, and sent only where the person agrees to that, which comes later.
      const fingerprint = await this.fingerprinter.fingerprint(picture.file, {
        parts: true,
        signal: work.signal,
        onprogress,
      });
      Object.assign(picture, { state: "ready", fingerprint });
    } catch (error) {
      const code = String(/** @type {any} */ (error)?.code);
      Object.assign(picture, { state: "bad", why: CODES.has(code) ? code : "failed" });
    }
    picture.work = null;
    this.changed();
  }
}

/** The list on the page. */
export class PictureList {
  /** @param {Pictures} pictures */
  constructor(pictures) {
    this.pictures = pictures;
    /** @type {Map<Picture, HTMLElement>} */
    this.lines = new Map();
    at("previews").addEventListener("change", () => this.preview());
  }

  /** Brings the page to the state of the pictures. Lines stay, so that the focus does. */
  show() {
    const { all, ready, working } = this.pictures;
    at("chosen").hidden = !all.length;
    for (const [picture, line] of this.lines) if (!all.includes(picture)) this.drop(picture, line);
    for (const picture of all) this.line(picture, picture.state === "ready" && !ready.includes(picture));
    const said = all.length ? say("progress", { done: ready.length, all: all.length }) : "";
    if (at("progress").textContent !== said) at("progress").textContent = said;
    const shares = all.map((each) => (each.state === "working" ? each.share : each.state === "waiting" ? 0 : 1));
    at("progress-bar").value = all.length ? shares.reduce((sum, share) => sum + share, 0) / all.length : 0;
    at("progress-bar").hidden = !working;
    if (at("cancel") === document.activeElement && !working) at("pictures-head").focus();
    at("cancel").hidden = !working;
  }

  /** @param {Picture} picture @param {boolean} twice */
  line(picture, twice) {
    const line = this.lines.get(picture) ?? this.begun(picture);
    line.classList.toggle("bad", picture.state === "bad");
    const told = /** @type {HTMLElement} */ (line.querySelector(".told"));
    const text = twice ? say("twice") : words(picture);
    if (told.textContent !== text) told.textContent = text;
    const again = /** @type {HTMLElement} */ (line.querySelector(".again"));
    const offered = picture.state === "bad" && ["cancelled", "failed"].includes(picture.why);
    if (again === document.activeElement && !offered) at("pictures-head").focus();
    again.hidden = !offered;
  }

  /** @param {Picture} picture */
  begun(picture) {
    const n = picture.number;
    const again = made("button", { type: "button", class: "link again", "aria-label": say("again_name", { n }) }, say("again"));
    again.addEventListener("click", () => this.pictures.again(picture));
    const remove = made("button", { type: "button", class: "link", "aria-label": say("remove", { n }) }, say("remove_short"));
    remove.addEventListener("click", () => this.removed(picture));
    const line = made(
      "li",
      {},
      made("p", { class: "name" }, say("picture", { n })),
      made("p", { class: "told" }),
      made("div", { class: "buttons" }, again, remove),
    );
    this.lines.set(picture, line);
    at("list").append(line);
    if (at("previews").checked) this.preview();
    return line;
  }

  /** @param {Picture} picture */
  removed(picture) {
    this.pictures.remove(picture);
    at(this.pictures.all.length ? "chosen-head" : "pictures-head").setAttribute("tabindex", "-1");
    at(this.pictures.all.length ? "chosen-head" : "pictures-head").focus();
  }

  /** @param {Picture} picture @param {HTMLElement} line */
  drop(picture, line) {
    unpreview(line);
    line.remove();
    this.lines.delete(picture);
  }

  /** Shows previews where they were asked for, and nothing of the pictures where not. */
  preview() {
    for (const [picture, line] of this.lines) {
      if (!at("previews").checked) unpreview(line);
      else if (picture.file && !line.querySelector("img")) {
        const src = URL.createObjectURL(picture.file);
        line.append(made("img", { src, alt: say("preview", { n: picture.number }) }));
      }
    }
  }
}

/** @param {HTMLElement} line */
function unpreview(line) {
  const image = line.querySelector("img");
  if (!image) return;
  URL.revokeObjectURL(image.src);
  image.remove();
}

/** @param {Picture} picture */
function words(picture) {
  if (picture.state === "working") return say("working", { percent: Math.floor(picture.share * 100) });
  if (picture.state === "bad") return say(picture.why);
  if (picture.state === "waiting") return say("waiting");
  const pdq = picture.fingerprint.pdq;
  return say(pdq && pdq.quality >= TELLING ? "ready" : "ready_exact");
}
