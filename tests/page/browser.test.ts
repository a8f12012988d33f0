/** Runs in the page itself, where the visitor can read the key. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createUnsealer, UnsealError } from "../../mod.ts";
import { SAMPLE_KEY, SAMPLE_SEALED } from "../support/documentation-sample.ts";

test("createUnsealer() refuses to work in a real page", () => {
  assert.throws(
    () => createUnsealer({ keys: SAMPLE_KEY }),
    (error) => error instanceof UnsealError && error.code === "ERR_BROWSER",
  );
});

test("createUnsealer() works in a real page with dangerouslyAllowBrowser", async () => {
  const event = await createUnsealer({ keys: SAMPLE_KEY, dangerouslyAllowBrowser: true }).unseal(SAMPLE_SEALED);
  assert.equal(event.products?.identification?.data?.visitorId, "2ZEDCZEfOfXjEmMuE3tq");
});
