/** Checks the pages that are generated from the sources and tests. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { EVENT_COLUMNS } from "../../src/event/mod.ts";
import { ROOT } from "../runtimes/project.ts";
import { PAGES } from "./write-pages.ts";

for (const [file, write] of Object.entries(PAGES)) {
  test(`${file} is what npm run docs:pages writes`, () => {
    assert.equal(readFileSync(join(ROOT, file), "utf8"), write());
  });
}

test("docs/errors.md has every error code of the sources", () => {
  const page = readFileSync(join(ROOT, "docs/errors.md"), "utf8");
  const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts")).map((file) => readFileSync(join(ROOT, "src", file), "utf8"));
  const codes = new Set(sources.flatMap((source) => source.match(/(?<=")ERR_\w+(?=")/g) ?? []));
  assert.ok(codes.size > 40);
  assert.deepEqual([...codes].filter((code) => !page.includes(`\`${code}\``)), []);
});

test("docs/command.md lists the columns of a row, in order, with their types", () => {
  const [, section = ""] = readFileSync(join(ROOT, "docs/command.md"), "utf8").split("### Columns\n");
  const rows = section.split("\n##", 1)[0]?.matchAll(/^\| `(\w+)` +\| `(\w+)` +\|/gm) ?? [];
  assert.deepEqual([...rows].map(([, name, type]) => ({ name, type })), EVENT_COLUMNS);
});
