/** The pipeline: from sealed result to event, each refusal with its code. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createTestUnsealer } from "./support/seal.ts";
import { SAMPLE_KEY, SAMPLE_SEALED } from "./support/documentation-sample.ts";

test("unseal() opens the documentation's own sample", async () => {
  const { event, keyId, bytes } = await createTestUnsealer({ keys: SAMPLE_KEY }).open(SAMPLE_SEALED);
  assert.equal(keyId, "key-0");
  assert.equal(bytes.length, 1373);
  assert.equal(event.products?.identification?.data?.requestId, "1703067132750.Z5hutJ");
});
