/**
 * The events and errors of an application under test, which its `/seen` returns once.
 *
 * @module
 */

import { setTimeout as delay } from "node:timers/promises";
import type { RunningServer } from "./servers.ts";

export interface Seen {
  readonly events: unknown[];
  /** The codes of the errors that were reported. */
  readonly errors: string[];
}

/** Returns the events and errors since the last call. Waits up to 5 seconds for `expected` of them. */
export async function seenBy({ url }: RunningServer, expected: number): Promise<Seen> {
  const all: Seen = { events: [], errors: [] };
  for (let attempt = 0; attempt < 500; attempt++) {
    const seen = await (await fetch(`${url}/seen`)).json() as Seen;
    all.events.push(...seen.events);
    all.errors.push(...seen.errors);
    if (all.events.length + all.errors.length >= expected) break;
    await delay(10);
  }
  return all;
}
