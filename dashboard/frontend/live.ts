// One event stream per browser, shared by its tabs: a browser opens only six connections to a server.
// The tab that holds the lock listens and passes on what it hears. What arrives becomes DOM events on
// <body>: live:desk, live:case (of them what is about a case of mine), live:board, live:waiting, and live:reload
// after every gap. Without signals the page asks by itself.
// (htmx-ext-sse is not used: it can neither share a stream nor say that it is blind.)

import { phrase } from "./phrases";

type State = "on" | "polling" | "off";
type News = { name: "desk" | "board" | "waiting" | "reload" | "over"; data: string } | { state: State };

const POLL_MS = 3000;
const RETRY_MS = 2000;
/** The server's heart beats every 5 s. */
const QUIET_MS = 12000;
const BOARD_PAUSE_MS = 1000;
const FIGURES_PAUSE_MS = 5000;

let channel: BroadcastChannel | undefined;
let state: State = "off";
let polling: number | undefined;

export function startLive(): void {
  const address = document.body.dataset.live;
  if (!address) return;
  channel = new BroadcastChannel(`tongdai-live-${document.body.dataset.staff ?? ""}`);
  channel.onmessage = (event: MessageEvent<News | "hello">) => {
    if (event.data === "hello") {
      if (listening) channel?.postMessage({ state } satisfies News);
    } else take(event.data);
  };
  channel.postMessage("hello");
  const forever = (): Promise<never> => {
    listen(address);
    return new Promise(() => undefined);
  };
  if (navigator.locks) void navigator.locks.request("tongdai-live", forever);
  else void forever();
}

let listening = false;

function listen(address: string): void {
  listening = true;
  const source = new EventSource(address);
  let quiet = window.setTimeout(lost, QUIET_MS);
  const alive = (): void => {
    clearTimeout(quiet);
    quiet = window.setTimeout(lost, QUIET_MS);
  };
  function lost(): void {
    clearTimeout(quiet);
    source.close();
    tell({ state: "off" });
    window.setTimeout(() => listen(address), RETRY_MS);
  }
  source.onerror = lost;
  source.addEventListener("beat", alive);
  source.addEventListener("ready", () => {
    alive();
    tell({ state: "on" });
    tell({ name: "reload", data: "" });
  });
  source.addEventListener("away", () => {
    alive();
    tell({ state: "polling" });
  });
  source.addEventListener("over", () => {
    clearTimeout(quiet);
    source.close();
    tell({ name: "over", data: "" });
  });
  for (const name of ["desk", "board", "waiting"] as const) {
    source.addEventListener(name, (event) => {
      alive();
      tell({ name, data: String((event as MessageEvent).data) });
    });
  }
}

function tell(news: News): void {
  channel?.postMessage(news);
  take(news);
}

function take(news: News): void {
  if ("state" in news) setState(news.state);
  else if (news.name === "over") announce("live:over", "");
  else if (news.name === "board") {
    announceBoard();
    announceFigures();
  } else {
    announce(`live:${news.name}`, news.data);
    if (news.name === "desk" && news.data.startsWith("case ")) announce("live:case", news.data);
  }
}

function announce(name: string, data: string): void {
  document.body.dispatchEvent(new CustomEvent(name, { detail: data }));
}

/** Something changes many times a second on a busy day: announced at once, then at most so often. */
function paced(name: string, pause: number): () => void {
  let timer: number | undefined;
  let again = false;
  return function soon(): void {
    if (timer !== undefined) {
      again = true;
      return;
    }
    announce(name, "");
    timer = window.setTimeout(() => {
      timer = undefined;
      if (!again) return;
      again = false;
      soon();
    }, pause);
  };
}

const announceBoard = paced("live:board", BOARD_PAUSE_MS);
const announceFigures = paced("live:figures", FIGURES_PAUSE_MS);

function setState(now: State): void {
  state = now;
  if (now === "on") {
    clearInterval(polling);
    polling = undefined;
  } else polling ??= window.setInterval(() => announce("live:reload", ""), POLL_MS);
  for (const sign of document.querySelectorAll<HTMLElement>("[data-live-status]")) {
    sign.hidden = false;
    sign.dataset.liveStatus = now;
    sign.textContent = phrase(`live_${now}`);
  }
}
