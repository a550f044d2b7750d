/**
 * What scripts say: the texts that the page brought along, in its language.
 * @module
 */

/** @typedef {Record<string, string | Record<string, string>>} Texts */

/** @type {Texts} */
const texts = JSON.parse(document.getElementById("texts")?.textContent ?? "{}");
const language = document.documentElement.lang;
const plural = new Intl.PluralRules(language);
const written = new Intl.NumberFormat(`${language}-u-nu-latn`);
const long = new Intl.DateTimeFormat(`${language}-u-nu-latn`, { dateStyle: "long" });

/**
 * The text `live_{key}` with its placeholders filled; `n` chooses among plural forms. What is put in is not read again.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function say(key, values = {}) {
  const entry = texts[`live_${key}`];
  if (entry === undefined) throw new Error(`no text for ${key}`);
  const text = typeof entry === "string" ? entry : (entry[plural.select(Number(values.n))] ?? entry.other);
  return text.replace(/\{([a-z]+)\}/g, (_, name) => {
    const value = values[name];
    return typeof value === "number" ? written.format(value) : String(value);
  });
}

/**
 * A day as this language writes it.
 * @param {string} instant ISO 8601, in UTC
 */
export function day(instant) {
  return long.format(new Date(instant));
}

/**
 * The element with this id, which the page has.
 * @param {string} id
 * @returns {any}
 */
export function at(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found;
}

/**
 * An element with a text or children.
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {...(string | Node)} children
 */
export function made(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/**
 * Shows what is wrong, or nothing any more, and marks the fields that it is about.
 * @param {string} id of the element that is read out
 * @param {string} text
 * @param {HTMLElement[]} fields the first gets the focus
 */
export function complain(id, text, fields = []) {
  at(id).textContent = text;
  for (const field of fields) {
    if (text) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
  if (text) fields[0]?.focus();
}

/**
 * Does what takes a while, once however often the button is pressed, which says so meanwhile. The focus stays there
 * unless it was led elsewhere.
 * @param {HTMLButtonElement} button
 * @param {string} text
 * @param {() => Promise<void>} work
 */
export async function busy(button, text, work) {
  if (button.disabled) return;
  const label = button.textContent;
  button.disabled = true;
  button.textContent = text;
  try {
    await work();
  } finally {
    button.disabled = false;
    button.textContent = label;
    if (document.activeElement === document.body) button.focus();
  }
}
