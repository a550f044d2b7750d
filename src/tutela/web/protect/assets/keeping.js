/**
 * What a person asked this browser to keep until another day: one record, sealed under words that only they know. No page
 * tells whether there is one.
 * @module
 */

/** Days for which something is kept. */
export const DAYS = 7;

/** The fewest signs of the words. */
export const SHORTEST = 8;

/** Names that say nothing to whoever looks through what a browser keeps. */
const [BASE, STORE, ENTRY] = ["page", "state", "last"];

/** Of PBKDF2 with SHA-256, as OWASP has it since 2023: about half a second on a phone. */
const ROUNDS = 600_000;

/**
 * @typedef {object} Sealed
 * @property {string} until the last day, in UTC, as `2026-11-26`
 * @property {Uint8Array} salt
 * @property {Uint8Array} start of AES-GCM
 * @property {ArrayBuffer} sealed JSON
 */

/**
 * Keeps a value in place of what was kept before.
 * @param {string} words
 * @param {any} value what JSON can hold
 * @returns {Promise<string>} the last day; rejects where the browser keeps nothing
 */
export async function keep(words, value) {
  const [salt, start, until] = [random(16), random(12), day(DAYS)];
  const open = new TextEncoder().encode(JSON.stringify(value));
  const sealed = await crypto.subtle.encrypt(sealing(start, until), await keyFrom(words, salt), open);
  await asked("readwrite", (store) => store.put({ until, salt, start, sealed }, ENTRY));
  return until;
}

/**
 * What was kept under these words; null where there is nothing, or other words open it. Both take the same time.
 * @param {string} words
 */
export async function kept(words) {
  await sweep();
  /** @type {Sealed | null} */
  const record = await found();
  const key = await keyFrom(words, record?.salt ?? random(16));
  try {
    const open = record && (await crypto.subtle.decrypt(sealing(record.start, record.until), key, record.sealed));
    return open && JSON.parse(new TextDecoder().decode(open));
  } catch {
    return null;
  }
}

/** Deletes what is kept, if anything is. */
export async function forget() {
  if (await used()) await settled(() => indexedDB.deleteDatabase(BASE));
}

/** Deletes what is kept once its last day is over. */
export async function sweep() {
  const record = await found();
  if (record && record.until < day(0)) await forget();
}

async function found() {
  try {
    return (await used()) ? ((await asked("readonly", (store) => store.get(ENTRY))) ?? null) : null;
  } catch {
    return null; // this browser keeps nothing
  }
}

/** Whether something was kept: opening a store in order to look would leave an empty one behind. */
async function used() {
  if (!indexedDB.databases) return true; // browsers before 2024
  return (await indexedDB.databases()).some(({ name }) => name === BASE);
}

/**
 * Does one thing with the store, which is made where there is none.
 * @param {"readonly" | "readwrite"} mode
 * @param {(store: IDBObjectStore) => IDBRequest} action
 */
async function asked(mode, action) {
  const base = await settled(() => {
    const request = indexedDB.open(BASE);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    return request;
  });
  try {
    const move = base.transaction(STORE, mode, { durability: "strict" });
    const answer = settled(() => action(move.objectStore(STORE)));
    await new Promise((resolve, reject) => {
      move.oncomplete = resolve;
      move.onabort = () => reject(move.error);
    });
    return await answer;
  } finally {
    base.close();
  }
}

/**
 * @param {() => IDBRequest} begin
 * @returns {Promise<any>}
 */
function settled(begin) {
  return new Promise((resolve, reject) => {
    const request = begin();
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {string} words @param {Uint8Array} salt */
async function keyFrom(words, salt) {
  const raw = await crypto.subtle.importKey("raw", new TextEncoder().encode(tidy(words)), "PBKDF2", false, ["deriveKey"]);
  const way = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return crypto.subtle.deriveKey(way, raw, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/**
 * Words as they count: however the spaces and letters were typed in.
 * @param {string} words
 */
export function tidy(words) {
  return words.normalize("NFKC").trim().replace(/\s+/g, " ");
}

/** @param {Uint8Array} start @param {string} until */
function sealing(start, until) {
  return { name: "AES-GCM", iv: start, additionalData: new TextEncoder().encode(until) };
}

/** @param {number} size */
function random(size) {
  return crypto.getRandomValues(new Uint8Array(size));
}

/** The day in so many days. @param {number} ahead */
function day(ahead) {
  return new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
}
