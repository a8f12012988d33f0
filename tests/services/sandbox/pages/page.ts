/**
 * What the pages have in common: settings from the address, a login, and an outcome for the test to read.
 *
 * @module
 */

/** Settings that a test passes in the fragment of the page's address. */
export interface Settings {
  readonly apiKey: string;
  /** Where agents post. */
  readonly endpoint: string;
  /** The pattern of the agent v3's script. */
  readonly scriptUrlPattern: string;
  /** Further options of `start()` or `load()`, and of `get()`. */
  readonly start?: object;
  readonly get?: object;
  /** How often to call `get()`. */
  readonly times?: number;
  /** Logs in with the same result a second time. */
  readonly again?: boolean;
}

export const settings: Settings = JSON.parse(decodeURIComponent(location.hash.slice(1)));

/** What a page has to log in with. */
export interface Result {
  readonly eventId: string;
  readonly sealedResult: string | null | undefined;
}

/** Posts a result as the vendor's guides do, and shows the answer. */
export async function login(result: Result, details: object = {}): Promise<void> {
  const post = async (): Promise<object> => {
    const response = await fetch("/login", { method: "POST", body: JSON.stringify(result) });
    return { status: response.status, ...await response.json() };
  };
  const first = await post();
  show({ eventId: result.eventId, ...first, ...(settings.again && { again: await post() }), ...details });
}

/** Shows an error of an agent. */
export function fail(error: unknown): void {
  const { name, message, code, event_id, requestId } = error as Error & Readonly<Record<string, unknown>>;
  show({ error: { name, message, code, id: event_id ?? requestId } });
}

function show(outcome: object): void {
  const element = document.createElement("pre");
  element.id = "outcome";
  element.textContent = JSON.stringify(outcome);
  document.body.append(element);
}
