// Files of a case go without leaving the page: a call goes on meanwhile, and when the line or the server goes away
// what was chosen and typed is still there to be sent again, under the same word, by which the server knows it.

import type htmx from "htmx.org";

import { newWord } from "./drafts";
import { phrase } from "./phrases";
import { once } from "./sending";

async function send(library: typeof htmx, form: HTMLFormElement): Promise<void> {
  const said = form.querySelector<HTMLElement>("[role=status]")!;
  const button = form.querySelector<HTMLButtonElement>("[type=submit]")!;
  const body = new FormData(form);
  const bytes = body.getAll("files").reduce((sum, file) => sum + (file as File).size, 0);
  const say = (text: string): void => {
    said.textContent = text;
    said.hidden = false;
  };
  if (bytes > Number(form.dataset.largest)) return say(phrase("files_too_large"));
  button.disabled = true;
  say(phrase("files_sending"));
  const answer = await once(form.action, body, bytes);
  button.disabled = false;
  const [shown, came] = [document, answer?.page].map((page) => page?.querySelector(".columns.case"));
  if (shown && came) {
    shown.replaceWith(came);
    library.process(came);
    document.body.dispatchEvent(new CustomEvent("page:came"));
  } else say(answer ? words(answer.page) : phrase("files_lost"));
}

/** Of a page that says what went wrong. */
function words(page: Document): string {
  const told = page.querySelectorAll("#main :is(h1, p:not([aria-hidden]))");
  return [...told].map((line) => line.textContent?.trim()).join(" ") || (page.body.textContent ?? "");
}

/** On every page that comes. */
export function startFiles(library: typeof htmx): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-files]")) {
    const word = form.elements.namedItem("word") as HTMLInputElement;
    if (word.value) continue;
    word.value = newWord();
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void send(library, form);
    });
  }
}
