/** Uses entries of the packed package together: as in the sources, a class is the same object in each. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
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
const { inflateRaw, platformInflate } = await importEntry("./inflate") as typeof InflateModule;
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

const require = createRequire(join(installed, "package.json"));

/** Every entry, as ES modules or as CommonJS loads it. */
async function loadEntries(kind: "import" | "require"): Promise<Readonly<Record<string, object>>> {
  const loaded: Record<string, object> = {};
  for (const [subpath, entry] of Object.entries(manifest.exports)) {
    if (typeof entry === "string" || entry[kind] === undefined) continue;
    loaded[subpath] = kind === "import"
      ? await importEntry(subpath) as object
      : require(join(installed, entry.require!.default)) as object; // entry[kind] is defined
  }
  return loaded;
}

for (const kind of ["import", "require"] as const) {
  test(`every value has one identity in all packed entries with ${kind}`, async () => {
    const entries = await loadEntries(kind);
    const found = new Map<string, unknown>();
    let shared = 0;
    for (const [subpath, entry] of Object.entries(entries)) {
      // Functions of ./compat have the names of the official SDK, and those of the core.
      for (const [name, value] of subpath === "./compat" ? [] : Object.entries(entry)) {
        if (found.has(name)) shared++;
        else found.set(name, value);
        assert.equal(value, found.get(name), `${name} of ${subpath}`);
      }
    }
    assert.ok(shared > 0, "no entry exports what another does");
  });

  test(`every error class of the packed entries extends the one base class with ${kind}`, async () => {
    const entries = await loadEntries(kind);
    const { SealedResultsError } = entries["."] as typeof Core;
    const classes = Object.entries(entries).filter(([subpath]) => subpath !== "./compat")
      .flatMap(([, entry]) =>
        Object.entries(entry) as [string, { readonly prototype: unknown; readonly name: string }][]
      )
      .filter(([name]) => name.endsWith("Error"));
    assert.ok(classes.length >= 10, classes.join());
    for (const [name, Class] of classes) {
      assert.ok(Class === SealedResultsError || Class.prototype instanceof SealedResultsError, name);
      assert.equal(Class.name, name, "the name in a log");
    }
  });
}

test("ES modules and CommonJS export the same names, and CommonJS lacks the command alone", async () => {
  const [modules, commonJs] = [await loadEntries("import"), await loadEntries("require")];
  const { "./cli": command, ...others } = modules;
  assert.deepEqual(Object.keys(command ?? {}), ["runCommand"]);
  const namesOf = (entries: object) =>
    Object.entries(entries).map(([subpath, entry]) => [subpath, Object.keys(entry).sort()]);
  assert.deepEqual(namesOf(commonJs), namesOf(others));
});

for (
  const [subpath, source, name] of [
    [".", "./mod.ts", "UnsealError"],
    ["./event", "./src/event/mod.ts", "summarize"],
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
