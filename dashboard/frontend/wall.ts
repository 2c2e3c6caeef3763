// The wallboard's dialogs: what was done in one closes it; the board behind it goes on changing.
// And its sound: three tones for an alarm that nobody has taken note of, again every RING_AGAIN_MS. A
// browser is silent until its page was clicked once, which the page says.

import { remember } from "./patch";

const RING_AGAIN_MS = 20000;
const TONES = [880, 660, 880];

let sound: AudioContext | undefined;
let heard = new Set<string>();
let rangAt = 0;

function ring(): void {
  if (sound?.state !== "running") return;
  rangAt = Date.now();
  TONES.forEach((frequency, place) => {
    if (!sound) return;
    const tone = new OscillatorNode(sound, { frequency });
    const level = new GainNode(sound, { gain: 0.25 });
    tone.connect(level).connect(sound.destination);
    tone.start(sound.currentTime + place * 0.35);
    tone.stop(sound.currentTime + place * 0.35 + 0.25);
  });
  document.body.dataset.rang = String(Number(document.body.dataset.rang ?? 0) + 1);
}

function listen(): void {
  const alarms = [...document.querySelectorAll<HTMLElement>("[data-alarm]")].map((one) => one.dataset.alarm ?? "");
  const fresh = alarms.some((one) => !heard.has(one));
  heard = new Set(alarms);
  if (fresh || (alarms.length > 0 && Date.now() - rangAt > RING_AGAIN_MS)) ring();
  const sign = document.querySelector<HTMLElement>("[data-sound-off]");
  if (sign) sign.hidden = sound?.state === "running";
}

function wake(): void {
  sound ??= new AudioContext();
  void sound.resume().then(() => {
    heard = new Set();
    listen();
  });
}

function startSound(): void {
  if (!document.querySelector("[data-sound-off]")) return;
  document.addEventListener("pointerdown", wake, { once: true });
  document.addEventListener("keydown", wake, { once: true });
  document.body.addEventListener("htmx:afterSettle", listen);
  setInterval(listen, RING_AGAIN_MS);
  listen();
}

export function startWall(): void {
  for (const part of document.querySelectorAll("[data-patched]")) remember(part);
  startSound();
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const { successful, requestConfig, elt } = (
      event as CustomEvent<{ successful: boolean; requestConfig: { verb: string }; elt: Element }>
    ).detail;
    if (!successful || requestConfig.verb === "get") return;
    const dialog = elt.closest<HTMLDialogElement>("dialog[data-closes]");
    if (!dialog) return;
    if (elt instanceof HTMLFormElement) elt.reset();
    dialog.close();
  });
}
