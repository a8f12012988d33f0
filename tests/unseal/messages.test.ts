/** The messages of refusals: what failed, and nothing of the input. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Cipher, StandardSchema, SyncCipher, UnsealerOptions, UnsealErrorCode } from "../../mod.ts";
import { concat } from "../support/bytes.ts";
import { createTestUnsealer, key, nobleCipher, sealCompressed, sealEvent, sealText } from "../support/seal.ts";

const KEY = key(1);
const EVENT = { event_id: "1708102555327.a", timestamp: 1_708_102_555_327 };
const sealed = sealEvent(EVENT, KEY);

/** A step that throws. */
const throwing = (error: unknown) => () => {
  throw error;
};

type Refusal = readonly [code: UnsealErrorCode, message: string, sealed: unknown, options?: object];

const FAILING: SyncCipher<Uint8Array> = {
  ...nobleCipher,
  decrypt: throwing(Object.assign(new Error("secret"), { code: "ERR_CIPHER" })),
};
const REFUSING: Cipher = { ...nobleCipher, importKey: () => Promise.reject(new Error("secret")) } as Cipher;
const SCHEMA: StandardSchema = { "~standard": { version: 1, vendor: "test", validate: throwing(new Error("secret")) } };

const REFUSALS: readonly Refusal[] = [
  ["ERR_SEALED_TYPE", "Cannot open sealed result: must be base64 text or bytes, got number", 7],
  ["ERR_SEALED_ENCODING", "Cannot open sealed result: not base64", "!"],
  ["ERR_SEALED_TOO_LARGE", "Cannot open sealed result: over maxSealedBytes", sealed, { maxSealedBytes: 40 }],
  ["ERR_SEALED_TOO_SHORT", "Cannot open sealed result: under 32 bytes", new Uint8Array(31)],
  ["ERR_NO_KEY_FITS", "Cannot open sealed result: no key authenticates it", sealEvent(EVENT, key(2))],
  ["ERR_CIPHER", "Cannot open sealed result: the cipher failed", sealed, { cipher: FAILING }],
  ["ERR_KEY", "Cannot open sealed result: the cipher refused a key", sealed, { cipher: REFUSING }],
  ["ERR_DEFLATE", "Cannot inflate event: truncated", sealCompressed(new Uint8Array(0), KEY)],
  ["ERR_EVENT_TOO_LARGE", "Cannot inflate event: over maxEventBytes", sealed, { maxEventBytes: 9 }],
  ["ERR_DEFLATE", "Cannot inflate event: inflate returned no bytes", sealed, { inflate: (() => "text") as never }],
  ["ERR_DEFLATE", "Cannot inflate event: inflate failed", sealed, { inflate: throwing(new Error("secret")) }],
  ["ERR_RUNTIME", "Cannot open sealed result: stack or memory exhausted", sealed, {
    inflate: throwing(new RangeError("Maximum call stack size exceeded")),
  }],
  ["ERR_EVENT_UTF8", "Cannot decode event: not UTF-8", sealCompressed(concat([1, 1, 0, 0xfe, 0xff], [0xff]), KEY)],
  ["ERR_EVENT_JSON", "Cannot parse event: not JSON", sealText("{", KEY)],
  ["ERR_EVENT_SHAPE", "Cannot accept event: not a v3 or v4 event", sealText("{}", KEY)],
  ["ERR_EVENT_SHAPE", "Cannot accept event: not a v3 event", sealed, { version: "v3" }],
  ["ERR_EVENT_SHAPE", "Cannot accept event: refused by the schema", sealed, { schema: SCHEMA }],
];

test("createUnsealer() says what is wrong with keys, by their place", () => {
  const wrong: readonly (readonly [keys: unknown, message: string])[] = [
    [[{ id: "a", key: KEY }, { id: "a", key: key(2) }], "keys must have distinct ids"],
    [[KEY, { id: 7, key: KEY }], "keys[1].id must be a string, got number"],
    [{ id: "a" }, "keys[0] must be base64 text or 32 bytes, got undefined (is the environment variable set?)"],
    ["AAAA", "keys[0] must be base64 text or 32 bytes, got 3 bytes"],
  ];
  for (const [keys, message] of wrong) {
    assert.throws(() => createTestUnsealer({ keys } as UnsealerOptions), { message });
  }
});

test("open() says what failed", async () => {
  for (const [code, message, input, options] of REFUSALS) {
    const unsealer = createTestUnsealer({ keys: KEY, ...options } as UnsealerOptions);
    await assert.rejects(unsealer.open(input as Uint8Array), { name: "UnsealError", code, message });
  }
});
