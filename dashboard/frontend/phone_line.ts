// The phone's line: SIP over our own web server to Asterisk (JsSIP), one call and one question to a
// colleague beside it. Knows nothing of the page; `changed` is called whenever `view()` says something new.

import { UA, WebSocketInterface } from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { RTCSessionEvent } from "jssip/lib/UA";

import type { Sound } from "./phone_sound";

/** What a phone can be doing. `elsewhere`: another tab of this browser has it. */
export type LineState = "elsewhere" | "blocked" | "no_microphone" | "connecting" | "ready" | "over";
export type CallState = "none" | "ringing" | "dialling" | "talking";

export interface View {
  line: LineState;
  call: CallState;
  muted: boolean;
  held: boolean;
  /** The colleague who is asked while the caller is on hold. */
  asked: CallState;
}

interface Account {
  phone: string;
  realm: string;
  secret: string;
}

const AGAIN_MS = 1000;
/** Asterisk asks every 10 s whether we are there (qualify_frequency): who hears nothing is on a dead line. */
const SILENCE_MS = 25000;
/** With which our server hangs up when the log-in has ended (dashboard/pages/phone.py). */
const OVER = 4403;
const MEDIA = { pcConfig: { iceServers: [] } };

export class PhoneLine {
  private ua: UA | undefined;
  private realm = "";
  private session: RTCSession | undefined;
  private question: RTCSession | undefined;
  private state: LineState = "elsewhere";
  /** The caller is being handed to whom we asked: both calls end in a moment. */
  private handing = false;
  private ending = false;

  constructor(private readonly sound: Sound, private readonly changed: () => void) {
    sound.onChange = () => void this.takeMicrophone();
  }

  view(): View {
    return {
      line: this.state,
      call: stateOf(this.session),
      muted: this.session?.isMuted().audio ?? false,
      held: this.session?.isOnHold().local ?? false,
      asked: stateOf(this.question),
    };
  }

  get busy(): boolean {
    return this.session !== undefined;
  }

  /** Register, as soon as there is a microphone; without one nobody must ring here. */
  async start(): Promise<void> {
    this.ending = false;
    const trouble = await this.sound.microphoneTrouble();
    this.become(trouble ?? "connecting");
    if (trouble) return;
    const account = await fetchAccount();
    if (account === "over") this.become("over");
    else if (account === "away") window.setTimeout(() => void this.start(), AGAIN_MS);
    else this.register(account);
  }

  /** Their log-in has ended. A talk goes on to its end: nobody is cut off for that. */
  end(): void {
    this.ending = true;
    if (stateOf(this.session) === "talking") return;
    this.stop();
    this.become("over");
  }

  stop(): void {
    this.ua?.stop();
    this.ua = undefined;
  }

  private register(account: Account): void {
    this.realm = account.realm;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocketInterface(`${scheme}//${location.host}/phone/line`);
    const ua = new UA({
      sockets: [socket],
      uri: `sip:${account.phone}@${account.realm}`,
      realm: account.realm,
      password: account.secret,
      register_expires: 120,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 4,
      user_agent: "tongdai111",
    });
    this.ua = ua;
    let silent: number | undefined;
    const heard = (): void => {
      clearTimeout(silent);
      silent = window.setTimeout(() => {
        if (this.ua !== ua || !ua.isConnected()) return;
        socket.disconnect();
        socket.ondisconnect(true); // JsSIP connects again
      }, SILENCE_MS);
    };
    ua.on("connected", heard);
    ua.on("newOptions", heard);
    ua.on("registered", () => {
      this.become("ready");
      this.refresh();
    });
    ua.on("disconnected", (event) => void this.lost(event.code === OVER));
    ua.on("unregistered", () => this.become("connecting"));
    ua.on("registrationFailed", () => {
      this.become("connecting");
      window.setTimeout(() => this.ua === ua && !this.ending && ua.isConnected() && ua.register(), AGAIN_MS);
    });
    ua.on("newRTCSession", (event: RTCSessionEvent) => {
      if (String(event.originator) === "remote") this.rings(event.session);
    });
    ua.start();
  }

  /** JsSIP connects again by itself, as long as there is anything to connect for. `over`: the server says
   * that there is not, and it would have waited for the end of a talk. */
  private async lost(over: boolean): Promise<void> {
    this.become("connecting");
    if (over) {
      this.stop();
      this.become("over");
    } else if (this.ua && (await fetchAccount()) === "over") this.end();
  }

  /** The line is another one now: Asterisk must learn it, or its words about the call go astray. */
  private refresh(): void {
    for (const one of [this.session, this.question]) if (one?.isEstablished()) one.renegotiate();
  }

  /** In the midst of a call: whichever microphone there is now; without any, wait for one. */
  private async takeMicrophone(): Promise<void> {
    for (const one of [this.session, this.question]) {
      const senders = one?.isEstablished() ? one.connection.getSenders() : [];
      for (const sender of senders) {
        const stream = await this.sound.microphone().catch(() => undefined);
        const track = stream?.getAudioTracks()[0];
        if (!one || !track) return;
        track.enabled = isHeard(one);
        await sender.replaceTrack(track);
        track.enabled = isHeard(one); // a key pressed meanwhile went to the old one
      }
    }
  }

  private rings(session: RTCSession): void {
    if (this.session) {
      session.terminate({ status_code: 486 });
      return;
    }
    this.session = session;
    this.follow(session);
    this.sound.ring(true);
    this.changed();
  }

  private follow(session: RTCSession): void {
    const told = (): void => {
      if (session === this.session && stateOf(session) !== "ringing") this.sound.ring(false);
      this.changed();
    };
    for (const name of ["accepted", "confirmed", "hold", "unhold", "muted", "unmuted"] as const) {
      session.on(name, told);
    }
    for (const name of ["ended", "failed"] as const) session.on(name, () => this.gone(session));
    const hear = (connection: RTCPeerConnection): void => {
      connection.addEventListener("track", (event) => {
        if (event.streams[0]) this.sound.hear(event.streams[0]);
      });
    };
    if (session.connection) hear(session.connection);
    else session.on("peerconnection", ({ peerconnection }) => hear(peerconnection));
  }

  private gone(session: RTCSession): void {
    if (session === this.question) {
      this.question = undefined;
      if (this.session) this.listenTo(this.session);
      if (!this.handing && this.session?.isOnHold().local) this.session.unhold();
    } else if (session === this.session) {
      this.session = undefined;
      this.sound.ring(false);
      this.question?.terminate();
      this.sound.rest();
      if (this.ending) this.end();
    }
    this.changed();
  }

  private listenTo(session: RTCSession): void {
    const track = session.connection?.getReceivers()[0]?.track;
    if (track) this.sound.hear(new MediaStream([track]));
  }

  // -- what the counselor does ----------------------------------------------------------------

  async answer(): Promise<void> {
    const session = this.session;
    if (stateOf(session) !== "ringing") return;
    this.sound.ring(false);
    try {
      session?.answer({ ...MEDIA, mediaStream: await this.sound.microphone() });
    } catch {
      session?.terminate({ status_code: 480 });
      this.stop();
      await this.start();
    }
  }

  hangUp(): void {
    (this.question ?? this.session)?.terminate();
  }

  mute(): void {
    if (this.session?.isMuted().audio) this.session.unmute({ audio: true });
    else this.session?.mute({ audio: true });
  }

  hold(): void {
    if (this.session?.isOnHold().local) this.session.unhold();
    else this.session?.hold();
  }

  key(sign: string): void {
    this.session?.sendDTMF(sign);
  }

  /** Pass the caller on without asking. */
  passOn(target: string): void {
    if (this.session) this.refer(this.session, this.address(target));
  }

  /** Put the caller on hold and ring a colleague. */
  async ask(target: string): Promise<void> {
    if (!this.ua || !this.session || this.question) return;
    if (!this.session.isOnHold().local) this.session.hold();
    this.handing = false;
    this.question = this.ua.call(this.address(target), {
      ...MEDIA,
      mediaStream: await this.sound.microphone(),
    });
    this.follow(this.question);
    this.changed();
  }

  /** The colleague who was asked takes the caller. */
  handOver(): void {
    if (!this.session || stateOf(this.question) !== "talking" || !this.question) return;
    this.handing = true;
    this.refer(this.session, this.question.remote_identity.uri.toString(), this.question);
  }

  /** Asterisk waits for us to hang up once the transfer has been made (RFC 5589, 22.10: up to a minute). */
  private refer(session: RTCSession, target: string, replaces?: RTCSession): void {
    const failed = (): void => {
      this.handing = false;
    };
    session.refer(target, {
      replaces,
      eventHandlers: { accepted: () => session.terminate(), requestFailed: failed, failed },
    });
  }

  private address(target: string): string {
    return `sip:${target}@${this.realm}`;
  }

  private become(state: LineState): void {
    this.state = state;
    this.changed();
  }
}

function isHeard(session: RTCSession): boolean {
  return !session.isMuted().audio && !session.isOnHold().local;
}

function stateOf(session: RTCSession | undefined): CallState {
  if (!session || session.isEnded()) return "none";
  if (session.isEstablished()) return "talking";
  return String(session.direction) === "incoming" ? "ringing" : "dialling";
}

async function fetchAccount(): Promise<Account | "over" | "away"> {
  try {
    const answer = await fetch("/phone/account", { headers: { "HX-Request": "true" } });
    if (answer.ok) return (await answer.json()) as Account;
    return answer.status < 500 ? "over" : "away";
  } catch {
    return "away";
  }
}
