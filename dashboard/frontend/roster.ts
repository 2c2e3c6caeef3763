// The month's table: arrows walk through it, letters write a day, a click offers the same as buttons.

import htmx from "htmx.org";

const LETTERS: Record<string, string> = { KeyS: "S", KeyC: "C", KeyD: "Đ" };
const STEPS: Record<string, [number, number]> = {
  ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0],
};

function cells(row: Element): HTMLButtonElement[] {
  return [...row.querySelectorAll<HTMLButtonElement>("button.cell")];
}

function walk(cell: HTMLButtonElement, [down, right]: [number, number]): void {
  const row = cell.closest("tr");
  if (!row) return;
  const rows = [...(row.parentElement?.children ?? [])];
  const next = rows[rows.indexOf(row) + down];
  const there = next && cells(next)[cells(row).indexOf(cell) + right];
  if (there && !there.disabled) choose(there);
}

function choose(cell: HTMLButtonElement): void {
  for (const other of document.querySelectorAll('button.cell[tabindex="0"]')) other.setAttribute("tabindex", "-1");
  cell.tabIndex = 0;
  cell.focus();
}

let written: Promise<void> = Promise.resolve();

/** One after the other: each answer is the whole table. */
function write(cell: HTMLButtonElement, what: string): void {
  const id = cell.id;
  written = written.then(() => send(id, what)).catch(() => undefined);
}

async function send(id: string, what: string): Promise<void> {
  const cell = document.getElementById(id);
  const values = {
    who: cell?.closest<HTMLElement>("tr")?.dataset.who ?? "",
    day: cell?.dataset.day ?? "",
    was: cell?.textContent ?? "",
    do: what,
  };
  await htmx.ajax("post", "/roster/day", { values, target: "#roster-table", swap: "outerHTML" });
}

function wanted(event: KeyboardEvent): string | undefined {
  const letter = LETTERS[event.code];
  if (letter) return letter + (event.shiftKey ? "+" : "");
  if (event.code === "KeyO") return "sick";
  return event.key === "Delete" || event.key === "Backspace" ? "" : undefined;
}

function onKey(event: KeyboardEvent): void {
  const cell = (event.target as Element).closest<HTMLButtonElement>("button.cell");
  if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = STEPS[event.key];
  const what = wanted(event);
  if (!step && what === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  if (step) walk(cell, step);
  else write(cell, what ?? "");
}

/** After a change the table is a new one: the same cell goes on being the one that Tab comes to. */
function enter(table: Element): void {
  const here = document.activeElement?.closest<HTMLButtonElement>("button.cell");
  const column = table.querySelector("th[data-today]");
  const place = column ? [...(column.parentElement?.children ?? [])].indexOf(column) : 1;
  const first = table.querySelector(`tbody tr td:nth-child(${place + 1}) button.cell:enabled`);
  const any = here ?? first ?? table.querySelector("button.cell:enabled");
  if (any) (any as HTMLButtonElement).tabIndex = 0;
}

export function startRoster(): void {
  const wrap = document.querySelector<HTMLElement>(".table-wrap:has(#roster-table)");
  if (!wrap) return;
  const today = wrap.querySelector<HTMLElement>("th[data-today]");
  if (today) wrap.scrollLeft = today.offsetLeft - wrap.clientWidth / 2;
  if (wrap.dataset.roster === undefined) return;
  const dialog = document.querySelector<HTMLDialogElement>("#roster-day");
  let open: string | null = null;
  enter(wrap);
  wrap.addEventListener("keydown", onKey, true);
  wrap.addEventListener("click", (event) => {
    const cell = (event.target as Element).closest<HTMLButtonElement>("button.cell");
    if (!cell || !dialog) return;
    choose(cell);
    open = cell.id;
    dialog.querySelector("h2")!.textContent = cell.getAttribute("aria-label");
    dialog.showModal();
  });
  dialog?.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("[data-do]");
    const cell = open === null ? null : document.getElementById(open);
    if (!button || !(cell instanceof HTMLButtonElement)) return;
    dialog.close();
    write(cell, button.dataset.do ?? "");
  });
  document.body.addEventListener("htmx:afterSettle", () => enter(wrap));
}
