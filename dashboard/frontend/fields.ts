// The record form as text by field name, in the canonical form of intake.forms.forms: a choice is its code,
// several are codes with a blank between, a flag is "1"; "" is "not given".

export type Values = Record<string, string>;
type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

function controls(form: HTMLFormElement, name: string): Control[] {
  return [...form.elements].filter(
    (element): element is Control =>
      (element as Control).name === name && !element.matches("[type=hidden], button"),
  );
}

export function read(form: HTMLFormElement, name: string): string {
  const found = controls(form, name);
  const boxes = found.filter(
    (control): control is HTMLInputElement =>
      control instanceof HTMLInputElement && ["radio", "checkbox"].includes(control.type),
  );
  if (boxes.length) {
    const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
    return chosen.join(" ");
  }
  return found[0]?.value ?? "";
}

export function write(form: HTMLFormElement, name: string, value: string): void {
  const codes = new Set(value.split(" "));
  for (const control of controls(form, name)) {
    if (control instanceof HTMLInputElement && ["radio", "checkbox"].includes(control.type)) {
      control.checked = value !== "" && codes.has(control.value);
    } else if (control.value !== value) control.value = value;
  }
}

export function names(form: HTMLFormElement): string[] {
  const all = [...form.elements].map((element) => (element as Control).name);
  return [...new Set(all.filter((name) => name && !form.querySelector(`[type=hidden][name="${name}"]`)))];
}

/** The element that holds a field's controls, its message and its conflict. */
export function place(form: HTMLFormElement, name: string): HTMLElement | null {
  return form.querySelector<HTMLElement>(`[data-field="${CSS.escape(name)}"]`);
}

export function isFree(form: HTMLFormElement, name: string): boolean {
  const first = controls(form, name)[0];
  return first instanceof HTMLTextAreaElement || (first instanceof HTMLInputElement && first.type === "text");
}

/** A chosen radio can be un-chosen: nothing on the form is compulsory. */
export function letRadiosGo(form: HTMLFormElement): void {
  form.addEventListener("click", (event) => {
    const radio = event.target;
    if (!(radio instanceof HTMLInputElement) || radio.type !== "radio") return;
    if (radio.dataset.was === "1") {
      radio.checked = false;
      radio.dispatchEvent(new Event("input", { bubbles: true }));
      radio.dispatchEvent(new Event("change", { bubbles: true }));
    }
    for (const other of controls(form, radio.name)) other.dataset.was = "";
    radio.dataset.was = radio.checked ? "1" : "";
  });
  for (const radio of form.querySelectorAll<HTMLInputElement>("input[type=radio]:checked")) {
    radio.dataset.was = "1";
  }
}
