// Clocks that run: data-since counts up from a moment, data-until down to one. The server's time counts.

let ahead = 0;

/** Milliseconds on the server's clock. */
export function serverNow(): number {
  return Date.now() + ahead;
}

export function span(milliseconds: number): string {
  const all = Math.max(0, Math.floor(milliseconds / 1000));
  const hours = Math.floor(all / 3600);
  const minutes = Math.floor(all / 60) % 60;
  const pad = (value: number): string => String(value).padStart(2, "0");
  return hours ? `${hours}:${pad(minutes)}:${pad(all % 60)}` : `${minutes}:${pad(all % 60)}`;
}

/** What a clock that counts up shows: with data-minutes only those, so that 300 tiles stay still. */
function elapsed(clock: HTMLElement, now: number): string {
  const passed = now - Date.parse(clock.dataset.since ?? "");
  return clock.dataset.minutes === undefined ? span(passed) : `${Math.max(0, Math.floor(passed / 60000))}′`;
}

/** 14:05:31 on Vietnam's clock, whatever this machine's zone is. */
export function clockTime(moment: string | number): string {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: "Asia/Ho_Chi_Minh",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).format(new Date(moment));
}

function tick(): void {
  const now = serverNow();
  for (const clock of document.querySelectorAll<HTMLElement>("[data-since]")) {
    show(clock, elapsed(clock, now));
  }
  for (const clock of document.querySelectorAll<HTMLElement>("[data-until]")) {
    show(clock, span(Date.parse(clock.dataset.until ?? "") - now));
  }
  for (const bar of document.querySelectorAll<HTMLProgressElement>("progress[data-grows]")) {
    bar.value = (now - Date.parse(bar.dataset.grows ?? "")) / 1000;
  }
}

/** Clocks that came without a text; the others go on at their next second, all at once. */
function begin(): void {
  const now = serverNow();
  for (const clock of document.querySelectorAll<HTMLElement>("[data-since]:empty")) {
    show(clock, elapsed(clock, now));
  }
}

function show(clock: HTMLElement, text: string): void {
  if (clock.textContent !== text) clock.textContent = text;
}

export function startClocks(): void {
  const said = document.body.dataset.now;
  if (said) ahead = Date.parse(said) - Date.now();
  // Only what lies between two machines' clocks; the time the page took to load is not that.
  if (Math.abs(ahead) < 2000) ahead = 0;
  tick();
  setInterval(tick, 1000);
  document.body.addEventListener("htmx:afterSettle", begin);
}
