/** The bytes of keys stay in memory while their keys are used, even if the engine has only a reference to them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createUnsealer, webCryptoCipher } from "../../mod.ts";
import { createWebhookVerifier } from "../../src/webhook/mod.ts";
import { holdWeakly, referencingSubtle } from "../support/referencing-subtle.ts";
import { key, sealEvent } from "../support/seal.ts";
import { SECRET, sign, V4 } from "../support/webhooks.ts";
import { withGlobals } from "../support/globals.ts";

const EVENT = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 };

/** Returns the function that starts the engine's garbage collection, if there is one. */
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

/** Collects garbage until an unreferenced array is collected. Returns `false` if that does not happen. */
async function collected(): Promise<boolean> {
  const collect = garbageCollection();
  const control = new WeakRef(new Uint8Array(32));
  for (let turn = 0; turn < 10 && collect !== undefined && control.deref() !== undefined; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    collect();
  }
  return control.deref() === undefined;
}

test("createUnsealer() keeps the bytes of its keys reachable", async (t) => {
  const imported: WeakRef<Uint8Array>[] = [];
  const subtle = referencingSubtle((bytes) => {
    imported.push(new WeakRef(bytes));
    return holdWeakly(bytes);
  });
  const unsealer = createUnsealer({ keys: key(1), cipher: webCryptoCipher(subtle) });
  if (!await collected()) return t.skip("this runtime's garbage collection cannot be started");
  assert.notEqual(imported[0]?.deref(), undefined);
  assert.deepEqual(await unsealer.unseal(sealEvent(EVENT, key(1))), EVENT);
});

test("createWebhookVerifier() keeps the bytes of its secrets reachable", async (t) => {
  const signature = await sign(V4);
  const imported: WeakRef<Uint8Array>[] = [];
  const subtle = referencingSubtle((bytes) => {
    imported.push(new WeakRef(bytes));
    return holdWeakly(bytes);
  });
  await withGlobals({ crypto: { subtle } }, async () => {
    const verify = createWebhookVerifier({ secrets: SECRET });
    if (!await collected()) return t.skip("this runtime's garbage collection cannot be started");
    assert.notEqual(imported[0]?.deref(), undefined);
    assert.equal((await verify({ body: V4, signature })).event_id, "1708102555327.NLOjmg");
  });
});
