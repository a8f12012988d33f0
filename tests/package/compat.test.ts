/** Compares the official Node SDKs with `./compat` in a table of cases. */

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import * as compat from "../../src/compat/mod.ts";
import { ROOT } from "../runtimes/project.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { absenceOfPackages } from "../support/installed-packages.ts";
import { sealCompressed } from "../support/seal.ts";

/** The parts of an SDK that `./compat` has, too. */
type Sdk = Pick<typeof compat, "DecryptionAlgorithm" | "parseEventsResponse" | "unseal" | "unsealEventsResponse">;

interface Version {
  readonly sdk: string;
  readonly version: "v3" | "v4";
  readonly event: Readonly<Record<string, unknown>>;
}

/** The SDKs that the benchmark installs, with an event of the version that each opens. */
const VERSIONS: readonly Version[] = [
  {
    sdk: "@fingerprintjs/fingerprintjs-pro-server-api",
    version: "v3",
    event: { products: { identification: { data: { requestId: "1708102555327.NLOjmg" } } }, é: "ü" },
  },
  {
    sdk: "@fingerprint/node-sdk",
    version: "v4",
    event: { event_id: "1708102555327.NLOjmg", timestamp: 1708102555327, é: "ü" },
  },
];

const KEY = Buffer.from(Uint8Array.from({ length: 32 }, (_, place) => 151 + 3 * place));
const OTHER = Buffer.alloc(32, 1);
const algorithm = "aes-256-gcm";
const right = { key: KEY, algorithm };
const wrong = { key: OTHER, algorithm };
const invalid = { key: Buffer.from("aW52YWxpZA==", "base64"), algorithm };

const sealBytes = (compressed: Uint8Array): Buffer => Buffer.from(sealCompressed(compressed, KEY));
const sealText = (text: string): Buffer => sealBytes(deflateRawSync(text));

interface Case {
  readonly title: string;
  readonly sealed: Buffer;
  readonly keys: unknown;
}

function casesOf({ event }: Version): readonly Case[] {
  const text = JSON.stringify(event);
  const sealed = sealText(text);
  const changed = (place: number): Buffer => {
    const copy = Buffer.from(sealed);
    copy[place]! ^= 1; // place < sealed.length
    return copy;
  };
  const one = [right];
  return [
    { title: "the right key", sealed, keys: one },
    { title: "the enum's algorithm", sealed, keys: [{ key: KEY, algorithm: "enum" }] },
    { title: "a wrong key before the right one", sealed, keys: [wrong, right] },
    { title: "a key of another length before the right one", sealed, keys: [invalid, right] },
    { title: "a key of 16 bytes before the right one", sealed, keys: [{ key: KEY.subarray(16), algorithm }, right] },
    { title: "an empty key before the right one", sealed, keys: [{ key: Buffer.alloc(0), algorithm }, right] },
    { title: "a key that is undefined before the right one", sealed, keys: [{ algorithm }, right] },
    { title: "a key that is null before the right one", sealed, keys: [{ key: null, algorithm }, right] },
    {
      title: "a key in base64 before the right one",
      sealed,
      keys: [{ key: KEY.toString("base64"), algorithm }, right],
    },
    { title: "an unknown algorithm after the right key", sealed, keys: [right, { key: KEY, algorithm: "none" }] },
    { title: "an unknown algorithm before the right key", sealed, keys: [{ key: KEY, algorithm: "none" }, right] },
    { title: "no algorithm", sealed, keys: [{ key: KEY }] },
    { title: "a wrong key", sealed, keys: [wrong] },
    { title: "a key of another length", sealed, keys: [invalid] },
    { title: "two wrong keys", sealed, keys: [wrong, invalid] },
    { title: "the right key twice for a corrupt stream", sealed: sealBytes(Uint8Array.of(7, 7)), keys: [right, right] },
    { title: "no keys", sealed, keys: [] },
    { title: "keys that are undefined", sealed, keys: undefined },
    { title: "a key that is not in a list", sealed, keys: right },
    { title: "another header", sealed: changed(0), keys: one },
    { title: "another header without keys", sealed: changed(3), keys: [] },
    { title: "another nonce", sealed: changed(4), keys: one },
    { title: "another ciphertext", sealed: changed(20), keys: one },
    { title: "another tag", sealed: changed(sealed.length - 1), keys: one },
    { title: "no bytes", sealed: Buffer.alloc(0), keys: one },
    { title: "half of a header", sealed: sealed.subarray(0, 2), keys: one },
    { title: "a header alone", sealed: sealed.subarray(0, 4), keys: one },
    { title: "31 bytes", sealed: sealed.subarray(0, 31), keys: one },
    { title: "one byte less", sealed: sealed.subarray(0, -1), keys: one },
    { title: "base64 text as bytes", sealed: Buffer.from(sealed.toString("base64")), keys: one },
    { title: "base64 text", sealed: sealed.toString("base64") as unknown as Buffer, keys: one },
    { title: "undefined", sealed: undefined as unknown as Buffer, keys: one },
    { title: "a zlib stream", sealed: sealBytes(deflateSync(text)), keys: one },
    { title: "a gzip stream", sealed: sealBytes(gzipSync(text)), keys: one },
    { title: "a truncated stream", sealed: sealBytes(deflateRawSync(text).subarray(0, -3)), keys: one },
    { title: "an empty stream", sealed: sealBytes(new Uint8Array(0)), keys: one },
    { title: "a stream in stored blocks", sealed: sealBytes(deflateRawSync(text, { level: 0 })), keys: one },
    { title: "no content", sealed: sealText(""), keys: one },
    { title: "text that is not JSON", sealed: sealText(`${text}}`), keys: one },
    { title: "a byte order mark", sealed: sealText(`\ufeff${text}`), keys: one },
    { title: "blanks around the event", sealed: sealText(` \n${text}\t`), keys: one },
    { title: "null", sealed: sealText("null"), keys: one },
    { title: "a number", sealed: sealText("7"), keys: one },
    { title: "a string", sealed: sealText('"event_id products timestamp"'), keys: one },
    { title: "a list", sealed: sealText(`[${text}]`), keys: one },
    { title: "an empty object", sealed: sealText("{}"), keys: one },
    { title: "an id without a time", sealed: sealText('{"event_id":"1"}'), keys: one },
    { title: "a time without an id", sealed: sealText('{"timestamp":1}'), keys: one },
  ];
}

/** The outcome of a call: its value, or its error's class and the properties that a caller can match on. */
type Outcome = { readonly value: unknown } | {
  readonly error: string;
  readonly message: string;
  readonly keys?: number;
};

async function outcomeOf(call: () => unknown): Promise<Outcome> {
  try {
    return { value: await call() };
  } catch (error) {
    assert.ok(error instanceof Error);
    const { name, errors } = error as { name: string; errors?: readonly Error[] };
    // Messages of engines differ, and so do the SDKs' quotations of the content.
    const message = name === "Error" || name === "UnsealAggregateError"
      ? error.message.replace(/: undefined$/, "")
      : "";
    if (errors === undefined) return { error: name, message };
    for (const inner of errors) assert.equal(inner.name, "UnsealError");
    for (const inner of errors) assert.match(inner.message, /^Unable to decrypt sealed data/);
    return { error: name, message, keys: errors.length };
  }
}

function load(t: { skip(reason: string): void }, name: string): Sdk | undefined {
  if (skipIfAbsent(t, absenceOfPackages("bench"))) return undefined;
  return createRequire(join(ROOT, "bench/package.json"))(name) as Sdk;
}

for (const version of VERSIONS) {
  test(`./compat has the outcomes of ${version.sdk}`, async (t) => {
    const sdk = load(t, version.sdk);
    if (sdk === undefined) return;
    const values = { opened: 0, refused: 0 };
    for (const { title, sealed, keys } of casesOf(version)) {
      const outcomes = (functions: Sdk, options: compat.CompatOptions | undefined) => {
        const { Aes256Gcm } = functions.DecryptionAlgorithm;
        const list = Array.isArray(keys)
          ? keys.map((entry) => entry.algorithm === "enum" ? { ...entry, algorithm: Aes256Gcm } : entry)
          : keys;
        const decryptionKeys = list as compat.DecryptionKey[];
        return Promise.all([
          outcomeOf(() => functions.unsealEventsResponse(sealed, decryptionKeys, options)),
          outcomeOf(() => functions.unseal(sealed, decryptionKeys, options)),
          outcomeOf(async () => functions.parseEventsResponse(await functions.unseal(sealed, decryptionKeys), options)),
        ]);
      };
      const theirs = await outcomes(sdk, undefined);
      for (const options of [{}, { version: version.version }]) {
        assert.deepEqual(await outcomes(compat, options), theirs, title);
      }
      values["value" in theirs[0] ? "opened" : "refused"]++;
    }
    assert.equal(values.opened + values.refused, 48, "docs/migrating.md gives the number of cases");
    assert.ok(values.opened >= 12 && values.refused >= 30, inspect(values));
  });

  test(`./compat refuses what ${version.sdk} accepts: trailing bytes, not UTF-8, over 8 MiB`, async (t) => {
    const sdk = load(t, version.sdk);
    if (sdk === undefined) return;
    const text = JSON.stringify(version.event);
    for (
      const sealed of [
        sealBytes(Buffer.concat([deflateRawSync(text), Buffer.from("trailing")])),
        sealBytes(
          deflateRawSync(Buffer.concat([Buffer.from(text.slice(0, -2)), Buffer.from([0xff]), Buffer.from('"}')])),
        ),
        sealText(JSON.stringify({ ...version.event, padding: "a".repeat(9_000_000) })),
      ]
    ) {
      await sdk.unsealEventsResponse(sealed, [right]);
      const ours = await outcomeOf(() => compat.unsealEventsResponse(sealed, [right]));
      assert.deepEqual(ours, { error: "UnsealAggregateError", message: "Unable to decrypt sealed data", keys: 1 });
    }
  });

  test(`./compat refuses what ${version.sdk} accepts: fields of another type`, (t) => {
    const sdk = load(t, version.sdk);
    if (sdk === undefined) return;
    const fields = version.version === "v4" ? { event_id: 1, timestamp: null } : { products: null };
    sdk.parseEventsResponse(JSON.stringify(fields));
    const message = "Sealed data is not valid events response";
    assert.throws(() => compat.parseEventsResponse(JSON.stringify(fields)), { name: "Error", message });
  });

  test(`./compat opens what ${version.sdk} refuses: bytes that are no Buffer, and the other version`, async (t) => {
    const sdk = load(t, version.sdk);
    if (sdk === undefined) return;
    const bytes = Uint8Array.from(sealText(JSON.stringify(version.event)));
    for (const sealed of [bytes, bytes.buffer]) {
      await assert.rejects(sdk.unsealEventsResponse(sealed, [right]));
      assert.deepEqual(await compat.unsealEventsResponse(sealed, [right]), version.event);
    }
    const [other] = VERSIONS.filter(({ sdk }) => sdk !== version.sdk);
    const sealed = sealText(JSON.stringify(other?.event));
    await assert.rejects(sdk.unsealEventsResponse(sealed, [right]));
    assert.deepEqual(await compat.unsealEventsResponse(sealed, [right]), other?.event);
    const refusing = compat.unsealEventsResponse(sealed, [right], { version: version.version });
    await assert.rejects(refusing, { message: "Sealed data is not valid events response" });
  });

  test(`${version.sdk} puts the key into its errors, and ./compat does not`, async (t) => {
    const sdk = load(t, version.sdk);
    if (sdk === undefined) return;
    const shows = (error: unknown): boolean =>
      [JSON.stringify(error), inspect(error, { depth: 9, showHidden: true, maxArrayLength: null })]
        .some((text) =>
          text.includes([...OTHER].join(",")) || text.includes(OTHER.toString("hex", 0, 6).replace(/..(?=.)/g, "$& "))
        );
    const fail = (functions: Sdk): Promise<unknown> =>
      functions.unsealEventsResponse(sealText("{}"), [wrong]).then(() => undefined, (error) => error);
    assert.ok(shows(await fail(sdk)));
    assert.ok(!shows(await fail(compat)));
  });
}
