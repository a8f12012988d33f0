/** Bytes of keys stay in memory while their keys are used, also where the engine holds only a reference to them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createUnsealer, webCryptoCipher } from "../../mod.ts";
import { holdWeakly, referencingSubtle } from "../support/referencing-subtle.ts";
import { key, sealEvent } from "../support/seal.ts";

const EVENT = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 };

/** The engine's garbage collection, where it can be started. */
function garbageCollection(): (() => void) | undefined {
  const { Bun } = globalThis as { Bun?: { gc(synchronous: boolean): void } };
  if (Bun !== undefined) return () => Bun.gc(true);
  try {
    setFlagsFromString("--expose-gc");
    return runInNewContext("gc") as () => void;
  } catch {
    return undefined;
  }
}

test("createUnsealer() keeps the bytes of its keys reachable", async (t) => {
  const collect = garbageCollection();
  if (collect === undefined) return t.skip("garbage collection cannot be started here");
  const imported: WeakRef<Uint8Array>[] = [];
  const subtle = referencingSubtle((bytes) => {
    imported.push(new WeakRef(bytes));
    return holdWeakly(bytes);
  });
  const unsealer = createUnsealer({ keys: key(1), cipher: webCryptoCipher(subtle) });
  const control = new WeakRef(new Uint8Array(32));
  for (let turn = 0; turn < 10 && control.deref() !== undefined; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    collect();
  }
  if (control.deref() !== undefined) return t.skip("garbage collection does not collect a plain array here");
  assert.notEqual(imported[0]?.deref(), undefined);
  assert.deepEqual(await unsealer.unseal(sealEvent(EVENT, key(1))), EVENT);
});
