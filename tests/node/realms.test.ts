/** Bytes of another realm, as a sandbox or a test environment makes them: `instanceof` fails for them. */

import assert from "node:assert/strict";
import { createContext, runInContext } from "node:vm";
import { test } from "node:test";
import { createSyncUnsealer, createUnsealer, type SyncKey } from "../../mod.ts";
import { inflateRaw } from "../../src/inflate/mod.ts";
import { nodeCipher } from "../../src/node-cipher/mod.ts";
import { ascii, fromHex } from "../support/bytes.ts";
import { hasCode } from "../support/error-code.ts";
import { key, sealEvent } from "../support/seal.ts";

const EVENT = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 };
const SEALED = sealEvent(EVENT, key(1));

const realm = createContext({});

/** The value of an expression in another realm, in which `list` is `bytes` as an array of numbers. */
function inRealm(expression: string, bytes: Uint8Array): Uint8Array {
  return runInContext(`((list) => ${expression})(${JSON.stringify([...bytes])})`, realm) as Uint8Array;
}

/** The same bytes in each form that is accepted. */
function forms(bytes: Uint8Array): Uint8Array[] {
  const expressions = [
    "Uint8Array.from(list)",
    "Uint8Array.from([7, ...list, 7]).subarray(1, -1)",
    "new (class extends Uint8Array {})(list)",
  ];
  return expressions.map((expression) => inRealm(expression, bytes));
}

test("inflateRaw() accepts bytes of another realm", () => {
  for (const data of forms(fromHex("010100feff41"))) {
    assert.ok(!(data instanceof Uint8Array), "of another realm");
    const inflated = inflateRaw(data);
    assert.ok(inflated instanceof Uint8Array);
    assert.deepEqual(inflated, ascii("A"));
  }
  for (const expression of ["Uint8Array.from(list).buffer", "new Uint8ClampedArray(list)", "list"]) {
    const data = inRealm(expression, fromHex("0300"));
    assert.throws(() => inflateRaw(data), { name: "TypeError", message: /^data must be a Uint8Array/ });
  }
});

test("unseal() accepts sealed results and keys of another realm", async () => {
  const buffers = [SEALED, key(1)].map((bytes) => inRealm("Uint8Array.from(list).buffer", bytes));
  const sealed = [...forms(SEALED), buffers[0]!]; // two buffers
  const keys = [...forms(key(1)), buffers[1]!];
  for (const [place, value] of sealed.entries()) {
    const unsealer = createUnsealer({ keys: keys[place]! }); // as many keys as sealed results
    assert.deepEqual(await unsealer.unseal(value), EVENT);
    assert.deepEqual(createSyncUnsealer({ keys: keys[place]!, cipher: nodeCipher() }).unseal(value), EVENT);
    await assert.rejects(unsealer.unseal(inRealm("new Uint16Array(list)", SEALED)), hasCode("ERR_SEALED_TYPE"));
    await assert.rejects(unsealer.unseal(inRealm("new SharedArrayBuffer(64)", SEALED)), hasCode("ERR_SEALED_TYPE"));
  }
});

test("unseal() accepts plaintexts and inflated events of another realm", async () => {
  const cipher = nodeCipher();
  const opener = createUnsealer({
    keys: key(1),
    cipher: {
      importKey: cipher.importKey,
      decrypt: (imported, nonce, sealed) =>
        inRealm("Uint8Array.from(list)", new Uint8Array(cipher.decrypt(imported as SyncKey, nonce, sealed))),
    },
    inflate: (data) => inRealm("Uint8Array.from(list)", inflateRaw(data)),
  });
  assert.deepEqual(await opener.unseal(SEALED), EVENT);
});
