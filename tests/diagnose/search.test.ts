/** Finding sealed results in other text. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createUnsealer, type SealedResult } from "../../mod.ts";
import { diagnose, findSealed } from "../../src/diagnose/mod.ts";
import { fromBase64 } from "../support/bytes.ts";
import { SAMPLE_KEY, SAMPLE_SEALED } from "../support/documentation-sample.ts";
import { nobleCipher } from "../support/seal.ts";
import { MANGLED } from "./mangled.ts";

const unsealer = createUnsealer({ keys: SAMPLE_KEY, cipher: nobleCipher });

for (const [title, value] of MANGLED) {
  test(`findSealed() finds the sealed result in ${title}`, async () => {
    await assert.rejects(unsealer.unseal(value as SealedResult), { name: "UnsealError" });
    const [found] = findSealed(value);
    assert.ok(found !== undefined, "was not found");
    const { sealed } = found;
    assert.deepEqual(
      typeof sealed === "string" ? fromBase64(sealed.replaceAll("-", "+").replaceAll("_", "/")) : sealed,
      fromBase64(SAMPLE_SEALED),
    );
    const causes = await diagnose(value, SAMPLE_KEY, nobleCipher);
    assert.notDeepEqual(causes, []);
    assert.deepEqual(causes.map(({ code }) => code), found.undone);
    assert.ok(causes.every(({ start }) => start === found.start));
  });
}

test("the table of mangled texts has at least 96 rows", () => {
  assert.ok(new Set(MANGLED.map(([title]) => title)).size >= 96);
});
