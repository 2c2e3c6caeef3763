// What was typed and the server does not have yet, kept in this tab (sessionStorage) per person and
// record; and the tab's own word, by which the server tells one page from another.

import type { Values } from "./fields";

export interface Draft {
  /** The revision that the texts were typed over. */
  base: number;
  values: Values;
}

const PREFIX = "tongdai";

function key(staff: string, record: string): string {
  return `${PREFIX}:${staff}:${record}`;
}

export function keep(staff: string, record: string, draft: Draft): void {
  if (Object.keys(draft.values).length === 0) sessionStorage.removeItem(key(staff, record));
  else sessionStorage.setItem(key(staff, record), JSON.stringify(draft));
}

export function kept(staff: string, record: string): Draft | undefined {
  const text = sessionStorage.getItem(key(staff, record));
  try {
    return text ? (JSON.parse(text) as Draft) : undefined;
  } catch {
    return undefined;
  }
}

/** Drafts of anybody else who used this tab before. */
export function forgetOthers(staff: string): void {
  for (const name of Object.keys(sessionStorage)) {
    const [prefix, whose] = name.split(":");
    if (prefix === PREFIX && whose !== "tab" && whose !== staff) sessionStorage.removeItem(name);
  }
}

export function forgetAll(): void {
  sessionStorage.clear();
}

/** A duplicated tab copies sessionStorage: a lock on the word tells the two apart. */
export async function tabWord(): Promise<string> {
  const name = `${PREFIX}:tab`;
  const old = sessionStorage.getItem(name);
  const word = old && (await isOurs(old)) ? old : crypto.getRandomValues(new Uint32Array(3)).join("-");
  if (word !== old) await isOurs(word);
  sessionStorage.setItem(name, word);
  return word;
}

function isOurs(word: string): Promise<boolean> {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    void navigator.locks.request(`${PREFIX}:${word}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock === null ? undefined : new Promise<never>(() => undefined);
    });
  });
}
