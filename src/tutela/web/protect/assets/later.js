/**
 * Save and leave: keeping what is ready until another day, and going on with it.
 * @module
 */

import { forget, keep, kept, SHORTEST, tidy } from "./keeping.js";
import { at, busy, complain, day, say } from "./say.js";

let mine = false; // whether this page kept or opened what is kept

/**
 * @param {() => any} state what would be kept; null where nothing is ready
 * @param {(state: any) => void} goOn takes up what was kept
 */
export function offer(state, goOn) {
  for (const id of ["later", "earlier"]) {
    at(`${id}-seen`).addEventListener("change", () => cover(id));
    cover(id);
  }
  asking("later", async (words) => {
    const value = state();
    if (!value) return complain("later-error", say("none_ready"));
    if ([...tidy(words)].length < SHORTEST) return wrong("later", say("words_short", { n: SHORTEST }));
    try {
      const until = await keep(words, value);
      mine = true;
      at("later-form").reset();
      cover("later");
      at("later-said").textContent = say("kept", { day: day(`${until}T12:00Z`) });
    } catch {
      complain("later-error", say("not_kept"));
    }
  });
  asking("earlier", async (words) => {
    const value = await kept(words);
    if (!value) return wrong("earlier", say("nothing_opens"));
    mine = true;
    at("earlier-form").reset();
    cover("earlier");
    at("earlier").open = false;
    goOn(value);
  });
  at("earlier-delete").addEventListener("click", async () => {
    complain("earlier-error", "", [at("earlier-words")]);
    await forget();
    at("earlier-said").textContent = say("forgotten");
  });
}

/** The case is there: what was kept of it is not needed any more. */
export async function finished() {
  if (mine) await forget();
}

/** @param {string} id @param {(words: string) => Promise<void>} answer */
function asking(id, answer) {
  at(`${id}-form`).addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    complain(`${id}-error`, "", [at(`${id}-words`)]);
    at(`${id}-said`).textContent = "";
    const [button] = at(`${id}-form`).getElementsByTagName("button");
    await busy(button, say("moment"), () => answer(at(`${id}-words`).value));
  });
}

/** @param {string} id @param {string} text */
function wrong(id, text) {
  complain(`${id}-error`, text, [at(`${id}-words`)]);
}

/** Shows dots in place of the words, unless they are to be seen. @param {string} id */
function cover(id) {
  at(`${id}-words`).classList.toggle("covered", !at(`${id}-seen`).checked);
}
