/**
 * The quick exit, on every page: the button, and Shift three times. It empties the page first and then goes elsewhere,
 * in place of this page in the history. Esc would stop the loading of the next page, so it is not used.
 * @module
 */

const WITHIN = 5000; // milliseconds for three presses

const link = /** @type {HTMLAnchorElement} */ (document.querySelector(".exit"));
const said = /** @type {HTMLElement} */ (document.getElementById("exit-said"));

let presses = 0;
let alone = false;
let first = 0;

/** Empties the page and leaves it. */
function leave() {
  const target = link.href;
  document.title = "";
  document.documentElement.replaceChildren();
  window.location.replace(target);
}

link.addEventListener("click", (event) => {
  event.preventDefault();
  leave();
});

// Shift alone counts; Shift with a letter or Tab does not, and starts anew.
window.addEventListener("keydown", (event) => {
  if (event.key === "Shift") {
    alone = !event.repeat || alone;
    return;
  }
  alone = false;
  presses = 0;
});

window.addEventListener("keyup", (event) => {
  if (event.key !== "Shift" || !alone) return;
  alone = false;
  if (!presses || event.timeStamp - first > WITHIN) {
    presses = 0;
    first = event.timeStamp;
  }
  presses += 1;
  if (presses === 3) return leave();
  said.textContent = (presses === 1 ? said.dataset.two : said.dataset.one) ?? "";
});

// A page that comes back from the browser's memory is opened anew, without what was on it.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
