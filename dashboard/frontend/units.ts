// The comboboxes for places (WAI-ARIA 1.2, list autocomplete): the server finds units for what is typed, the
// first stands ready, Enter takes it, also when it is pressed before the answer is there. What is typed stays
// as it is when nothing is taken: words are a place, too.

const QUIET_MS = 60;
const LEAST_LETTERS = 2;
const TIMEOUT_MS = 15000;

/** For which text each list's options are. */
const shownFor = new WeakMap<HTMLElement, string>();
/** A server that has just started needs a moment to learn the units: it is asked before the first letter. */
let isAwake = false;
let timer: number | undefined;
/** The latest question; an answer to an earlier one is dropped. */
let asked = 0;
/** Where Enter was pressed for a text whose options are not there yet. */
let hurried: { field: HTMLInputElement; text: string } | undefined;

function fieldOf(target: EventTarget | null): HTMLInputElement | null {
  return target instanceof HTMLInputElement && target.matches(".unit > [role=combobox]") ? target : null;
}

function listOf(field: HTMLInputElement): HTMLElement {
  return field.nextElementSibling as HTMLElement;
}

function ready(field: HTMLInputElement): HTMLElement | null {
  return listOf(field).querySelector<HTMLElement>("[aria-selected=true]");
}

function close(field: HTMLInputElement): void {
  const list = listOf(field);
  list.hidden = true;
  list.replaceChildren();
  shownFor.delete(list);
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}

function choose(field: HTMLInputElement, option: Element | null | undefined): void {
  if (!(option instanceof HTMLElement)) return;
  ready(field)?.setAttribute("aria-selected", "false");
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", option.id);
}

function take(field: HTMLInputElement, option: HTMLElement): void {
  field.value = option.dataset.label ?? "";
  keepBefore(field, option.dataset.before ?? "");
  asked += 1;
  close(field);
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

/** The hamlet or street that was typed before the unit goes where the rest of the place is said. */
function keepBefore(field: HTMLInputElement, before: string): void {
  const beside = field.form?.elements.namedItem(field.name.replace(/_unit$/, ""));
  if (!before || !(beside instanceof HTMLInputElement) || beside.value.includes(before)) return;
  beside.value = [before, beside.value].filter(Boolean).join(", ");
}

async function find(text: string): Promise<string> {
  const token = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") as Record<string, string>;
  const answer = await fetch("/places", {
    method: "POST",
    headers: token,
    body: new URLSearchParams({ q: text }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  return answer.ok ? answer.text() : "";
}

async function ask(field: HTMLInputElement): Promise<void> {
  const [question, text] = [(asked += 1), field.value];
  const options = await find(text);
  if (question !== asked || field.value !== text) return;
  const list = listOf(field);
  list.innerHTML = options;
  shownFor.set(list, text);
  list.querySelectorAll("[role=option]").forEach((option, place) => (option.id = `${list.id}-${place}`));
  const first = list.querySelector<HTMLElement>("[role=option]");
  if (first && hurried?.field === field && hurried.text === text) take(field, first);
  else if (!first || document.activeElement !== field) close(field);
  else {
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    list.scrollIntoView({ block: "nearest" });
    choose(field, first);
  }
}

function typed(field: HTMLInputElement): void {
  clearTimeout(timer);
  hurried = undefined;
  asked += 1;
  if (field.value.trim().length < LEAST_LETTERS) close(field);
  else timer = window.setTimeout(() => void ask(field).catch(() => close(field)), QUIET_MS);
}

/** Whether the key meant the list. */
function isTaken(key: string, field: HTMLInputElement): boolean {
  const list = listOf(field);
  const option = shownFor.get(list) === field.value ? ready(field) : null;
  if (key === "ArrowDown") {
    if (option) choose(field, option.nextElementSibling ?? list.firstElementChild);
    else typed(field);
  } else if (key === "ArrowUp" && option) choose(field, option.previousElementSibling ?? list.lastElementChild);
  else if (key === "Enter" && option) take(field, option);
  else if (key === "Enter") hurried = { field, text: field.value };
  else if (key === "Escape" && !list.hidden) close(field);
  else return false;
  return true;
}

/** Every combobox there is and will be: rows are added to the form, and the form is swapped. */
export function startUnits(): void {
  document.addEventListener("input", (event) => {
    const field = fieldOf(event.target);
    if (field) typed(field);
  });
  document.addEventListener("keydown", (event) => {
    const field = fieldOf(event.target);
    if (!field || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (!isTaken(event.key, field)) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  document.addEventListener("focusin", (event) => {
    const field = fieldOf(event.target);
    if (!field || isAwake) return;
    isAwake = true;
    void find("").catch(() => undefined);
  });
  document.addEventListener("focusout", (event) => {
    const field = fieldOf(event.target);
    if (field) close(field);
  });
  document.addEventListener("mousedown", (event) => {
    const option = (event.target as Element).closest<HTMLElement>(".units > [role=option]");
    const field = fieldOf(option?.parentElement?.previousElementSibling ?? null);
    if (!option || !field) return;
    event.preventDefault(); // the focus stays in the field
    take(field, option);
  });
}
