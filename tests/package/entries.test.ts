/** Uses entries of the packed package together. Each is a bundle with its own classes and state. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import type * as Core from "../../mod.ts";
import type * as InflateModule from "../../src/inflate/mod.ts";
import type * as NodeCipher from "../../src/node-cipher/mod.ts";
import type * as Testing from "../../src/testing/mod.ts";
import { measure } from "../../scripts/size.ts";
import { concat, utf8 } from "../support/bytes.ts";
import { key, sealCompressed } from "../support/seal.ts";
import { type Entry, installPacked } from "./packed.ts";

const { installed, manifest } = await installPacked();

/** Imports a subpath of the package. */
function importEntry(subpath: string): Promise<unknown> {
  const target = manifest.exports[subpath] as Entry; // every module has an Entry; only ./package.json is a string
  return import(pathToFileURL(join(installed, target.import.default)).href);
}

const { createSyncUnsealer, createUnsealer, UnsealError } = await importEntry(".") as typeof Core;
const { inflateRaw, InflateError, platformInflate } = await importEntry("./inflate") as typeof InflateModule;
const { nodeCipher } = await importEntry("./node-cipher") as typeof NodeCipher;
const { sampleEventV4, seal } = await importEntry("./testing") as typeof Testing;

const KEY = key(1);
const JSON_BYTES = utf8('{"event_id":"1.A","timestamp":1}');
const STREAM = deflateRawSync(JSON_BYTES);

const refused = (code: string, reason?: string) => (error: unknown) =>
  error instanceof UnsealError && error.code === code && error.reason === reason;

const inflaters: readonly (readonly [string, Core.Inflate])[] = [
  ["inflateRaw() of ./inflate", (data, maxOutputBytes) => inflateRaw(data, { maxOutputBytes })],
  ["platformInflate() of ./inflate", platformInflate()],
];

for (const [name, inflate] of inflaters) {
  test(`the packed unsealer recognises the errors of ${name}`, async () => {
    const unsealer = createUnsealer({ keys: KEY, inflate, maxEventBytes: 100, cipher: nodeCipher() });
    assert.deepEqual((await unsealer.open(sealCompressed(STREAM, KEY))).bytes, JSON_BYTES);
    const open = (content: Uint8Array) => unsealer.open(sealCompressed(content, KEY));
    await assert.rejects(open(STREAM.subarray(0, -1)), refused("ERR_DEFLATE", "truncated"));
    await assert.rejects(open(concat(STREAM, [0])), refused("ERR_DEFLATE", "trailing-bytes"));
    await assert.rejects(open(deflateRawSync(new Uint8Array(101))), refused("ERR_EVENT_TOO_LARGE"));
  });
}

test("the packed unsealer accepts zlib as inflate", async () => {
  const inflate: Core.Inflate = (data, maxOutputLength) => inflateRawSync(data, { maxOutputLength });
  const unsealer = createSyncUnsealer({
    keys: KEY,
    cipher: nodeCipher(),
    maxEventBytes: 100,
    inflate: (data, limit) => inflateRawSync(data, { maxOutputLength: limit }),
  });
  assert.deepEqual(unsealer.open(sealCompressed(STREAM, KEY)).bytes, JSON_BYTES);
  assert.throws(() => unsealer.open(sealCompressed(STREAM.subarray(0, -1), KEY)), refused("ERR_DEFLATE"));
  const asynchronous = createUnsealer({ keys: KEY, inflate });
  assert.deepEqual((await asynchronous.open(sealCompressed(STREAM, KEY))).bytes, JSON_BYTES);
});

test("the packed unsealer opens results of seal() of ./testing", async () => {
  const event = sampleEventV4();
  const sealed = await seal(event, KEY);
  assert.deepEqual(await createUnsealer({ keys: KEY }).unseal(sealed), event);
  assert.deepEqual(createSyncUnsealer({ keys: KEY, cipher: nodeCipher() }).unseal(sealed), event);
});

test("the packed entries do not share the class of their errors", () => {
  // If they shared it, the tests above would not show that reasons are recognised without the class.
  assert.throws(
    () => inflateRaw(new Uint8Array(0)),
    (error) => error instanceof InflateError && !(error instanceof UnsealError),
  );
});

for (
  const [subpath, source, name] of [
    [".", "./mod.ts", "UnsealError"],
    [".", "./mod.ts", "summarize"],
    ["./inflate", "./src/inflate/mod.ts", "InflateError"],
  ] as const
) {
  test(`importing ${name} from a packed entry adds under 150 bytes of unused code`, async () => {
    const { import: { default: file } } = manifest.exports[subpath] as Entry;
    const packed = await measure(name, `export { ${name} } from ${JSON.stringify(join(installed, file))};`);
    const modules = await measure(name, `export { ${name} } from ${JSON.stringify(source)};`);
    assert.ok(packed.gzipBytes < modules.gzipBytes + 150, `${packed.gzipBytes} and ${modules.gzipBytes} bytes`);
  });
}
