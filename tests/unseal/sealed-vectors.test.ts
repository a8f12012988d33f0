/** The sealed results that Fingerprint's documentation and SDKs publish, of ../shared/vectors/sealed.json. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { UnsealError } from "../../mod.ts";
import { isEvent } from "../../src/event/event.ts";
import { utf8 } from "../support/bytes.ts";
import { createTestUnsealer } from "../support/seal.ts";
import { sharedVectors } from "../support/shared-vectors.ts";

interface SealedVector {
  readonly name: string;
  readonly sealed_b64: string;
  readonly key_b64: string;
  readonly keys_b64?: readonly string[];
  readonly expect: "ok" | "json" | "decompress" | "header" | "error";
  readonly note?: string;
  readonly json?: unknown;
  readonly text?: string;
  readonly text_length_bytes?: number;
}

/** Our codes for each outcome that the SDKs' tests expect. */
const CODES: Readonly<Record<string, readonly string[]>> = {
  json: ["ERR_EVENT_JSON"],
  decompress: ["ERR_DEFLATE"],
  header: ["ERR_SEALED_HEADER"],
  error: ["ERR_SEALED_HEADER", "ERR_SEALED_TOO_SHORT"],
};

test("unseal() agrees with every row of ../shared/vectors/sealed.json", async (t) => {
  const vectors = sharedVectors("sealed") as readonly SealedVector[] | undefined;
  if (vectors === undefined) return t.skip("../shared/vectors/sealed.json is not present");
  assert.ok(vectors.length > 0);
  for (const { name, sealed_b64, key_b64, keys_b64, expect, json, text, text_length_bytes } of vectors) {
    const opening = createTestUnsealer({ keys: keys_b64 ?? key_b64 }).open(sealed_b64);
    if (expect === "ok" && (json === undefined || isEvent(json))) {
      const { event, bytes } = await opening;
      if (json !== undefined) assert.deepEqual(event, json, name);
      if (text !== undefined) assert.deepEqual(bytes, utf8(text), name);
      if (text_length_bytes !== undefined) assert.equal(bytes.length, text_length_bytes, name);
      continue;
    }
    // The SDKs open any sealed JSON. This library opens only events.
    const codes = expect === "ok" ? ["ERR_EVENT_SHAPE"] : CODES[expect]!;
    await assert.rejects(opening, (error) => {
      assert.ok(error instanceof UnsealError, name);
      assert.ok(codes.includes(error.code), `${name}: ${error.code}`);
      return true;
    });
  }
});
