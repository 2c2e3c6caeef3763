// The record form saves itself: within 2 s of typing and on leaving a field. Until the server has a text
// it is also kept sealed in this browser. A conflict is shown field by field with both texts; nothing is ever
// overwritten or dropped without a person's choice.

import { clockTime } from "./clock";
import { canKeep, claim, forget, keep, newWord, orphans, type Draft } from "./drafts";
import { isFree, letRadiosGo, names, place, read, write, type Values } from "./fields";
import { phrase } from "./phrases";
import { post, type Answer, type Conflict } from "./saving";

interface Held {
  conflict: Conflict;
  /** The revision that the person's text was typed over. */
  base: number;
}

const QUIET_MS = 800;
const LONGEST_MS = 1800;
const RETRY_MS = 2000;
/** What the guidance beside the form depends on. */
const GUIDES = /^(caller_type|risk|problems?|place(_unit)?|child\.\d+\.(age|birth_date|address(_unit)?))$/;
/** How long a page that is being left keeps its draft and saves nothing: it may have been asked to stay. */
const LEAVING_MS = 5000;

export class RecordForm {
  readonly id: string;
  private readonly word = newWord();
  /** What earlier pages left behind, oldest first, not yet sent. */
  private orphans: Draft[] = [];
  private revision: number;
  /** What the server has, as far as this page knows. */
  private server: Values = {};
  /** What was typed for it: the server tidies blanks, which is no reason to touch a field in use. */
  private readonly settled: Values = {};
  private readonly held = new Map<string, Held>();
  private readonly wrong = new Map<string, string>();
  private timer: number | undefined;
  private typingSince = 0;
  private saving: Promise<void> | undefined;
  private leaving = false;
  private left = false;
  private draft: Pick<Draft, "base" | "values"> | undefined;
  private keeping: Promise<void> | undefined;
  private isKept = canKeep();
  /** The last text sent got no answer: said until one does, whatever is tried meanwhile. */
  private isOffline = false;

  constructor(readonly form: HTMLFormElement) {
    this.id = form.dataset.record ?? "";
    this.revision = Number(form.dataset.revision);
    for (const name of names(form)) this.server[name] = read(form, name);
    void claim(this.word);
    void this.restore();
    letRadiosGo(form);
    form.addEventListener("input", () => {
      this.leaving = false; // who types has stayed
      this.typed();
    });
    form.addEventListener("change", () => this.typed(0));
    form.addEventListener("focusout", () => this.typed(0));
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  /** The texts that the server does not have. */
  private unsaved(): Values {
    const values: Values = {};
    for (const name of names(this.form)) {
      const text = read(this.form, name);
      if (this.held.has(name) || this.wrong.get(name) === text) continue;
      if (!this.isSettled(name, text)) values[name] = text;
    }
    return values;
  }

  private isSettled(name: string, text: string): boolean {
    return text === (this.server[name] ?? "") || text === this.settled[name];
  }

  /** Whether there are texts that the server has not even seen. */
  get hasUnsent(): boolean {
    return this.orphans.length + Object.keys(this.unsaved()).length > 0;
  }

  get hasUnsaved(): boolean {
    return this.held.size + this.wrong.size + Object.keys(this.unsaved()).length > 0;
  }

  /** Why it cannot be left alone, for a person; "failed" when the server could not be reached. */
  get trouble(): string {
    if (this.held.size) return phrase("conflict");
    return this.wrong.size ? phrase("wrong", { count: this.wrong.size }) : phrase("failed");
  }

  /** Into the fields at once, and to the server before anything that is typed here. */
  private async restore(): Promise<void> {
    this.orphans = await orphans((record) => record === this.id);
    if (this.orphans.length === 0) return;
    const newestFirst = [...this.orphans].reverse();
    for (const [name, text] of newestFirst.flatMap((draft) => Object.entries(draft.values))) {
      this.form.dispatchEvent(new CustomEvent("record:need", { detail: name }));
      if (this.isSettled(name, read(this.form, name))) write(this.form, name, text);
    }
    this.say("restored");
    await this.save();
  }

  /** By their own words and bases: what others changed since then is a conflict. */
  private async sendOrphans(): Promise<void> {
    for (let draft = this.orphans[0]; draft; draft = this.orphans[0]) {
      const response = await post(draft);
      if (response.status === 401 || response.status >= 500) throw new Error("not now");
      this.orphans.shift();
      if (!response.ok) continue;
      this.accept(draft.values, draft.base, (await response.json()) as Answer);
      forget(draft);
    }
  }

  private keepDraft(): void {
    if (this.leaving || this.left) return;
    const values = this.unsaved();
    for (const name of [...this.held.keys(), ...this.wrong.keys()]) values[name] = read(this.form, name);
    const base = Math.min(this.revision, ...[...this.held.values()].map((held) => held.base));
    this.draft = { base, values };
    this.keeping ??= this.keepLatest().finally(() => (this.keeping = undefined));
  }

  /** One at a time; what was typed while one was being sealed is in the next. */
  private async keepLatest(): Promise<void> {
    while (this.draft) {
      const draft = this.draft;
      this.draft = undefined;
      this.isKept = await keep({ word: this.word, record: this.id, ...draft });
    }
  }

  private typed(wait = QUIET_MS): void {
    this.keepDraft();
    if (Object.keys(this.unsaved()).length === 0) return;
    this.say("typing");
    this.typingSince ||= performance.now();
    const left = LONGEST_MS - (performance.now() - this.typingSince);
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.save(), Math.max(0, Math.min(wait, left)));
  }

  /** Save all that is unsaved; resolves when the server has it or cannot be reached now. */
  async save(): Promise<void> {
    clearTimeout(this.timer);
    if (this.leaving) return this.again();
    if (this.saving) await this.saving;
    this.saving = this.saveOnce().finally(() => (this.saving = undefined));
    await this.saving;
  }

  private async saveOnce(): Promise<void> {
    this.typingSince = 0;
    if (!this.hasUnsent) return;
    this.say("saving");
    try {
      await this.sendOrphans();
      const base = this.revision;
      const changes = this.unsaved();
      if (Object.keys(changes).length === 0) return;
      const response = await this.post(changes);
      this.isOffline = false;
      if (response.ok) this.accept(changes, base, (await response.json()) as Answer);
      else this.refused(response.status);
    } catch {
      this.offline();
      this.again();
    }
  }

  private offline(): void {
    this.isOffline = true;
    this.say(this.isKept ? "offline" : "offline_open");
  }

  private post(changes: Values, leaving = false): Promise<Response> {
    return post({ word: this.word, record: this.id, base: this.revision, values: changes }, leaving);
  }

  /**
   * The page may go away. Its successor may be made before a save that is still on its way arrives, and
   * would show the old text: so from here on the draft stays, whatever the server answers.
   */
  beforeLeaving(): void {
    this.keepDraft();
    this.leaving = true;
    window.setTimeout(() => {
      this.leaving = false;
      this.keepDraft();
    }, LEAVING_MS);
  }

  /** The page goes away: one last try; the draft stays in any case. */
  leave(): void {
    this.keepDraft();
    const changes = this.unsaved();
    if (Object.keys(changes).length) void this.post(changes, true).catch(() => undefined);
  }

  /** Log-out: the server has all that it can take, refused texts too. */
  letGo(): void {
    this.left = true;
  }

  private again(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.save(), RETRY_MS);
  }

  private refused(status: number): void {
    if (status === 401) this.say("logged_out");
    else if (status === 404 || status === 403) this.say("not_yours");
    else this.offline();
    if (status === 401 || status >= 500) this.again();
  }

  private accept(sent: Values, base: number, answer: Answer): void {
    const conflicts = [...answer.conflicts];
    const conflicted = new Set(conflicts.map((conflict) => conflict.field));
    const turned = names(this.form).some((name) => {
      return GUIDES.test(name) && (this.server[name] ?? "") !== (answer.fields[name] ?? "");
    });
    if (turned) this.form.dispatchEvent(new CustomEvent("record:turned", { bubbles: true }));
    for (const name of names(this.form)) {
      const before = this.server[name] ?? "";
      const now = answer.fields[name] ?? "";
      const mine = read(this.form, name);
      const untouched = !(name in sent) && !this.held.has(name) && this.isSettled(name, mine);
      const meanwhile = !(name in sent) && !untouched && !this.held.has(name) && now !== before;
      this.server[name] = now;
      if (untouched) {
        if (now !== before) write(this.form, name, now);
      } else if (meanwhile && mine !== now) {
        conflicts.push({ field: name, theirs: now, yours: mine, shown: now, by: phrase("elsewhere") });
      } else if (name in sent && !(name in answer.errors) && !conflicted.has(name)) {
        this.settled[name] = sent[name] ?? "";
        this.unmark(name);
      }
    }
    this.revision = answer.revision;
    for (const [name, message] of Object.entries(answer.errors)) this.mark(name, sent[name] ?? "", message);
    for (const conflict of conflicts) this.showConflict(conflict, base);
    this.keepDraft();
    if (this.held.size) this.say("conflict");
    else if (this.wrong.size) this.say("wrong", { count: this.wrong.size });
    else this.say("saved", { time: clockTime(answer.saved_at) });
    if (Object.keys(this.unsaved()).length) this.typed();
  }

  private mark(name: string, text: string, message: string): void {
    this.wrong.set(name, text);
    const box = place(this.form, name);
    box?.classList.add("is-wrong");
    box?.querySelector(".field-problem")?.remove();
    const words = document.createElement("p");
    words.className = "field-problem";
    words.setAttribute("role", "alert");
    words.textContent = message;
    box?.append(words);
    unfold(box);
  }

  private unmark(name: string): void {
    this.wrong.delete(name);
    const box = place(this.form, name);
    box?.classList.remove("is-wrong");
    box?.querySelector(".field-problem")?.remove();
  }

  private showConflict(conflict: Conflict, base: number): void {
    const name = conflict.field;
    this.held.set(name, { conflict, base });
    const box = document.createElement("div");
    box.className = "conflict";
    box.setAttribute("role", "alert");
    box.append(
      told(`${phrase("theirs")} (${conflict.by})`, conflict.shown),
      told(phrase("mine"), isFree(this.form, name) ? conflict.yours : labels(this.form, name)),
    );
    const choices = document.createElement("p");
    choices.className = "row";
    choices.append(
      this.choice("keep_mine", name, () => undefined),
      this.choice("take_theirs", name, () => write(this.form, name, conflict.theirs)),
    );
    if (isFree(this.form, name)) {
      const between = this.form.querySelector(`textarea[name="${CSS.escape(name)}"]`) ? "\n" : "; ";
      const both = `${conflict.theirs}${between}${read(this.form, name)}`;
      choices.append(this.choice("keep_both", name, () => write(this.form, name, both)));
    }
    box.append(choices);
    const at = place(this.form, name);
    at?.querySelector(".conflict")?.remove();
    at?.append(box);
    unfold(at);
  }

  private choice(words: string, name: string, take: () => void): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = phrase(words);
    button.addEventListener("click", () => {
      take();
      this.held.delete(name);
      place(this.form, name)?.querySelector(".conflict")?.remove();
      this.keepDraft();
      if (Object.keys(this.unsaved()).length) void this.save();
      else this.say("saved", { time: clockTime(Date.now()) });
    });
    return button;
  }

  private say(name: string, values: Record<string, string | number> = {}): void {
    const sign = this.form.querySelector<HTMLElement>("[data-save-status]");
    if (!sign || (this.isOffline && (name === "typing" || name === "saving"))) return;
    sign.dataset.saveStatus = name;
    sign.textContent = phrase(name, values);
  }
}

/** What a person has to see is not left in a folded part. */
function unfold(at: HTMLElement | null): void {
  const fold = at?.closest("details");
  if (fold) fold.open = true;
}

function told(title: string, text: string): HTMLElement {
  const box = document.createElement("div");
  const head = document.createElement("strong");
  head.textContent = title;
  const body = document.createElement("p");
  body.textContent = text || phrase("empty");
  box.append(head, body);
  return box;
}

function labels(form: HTMLFormElement, name: string): string {
  const chosen = form.querySelectorAll<HTMLElement>(`[name="${CSS.escape(name)}"]:checked`);
  const words = [...chosen].map((box) => box.closest("label")?.textContent?.trim() ?? "");
  const select = form.elements.namedItem(name);
  if (select instanceof HTMLSelectElement) words.push(select.selectedOptions[0]?.textContent ?? "");
  return words.join(", ");
}
