// hx-swap="patch": of what the server sent, only what changed since its last answer goes into the page.
// Compared are the two answers, not the page, in which clocks run. Inside an element with data-parts each
// child is compared by itself. What changed is turned into the new in place where both are built alike, and
// replaced otherwise. So a board of 300 tiles costs no more than the words that changed, and a button does
// not vanish under the finger.

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
    if (wanted.hasAttribute("data-parts") && sameTag(known, wanted)) patch(shown, known, wanted, fresh);
    else if (!turn(shown, known, wanted)) {
      shown.replaceWith(wanted);
      fresh.push(wanted);
    }
  });
}

function sameTag(known: Element, wanted: Element): boolean {
  return known.cloneNode(false).isEqualNode(wanted.cloneNode(false));
}

/** Makes the shown element what is wanted without replacing it: nothing is laid out or drawn but what
 * differs. False, and nothing is done, when they are not built alike or differ in what htmx was told. */
function turn(shown: Element, known: Element, wanted: Element): boolean {
  const changes: (() => void)[] = [];
  if (!compare(shown, known, wanted, changes)) return false;
  for (const change of changes) change();
  return true;
}

function compare(shown: Element, known: Element, wanted: Element, changes: (() => void)[]): boolean {
  if (known.isEqualNode(wanted)) return true;
  if (known.tagName !== wanted.tagName || shown.tagName !== wanted.tagName) return false;
  const attributes = differing(known, wanted);
  if (attributes.some((name) => name.startsWith("hx-"))) return false;
  if (attributes.length) changes.push(() => set(shown, wanted, attributes));
  const [there, old, now] = [[...shown.childNodes], [...known.childNodes], [...wanted.childNodes]];
  if (now.length === 0 && old.length === 0) {
    if (attributes.length) changes.push(() => shown.replaceChildren()); // a clock fills itself
    return true;
  }
  if (there.length !== old.length || old.length !== now.length) return false;
  return now.every((node, place) => {
    const [mine, before] = [there[place], old[place]];
    if (mine?.nodeType !== node.nodeType || before?.nodeType !== node.nodeType) return false;
    if (node instanceof Element) return compare(mine as Element, before as Element, node, changes);
    if (before.nodeValue !== node.nodeValue) changes.push(() => (mine.nodeValue = node.nodeValue));
    return true;
  });
}

function differing(known: Element, wanted: Element): string[] {
  const names = new Set([...known.getAttributeNames(), ...wanted.getAttributeNames()]);
  return [...names].filter((name) => known.getAttribute(name) !== wanted.getAttribute(name));
}

function set(shown: Element, wanted: Element, attributes: string[]): void {
  for (const name of attributes) {
    const value = wanted.getAttribute(name);
    if (value === null) shown.removeAttribute(name);
    else shown.setAttribute(name, value);
  }
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
