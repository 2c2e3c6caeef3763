// What was typed and the server does not have yet, sealed in this browser: IndexedDB holds cipher text
// (AES-GCM), the key comes with each page of a log-in of the same person and stays in memory, where no
// script can read it out. So a draft outlives a killed browser and an ended session, and nobody else reads
// it. One draft per record form; a lock on the form's word tells whether its page still lives.

import type { Values } from "./fields";

export interface Draft {
  /** That of the form it was typed into, by which the server knows that form's own earlier saves. */
  word: string;
  record: string;
  /** The revision that the texts were typed over. */
  base: number;
  values: Values;
}

interface Row {
  /** staff:record:word; the seal is bound to it. */
  id: string;
  at: number;
  nonce: Uint8Array<ArrayBuffer>;
  sealed: ArrayBuffer;
}

const NAME = "tongdai";
const STORE = "drafts";
/** Of somebody who never came back to this browser. */
const KEPT_MS = 30 * 24 * 3600_000;
/** The next page may have been made before the server had the draft: it then takes it from here once more. */
const FORGET_MS = 5000;
/** A page that is being reloaded lets its locks go a moment after its successor asks. */
const PATIENCE_MS = 2000;

let staff = "";
let key: Promise<CryptoKey> | undefined;

/** Take the key out of the page. Without one (no right to write, no secure context) nothing is kept. */
export function takeKey(): void {
  const given = document.body.dataset.draftKey;
  delete document.body.dataset.draftKey;
  if (!given || !isSecureContext) return;
  staff = document.body.dataset.staff ?? "";
  const bytes = Uint8Array.from(atob(given), (sign) => sign.charCodeAt(0));
  key = crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  database().catch(() => undefined);
}

export function canKeep(): boolean {
  return key !== undefined;
}

export function newWord(): string {
  return crypto.getRandomValues(new Uint32Array(3)).join("-");
}

const ours = new Set<string>();

/** Hold the word for as long as this page lives; false when another page does. */
export function claim(word: string): Promise<boolean> {
  if (!navigator.locks || ours.has(word)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const forever = (): Promise<never> => {
      ours.add(word);
      resolve(true);
      return new Promise<never>(() => undefined);
    };
    const signal = AbortSignal.timeout(PATIENCE_MS);
    navigator.locks.request(`${NAME}:${word}`, { signal }, forever).catch(() => resolve(false));
  });
}

/** Whether it is kept now. A draft without texts is removed. */
export async function keep(draft: Draft): Promise<boolean> {
  if (!key) return false;
  const id = `${staff}:${draft.record}:${draft.word}`;
  try {
    if (Object.keys(draft.values).length === 0) {
      await asked((drafts) => drafts.delete(id));
      return true;
    }
    const nonce = crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode(JSON.stringify({ base: draft.base, values: draft.values }));
    const sealed = await crypto.subtle.encrypt(seal(id, nonce), await key, text);
    await asked((drafts) => drafts.put({ id, at: Date.now(), nonce, sealed } satisfies Row));
    return true;
  } catch {
    return false;
  }
}

/** This person's drafts of these records whose page is gone, oldest first. They are ours from now on. */
export async function orphans(isWanted: (record: string) => boolean): Promise<Draft[]> {
  if (!key) return [];
  const found: Draft[] = [];
  for (const row of await rows()) {
    const [whose, about, word] = row.id.split(":") as [string, string, string];
    if (row.at < Date.now() - KEPT_MS) await asked((drafts) => drafts.delete(row.id));
    else if (whose === staff && isWanted(about) && (await claim(word))) {
      const draft = await unsealed(row);
      if (draft) found.push({ record: about, word, ...draft });
    }
  }
  return found;
}

/** The server has it. */
export function forget(draft: Draft): void {
  window.setTimeout(() => void keep({ ...draft, values: {} }), FORGET_MS);
}

/** Whose texts the server takes as they are typed; others wait here for their page. */
export function isRecord(record: string): boolean {
  return /^\d+$/.test(record);
}

/** At log-out: what the server has by now. */
export async function forgetAll(): Promise<void> {
  sessionStorage.clear(); // the addresses that htmx remembers
  for (const row of await rows()) {
    const [whose, about] = row.id.split(":") as [string, string];
    if (whose === staff && isRecord(about)) await asked((drafts) => drafts.delete(row.id));
  }
}

function seal(id: string, nonce: Uint8Array<ArrayBuffer>): AesGcmParams {
  return { name: "AES-GCM", iv: nonce, additionalData: new TextEncoder().encode(id) };
}

async function unsealed(row: Row): Promise<{ base: number; values: Values } | undefined> {
  try {
    const text = await crypto.subtle.decrypt(seal(row.id, row.nonce), await key!, row.sealed);
    return JSON.parse(new TextDecoder().decode(text)) as { base: number; values: Values };
  } catch {
    return undefined;
  }
}

async function rows(): Promise<Row[]> {
  try {
    const all = (await asked((drafts) => drafts.getAll())) as Row[];
    return all.sort((one, other) => one.at - other.at);
  } catch {
    return [];
  }
}

let opened: Promise<IDBDatabase> | undefined;

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("no database"));
  });
  return opened;
}

/** One request in a transaction of its own; resolves when that is committed. */
async function asked<T>(request: (drafts: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const transaction = (await database()).transaction(STORE, "readwrite");
  return new Promise((resolve, reject) => {
    const answer = request(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(answer.result);
    transaction.onabort = () => reject(transaction.error ?? new Error("not kept"));
    transaction.commit();
  });
}
