/** The options: an unknown one is refused, and no message quotes what may be a secret. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createSyncUnsealer,
  createUnsealer,
  type SyncUnsealerOptions,
  unseal,
  type UnsealerOptions,
} from "../../mod.ts";
import { inflateRaw } from "../../src/inflate/mod.ts";
import { toBase64 } from "../support/bytes.ts";
import { key, nobleCipher, sealEvent } from "../support/seal.ts";

const EVENT = { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327 };
const TEXT = toBase64(key(1));

const creators: readonly (readonly [string, (options: unknown) => unknown])[] = [
  ["createUnsealer()", (options) => createUnsealer(options as UnsealerOptions)],
  ["createSyncUnsealer()", (options) => createSyncUnsealer(options as SyncUnsealerOptions)],
];

for (const [name, create] of creators) {
  test(`${name} names an unknown option, and refuses options that are not an object, without quoting them`, () => {
    const options = { keys: TEXT, cipher: nobleCipher };
    const mistakes: readonly (readonly [unknown, RegExp])[] = [
      [{ key: TEXT, cipher: nobleCipher }, /^Unknown option key$/],
      [{ ...options, maxBytes: undefined }, /^Unknown option maxBytes$/],
      [{ ...options, [TEXT]: true }, /^Unknown option$/],
      [{ ...options, keys: { key: TEXT, kid: "new" } }, /^Unknown option kid$/],
      [
        { ...options, keys: [TEXT, { id: "new", key: TEXT, [TEXT]: 1 }] },
        /^Unknown option$/,
      ],
      [TEXT, /^options must be an object, got string$/],
      [undefined, /^options must be an object, got undefined$/],
      [null, /^options must be an object, got null$/],
      [[TEXT], /^Unknown option$/],
    ];
    for (const [given, message] of mistakes) assert.throws(() => create(given), { name: "TypeError", message });
  });

  test(`${name} accepts every option, and undefined in place of each but the required`, () => {
    const required = { keys: key(1), cipher: nobleCipher };
    const optional = ["inflate", "version", "schema", "maxSealedBytes", "maxEventBytes", "dangerouslyAllowBrowser"];
    create({ ...required, ...Object.fromEntries(optional.map((option) => [option, undefined])) });
    create({ ...required, maxSealedBytes: 1, maxEventBytes: 1, version: "v3", dangerouslyAllowBrowser: true });
  });
}

test("unseal() rejects for an unknown option, and for keys among the options", async () => {
  const sealed = sealEvent(EVENT, key(1));
  assert.deepEqual(await unseal(sealed, key(1), { cipher: nobleCipher, version: undefined }), EVENT);
  for (const unknown of ["keys", "maxBytes"]) {
    const options = { cipher: nobleCipher, [unknown]: undefined };
    await assert.rejects(unseal(sealed, key(1), options), { name: "TypeError", message: new RegExp(unknown) });
  }
});

test("inflateRaw() refuses an unknown option, and a limit that is not in an object", () => {
  const stream = Uint8Array.of(3, 0);
  assert.equal(inflateRaw(stream, { maxOutputBytes: undefined }).length, 0);
  assert.throws(() => inflateRaw(stream, { maxBytes: 1 } as object), { name: "TypeError", message: /maxBytes/ });
  assert.throws(() => inflateRaw(stream, 1 as unknown as object), { name: "TypeError", message: /^options must be/ });
});
