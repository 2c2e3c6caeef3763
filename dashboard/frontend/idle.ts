// Whether anybody touches this browser: all its tabs are one person's, what is touched in one is not idle in
// another.

const LOOK_MS = 10_000;
const TOUCHED = "tongdai-touched";

let touched = Date.now();

function touch(): void {
  if (Date.now() - touched < 1000) return;
  touched = Date.now();
  try {
    localStorage.setItem(TOUCHED, String(touched));
  } catch {
    // then each tab counts for itself
  }
}

export function lastTouched(): number {
  try {
    return Math.max(touched, Number(localStorage.getItem(TOUCHED)));
  } catch {
    return touched;
  }
}

/** Asks `hide` when nobody has touched anything for so long, and again in a minute if that did not help. */
export function watchIdle(afterMs: number, hide: () => void): void {
  let asked = 0;
  for (const event of ["keydown", "pointerdown", "pointermove", "wheel"]) {
    document.addEventListener(event, touch, { passive: true, capture: true });
  }
  window.setInterval(() => {
    if (Date.now() - Math.max(lastTouched(), asked) < afterMs) return;
    asked = Date.now() - afterMs + Math.min(afterMs, 60_000);
    hide();
  }, LOOK_MS);
}
