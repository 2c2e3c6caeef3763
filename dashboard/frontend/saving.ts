// Texts on their way to the server: by a record form, or for a page that is gone.

import { canKeep, forget, forgetAll, isRecord, orphans, type Draft } from "./drafts";
import type { Values } from "./fields";
import { notice } from "./notices";
import { phrase } from "./phrases";

export interface Conflict {
  field: string;
  theirs: string;
  yours: string;
  shown: string;
  by: string;
}

export interface Answer {
  revision: number;
  saved_at: string;
  fields: Values;
  conflicts: Conflict[];
  errors: Record<string, string>;
}

/** A network may swallow all and say nothing; a text that arrived all the same is no conflict. */
const TIMEOUT_MS = 8000;

function givenUpAfter(milliseconds: number): AbortSignal {
  const request = new AbortController();
  window.setTimeout(() => request.abort(), milliseconds);
  return request.signal;
}

/** `leaving`: the page goes away, the request does not. */
export function post(draft: Draft, leaving = false): Promise<Response> {
  const token = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") as Record<string, string>;
  return fetch(`/records/${draft.record}/autosave`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", ...token },
    body: JSON.stringify({ base_revision: draft.base, tab: draft.word, changes: draft.values }),
    keepalive: leaving,
    signal: leaving ? null : givenUpAfter(TIMEOUT_MS),
  });
}

/** Whether the server has it all, in the record or beside it (a conflict, a text that does not fit). */
export async function sent(draft: Draft): Promise<boolean> {
  try {
    return (await post(draft)).ok;
  } catch {
    return false;
  }
}

/** What pages left behind that are gone, of records that are not open here. False: some is still here. */
export async function sendOrphans(open: ReadonlySet<string>): Promise<boolean> {
  let all = true;
  const told = new Set<string>();
  for (const draft of await orphans((record) => isRecord(record) && !open.has(record))) {
    if (await sent(draft)) {
      forget(draft);
      told.add(draft.record);
    } else all = false;
  }
  if (told.size) notice(phrase("sent_later", { records: [...told].join(", ") }), "info", "notice-sent-later");
  return all;
}

/** At log-out nothing stays here, once it is at the server. False: it is not there. */
export async function sendAndForget(): Promise<boolean> {
  if (!canKeep()) return true; // without the key all stays sealed for the next log-in
  if (!(await sendOrphans(new Set()))) return false;
  await forgetAll();
  return true;
}
