/**
 * How a case stands, and its withdrawal. Reference and PIN are sent in the body of a request and kept in this page's
 * memory until the case is closed or the page left.
 * @module
 */

import { post } from "./post.js";
import { at, busy, complain, day, made, say } from "./say.js";

/** @type {{case: string, pin: string} | null} */
let entry = null;

at("entry").hidden = false;

at("entry").addEventListener("submit", async (/** @type {Event} */ event) => {
  event.preventDefault();
  const fields = [at("reference"), at("pin")];
  const missing = fields.filter((field) => !field.value.trim());
  complain("entry-error", "", fields);
  if (missing.length) return complain("entry-error", say("entry_missing"), missing);
  const [button] = at("entry").getElementsByTagName("button");
  const given = { case: at("reference").value, pin: at("pin").value };
  await busy(button, say("asking"), async () => {
    try {
      show(await post("status", JSON.stringify(given)));
      entry = given;
    } catch (error) {
      complain("entry-error", /** @type {Error} */ (error).message, fields);
    }
  });
});

/** @param {any} standing */
function show(standing) {
  at("entry").hidden = true;
  at("opened").hidden = false;
  at("active").hidden = standing.withdrawn !== null;
  at("paused").hidden = !standing.paused;
  at("opened-case").textContent = standing.case;
  at("opened-said").textContent = standing.withdrawn
    ? say("withdrawn_on", { day: day(standing.withdrawn) })
    : say("opened", { day: day(standing.opened) });
  fill("protected", standing.protected.map(protectedLine), "");
  fill("matches", standing.matches.map(matchLine), say("no_matches"));
  fill("outcomes", standing.outcomes.map(outcomeLine), say("no_outcomes"));
  at("case-head").focus();
}

/** @param {string} id @param {string[]} lines @param {string} none */
function fill(id, lines, none) {
  at(id).replaceChildren(...(lines.length ? lines : [none]).map((line) => made("li", {}, line)));
}

/** @param {{kind: string, pictures: number, with_parts: boolean, waiting: number}} group */
function protectedLine({ kind, pictures, with_parts, waiting }) {
  const told = [say(kind, { n: pictures })];
  if (with_parts) told.push(say("with_parts"));
  if (waiting) told.push(say("waiting_staff", { n: waiting }));
  return told.reduce((first, second) => say("joined", { first, second }));
}

/** @param {{tier: string, at: string}} found */
function matchLine({ tier, at: found }) {
  return say("found", { what: say(tier), day: day(found) });
}

/** @param {{verdict: string, at: string}} outcome */
function outcomeLine({ verdict, at: decided }) {
  return say("outcome", { what: say(verdict), day: day(decided) });
}

function forget() {
  entry = null;
  at("entry").reset();
  at("opened").hidden = true;
  at("entry").hidden = false;
  ask(false);
}

at("close").addEventListener("click", () => {
  forget();
  at("case-head").focus();
});

/** @param {boolean} open */
function ask(open) {
  at("sure").hidden = !open;
  at("withdraw").setAttribute("aria-expanded", String(open));
  complain("withdraw-error", "");
}

at("withdraw").addEventListener("click", () => {
  ask(at("sure").hidden);
  if (!at("sure").hidden) at("sure-head").focus();
});

at("withdraw-no").addEventListener("click", () => {
  ask(false);
  at("withdraw").focus();
});

at("withdraw-yes").addEventListener("click", () =>
  busy(at("withdraw-yes"), say("moment"), async () => {
    try {
      const { withdrawn } = await post("withdrawal", JSON.stringify(entry));
      at("active").hidden = true;
      at("opened-said").textContent = withdrawn ? say("withdrawn", { n: withdrawn }) : say("withdrawn_before");
      ask(false);
      at("case-head").focus();
    } catch (error) {
      complain("withdraw-error", /** @type {Error} */ (error).message);
    }
  }),
);
