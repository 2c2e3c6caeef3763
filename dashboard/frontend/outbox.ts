// Pictures on their way to 111. Each is kept sealed in this browser (drafts.ts) from the press of the button
// until the server has it; the next page of this person that has a photo form sends what is left. It goes under
// the word it was kept under, by which the server knows it again.

import { canKeep, claim, keep, newWord, orphans, type Draft } from "./drafts";
import { phrase } from "./phrases";
import { insist } from "./sending";

const LONGEST_SIDE = 1600;
const ABOUT = "photo-";

interface Photo {
  draft: Draft;
  picture: Blob;
}

/** At most 1600 pixels: what a phone takes is ten times as large as needed. */
async function small(file: File): Promise<Blob> {
  if (!file.type.startsWith("image/")) return file;
  try {
    const picture = await createImageBitmap(file);
    const share = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * share);
    canvas.height = Math.round(picture.height * share);
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const made = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.8));
    return made && made.size < file.size ? made : file;
  } catch {
    return file;
  }
}

function asText(picture: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve((reader.result as string).replace(/^.*,/, ""));
    reader.onerror = () => reject(reader.error ?? new Error("not read"));
    reader.readAsDataURL(picture);
  });
}

function asPicture(text: string): Blob {
  return new Blob([Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))]);
}

class Outbox {
  readonly #waiting: Photo[] = [];
  #isSending = false;
  #allKept = true;

  constructor(
    readonly form: HTMLFormElement,
    readonly place: HTMLElement,
  ) {}

  /** From the form. */
  async put(reference: string, file: File): Promise<void> {
    const picture = await small(file);
    if (picture.size > Number(this.form.dataset.largest)) return this.#say("photo_too_large");
    const draft: Draft = { word: newWord(), record: ABOUT + reference, base: 0, values: {} };
    await claim(draft.word);
    try {
      draft.values.picture = await asText(picture);
    } catch {
      return this.#say("photo_unreadable");
    }
    this.#allKept = (await keep(draft)) && this.#allKept;
    await this.#take({ draft, picture });
  }

  /** What pages left that are gone. */
  async takeUp(isWanted: (record: string) => boolean): Promise<void> {
    for (const draft of await orphans(isWanted)) {
      void this.#take({ draft, picture: asPicture(draft.values.picture ?? "") });
    }
  }

  async #take(photo: Photo): Promise<void> {
    this.#waiting.push(photo);
    if (this.#isSending) return;
    this.#isSending = true;
    while (this.#waiting[0]) await this.#send(this.#waiting[0]);
    this.#isSending = false;
  }

  async #send(photo: Photo): Promise<void> {
    const body = (): FormData => {
      const data = new FormData();
      data.set("csrf", String(new FormData(this.form).get("csrf")));
      data.set("reference", photo.draft.record.slice(ABOUT.length));
      data.set("word", photo.draft.word);
      data.set("file", photo.picture, "photo");
      return data;
    };
    this.#say("photo_sending");
    const answer = await insist(this.form.action, body, photo.picture.size, async () =>
      this.#say(this.#allKept ? "photo_waiting" : "photo_open"),
    );
    this.#waiting.shift();
    const isThere = answer.address.searchParams.get("told") === "photo";
    if (isThere || answer.status === 422) await keep({ ...photo.draft, values: {} });
    if (isThere) {
      this.#say("photo_sent");
      const [told, shown] = [answer.page, document].map((page) => page.querySelector("#told"));
      if (told && shown) shown.replaceWith(told);
    } else if (answer.status === 422) {
      this.place.textContent = answer.page.querySelector("#said")?.textContent ?? "";
    } else this.#say("photo_refused");
  }

  #say(name: string): void {
    this.place.textContent = phrase(name, { count: this.#waiting.length });
    this.place.hidden = false;
  }
}

/** A form without a file field sends what any of this person's pages have left. */
export function startPhotos(form: HTMLFormElement): void {
  const outbox = new Outbox(form, form.querySelector<HTMLElement>("[role=status]")!);
  const field = form.querySelector<HTMLInputElement>("[type=file]");
  const reference = String(new FormData(form).get("reference") ?? "");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const file = field?.files?.[0];
    if (!file) return;
    void outbox.put(reference, file);
    field.value = "";
  });
  if (canKeep()) {
    void outbox.takeUp((record) => (field ? record === ABOUT + reference : record.startsWith(ABOUT)));
  }
}
