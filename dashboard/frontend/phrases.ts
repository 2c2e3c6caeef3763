// Sentences come from the page, already in the person's language (templates/_phrases.html).

export function phrase(name: string, values: Record<string, string | number> = {}): string {
  const template = document.querySelector<HTMLTemplateElement>("#phrases");
  const found = template?.content.querySelector(`[data-phrase="${name}"]`)?.textContent ?? name;
  return found.replace(/\{(\w+)\}/g, (whole, key: string) => String(values[key] ?? whole));
}
