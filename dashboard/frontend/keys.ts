// Everything has a key. An element with data-key is clicked by it: outside text fields, or anywhere
// with Alt. The key map shows what is on the page now.

const WRITES = "input:not([type=radio]):not([type=checkbox]):not([type=button]), textarea, select";

function visible(element: Element): boolean {
  return element.checkVisibility({ checkVisibilityCSS: true });
}

function keyed(key: string): HTMLElement | undefined {
  const wanted = key.length === 1 ? key.toUpperCase() : key;
  return [...document.querySelectorAll<HTMLElement>("[data-key]")].find(
    (element) => element.dataset.key === wanted && visible(element) && !element.matches(":disabled"),
  );
}

/** With Alt, a layout may give another sign (Alt+C is ç on some): then the key's place decides. */
function pressed(event: KeyboardEvent): string {
  const place = /^(?:Key|Digit|Numpad)([A-Z0-9])$/.exec(event.code);
  return event.altKey && place?.[1] ? place[1] : event.key;
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.isComposing || event.repeat) return;
  const open = document.querySelector("dialog[open]");
  if (open) return;
  const writing = (event.target as Element).closest?.(WRITES);
  if (writing && !event.altKey) {
    if (event.key === "Escape") (event.target as HTMLElement).blur();
    return;
  }
  const element = keyed(pressed(event));
  if (!element) return;
  event.preventDefault();
  if (element.matches(`${WRITES}, summary`)) element.focus();
  if (!element.matches(WRITES)) element.click();
}

function fillKeyMap(list: Element): void {
  list.replaceChildren();
  for (const element of document.querySelectorAll<HTMLElement>("[data-key]")) {
    if (!visible(element) || element.closest("dialog")) continue;
    const key = document.createElement("dt");
    const sign = document.createElement("kbd");
    sign.textContent = element.dataset.key ?? "";
    key.append(sign);
    const words = document.createElement("dd");
    words.textContent = element.getAttribute("aria-label") ?? element.dataset.does ?? label(element);
    list.append(key, words);
  }
}

function label(element: HTMLElement): string {
  const copy = element.cloneNode(true) as HTMLElement;
  for (const sign of copy.querySelectorAll("kbd, svg")) sign.remove();
  return copy.textContent?.replace(/\s+/g, " ").trim() ?? "";
}

export function startKeys(): void {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    const opener = (event.target as Element).closest<HTMLElement>("[data-open]");
    const dialog = opener && document.getElementById(opener.dataset.open ?? "");
    if (!(dialog instanceof HTMLDialogElement)) return;
    const list = dialog.querySelector("[data-keymap]");
    if (list) fillKeyMap(list);
    // What it will show is fetched: nobody shall press a button of what it showed before.
    if (opener?.getAttribute("hx-target") === `#${dialog.id}`) dialog.replaceChildren();
    dialog.showModal();
  });
}
