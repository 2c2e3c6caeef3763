// A long form that is saved as a whole: a statutory form, a plan. What was typed since is kept sealed in this
// browser (drafts.ts) until a page of the server says that it has it.
//
//   <form data-kept="form-12" data-base="base_revision" data-fields="f.">   fields whose names begin with f.
//   <form … data-unsaved>             it shows what was typed and could not be saved
//   <… data-taken="form-12 WORD">     the server has what the form of this word held, or shows it

import { canKeep, claim, keep, newWord, orphans, type Draft } from "./drafts";
import { read, write, type Values } from "./fields";
import { notice } from "./notices";
import { phrase } from "./phrases";

function texts(form: HTMLFormElement): Values {
  const asked = [...new FormData(form).keys()].filter((name) => name.startsWith(form.dataset.fields!));
  return Object.fromEntries(asked.map((name) => [name, read(form, name)]));
}

function changed(form: HTMLFormElement, held: Values): Values {
  return Object.fromEntries(Object.entries(texts(form)).filter(([name, text]) => text !== (held[name] ?? "")));
}

async function adopt(form: HTMLFormElement): Promise<void> {
  const held = "unsaved" in form.dataset ? {} : texts(form);
  const [word, base] = ["draft", form.dataset.base!].map((name) => form.elements.namedItem(name) as HTMLInputElement);
  const draft: Draft = { word: newWord(), record: form.dataset.kept!, base: Number(base!.value), values: {} };
  const store = (): Promise<boolean> => keep({ ...draft, values: changed(form, held) });
  word!.value = draft.word;
  form.addEventListener("input", () => void store());
  await claim(draft.word);
  if ("unsaved" in form.dataset) await store();
  await forgetTaken();
  const left = (await orphans((record) => record === draft.record)).filter((one) => one.word !== draft.word);
  if (!left.length) return;
  for (const one of left) {
    for (const [name, text] of Object.entries(one.values)) write(form, name, text);
    draft.base = Math.min(draft.base, one.base); // what others wrote since is asked about, not overwritten
  }
  base!.value = String(draft.base);
  await store();
  for (const one of left) await keep({ ...one, values: {} });
  notice(phrase("restored"), "info", "notice-restored");
}

async function forgetTaken(): Promise<void> {
  for (const place of document.querySelectorAll<HTMLElement>("[data-taken]")) {
    const [record, word] = place.dataset.taken!.split(" ");
    if (record && word) await keep({ word, record, base: 0, values: {} });
  }
}

/** On every page that comes. */
export function startKeptForm(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-kept]:not([data-adopted])");
  if (!canKeep()) return;
  if (!form) return void forgetTaken();
  form.dataset.adopted = "";
  void adopt(form);
}
