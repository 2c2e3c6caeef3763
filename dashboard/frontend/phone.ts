// The phone in the browser, as the page shows it: one strip that the server has rendered, of which the
// parts are shown that make sense now. Loaded only by whoever's phone is here.

import { PhoneLine } from "./phone_line";
import { Headset } from "./phone_sound";

const headset = new Headset();
const line = new PhoneLine(headset, show);

/** Put what is so into the strip; it may be a new one, of another page. */
function show(): void {
  const strip = document.querySelector<HTMLElement>("#phone");
  if (!strip) return;
  const view = line.view();
  strip.dataset.line = view.line;
  strip.dataset.call = view.call;
  strip.dataset.asked = view.asked;
  for (const part of strip.querySelectorAll<HTMLElement>("[data-when]")) {
    part.hidden = !part.dataset.when?.split(" ").some((name) => isSo(name));
  }
  for (const part of strip.querySelectorAll<HTMLElement>("[aria-pressed]")) {
    part.setAttribute("aria-pressed", String(part.dataset.phone === "mute" ? view.muted : view.held));
  }
}

/** `line-ready`, `call-talking`, `asked-none`; several joined by + must all be so. */
function isSo(wanted: string): boolean {
  const view = line.view();
  const now = new Set([`line-${view.line}`, `call-${view.call}`, `asked-${view.asked}`]);
  return wanted.split("+").every((name) => now.has(name));
}

const DOES: Record<string, () => void> = {
  answer: () => void line.answer(),
  hang_up: () => line.hangUp(),
  mute: () => line.mute(),
  hold: () => line.hold(),
  hand_over: () => line.handOver(),
  again: () => void line.start(),
};

function pressed(event: Event): void {
  const button = (event.target as Element).closest<HTMLElement>("#phone [data-phone]");
  const does = DOES[button?.dataset.phone ?? ""];
  if (does) does();
}

export function startPhone(): void {
  document.addEventListener("click", pressed);
  document.body.addEventListener("htmx:afterSettle", show);
  document.body.addEventListener("live:over", () => line.stop());
  window.addEventListener("beforeunload", (event) => {
    if (line.busy) event.preventDefault();
  });
  window.addEventListener("pagehide", () => line.stop());
  show();
  void navigator.locks.request("tongdai-phone", () => {
    void line.start();
    return new Promise<never>(() => undefined); // this tab has the phone until it is closed
  });
}
