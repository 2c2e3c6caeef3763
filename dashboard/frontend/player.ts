// Recordings: the wave picture is the server's, this makes it playable. Both sides are heard in both
// ears (many headsets have one), or one side alone.

import { span } from "./clock";

const STEP_SECONDS = 5;
const LEAP_SECONDS = 30;
const EARS = 2;
/** How loud caller and counselor are for each choice. */
const SIDES: Record<string, [number, number]> = { both: [1, 1], caller: [1, 0], counselor: [0, 1] };

type Silence = [from: number, to: number];

class Player {
  private readonly audio: HTMLAudioElement;
  private readonly place: HTMLInputElement;
  private readonly length: number;
  private readonly silences: Silence[];
  private mixer: GainNode[] | undefined;

  constructor(private readonly root: HTMLElement) {
    this.audio = this.part("audio");
    this.place = this.part("[data-place]");
    this.length = Number(root.dataset.length);
    this.silences = JSON.parse(root.dataset.silences ?? "[]");
    this.audio.controls = false;
    this.place.hidden = false;
    this.part("[data-player-bar]").hidden = false;
    this.listen();
    this.show();
  }

  private part<T extends HTMLElement>(selector: string): T {
    const found = this.root.querySelector<T>(selector);
    if (!found) throw new Error(`no ${selector} in the player`);
    return found;
  }

  private listen(): void {
    this.part("[data-play]").addEventListener("click", () => void this.toggle());
    this.place.addEventListener("input", () => this.seek(Number(this.place.value)));
    this.root.addEventListener("keydown", (event) => this.onKey(event));
    const speed = this.part<HTMLSelectElement>("[data-speed]");
    speed.addEventListener("change", () => {
      this.audio.defaultPlaybackRate = this.audio.playbackRate = Number(speed.value);
    });
    this.part("[data-side]").addEventListener("change", () => this.mix());
    this.audio.addEventListener("timeupdate", () => this.show());
    for (const name of ["play", "pause", "ended"]) {
      this.audio.addEventListener(name, () => {
        this.root.toggleAttribute("data-playing", !this.audio.paused);
        this.follow();
      });
    }
    // A source that cannot be used says so itself; the last one has no other after it.
    const sources = this.root.querySelectorAll("source");
    sources[sources.length - 1]?.addEventListener("error", () => this.fail());
    this.audio.addEventListener("error", () => this.fail());
  }

  private async toggle(): Promise<void> {
    if (!this.audio.paused) {
      this.audio.pause();
      return;
    }
    this.mix();
    try {
      await this.audio.play();
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "AbortError")) this.fail();
    }
  }

  private fail(): void {
    this.part("[data-player-failed]").hidden = false;
  }

  private seek(to: number): void {
    this.audio.currentTime = Math.min(Math.max(0, to), this.length);
    this.show();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as Element;
    if (event.key === " ") {
      if (target !== this.place) return; // a button, a box and a list have their own use for it
      event.preventDefault();
      if (!event.repeat) void this.toggle();
      return;
    }
    if (target.matches("select")) return;
    const moves: Record<string, number> = {
      ArrowLeft: this.audio.currentTime - STEP_SECONDS,
      ArrowRight: this.audio.currentTime + STEP_SECONDS,
      ArrowDown: this.audio.currentTime - STEP_SECONDS,
      ArrowUp: this.audio.currentTime + STEP_SECONDS,
      PageDown: this.audio.currentTime - LEAP_SECONDS,
      PageUp: this.audio.currentTime + LEAP_SECONDS,
      Home: 0,
      End: this.length,
    };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.seek(to);
  }

  /** Four times a second is enough to hear by; to look at, every frame while it plays. */
  private follow(): void {
    if (this.audio.paused || this.audio.ended) return;
    this.show();
    requestAnimationFrame(() => this.follow());
  }

  private show(): void {
    this.skip();
    const at = this.audio.currentTime;
    const said = span(at * 1000);
    this.place.value = String(at);
    this.part("[data-at]").textContent = said;
    const told = `${said} / ${span(this.length * 1000)}`;
    if (this.place.getAttribute("aria-valuetext") !== told) this.place.setAttribute("aria-valuetext", told);
  }

  private skip(): void {
    const box = this.root.querySelector<HTMLInputElement>("[data-skip]");
    if (!box?.checked || this.audio.paused || this.audio.seeking) return;
    const now = this.audio.currentTime * 1000;
    const silence = this.silences.find(([from, to]) => from <= now && now < to - 100);
    if (silence) this.audio.currentTime = silence[1] / 1000;
  }

  /** Sound may only begin with a person's key or click, so the mixer is made at the first of them. */
  private mix(): void {
    const chosen = this.part<HTMLSelectElement>("[data-side]").value;
    this.mixer ??= mixer(this.audio);
    this.mixer.forEach((gain, side) => {
      gain.gain.value = SIDES[chosen]?.[side] ?? 1;
    });
  }
}

function mixer(audio: HTMLAudioElement): GainNode[] {
  const context = new AudioContext();
  const splitter = context.createChannelSplitter(EARS);
  const merger = context.createChannelMerger(EARS);
  context.createMediaElementSource(audio).connect(splitter);
  merger.connect(context.destination);
  audio.addEventListener("play", () => void context.resume());
  return [0, 1].map((side) => {
    const gain = context.createGain();
    splitter.connect(gain, side);
    for (let ear = 0; ear < EARS; ear += 1) gain.connect(merger, 0, ear);
    return gain;
  });
}

export function startPlayers(): void {
  for (const root of document.querySelectorAll<HTMLElement>("[data-player]")) new Player(root);
}
