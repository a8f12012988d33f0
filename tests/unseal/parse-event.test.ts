/** An event whose text the engine cannot hold. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { UnsealError } from "../../mod.ts";
import { parseEvent } from "../../src/unseal/parse-event.ts";
import { hasCode } from "../support/error-code.ts";
import { createTestUnsealer, key, sealEvent } from "../support/seal.ts";
import { needsGlobals } from "../support/web.ts";

const EVENT = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 };

/** Runs code while the platform's decoder of text fails. */
async function withoutDecoding(error: Error, run: () => unknown): Promise<void> {
  const { prototype } = TextDecoder;
  const { decode } = prototype;
  prototype.decode = () => {
    throw error;
  };
  try {
    await run();
  } finally {
    prototype.decode = decode;
  }
}

test("unseal() refuses an event that is too long for a string", needsGlobals("TextDecoder"), async () => {
  const unsealer = createTestUnsealer({ keys: key(1) });
  const error = new Error("Cannot create a string longer than 0x1fffffe8 characters"); // V8's
  await withoutDecoding(error, () =>
    assert.rejects(unsealer.unseal(sealEvent(EVENT, key(1))), {
      code: "ERR_EVENT_TOO_LARGE",
      message: "Cannot decode event: too long for a string",
    }));
});

test(
  "unseal() rejects with ERR_RUNTIME when memory is exhausted by the text of an event",
  needsGlobals("TextDecoder"),
  async () => {
    const unsealer = createTestUnsealer({ keys: key(1) });
    const error = new RangeError("Out of memory");
    await withoutDecoding(error, () =>
      assert.rejects(unsealer.unseal(sealEvent(EVENT, key(1))), (thrown) => {
        assert.ok(hasCode("ERR_RUNTIME")(thrown), String(thrown));
        assert.equal((thrown as UnsealError).cause, error);
        return true;
      }));
  },
);

test(
  "parseEvent() takes exhausted memory for a refusal when no engine could hold the text",
  needsGlobals("TextDecoder"),
  async (t) => {
    let json: Uint8Array;
    try {
      json = new Uint8Array(2 ** 28);
    } catch {
      return t.skip("this runtime has no array of 2^28 bytes");
    }
    // As JavaScriptCore reports it.
    await withoutDecoding(
      new RangeError("Out of memory"),
      () => assert.throws(() => parseEvent(json), hasCode("ERR_EVENT_TOO_LARGE")),
    );
  },
);
