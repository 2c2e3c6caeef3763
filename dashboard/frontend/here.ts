// Somebody sits here: keys and pointer say so to the server, once a minute at most, so that a log-in which
// nobody uses ends (dashboard/asking.py knows what idle is) and one at which somebody works does not.

const EVERY_MS = 60_000;

let told = Date.now();

function tell(): void {
  if (Date.now() - told < EVERY_MS) return;
  told = Date.now();
  void window.htmx.ajax("post", "/here", { swap: "none" });
}

export function startHere(): void {
  if (!document.body.dataset.staff) return;
  for (const event of ["keydown", "pointerdown", "wheel"]) {
    document.addEventListener(event, tell, { passive: true, capture: true });
  }
}
