/**
 * The visitors that the sandbox has seen, by the token in their browser, and a bounded map.
 *
 * @module
 */

import { randomText } from "../text.ts";

/** A map that forgets its oldest entry when it is full. */
export class BoundedMap<Value> {
  readonly #entries = new Map<string, Value>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: Value): void {
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#max) return;
    for (const oldest of this.#entries.keys()) return void this.#entries.delete(oldest);
  }

  delete(key: string): boolean {
    return this.#entries.delete(key);
  }

  /** The values, oldest first. */
  values(): Value[] {
    return [...this.#entries.values()];
  }
}

/** A browser that has visited. */
export interface Visitor {
  readonly token: string;
  readonly visitorId: string;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number | undefined;
}

/** Finds visitors, and records their visits. */
export interface Visitors {
  /** The visitor with a token, or a new one. It is then seen at `now`. */
  visit(token: string | undefined, now: number): Visitor;
  /** Forgets a visitor, and returns whether there was one. */
  forget(visitorId: string): boolean;
}

export function createVisitors(max: number): Visitors {
  const byToken = new BoundedMap<Visitor>(max);
  return {
    visit(token, now) {
      const known = token === undefined ? undefined : byToken.get(token);
      const visitor = known ??
        { token: randomText(20), visitorId: randomText(20), firstSeenAt: now, lastSeenAt: undefined };
      byToken.set(visitor.token, { ...visitor, lastSeenAt: now });
      return visitor;
    },
    forget(visitorId) {
      const found = byToken.values().filter((visitor) => visitor.visitorId === visitorId);
      return found.map(({ token }) => byToken.delete(token)).length > 0;
    },
  };
}
