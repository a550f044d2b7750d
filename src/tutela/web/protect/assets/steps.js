/**
 * The four steps: kind, pictures, consent, reference and PIN. One page, so that the pictures are never anywhere else
 * than in its memory. Each step is a section; its number stands behind # in the address, so that the browser's own
 * way back works.
 * @module
 */

import { keep } from "./done.js";
import { Fingerprinter } from "./fingerprint/client.js";
import { finished, offer } from "./later.js";
import { PictureList, Pictures } from "./pictures.js";
import { post } from "./post.js";
import { at, busy, complain, made, say } from "./say.js";
import { body, counted, keyOf, newSecret, sent } from "./sending.js";

const STEPS = ["kind", "pictures", "agree", "done"];
const { consent, most, case: page } = at("steps").dataset;

// The worker starts now, so that everything it needs is loaded before pictures are chosen.
const fingerprinter = new Fingerprinter(new URL("./fingerprint/worker.js", import.meta.url));
const pictures = new Pictures(fingerprinter, Number(most), changed);
const list = new PictureList(pictures);
fingerprinter.ready.catch(unable);

/** What was agreed to is not what would be sent now. */
function changed() {
  list.show();
  at("agreed").checked = false;
  if (!at("agree").hidden) recount();
}

let reached = 0;
let over = false;
let secret = newSecret(); // of the key under which the case is opened, once
let cannot = ""; // why no picture can be added, where the worker did not start

/** @returns {"intimate" | "ordinary" | null} */
const kind = () => /** @type {any} */ (document.querySelector("input[name=kind]:checked"))?.value ?? null;
const parts = () => at(`parts-${kind()}`).checked;

/** @param {number} step @param {boolean} focus */
function show(step, focus = true) {
  for (const [n, id] of STEPS.entries()) at(id).hidden = n !== step;
  at("later").hidden = !["pictures", "agree"].includes(STEPS[step]);
  if (STEPS[step] === "agree") prepare();
  if (focus) at(`${STEPS[step]}-head`).focus();
  if (STEPS[step] === "pictures" && cannot) complain("pictures-error", cannot); // said once it can be heard
  window.scrollTo(0, 0);
}

/** Nothing can be computed: pictures that wait are forgotten, none is added, and whoever comes to choose is told. */
function unable() {
  cannot = say("no_browser");
  fingerprinter.close();
  pictures.clear();
  at("files").disabled = true;
  if (!at("pictures").hidden) complain("pictures-error", cannot);
}

/** @param {number} step */
function go(step) {
  reached = Math.max(reached, step);
  window.location.hash = String(step + 1);
}

window.addEventListener("hashchange", () => {
  const step = Number(window.location.hash.slice(1) || 1) - 1;
  if (!Number.isInteger(step)) return; // the link that skips to the content
  if (over) return show(STEPS.length - 1, false); // nothing is sent twice
  show(Math.min(Math.max(step, 0), reached));
});

for (const button of document.querySelectorAll("[data-back]")) {
  button.addEventListener("click", () => window.history.back());
}

/** Another kind has another answer about parts, and an agreement of its own. */
function anew() {
  at("parts-intimate").checked = false;
  at("parts-ordinary").checked = true;
  at("agreed").checked = false;
}

at("kind-form").addEventListener("change", anew);

at("kind-form").addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  const missing = kind() ? "" : say("choose_kind");
  complain("kind-error", missing, [at("kind-intimate"), at("kind-ordinary")]);
  if (missing) return;
  anew();
  go(1);
});

at("files").addEventListener("change", () => {
  const all = pictures.add(at("files").files);
  at("files").value = ""; // the browser shows no file name, and the same file can be chosen again
  complain("pictures-error", all ? "" : say("too_many", { n: Number(most) }));
});

at("cancel").addEventListener("click", () => pictures.cancel());

at("pictures-form").addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  const none = pictures.ready.length ? "" : say("none_ready");
  const wrong = cannot || (pictures.working ? say("still_working") : none);
  complain("pictures-error", wrong);
  if (wrong) return at(cannot ? "pictures-head" : "files").focus();
  go(2);
});

/** Fills the step of consent with what would be sent. */
function prepare() {
  for (const each of ["intimate", "ordinary"]) at(`parts-${each}-ask`).hidden = each !== kind();
  complain("agree-error", "", [at("agreed")]);
  recount();
}

function recount() {
  const ready = pictures.ready;
  const total = ready.reduce((sum, each) => sum + counted(each.fingerprint), 0);
  at("sum").textContent = say("sum", {
    numbers: say("numbers", { n: ready.length }),
    parts: parts() ? say("parts_sent", { n: total }) : say("parts_kept_back"),
  });
  at("with-parts").hidden = !parts();
  at("parts-missing").hidden = ready.every((each) => each.fingerprint.parts);
  spell();
}

/** Writes out every number, once somebody wants to read them. */
function spell() {
  const lines = at("numbers").open ? pictures.ready : [];
  at("numbers-list").replaceChildren(
    ...lines.map((each) => {
      const name = say("picture", { n: each.number });
      const text = JSON.stringify(sent(each.fingerprint, parts()), null, 1);
      return made("li", {}, name, made("pre", { tabindex: "0", dir: "ltr", role: "region", "aria-label": name }, text));
    }),
  );
}

at("numbers").addEventListener("toggle", spell);
at("parts-intimate").addEventListener("change", recount);
at("parts-ordinary").addEventListener("change", recount);

at("agree-form").addEventListener("submit", async (/** @type {Event} */ event) => {
  event.preventDefault();
  const missing = at("agreed").checked ? "" : at("agree-error").dataset.need;
  complain("agree-error", missing, [at("agreed")]);
  if (missing) return;
  await busy(at("send"), say("sending"), async () => {
    try {
      const fingerprints = pictures.ready.map((each) => each.fingerprint);
      const told = body(fingerprints, { kind: /** @type {any} */ (kind()), parts: parts(), consent });
      finish(await post("cases", told, { "idempotency-key": `"${await keyOf(secret, told)}"` }));
    } catch (error) {
      complain("agree-error", /** @type {Error} */ (error).message);
    }
  });
});

/** @param {{case: string, pin: string, protected: number}} opened */
function finish(opened) {
  keep(opened, new URL(page ?? "", window.location.href).href);
  over = true;
  finished();
  pictures.clear();
  fingerprinter.close();
  for (const other of document.querySelectorAll("nav")) other.hidden = true; // they lead away from the PIN
  go(STEPS.length - 1);
  show(STEPS.length - 1);
}

// Save and leave. Parts are kept only if they are to be sent: more can be made of them than of the other numbers.
offer(
  () => {
    const fingerprints = pictures.ready.map((each) => sent(each.fingerprint, parts()));
    return fingerprints.length ? { kind: kind(), parts: parts(), secret, fingerprints } : null;
  },
  (state) => {
    at(`kind-${state.kind}`).checked = true;
    at(`parts-${state.kind}`).checked = state.parts;
    secret = state.secret;
    pictures.take(state.fingerprints);
    go(1);
  },
);

at("steps").hidden = false;
if (window.location.hash) window.history.replaceState(null, "", window.location.pathname + window.location.search);
show(0, false);
