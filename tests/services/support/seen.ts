/**
 * What an application under test has seen: its `/seen` gives that once.
 *
 * @module
 */

import type { RunningServer } from "./servers.ts";

export interface Seen {
  readonly events: unknown[];
  /** The codes of the errors that were reported. */
  readonly errors: string[];
}

/** What was opened and reported since it was last asked for, once that is as much as is expected. */
export async function seenBy({ url }: RunningServer, expected: number): Promise<Seen> {
  const all: Seen = { events: [], errors: [] };
  for (let attempt = 0; attempt < 500; attempt++) {
    const seen = await (await fetch(`${url}/seen`)).json() as Seen;
    all.events.push(...seen.events);
    all.errors.push(...seen.errors);
    if (all.events.length + all.errors.length >= expected) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return all;
}
