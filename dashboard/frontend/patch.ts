// hx-swap="patch": of what the server sent, only what changed since its last answer goes into the page.
// Compared are the two answers, not the page, in which clocks run. Inside an element with data-parts each
// child is compared by itself; anything else is replaced as a whole. So a board of 300 tiles costs no more
// than the tiles that changed, and a button does not vanish under the finger.

import htmx from "htmx.org";

const answers = new WeakMap<Element, DocumentFragment>();

/** What the page holds of this element from the start. Call it before any clock runs. */
export function remember(target: Element): void {
  const held = document.createDocumentFragment();
  held.append(...target.cloneNode(true).childNodes);
  answers.set(target, held);
}

function patch(page: ParentNode, before: ParentNode, after: ParentNode, fresh: Element[]): void {
  const there = [...page.children];
  const old = [...before.children];
  const now = [...after.children];
  if (there.length !== old.length || old.length !== now.length) {
    page.replaceChildren(...after.childNodes);
    fresh.push(...page.children);
    return;
  }
  now.forEach((wanted, place) => {
    const [shown, known] = [there[place], old[place]];
    if (!shown || !known || known.isEqualNode(wanted)) return;
    if (wanted.hasAttribute("data-parts") && known.cloneNode(false).isEqualNode(wanted.cloneNode(false))) {
      patch(shown, known, wanted, fresh);
    } else {
      shown.replaceWith(wanted);
      fresh.push(wanted);
    }
  });
}

export function startPatches(): void {
  htmx.defineExtension("patch", {
    isInlineSwap: (style: string) => style === "patch",
    handleSwap(style: string, target: Node, answer: Node) {
      if (style !== "patch" || !(target instanceof Element)) return false;
      if (!(answer instanceof DocumentFragment)) return false;
      const copy = answer.cloneNode(true) as DocumentFragment;
      const fresh: Element[] = [];
      patch(target, answers.get(target) ?? document.createDocumentFragment(), answer, fresh);
      answers.set(target, copy);
      return fresh;
    },
  });
}
