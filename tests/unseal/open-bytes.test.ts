/** openBytes(): authenticated and inflated bytes, without parsing. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRaw } from "pako";
import type { SealedResult, UnsealErrorCode } from "../../mod.ts";
import { utf8 } from "../support/bytes.ts";
import { hasCode } from "../support/error-code.ts";
import { createTestUnsealer, key, sealCompressed, sealText } from "../support/seal.ts";

test("openBytes() returns sealed bytes of any content", async () => {
  const unsealer = createTestUnsealer({ keys: [key(2), key(1)], version: "v4" });
  const contents = [utf8('{"products" : {}}'), utf8("{"), Uint8Array.of(0xff, 0xfe, 0), new Uint8Array(0)];
  for (const content of contents) {
    const opened = await unsealer.openBytes(sealCompressed(deflateRaw(content), key(1)));
    assert.deepEqual(opened, { bytes: content, keyId: "key-1" });
    assert.equal(opened.bytes.buffer.byteLength, content.length);
  }
  assert.equal(unsealer.usage()[1]?.opened, 4);
});

test("openBytes() does not call the schema", async () => {
  let asked = 0;
  const schema = { "~standard": { version: 1, vendor: "test", validate: () => (asked++, { issues: [] }) } } as const;
  const unsealer = createTestUnsealer({ keys: key(1), schema });
  assert.deepEqual((await unsealer.openBytes(sealText("{}", key(1)))).bytes, utf8("{}"));
  assert.equal(asked, 0);
});

test("openBytes() refuses the same results as open() before parsing", async () => {
  const unsealer = createTestUnsealer({ keys: key(1), maxEventBytes: 10 });
  const refused: [unknown, UnsealErrorCode, reason?: string][] = [
    [7, "ERR_SEALED_TYPE"],
    ["*", "ERR_SEALED_ENCODING"],
    [new Uint8Array(32), "ERR_SEALED_HEADER"],
    [sealText("{}", key(2)), "ERR_NO_KEY_FITS"],
    [sealCompressed(Uint8Array.of(7), key(1)), "ERR_DEFLATE", "block-type"],
    [sealText("12345678901", key(1)), "ERR_EVENT_TOO_LARGE"],
  ];
  for (const [sealed, ...code] of refused) {
    await assert.rejects(unsealer.openBytes(sealed as SealedResult), hasCode(...code));
  }
});
