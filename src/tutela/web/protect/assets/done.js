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
  at("print").addEventListener("click", print);
  at("save").addEventListener("click", () => save(note));
  window.addEventListener("beforeunload", hold);
}

/**
 * The browser asks before the only sight of the PIN is lost; not once the quick exit has emptied the page.
 * @param {BeforeUnloadEvent} event
 */
function hold(event) {
  if (!document.getElementById("pin")) return;
  event.preventDefault();
  event.returnValue = true; // browsers before 2024
}

function release() {
  window.removeEventListener("beforeunload", hold);
}

/** @param {string} note */
async function copy(note) {
  try {
    await navigator.clipboard.writeText(note);
    release();
    at("kept").textContent = say("copied");
  } catch {
    window.getSelection()?.selectAllChildren(at("slip"));
    at("kept").textContent = say("not_copied");
  }
}

function print() {
  release();
  window.print();
}

/** @param {string} note */
function save(note) {
  release();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([note], { type: "text/plain" }));
  link.download = "note.txt";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
