/** `./compat` on every runtime. `tests/package/compat.test.ts` runs it beside the official SDKs. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CompatOptions,
  DecryptionAlgorithm,
  type DecryptionKey,
  parseEventsResponse,
  unseal,
  UnsealAggregateError,
  UnsealError,
  unsealEventsResponse,
} from "../../src/compat/mod.ts";
import { toBase64, toHex } from "../support/bytes.ts";
import { hasWebCrypto, key, nobleCipher, sealCompressed, sealEvent, sealText } from "../support/seal.ts";
import { replacing, withGlobals } from "../support/globals.ts";

const V4 = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 };
const V3 = { products: { identification: { data: { requestId: "1708102555327.NLOjmg" } } } };

/** Where the runtime has no WebCrypto, noble's cipher. */
const options: CompatOptions = hasWebCrypto ? {} : { cipher: nobleCipher };
const algorithm = DecryptionAlgorithm.Aes256Gcm;
const right: DecryptionKey = { key: key(1), algorithm };
const wrong: DecryptionKey = { key: key(2), algorithm };
const invalid: DecryptionKey = { key: key(1).subarray(1), algorithm };

async function aggregate(call: Promise<unknown>): Promise<UnsealAggregateError> {
  const error = await call.then(() => assert.fail("was accepted"), (error: unknown) => error);
  assert.ok(error instanceof UnsealAggregateError, String(error));
  for (const inner of error.errors) assert.ok(inner instanceof UnsealError);
  return error;
}

const codesOf = ({ errors }: UnsealAggregateError): unknown[] =>
  errors.map(({ error }) => (error as { code?: unknown } | undefined)?.code);

test("unsealEventsResponse() opens the events of both versions with the key that fits", async () => {
  for (const event of [V4, V3]) {
    for (const keys of [[right], [wrong, right], [invalid, wrong, right]]) {
      assert.deepEqual(await unsealEventsResponse(sealEvent(event, key(1)), keys, options), event);
    }
  }
});

test("unsealEventsResponse() refuses the other version when version is set", async () => {
  const v4 = sealEvent(V4, key(1));
  assert.deepEqual(await unsealEventsResponse(v4, [right], { ...options, version: "v4" }), V4);
  const refused = { name: "Error", message: "Sealed data is not valid events response" };
  await assert.rejects(unsealEventsResponse(v4, [right], { ...options, version: "v3" }), refused);
  assert.throws(() => parseEventsResponse(JSON.stringify(V3), { version: "v4" }), refused);
  assert.throws(() => parseEventsResponse(JSON.stringify(V3), { version: "v5" as "v4" }), { name: "TypeError" });
});

test("unseal() returns the JSON as it was sealed", async () => {
  const text = ` {"é":"\u{1f600}"}\n`;
  assert.equal(await unseal(sealText(text, key(1)), [wrong, right], options), text);
});

test("unseal() reports why each key failed, in their order", async () => {
  const error = await aggregate(unseal(sealText("{}", key(1)), [wrong, invalid, { ...right, key: key(3) }], options));
  assert.deepEqual(codesOf(error), ["ERR_NO_KEY_FITS", "ERR_KEY", "ERR_NO_KEY_FITS"]);
  assert.equal(error.message, "Unable to decrypt sealed data");
  assert.equal(String(error).split("\n").length, 3);
  const corrupt = await aggregate(unseal(sealCompressed(Uint8Array.of(7), key(1)), [wrong, right], options));
  assert.deepEqual(codesOf(corrupt), ["ERR_NO_KEY_FITS", "ERR_DEFLATE"]);
  assert.deepEqual(codesOf(await aggregate(unseal(sealText("{}", key(1)), [], options))), []);
});

test("unseal() refuses keys that are not bytes as keys that do not fit", async () => {
  for (const bad of [undefined, null, 7, toBase64(key(1)), {}, [...key(1)], key(1).subarray(16), new Uint8Array(0)]) {
    const keys = [{ key: bad as Uint8Array, algorithm }];
    assert.deepEqual(codesOf(await aggregate(unseal(sealText("{}", key(1)), keys, options))), ["ERR_KEY"]);
  }
});

test("unseal() refuses another header and another algorithm immediately", async () => {
  const sealed = sealText("{}", key(1));
  for (const other of [sealed.map((byte, place) => place === 2 ? 0 : byte), sealed.subarray(0, 3), new Uint8Array(0)]) {
    await assert.rejects(unseal(other, [right], options), { name: "Error", message: "Invalid sealed data header" });
  }
  const unknown = { ...right, algorithm: "aes-128-gcm" };
  const refused = { name: "Error", message: "Unsupported decryption algorithm: aes-128-gcm" };
  await assert.rejects(unseal(sealed, [wrong, unknown, right], options), refused);
  assert.equal(await unseal(sealed, [right, unknown], options), "{}");
  for (const sealed of [undefined, null, "noXc7Q==", 7, {}]) {
    await assert.rejects(unseal(sealed as unknown as Uint8Array, [right], options), {
      name: "TypeError",
      message: /^sealedData must be /,
    });
  }
});

test("unseal() fails once, and not once per key, when the runtime cannot decrypt", replacing("crypto"), async () => {
  await withGlobals({ crypto: {} }, async () => {
    for (const keys of [[right], [wrong, right]]) {
      const error = { name: "UnsealError", code: "ERR_RUNTIME" };
      await assert.rejects(unseal(sealText("{}", key(1)), keys), error);
      await assert.rejects(unsealEventsResponse(sealEvent(V4, key(1)), keys), error);
    }
  });
});

test("unseal() fails once, and not once per key, in a page", replacing("window", "document"), async () => {
  await withGlobals({ window: {}, document: {} }, async () => {
    for (const keys of [[right], [wrong, right]]) {
      await assert.rejects(unseal(sealText("{}", key(1)), keys, options), { name: "UnsealError", code: "ERR_BROWSER" });
    }
  });
});

test("parseEventsResponse() refuses text that is not JSON or not an event, and does not quote it", () => {
  for (const text of ["", "{", '{"visitor":confidential}', "\ufeff{}"]) {
    assert.throws(() => parseEventsResponse(text), { name: "SyntaxError", message: "Sealed data is not JSON" });
  }
  for (
    const value of [null, 7, "text", [], [V4], {}, { event_id: "1" }, { event_id: 1, timestamp: 1 }, { products: 1 }]
  ) {
    assert.throws(() => parseEventsResponse(JSON.stringify(value)), {
      name: "Error",
      message: "Sealed data is not valid events response",
    });
  }
});

test("unsealEventsResponse() throws no error that contains a key, wherever the key was passed", async () => {
  const secret = Uint8Array.from({ length: 32 }, (_, place) => 151 + 3 * place);
  const base64 = toBase64(secret);
  const sealed = sealText("{}", key(1));
  const calls: readonly (() => Promise<unknown>)[] = [
    () => unseal(sealed, [{ key: secret, algorithm }], options),
    () => unseal(sealed, [{ key: secret.subarray(1), algorithm }], options),
    () => unseal(sealed, [{ key: base64 as unknown as Uint8Array, algorithm }], options),
    () => unseal(sealed, [{ key: key(1), algorithm: base64 }], options),
    () => unseal(sealed, [{ key: key(1), algorithm: toHex(secret) }], options),
    () => unseal(base64 as unknown as Uint8Array, [right], options),
  ];
  for (const call of calls) {
    const error = await call().then(() => assert.fail("was accepted"), (error: unknown) => error);
    const texts = [JSON.stringify(error), String(error), ...everyText(error)];
    for (const spelling of [[...secret.subarray(1, 9)].join(","), base64.slice(0, 12), toHex(secret).slice(0, 12)]) {
      for (const text of texts) assert.ok(!text.includes(spelling), text);
    }
  }
  const made = new UnsealError({ key: secret, algorithm }, new Error("why"));
  assert.equal(made.message, "Unable to decrypt sealed data: why");
  assert.ok(!everyText(made).some((text) => text.includes([...secret.subarray(1, 9)].join(","))));
});

/** The texts of all own properties, at any depth. */
function everyText(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [String(value)];
  if (ArrayBuffer.isView(value)) return [String(value)];
  return Object.getOwnPropertyNames(value).flatMap((name) => everyText(Reflect.get(value, name)));
}
