// "Headset": which microphone, earpiece and bell; how loud it hears and is heard, while the dialog is open.

import { chosen, type Headset, type Role, ringInto } from "./phone_sound";

const KINDS: Record<Role, MediaDeviceKind> = {
  microphone: "audioinput",
  earpiece: "audiooutput",
  bell: "audiooutput",
};
const LOOK_MS = 80;

export class HeadsetTest {
  private stream: MediaStream | undefined;
  private context: AudioContext | undefined;
  private timer: number | undefined;

  constructor(private readonly headset: Headset) {
    document.addEventListener("change", (event) => {
      const list = event.target as HTMLSelectElement;
      if (list.matches?.("#phone-headset select")) void this.choose(list.dataset.role as Role, list.value);
    });
    document.addEventListener("close", (event) => {
      if ((event.target as Element).id === "phone-headset") this.end();
    }, true);
  }

  async begin(): Promise<void> {
    await this.listen();
    await this.fill();
  }

  /** Say something into the microphone, and see how loud one is. */
  private async listen(): Promise<void> {
    this.end();
    this.stream = await this.headset.open();
    this.context = new AudioContext();
    const own = meter(this.context, this.stream);
    const heard = this.headset.heard;
    const other = heard && meter(this.context, heard);
    this.timer = window.setInterval(() => {
      show("microphone", own());
      show("earpiece", other ? other() : 0);
    }, LOOK_MS);
  }

  private async fill(): Promise<void> {
    const devices = await navigator.mediaDevices.enumerateDevices();
    for (const list of document.querySelectorAll<HTMLSelectElement>("#phone-headset select")) {
      const role = list.dataset.role as Role;
      const first = list.options[0];
      const found = devices.filter((one) => one.kind === KINDS[role] && one.deviceId !== "default");
      const options = found.map((one) => new Option(one.label, one.deviceId));
      list.replaceChildren(...(first ? [first] : []), ...options);
      list.value = chosen(role);
      if (list.selectedIndex < 0) list.selectedIndex = 0;
    }
  }

  private async choose(role: Role, device: string): Promise<void> {
    await this.headset.choose(role, device);
    if (role === "microphone") await this.listen();
  }

  /** Let the chosen device sound. */
  sound(role: Role): void {
    const context = new AudioContext();
    const out = context.createMediaStreamDestination();
    ringInto(context, out, 1);
    void this.headset.sound(role, out.stream).then(() => context.close());
  }

  private end(): void {
    window.clearInterval(this.timer);
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    void this.context?.close();
    this.stream = this.context = undefined;
  }
}

/** The loudest of a moment, 0 to 1. */
function meter(context: AudioContext, stream: MediaStream): () => number {
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return () => {
    analyser.getFloatTimeDomainData(samples);
    return samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  };
}

function show(role: Role, loud: number): void {
  const scale = document.querySelector<HTMLMeterElement>(`#phone-headset meter[data-role="${role}"]`);
  if (scale) scale.value = loud;
}
