/**
 * Sending JSON to the service, and what to say when that fails.
 * @module
 */

import { say } from "./say.js";

/** What the service answered, or that there was no answer. */
export class Refusal extends Error {
  /** @param {string} message for the person @param {string} code of the service, or "offline" */
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

/**
 * @param {"cases" | "status" | "withdrawal"} route
 * @param {string} body JSON
 * @param {Record<string, string>} [headers] more than every request has
 * @returns {Promise<any>} the answer; throws `Refusal` with words for the person
 */
export async function post(route, body, headers = {}) {
  let answer;
  try {
    answer = await fetch(`/protect/api/${route}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
      referrerPolicy: "no-referrer",
    });
  } catch {
    throw new Refusal(say("offline"), "offline");
  }
  if (answer.ok) return answer.json();
  const { code = "" } = await answer.json().catch(() => ({}));
  throw new Refusal(words(code, answer), code);
}

/** @param {string} code @param {Response} answer */
function words(code, answer) {
  if (answer.status === 429) return say("too_often", { n: Number(answer.headers.get("retry-after")) || 60 });
  if (code === "case_refused") return say("wrong_entry");
  if (answer.status === 409) return say("outdated");
  return say("refused");
}
