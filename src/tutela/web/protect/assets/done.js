/**
 * The reference and the PIN, and ways to keep them.
 * @module
 */

import { at, say } from "./say.js";

/**
 * @param {{case: string, pin: string, protected: number}} opened
 * @param {string} page where the person looks at the case
 */
export function keep(opened, page) {
  at("done-said").textContent = say("done", { n: opened.protected });
  at("reference").textContent = opened.case;
  at("pin").textContent = opened.pin;
  const note = say("note", { case: opened.case, pin: opened.pin, page });
  at("copy").addEventListener("click", () => copy(note));
  at("print").addEventListener("click", () => window.print());
  at("save").addEventListener("click", () => save(note));
}

/** @param {string} note */
async function copy(note) {
  try {
    await navigator.clipboard.writeText(note);
    at("kept").textContent = say("copied");
  } catch {
    window.getSelection()?.selectAllChildren(at("slip"));
    at("kept").textContent = say("not_copied");
  }
}

/** @param {string} note */
function save(note) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([note], { type: "text/plain" }));
  link.download = "note.txt";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
