/** The output of Node's, Deno's and Bun's inspection of an unsealer and of its errors. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { inspect } from "node:util";
import { createUnsealer } from "../../mod.ts";
import { sealText } from "../support/seal.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, i) => (i * 151 + 87) & 0xff);

function assertSilent(text: string): void {
  const buffer = Buffer.from(KEY);
  for (let start = 0; start + 6 <= 32; start++) {
    const piece = buffer.subarray(start, start + 6);
    for (const spelling of [piece.toString("hex"), piece.toString("base64"), [...piece].join(", ")]) {
      assert.ok(!text.includes(spelling), "shows the key");
    }
  }
  assert.ok(!text.includes(buffer.toString("base64").slice(0, 12)), "shows the key");
}

test("inspect() shows no key, in the unsealer or in an error", async () => {
  const deep = { showHidden: true, showProxy: true, depth: Infinity, maxArrayLength: Infinity, getters: true } as const;
  const unsealer = createUnsealer({ keys: KEY });
  assertSilent(inspect(unsealer, deep));
  await unsealer.unseal(sealText('{"event_id":"x","timestamp":1}', KEY));
  assertSilent(inspect(unsealer, deep));
  for (
    const sealed of [
      "",
      "bad",
      new Uint8Array(64),
      sealText("{", KEY),
      sealText("[]", KEY),
      sealText("x", KEY).fill(7, 20),
    ]
  ) {
    await assert.rejects(unsealer.unseal(sealed), (error) => {
      assertSilent(inspect(error, deep));
      return true;
    });
  }
  assert.throws(() => createUnsealer({ keys: KEY.subarray(1) }), (error) => {
    assertSilent(inspect(error, deep));
    return true;
  });
  assert.throws(() => assertSilent(inspect({ KEY: Buffer.from(KEY).toString("hex") })), /shows the key/);
});
