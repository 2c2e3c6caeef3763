// The page of whoever receives a case. It works without this; with it, what was chosen in a place without
// signal is kept sealed in the phone (drafts.ts) and goes to 111 as soon as there is a network; so do
// pictures (outbox.ts).

import "./trusted";

import { canKeep, claim, keep, newWord, orphans, takeKey, type Draft } from "./drafts";
import type { Values } from "./fields";
import { watchIdle } from "./idle";
import { startPhotos } from "./outbox";
import { phrase } from "./phrases";
import { insist } from "./sending";

const said = document.querySelector<HTMLElement>("#said");

function say(name: string): void {
  if (!said) return;
  said.textContent = phrase(name);
  said.hidden = false;
}

/** Send until it has arrived; the page that comes back is the answer. What it refuses stays kept here. */
async function send(form: HTMLFormElement, kept: () => Promise<boolean>, arrived: () => Promise<unknown>): Promise<void> {
  say("sending");
  const lost = async (): Promise<void> => say((await kept()) ? "offline" : "offline_open");
  const answer = await insist(form.action, () => new FormData(form), 0, lost);
  if (answer.address.searchParams.has("told")) {
    await arrived();
    say("sent");
    window.location.replace(answer.address);
  } else document.documentElement.replaceWith(answer.page.documentElement); // what was wrong is said there
}

function values(form: HTMLFormElement): Values {
  const found: Values = {};
  for (const name of ["situation", "doing", "note"]) {
    const value = new FormData(form).get(name);
    if (typeof value === "string" && value) found[name] = value;
  }
  return found;
}

async function startReport(form: HTMLFormElement): Promise<void> {
  const word = form.elements.namedItem("word") as HTMLInputElement;
  const draft: Draft = { word: newWord(), record: form.dataset.report ?? "", base: 0, values: {} };
  const store = (): Promise<boolean> => keep({ ...draft, values: { ...values(form), word: word.value } });
  form.addEventListener("input", () => void store());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send(form, store, () => keep({ ...draft, values: {} }));
  });
  if (!canKeep()) return;
  await claim(draft.word);
  for (const left of await orphans((record) => record === draft.record)) {
    restore(form, left.values);
    draft.word = left.word;
    say("restored");
  }
}

/** The word goes with it: what had arrived after all is not told twice. */
function restore(form: HTMLFormElement, kept: Values): void {
  for (const [name, value] of Object.entries(kept)) {
    const field = form.elements.namedItem(name);
    if (field instanceof RadioNodeList) field.value = value;
    else if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) field.value = value;
    if (name === "note") form.querySelector("details")?.setAttribute("open", "");
  }
}

/** What was typed and is kept nowhere else: then the page stays as it is. */
function holdsMore(): boolean {
  if (!canKeep()) return document.querySelector("[data-report], [data-photo] input[type=file]") !== null;
  return [...document.querySelectorAll("textarea")].some((each) => each.value && !each.closest("[data-report]"));
}

/** Nobody has touched the phone for a while: the server hides what it shows, and the page goes to where it is
 * shown again. Without a network it stays: nobody could open it again out there. */
async function hide(): Promise<void> {
  const { hideTo, hidden } = document.body.dataset;
  const csrf = document.querySelector<HTMLInputElement>("[name=csrf]")?.value;
  if (!hideTo || !hidden || !csrf || holdsMore()) return;
  const answer = await fetch(hideTo, { method: "POST", headers: { "X-CSRF-Token": csrf } }).catch(() => undefined);
  if (answer?.ok) window.location.replace(hidden);
}

takeKey();
const minutes = Number(document.body.dataset.hideAfter);
if (minutes > 0) watchIdle(minutes * 60_000, () => void hide());
const report = document.querySelector<HTMLFormElement>("[data-report]");
if (report) void startReport(report);
const photo = document.querySelector<HTMLFormElement>("[data-photo]");
if (photo) startPhotos(photo);
