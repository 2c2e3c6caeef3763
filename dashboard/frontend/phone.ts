// The phone in the browser, as the page shows it: one strip that the server has rendered, of which the
// parts are shown that make sense now. Loaded only by whoever's phone is here.

import { keepDocument } from "./pages";
import { PhoneLine } from "./phone_line";
import { Headset, type Role } from "./phone_sound";
import { HeadsetTest } from "./phone_test";

const SIGNS = /^[0-9*#]$/;
const TARGETS = /^([a-z]{2}[0-9]{2}|[0-9]{3,11})$/;

const headset = new Headset();
const test = new HeadsetTest(headset);
const line = new PhoneLine(headset, show);

/** Put what is so into the strip; it may be a new one, of another page. */
function show(): void {
  const strip = document.querySelector<HTMLElement>("#phone");
  if (!strip) return;
  const view = line.view();
  if (view.call !== "talking") {
    for (const open of strip.querySelectorAll<HTMLDialogElement>("dialog[data-in-call][open]")) open.close();
  }
  const isNowOver = view.line === "over" && strip.dataset.line !== "over";
  strip.dataset.line = view.line;
  strip.dataset.call = view.call;
  strip.dataset.asked = view.asked;
  for (const part of strip.querySelectorAll<HTMLElement>("[data-when]")) {
    part.hidden = !part.dataset.when?.split(" ").some((name) => isSo(name));
  }
  for (const part of strip.querySelectorAll<HTMLElement>("[aria-pressed]")) {
    part.setAttribute("aria-pressed", String(part.dataset.phone === "mute" ? view.muted : view.held));
  }
  if (isNowOver) document.body.dispatchEvent(new Event("phone:over"));
}

/** `line-ready`, `call-talking`, `asked-none`; several joined by + must all be so. */
function isSo(wanted: string): boolean {
  const view = line.view();
  const now = new Set([`line-${view.line}`, `call-${view.call}`, `asked-${view.asked}`]);
  return wanted.split("+").every((name) => now.has(name));
}

const DOES: Record<string, (button: HTMLElement) => void> = {
  answer: () => void line.answer(),
  hang_up: () => line.hangUp(),
  mute: () => line.mute(),
  hold: () => line.hold(),
  hand_over: () => line.handOver(),
  again: () => void line.start(),
  sign: (button) => line.key(button.dataset.sign ?? ""),
  pass_on: (button) => to(button, (target) => line.passOn(target)),
  ask: (button) => to(button, (target) => void line.ask(target)),
  headset: () => void test.begin(),
  sound: (button) => test.sound(button.dataset.role as Role),
};

function pressed(event: Event): void {
  const button = (event.target as Element).closest<HTMLElement>("#phone [data-phone]");
  const does = DOES[button?.dataset.phone ?? ""];
  if (button && does) does(button);
}

/** Whom a button of the transfer names, itself or by the field beside it. */
function to(button: HTMLElement, does: (target: string) => void): void {
  const field = button.closest("[data-number]")?.querySelector<HTMLInputElement>("input");
  const target = button.dataset.target ?? field?.value.replace(/[ .-]/g, "") ?? "";
  if (!TARGETS.test(target)) {
    field?.focus();
    return;
  }
  button.closest("dialog")?.close();
  does(target);
}

/** With the keypad open, the keyboard's digits are the telephone's. */
function typed(event: KeyboardEvent): void {
  if (!SIGNS.test(event.key) || !document.querySelector("#phone-keypad[open]")) return;
  event.preventDefault();
  line.key(event.key);
}

export function startPhone(): void {
  keepDocument(window.htmx);
  document.addEventListener("click", pressed);
  document.addEventListener("keydown", typed);
  document.body.addEventListener("htmx:afterSettle", show);
  document.body.addEventListener("live:over", () => line.end());
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
