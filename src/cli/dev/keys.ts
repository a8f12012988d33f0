/**
 * The keys that `unseal dev` has used, newest first.
 *
 * @module
 */

import type { Sandbox } from "../../testing/sandbox/sandbox.ts";

/** Two keys during a rotation are enough: an older one no longer opens anything. */
const MAX_KEYS = 2;

/** A named key. */
export interface DevKey {
  readonly id: string;
  readonly key: string;
}

/** The keys. */
export interface KeyRing {
  all(): readonly DevKey[];
  /** Makes the sandbox seal with a new key, and returns it. */
  rotate(): DevKey;
}

export function createKeyRing(sandbox: Sandbox): KeyRing {
  let keys: readonly DevKey[] = [{ id: "key-1", key: sandbox.key }];
  let count = 1;
  return {
    all: () => keys,
    rotate() {
      const newest = { id: `key-${++count}`, key: sandbox.rotateKey() };
      keys = [newest, ...keys].slice(0, MAX_KEYS);
      return newest;
    },
  };
}
