// The wallboard's dialogs: what was done in one closes it; the board behind it goes on changing.

export function startWall(): void {
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const { successful, requestConfig, elt } = (
      event as CustomEvent<{ successful: boolean; requestConfig: { verb: string }; elt: Element }>
    ).detail;
    if (!successful || requestConfig.verb === "get") return;
    const dialog = elt.closest<HTMLDialogElement>("dialog[data-closes]");
    if (!dialog) return;
    if (elt instanceof HTMLFormElement) elt.reset();
    dialog.close();
  });
}
