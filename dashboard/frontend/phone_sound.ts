// What the phone hears and says: which microphone, which earpiece, and a ring on the loudspeaker. The
// choice of devices stays in this browser.

export interface Sound {
  /** Why nobody could be heard here; undefined when all is well. May ask the person once. */
  microphoneTrouble(): Promise<"blocked" | "no_microphone" | undefined>;
  microphone(): Promise<MediaStream>;
  /** The microphone has been pulled out, or there is another one now. */
  onChange: () => void;
  hear(stream: MediaStream): void;
  ring(on: boolean): void;
  /** The call is over: let go of the microphone. */
  rest(): void;
}

export type Role = "microphone" | "earpiece" | "bell";

const PREFIX = "tongdai-phone:";

export function chosen(role: Role): string {
  return localStorage.getItem(PREFIX + role) ?? "";
}

export class Headset implements Sound {
  private readonly ear: HTMLAudioElement = new Audio();
  private readonly bell: HTMLAudioElement = new Audio();
  private own: MediaStream | undefined;
  private ringing: AudioContext | undefined;
  onChange: () => void = () => undefined;

  constructor() {
    this.ear.autoplay = true;
    navigator.mediaDevices?.addEventListener("devicechange", () => {
      if (!this.own) this.onChange();
    });
  }

  async microphoneTrouble(): Promise<"blocked" | "no_microphone" | undefined> {
    if (!navigator.mediaDevices) return "blocked";
    try {
      stop(await this.open());
      return undefined;
    } catch (error) {
      return (error as DOMException).name === "NotFoundError" ? "no_microphone" : "blocked";
    }
  }

  async microphone(): Promise<MediaStream> {
    this.own ??= this.minded(await this.open());
    return this.own.clone();
  }

  /** Whose microphone is pulled out must not go on talking into nothing. */
  private minded(stream: MediaStream): MediaStream {
    const gone = (): void => {
      if (this.own !== stream) return;
      this.own = undefined;
      this.onChange();
    };
    for (const track of stream.getTracks()) track.addEventListener("ended", gone);
    return stream;
  }

  /** A microphone of its own, for the test of the headset too. */
  open(): Promise<MediaStream> {
    const wanted = chosen("microphone");
    const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    return navigator.mediaDevices.getUserMedia({
      audio: wanted ? { ...audio, deviceId: { ideal: wanted } } : audio,
    });
  }

  /** What the other side says now. */
  get heard(): MediaStream | undefined {
    return (this.ear.srcObject as MediaStream | null) ?? undefined;
  }

  hear(stream: MediaStream): void {
    this.ear.srcObject = stream;
    void play(this.ear, "earpiece");
  }

  rest(): void {
    this.ear.srcObject = null;
    if (this.own) stop(this.own);
    this.own = undefined;
  }

  ring(on: boolean): void {
    if (!on) {
      void this.ringing?.close();
      this.ringing = undefined;
      this.bell.srcObject = null;
    } else if (!this.ringing) {
      this.ringing = new AudioContext();
      const out = this.ringing.createMediaStreamDestination();
      ringInto(this.ringing, out);
      this.bell.srcObject = out.stream;
      void play(this.bell, "bell");
    }
  }

  async choose(role: Role, device: string): Promise<void> {
    localStorage.setItem(PREFIX + role, device);
    if (role === "earpiece") await play(this.ear, "earpiece");
  }

  /** Two seconds of this on the chosen device. */
  async sound(role: Role, stream: MediaStream): Promise<void> {
    const test = new Audio();
    test.srcObject = stream;
    await play(test, role);
    await new Promise((done) => window.setTimeout(done, 2000));
    test.srcObject = null;
  }
}

/** 425 Hz, one second in four, a minute long: as telephones in Vietnam ring back, and soft. */
export function ringInto(context: AudioContext, out: AudioNode, rings = 15): void {
  const tone = context.createOscillator();
  const loudness = context.createGain();
  tone.frequency.value = 425;
  loudness.gain.value = 0;
  for (let n = 0; n < rings; n++) {
    const at = context.currentTime + 4 * n;
    loudness.gain.setTargetAtTime(0.25, at, 0.02);
    loudness.gain.setTargetAtTime(0, at + 1, 0.05);
  }
  tone.connect(loudness).connect(out);
  tone.start();
}

async function play(sink: HTMLAudioElement, role: Role): Promise<void> {
  if ("setSinkId" in sink) {
    // A device that has been unplugged: the machine's own choice.
    await sink.setSinkId(chosen(role)).catch(() => sink.setSinkId(""));
  }
  if (sink.srcObject) await sink.play().catch(() => undefined);
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
