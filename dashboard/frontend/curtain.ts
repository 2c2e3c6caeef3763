// Somebody comes in: F9 hides the screen at once, in every tab, wherever the cursor is. The password or a
// passkey brings it back. The server hides the session too; what was typed goes on being saved. A page that
// nobody touches for a while hides itself, unless its person talks (the server knows) or it hangs on a wall.

import { lastTouched, watchIdle } from "./idle";

const HIDE_KEY = "F9";

let channel: BroadcastChannel | undefined;

/** Asked again in a minute where nothing came of it: the talk may be over then. */
function hideWhenIdle(): void {
  if (curtain()?.open || location.pathname === "/wallboard") return;
  window.htmx.ajax("post", "/hide/idle", { swap: "none" }).catch(hideAlone);
}

/** The server is out of reach. When the log-in has ended there for want of a touch, nothing is shown here. */
function hideAlone(): void {
  if (Date.now() - lastTouched() >= Number(document.body.dataset.endsAfter) * 60_000) draw();
}

function curtain(): HTMLDialogElement | null {
  return document.querySelector<HTMLDialogElement>("#curtain");
}

function draw(): void {
  const dialog = curtain();
  if (!dialog || dialog.open) return;
  for (const open of document.querySelectorAll<HTMLDialogElement>("dialog[open]")) open.close();
  document.documentElement.dataset.hidden = document.title;
  document.title = "111";
  dialog.showModal();
  dialog.querySelector<HTMLInputElement>("[name=password]")?.focus();
}

function open(): void {
  if (document.querySelector("[data-hidden-page]")) {
    location.replace("/");
    return;
  }
  const dialog = curtain();
  if (!dialog?.open) return;
  for (const input of dialog.querySelectorAll<HTMLInputElement>("[name=password], [name=passkey]")) input.value = "";
  dialog.close();
  document.title = document.documentElement.dataset.hidden ?? document.title;
  delete document.documentElement.dataset.hidden;
  document.body.dispatchEvent(new CustomEvent("live:reload", { detail: "" }));
}

function hide(): void {
  if (!curtain()) return;
  draw();
  channel?.postMessage("hide");
  window.htmx.ajax("post", "/hide", { swap: "none" }).catch(() => undefined); // it is drawn
}

export function startCurtain(): void {
  const staff = document.body.dataset.staff;
  if (!staff) return;
  channel = new BroadcastChannel(`tongdai-curtain-${staff}`);
  channel.onmessage = (event: MessageEvent<"hide" | "show">) => (event.data === "hide" ? draw() : open());
  document.addEventListener("keydown", (event) => {
    if (event.key !== HIDE_KEY || event.defaultPrevented) return;
    event.preventDefault();
    hide();
  });
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-hide]")) hide();
  });
  curtain()?.addEventListener("cancel", (event) => event.preventDefault());
  const minutes = Number(document.body.dataset.hideAfter);
  if (minutes > 0 && curtain()) watchIdle(minutes * 60_000, hideWhenIdle);
  document.body.addEventListener("hidden", () => {
    draw();
    channel?.postMessage("hide");
  });
  document.body.addEventListener("shown", () => {
    channel?.postMessage("show");
    open();
  });
  document.body.addEventListener("live:desk", (event) => {
    const rings = (event as CustomEvent<string>).detail.startsWith("rang ");
    for (const sign of document.querySelectorAll<HTMLElement>("[data-curtain-ring]")) sign.hidden = !rings;
  });
}
