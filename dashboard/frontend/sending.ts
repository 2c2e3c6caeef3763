// Sending over a line that goes away: asked again until there is an answer.

/** What no line is too slow for. */
const LEAST_MS = 20_000;
/** Of the slowest line that still gets something through: 8 kbit/s. */
const BYTES_PER_MS = 1;
const AGAIN_MS = 10_000;

export interface Answer {
  status: number;
  /** Where it led to. */
  address: URL;
  page: Document;
}

/** One try. Undefined: nobody can say whether it has arrived. */
export async function once(address: string, body: FormData, bytes: number): Promise<Answer | undefined> {
  try {
    const signal = AbortSignal.timeout(LEAST_MS + bytes / BYTES_PER_MS);
    const headers = { Accept: "text/html" };
    const answer = await fetch(address, { method: "POST", headers, body, signal });
    if (answer.status >= 500 || answer.status === 429) return undefined;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return { status: answer.status, address: new URL(answer.url), page };
  } catch {
    return undefined;
  }
}

/** Until there is an answer. `lost` is called after each try that had none. */
export async function insist(
  address: string,
  body: () => FormData,
  bytes: number,
  lost: () => Promise<void>,
): Promise<Answer> {
  for (;;) {
    const answer = await once(address, body(), bytes);
    if (answer) return answer;
    await lost();
    await lineIsBack();
  }
}

function lineIsBack(): Promise<void> {
  return new Promise((resolve) => {
    const again = (): void => {
      window.clearTimeout(timer);
      window.removeEventListener("online", again);
      resolve();
    };
    const timer = window.setTimeout(again, AGAIN_MS);
    window.addEventListener("online", again);
  });
}
