// A redraw takes nothing out of a hand. Signals draw parts of the page anew while somebody uses them: what
// was opened there stays open, the focus stays on the same thing, and a press that has begun is not cut
// off from its release: the redraw waits for it. (patch.ts leaves in place what has not changed; here is
// what has to be drawn anew.) An entry that is chosen closes its menu, and so does Escape.

interface Swap {
  shouldSwap: boolean;
  boosted: boolean;
  requestConfig: { triggeringEvent?: Event };
}

const PRESS_MS = 1000;
/** What tells two things of a page apart, where they have no id. */
const TELLING = ["name", "value", "href", "hx-get", "hx-post", "hx-vals"];

let opened: Find[] = [];
let focused: Find | undefined;
let pressedAt = -Infinity;
let late = false;

type Find = () => HTMLElement | undefined;

/** Finds an element again in what the server sent since: by its id, else among those that are alike. */
function finding(element: HTMLElement): Find {
  const root = element.closest("[id]")?.id ?? "";
  const told = TELLING.map((name) => [name, element.getAttribute(name)] as const)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `[${name}="${CSS.escape(value ?? "")}"]`);
  const alike = (): HTMLElement[] => {
    const scope = document.getElementById(root);
    if (element.id) return scope ? [scope] : [];
    return [...(scope ?? document.body).querySelectorAll<HTMLElement>(element.localName + told.join(""))];
  };
  const place = alike().indexOf(element);
  return () => (element.isConnected ? element : alike()[place]);
}

function waits(swap: Swap): boolean {
  const live = swap.requestConfig.triggeringEvent?.type.startsWith("live:") ?? false;
  return live && performance.now() - pressedAt < PRESS_MS;
}

function hold(event: Event): void {
  const swap = (event as CustomEvent<Swap>).detail;
  opened = [];
  focused = undefined;
  if (waits(swap)) {
    swap.shouldSwap = false;
    late = true;
  }
  if (!swap.shouldSwap || swap.boosted) return;
  opened = [...document.querySelectorAll<HTMLElement>("details[id][open]")].map(finding);
  const active = document.activeElement;
  const mine = active instanceof HTMLElement && active !== document.body && !active.closest("form[data-record]");
  focused = mine ? finding(active) : undefined;
}

function giveBack(): void {
  for (const find of opened) {
    const details = find();
    if (details instanceof HTMLDetailsElement) details.open = true;
  }
  if (document.activeElement === document.body) focused?.()?.focus({ preventScroll: true });
  opened = [];
  focused = undefined;
}

function release(): void {
  pressedAt = -Infinity;
  if (!late) return;
  late = false;
  document.body.dispatchEvent(new CustomEvent("live:reload", { detail: "" }));
}

function close(menu: HTMLDetailsElement): void {
  const within = menu.contains(document.activeElement);
  menu.open = false;
  if (within) menu.querySelector("summary")?.focus();
}

/** Before the forms: they must know which answers are not put in (desk.ts). */
export function startHolding(): void {
  document.body.addEventListener("htmx:beforeSwap", hold);
  document.body.addEventListener("htmx:afterSwap", giveBack);
  document.addEventListener("pointerdown", () => {
    pressedAt = performance.now();
    window.setTimeout(release, PRESS_MS);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    document.addEventListener(name, () => window.setTimeout(release)); // after the click it makes
  }
  document.addEventListener("click", (event) => {
    const clicked = event.target as Element;
    for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
      if (!menu.contains(clicked)) menu.open = false;
      else if (clicked.closest("[hx-post]")) close(menu);
    }
  });
  document.addEventListener("keydown", (event) => {
    const menu = (event.target as Element).closest<HTMLDetailsElement>("details.menu[open]");
    if (event.key === "Escape" && menu) close(menu);
  });
}
