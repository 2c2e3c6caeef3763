// The forms on the page: each record form gets its autosave; a swap never takes unsaved text away; a
// request that closes a record waits until what was typed is saved.

import { takeKey } from "./drafts";
import { names, read, write, type Values } from "./fields";
import { notice } from "./notices";
import { phrase } from "./phrases";
import { RecordForm } from "./record";
import { sendAndForget, sendOrphans } from "./saving";

interface Swap {
  elt: Element;
  target: Element;
  shouldSwap: boolean;
  serverResponse: string;
  requestConfig: { verb: string };
}

const forms = new Map<HTMLFormElement, RecordForm>();

function adopt(): void {
  for (const form of [...forms.keys()]) if (!form.isConnected) forms.delete(form);
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-record]")) {
    if (!forms.has(form)) forms.set(form, new RecordForm(form));
  }
}

function unsavedIn(element: Element): RecordForm | undefined {
  return [...forms.values()].find((record) => element.contains(record.form) && record.hasUnsaved);
}

/** A copy of the template with its place-holders filled in. */
function filled(template: HTMLTemplateElement, values: Record<string, number>): DocumentFragment {
  const copy = template.content.cloneNode(true) as DocumentFragment;
  const fill = (text: string): string => text.replace(/\{(\w)\}/g, (all, name: string) => String(values[name] ?? all));
  for (const element of copy.querySelectorAll("*")) {
    for (const attribute of [...element.attributes]) attribute.value = fill(attribute.value);
    for (const text of element.childNodes) if (text instanceof Text) text.data = fill(text.data);
  }
  return copy;
}

/** `data-add-person`: child or offender. */
function addPerson(button: HTMLElement): void {
  const [form, about] = [button.closest("form"), button.dataset.addPerson];
  const template = form?.querySelector<HTMLTemplateElement>(`template[data-person="${about}"]`);
  const list = form?.querySelector(`[data-people="${about}"]`);
  if (!form || !template || !list) return;
  const position = list.children.length + 1;
  list.append(filled(template, { n: position }));
  addRelations(form);
  if (position >= Number(template.dataset.most)) button.hidden = true;
  list.lastElementChild?.querySelector<HTMLElement>("input")?.focus();
}

/** What each alleged offender is to each child but the first, where it is not asked yet. */
function addRelations(form: HTMLFormElement): void {
  const template = form.querySelector<HTMLTemplateElement>("template[data-relation]");
  const children = form.querySelector("[data-people=child]")?.children.length ?? 0;
  for (const asked of form.querySelectorAll<HTMLElement>("[data-relations]")) {
    const n = Number(asked.dataset.relations);
    for (let c = 2; template && c <= children; c++) {
      if (!asked.querySelector(`[name="offender.${n}.relation_${c}"]`)) asked.append(filled(template, { n, c }));
    }
  }
}

const last = new WeakMap<Element, string>();

/** What is asked for again and again is put in only when it has changed: focus and menus stay. */
function skipSameAgain(event: Event): void {
  const detail = (event as CustomEvent<Swap>).detail;
  if (!detail.shouldSwap) return;
  if (detail.requestConfig.verb !== "get" || detail.elt !== detail.target) {
    last.delete(detail.target);
    return;
  }
  const text = detail.serverResponse.replace(/(<time class="clock"[^>]*>)[^<]*/g, "$1");
  if (last.get(detail.target) === text) detail.shouldSwap = false;
  last.set(detail.target, text);
}

/** The stream brought it: what this place was asked for last no longer stands there. */
function showWaiting(event: Event): void {
  for (const place of document.querySelectorAll("[data-who-waits]")) {
    place.innerHTML = String((event as CustomEvent<string>).detail);
    last.delete(place);
  }
}

/** A draft may be about a person that the page does not show yet. */
function need(form: HTMLFormElement, name: string): void {
  const [, about, position, child] = /^(child|offender)\.(\d+)\.[a-z_]+?(?:_(\d+))?$/.exec(name) ?? [];
  if (about) showPerson(form, about, Number(position));
  if (child) showPerson(form, "child", Number(child));
}

function showPerson(form: HTMLFormElement, about: string, position: number): void {
  const button = form.querySelector<HTMLElement>(`[data-add-person="${about}"]`);
  const list = form.querySelector(`[data-people="${about}"]`);
  for (let n = list?.children.length ?? 0; button && n < position; n++) addPerson(button);
}

const cleared = new WeakMap<HTMLElement, Values>();

/** Empties all fields about one person, or puts back what they were. */
function clearPerson(button: HTMLElement): void {
  const [form, person] = [button.closest("form"), button.closest("fieldset")];
  if (!form || !person) return;
  const before = cleared.get(button);
  const values: Values = {};
  for (const name of names(form)) {
    if (!person.querySelector(`[name="${CSS.escape(name)}"]`)) continue;
    values[name] = read(form, name);
    write(form, name, before?.[name] ?? "");
  }
  if (before) cleared.delete(button);
  else cleared.set(button, values);
  [button.textContent, button.dataset.other] = [button.dataset.other ?? "", button.textContent ?? ""];
  button.dispatchEvent(new Event("change", { bubbles: true }));
}

/** A link or form that brings another page into this document (pages.ts). */
function leavesThePage(element: Element): boolean {
  const ofItsOwn = "[hx-get], [hx-post], [hx-boost='false']";
  return document.body.matches("[hx-boost='true']") && element.matches("a, form") && !element.matches(ofItsOwn);
}

let loggingOut = false;

/** Not with anything that would be lost there. */
function toLogIn(): void {
  if (![...forms.values()].some((record) => record.hasUnsaved)) location.assign("/login");
}

/** Empty: done, or it could be. Not by the form itself: the page that says no would end a call in this one. */
async function refusedToLogOut(form: HTMLFormElement, more: Record<string, string> = {}): Promise<string> {
  const body = new URLSearchParams(more);
  for (const [name, value] of new FormData(form)) body.set(name, String(value));
  try {
    const headers = { "HX-Request": "true" };
    const answer = await fetch(form.action, { method: "POST", headers, body, redirect: "manual" });
    if (answer.status === 409) return await answer.text();
    const gone = answer.type === "opaqueredirect" || answer.status === 401;
    return answer.ok || gone ? "" : phrase("stay_logged_in");
  } catch {
    return phrase("stay_logged_in");
  }
}

function sayWhyNot(form: HTMLFormElement, why: string): void {
  const here = form.querySelector<HTMLElement>("[data-logout-problem]"); // behind the curtain no notice is seen
  if (!here) return notice(why, "problem", "notice-failed");
  here.textContent = why;
  here.hidden = false;
}

async function logOut(form: HTMLFormElement): Promise<void> {
  const why = await refusedToLogOut(form, { only_ask: "true" });
  if (why) return sayWhyNot(form, why);
  const open = [...forms.values()];
  await Promise.all(open.map((record) => record.save()));
  if (open.some((record) => record.hasUnsent) || !(await sendAndForget())) {
    return sayWhyNot(form, phrase("stay_logged_in"));
  }
  loggingOut = true;
  const still = await refusedToLogOut(form);
  loggingOut = !still;
  if (still) return sayWhyNot(form, still); // a call has come meanwhile
  for (const record of open) record.letGo();
  forms.clear();
  location.assign("/login");
}

/** What stands elsewhere on the page, into a field of the record: written below what is there. */
function copyInto(button: HTMLElement): void {
  const { record, copyInto: name } = button.dataset;
  const field = document.querySelector<HTMLTextAreaElement>(`form[data-record="${record}"] [name="${name}"]`);
  if (!field) {
    notice(phrase("open_first"), "problem", "notice-open-first");
    return;
  }
  field.value = [field.value, button.dataset.text].filter(Boolean).join("\n");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function sendLeft(): void {
  void sendOrphans(new Set([...forms.values()].map((record) => record.id)));
}

export function startForms(): void {
  takeKey();
  document.addEventListener("record:need", (event) => {
    need(event.target as HTMLFormElement, String((event as CustomEvent<string>).detail));
  }, true);
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-add-person]");
    if (button) addPerson(button);
    const clearer = (event.target as Element).closest<HTMLElement>("[data-clear-person]");
    if (clearer) clearPerson(clearer);
    const copier = (event.target as Element).closest<HTMLElement>("[data-copy-into]");
    if (copier) copyInto(copier);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches("[data-logout]")) return;
    event.preventDefault();
    void logOut(form);
  });
  for (const name of ["htmx:oobBeforeSwap", "htmx:beforeSwap"]) {
    document.body.addEventListener(name, (event) => {
      const detail = (event as CustomEvent<Swap>).detail;
      if (unsavedIn(detail.target)) detail.shouldSwap = false;
    });
  }
  document.body.addEventListener("htmx:beforeSwap", skipSameAgain);
  document.body.addEventListener("live:waiting", showWaiting);
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.target;
    if (form instanceof HTMLFormElement && form.matches("[data-clears]")) form.reset();
  });
  document.body.addEventListener("htmx:confirm", (event) => {
    const { elt, issueRequest } = (event as CustomEvent<{ elt: Element; issueRequest(): void }>).detail;
    const form = document.getElementById(elt.getAttribute("data-after-saving") ?? "");
    const record = form instanceof HTMLFormElement ? forms.get(form) : undefined;
    const unsaved = [...forms.values()].find((one) => one.hasUnsaved);
    const first = record ?? (leavesThePage(elt) ? unsaved : undefined);
    if (!first) return;
    event.preventDefault();
    void first.save().then(() => {
      if (first.hasUnsaved) notice(first.trouble, "problem", "notice-failed");
      else issueRequest();
    });
  });
  document.body.addEventListener("live:over", () => {
    if (loggingOut) return; // this page's own log-out leads there, too
    const talks = document.querySelector("#phone[data-call='talking']");
    if (talks) document.body.addEventListener("phone:over", toLogIn, { once: true });
    else toLogIn();
  });
  window.addEventListener("online", () => {
    for (const record of forms.values()) void record.save();
    sendLeft();
  });
  window.addEventListener("pagehide", () => {
    for (const record of forms.values()) record.leave();
  });
  window.addEventListener("beforeunload", (event) => {
    for (const record of forms.values()) record.beforeLeaving();
    if ([...forms.values()].some((record) => record.hasUnsaved)) event.preventDefault();
  });
  document.body.addEventListener("page:came", takeKey);
  document.body.addEventListener("htmx:afterSettle", adopt);
  adopt();
  sendLeft();
}
