/** Checks the bytes that an import adds to a bundle. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { MAX_GZIP_BYTES, measure, measureConsumer, measureModule } from "../../scripts/size.ts";
import { ROOT } from "../runtimes/project.ts";

for (const name of ["createUnsealer", "inflateRaw"] as const) {
  test(`${name}() has at most ${MAX_GZIP_BYTES[name]} bytes, minified and compressed with gzip`, async () => {
    const { gzipBytes } = await measureConsumer(name);
    assert.ok(gzipBytes <= MAX_GZIP_BYTES[name], `got ${gzipBytes}`);
  });
}

test("README.md gives the size of createUnsealer() in whole kilobytes", () => {
  const kilobytes = Math.ceil(MAX_GZIP_BYTES.createUnsealer / 1000);
  assert.match(readFileSync(join(ROOT, "README.md"), "utf8"), new RegExp(`under ${kilobytes} KB \\(gzip\\)`));
});

test("importing summarize bundles neither the inflater nor a cipher", async () => {
  const { files } = await measure("summary", `export { summarize } from "./src/event/mod.ts";`);
  const names = ["fields", "products", "summary", "time", "webhook"];
  assert.deepEqual([...files].sort(), names.map((name) => `src/event/${name}.ts`));
});

test("importing createUnsealer does not bundle summarize", async () => {
  const { files } = await measure("unsealer", `export { createUnsealer } from "./mod.ts";`);
  assert.deepEqual(files.filter((file) => /summary|time/.test(file)), []);
});

/** Files below the inflater. */
const BELOW: ReadonlySet<string> = new Set(
  ["bytes", "zero"].map((name) => `src/encoding/${name}.ts`)
    .concat("src/options.ts", "src/errors.ts"),
);

test("importing the inflater does not bundle the core", async () => {
  const { files } = await measure("inflate", `export { inflateRaw } from "./src/inflate/mod.ts";`);
  assert.deepEqual(files.filter((file) => !file.startsWith("src/inflate/") && !BELOW.has(file)), []);
});

test("importing the core does not bundle other modules", async () => {
  const { files } = await measureModule(".");
  assert.deepEqual(
    files.filter((file) => !/^src\/(?:(?:unseal|event|inflate|encoding)\/)?[\w-]+\.ts$/.test(file)),
    [],
  );
});
