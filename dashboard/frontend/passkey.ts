// Passkeys: what the server asks goes to the browser, what the device signs goes back in a form.
//
//   <form><input type="hidden" name="passkey"><button data-passkey="/…/ask">   gives one and sends the form
//   <form data-passkey-new="{…}"><input type="hidden" name="passkey">          makes one before it is sent
//
// WebAuthn speaks in bytes, JSON in base64url; the browser's own translation is younger than those we support.

import { notice } from "./notices";
import { phrase } from "./phrases";

interface Described {
  id: string;
  type: "public-key";
  transports?: AuthenticatorTransport[];
}

interface Asked extends Omit<PublicKeyCredentialRequestOptions, "challenge" | "allowCredentials"> {
  challenge: string;
  allowCredentials?: Described[];
}

interface New extends Omit<PublicKeyCredentialCreationOptions, "challenge" | "user" | "excludeCredentials"> {
  challenge: string;
  user: { id: string; name: string; displayName: string };
  excludeCredentials?: Described[];
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

function text(buffer: ArrayBuffer): string {
  const plain = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function described(all: Described[] = []): PublicKeyCredentialDescriptor[] {
  return all.map((one) => ({ ...one, id: bytes(one.id) }));
}

function said(key: PublicKeyCredential, response: Record<string, string | string[] | undefined>): string {
  return JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, clientExtensionResults: {}, response });
}

async function given(asked: Asked): Promise<string> {
  const allowCredentials = described(asked.allowCredentials);
  const publicKey = { ...asked, challenge: bytes(asked.challenge), allowCredentials };
  const key = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const answer = key.response as AuthenticatorAssertionResponse;
  return said(key, {
    authenticatorData: text(answer.authenticatorData),
    clientDataJSON: text(answer.clientDataJSON),
    signature: text(answer.signature),
    userHandle: answer.userHandle ? text(answer.userHandle) : undefined,
  });
}

async function made(asked: New): Promise<string> {
  const excludeCredentials = described(asked.excludeCredentials);
  const user = { ...asked.user, id: bytes(asked.user.id) };
  const publicKey = { ...asked, challenge: bytes(asked.challenge), user, excludeCredentials };
  const key = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const answer = key.response as AuthenticatorAttestationResponse;
  return said(key, {
    attestationObject: text(answer.attestationObject),
    clientDataJSON: text(answer.clientDataJSON),
    transports: answer.getTransports?.(),
  });
}

async function ask(address: string, form: HTMLFormElement): Promise<Asked> {
  const csrf = form.querySelector<HTMLInputElement>("[name=csrf]")?.value ?? "";
  const answer = await fetch(address, { method: "POST", headers: { "X-CSRF-Token": csrf, Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return (await answer.json()) as Asked;
}

async function send(form: HTMLFormElement, saying: Promise<string>, by: HTMLElement | null): Promise<void> {
  const field = form.querySelector<HTMLInputElement>("[name=passkey]")!;
  try {
    field.value = await saying;
  } catch {
    notice(phrase("no_passkey"), "problem", "notice-passkey"); // given up, run out, or no such key
    return;
  }
  form.requestSubmit(by);
}

export function startPasskeys(): void {
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target as HTMLFormElement;
      const by = (event as SubmitEvent).submitter;
      const from = by?.dataset.passkey;
      const options = form.dataset.passkeyNew;
      if (!from && !options) return;
      if (form.querySelector<HTMLInputElement>("[name=passkey]")?.value) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      void send(form, from ? ask(from, form).then(given) : made(JSON.parse(options!) as New), by);
    },
    { capture: true },
  );
}
