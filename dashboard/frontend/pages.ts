// A call must not end because a page is left. Where the phone is, links and forms bring the next page's
// body into this document (hx-boost in base.html); to the server they look like any other visit.

import type htmx from "htmx.org";

interface Visit {
  boosted: boolean;
  headers: Record<string, string>;
}
interface Answer {
  boosted: boolean;
  shouldSwap: boolean;
  serverResponse: string;
  xhr: XMLHttpRequest;
}

/** Make the document itself what the new page's is. Without a phone in it (log-in): leave for good. */
function take(text: string, address: string): boolean {
  const page = new DOMParser().parseFromString(text, "text/html");
  if (!page.querySelector("#phone")) {
    location.assign(address);
    return false;
  }
  for (const audio of document.querySelectorAll("audio")) audio.pause();
  copy(page.documentElement, document.documentElement);
  copy(page.body, document.body);
  return true;
}

function copy(from: Element, to: Element): void {
  for (const { name, value } of from.attributes) to.setAttribute(name, value);
}

export function keepDocument(library: typeof htmx): void {
  library.config.refreshOnHistoryMiss = false;
  const body = document.body;
  body.addEventListener("htmx:configRequest", (event) => {
    const visit = (event as CustomEvent<Visit>).detail;
    if (!visit.boosted) return;
    delete visit.headers["HX-Request"];
    visit.headers["Accept"] = "text/html";
  });
  body.addEventListener("htmx:beforeSwap", (event) => {
    const answer = (event as CustomEvent<Answer>).detail;
    if (answer.boosted && answer.shouldSwap) {
      answer.shouldSwap = take(answer.serverResponse, answer.xhr.responseURL);
    }
  });
  body.addEventListener("htmx:historyCacheMissLoad", (event) => {
    const { xhr } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail;
    take(xhr.responseText, xhr.responseURL);
  });
  for (const name of ["htmx:afterSettle", "htmx:historyRestore"]) {
    body.addEventListener(name, (event) => {
      if (event.target === body) body.dispatchEvent(new CustomEvent("page:came"));
    });
  }
}
