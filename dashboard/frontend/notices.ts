// Notices float, say one thing, and go by a click. Errors of the network become one; it is not repeated.

import { phrase } from "./phrases";

export function notice(text: string, kind: "info" | "problem" = "info", id = ""): void {
  const place = document.querySelector("#notices");
  if (!place || (id && document.getElementById(id))) return;
  const box = document.createElement("div");
  box.className = `notice notice-${kind}`;
  box.id = id;
  const words = document.createElement("p");
  words.textContent = text;
  box.append(words);
  place.append(box);
  window.setTimeout(() => box.remove(), 10000);
}

export function startNotices(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest("[data-dismiss]");
    button?.closest(".notice, .candidates")?.remove();
  });
  document.body.addEventListener("htmx:sendError", (event) => {
    const asked = (event as CustomEvent<{ requestConfig: { verb: string } }>).detail.requestConfig.verb;
    if (asked !== "get") notice(phrase("failed"), "problem", "notice-failed");
  });
  document.body.addEventListener("htmx:afterSettle", (event) => {
    for (const box of (event.target as Element).querySelectorAll<HTMLElement>("[data-expires]")) {
      window.setTimeout(() => box.remove(), Number(box.dataset.expires) * 1000);
    }
  });
}
