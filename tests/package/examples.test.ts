/** Compiles the examples with the declarations of the packed package, in folders of their own, as a reader would. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { fastlyAbsence } from "../runtimes/fastly.ts";
import { ROOT } from "../runtimes/project.ts";
import { run } from "../runtimes/run.ts";
import { type Absence, skipIfAbsent } from "../support/absence.ts";
import { absenceOfPackages } from "../support/installed-packages.ts";
import { layOutExample } from "./example.ts";
import { installPacked } from "./packed.ts";

const { tarball } = await installPacked();

/** Compiler options of a project of a reader, with the project's own strictness. */
const CONFIGURATION = {
  extends: join(ROOT, "tsconfig.json"),
  compilerOptions: {
    rootDir: "/",
    noEmit: true,
    declaration: false,
    isolatedDeclarations: false,
    allowImportingTsExtensions: true,
  },
  include: ["."],
};

/** The examples that need more than the project's own packages. */
const ABSENCES: Readonly<Record<string, () => Absence | undefined>> = {
  "fastly-compute": fastlyAbsence,
  duckdb: () => absenceOfPackages("examples/duckdb"),
};

/** `full-flow` is not copied: it uses servers of the suite, with which tests/tsconfig.json compiles it. */
const names = readdirSync(join(ROOT, "examples"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== "full-flow").map(({ name }) => name);

test("there are examples", () => {
  assert.ok(names.includes("fastly-compute") && names.length >= 9, names.join());
});

for (const name of names) {
  test(`examples/${name} compiles with the declarations of the packed package`, async (t) => {
    if (skipIfAbsent(t, ABSENCES[name]?.())) return;
    const folder = layOutExample(name, tarball);
    after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
    const manifest = join(folder, "package.json");
    if (!existsSync(manifest)) writeFileSync(manifest, JSON.stringify({ type: "module" }));
    const configuration = join(folder, "tsconfig.json");
    if (!existsSync(configuration)) writeFileSync(configuration, JSON.stringify(CONFIGURATION));
    if (name === "fastly-compute") {
      symlinkSync(join(ROOT, "tests/runtimes/node_modules/@fastly"), join(folder, "node_modules/@fastly"));
    }
    const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
    const { trouble, output } = await run(process.execPath, [compiler, "-p", folder], { cwd: folder });
    assert.equal(trouble, undefined, output.slice(0, 2_000));
  });
}
