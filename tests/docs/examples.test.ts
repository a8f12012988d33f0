/** Every example of the documentation is compiled against the sources and run. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { typescriptAbsence } from "../package/example.ts";
import { installedCommand, ROOT } from "../runtimes/project.ts";
import { run } from "../runtimes/run.ts";
import { skipIfAbsent } from "../support/absence.ts";
import { SAMPLE_KEY, SAMPLE_SEALED } from "../support/documentation-sample.ts";
import { documents, findExamples } from "./examples.ts";

/** The environment variables of a backend. */
const ENVIRONMENT = {
  FINGERPRINT_KEY: SAMPLE_KEY,
  FINGERPRINT_OLD_KEY: "A".repeat(43) + "=",
  SEALED_RESULT: SAMPLE_SEALED,
};

const examples = findExamples();
const folder = mkdtempSync(join(tmpdir(), "unseal-examples-"));
after(() => rmSync(folder, { recursive: true, force: true }));
layOut();
const diagnostics = await compile();

test("there are examples in README.md, and in each module that deno.json exports", () => {
  const { exports } = readJson("deno.json") as { exports: Record<string, string> };
  // A module that only re-exports has the examples of its folder.
  const modules = Object.values(exports).map((file) => file.slice("./".length).replace(/(?<=^src\/.*\/)mod\.ts$/, ""));
  const places = ["README.md", ...modules];
  assert.deepEqual(places.filter((place) => !examples.some(({ name }) => name.startsWith(place))), []);
});

test("examples() finds every ts block", () => {
  const blocks = documents().flatMap((file) => readFileSync(join(ROOT, file), "utf8").match(/^[ *]*```ts$/gm) ?? []);
  assert.equal(examples.length, blocks.length);
});

for (const [place, { name }] of examples.entries()) {
  test(name, async (t) => {
    const ours = diagnostics.filter((line) => line.startsWith(fileOf(place)));
    assert.deepEqual(ours, []);
    if (skipIfAbsent(t, typescriptAbsence)) return;
    const ended = await run(process.execPath, [fileOf(place)], { cwd: folder, env: ENVIRONMENT, timeoutMs: 60_000 });
    assert.equal(ended.trouble, undefined);
  });
}

test("the compiler reports no other diagnostic for the examples", () => {
  assert.deepEqual(diagnostics.filter((line) => !examples.some((_, place) => line.startsWith(fileOf(place)))), []);
});

function fileOf(place: number): string {
  return `example-${place}.ts`;
}

/** Creates a project with the examples, their libraries, and our package as sources, so that no build is needed. */
function layOut(): void {
  const modules = join(folder, "node_modules");
  const ours = join(modules, "@unseal/sealed-results");
  mkdirSync(ours, { recursive: true });
  for (const source of ["mod.ts", "src"]) symlinkSync(join(ROOT, source), join(ours, source));
  const { name, exports } = readJson("deno.json");
  writeFileSync(join(ours, "package.json"), JSON.stringify({ name, type: "module", exports }));
  for (const library of readdirSync(join(ROOT, "node_modules")).filter((name) => !name.startsWith("."))) {
    symlinkSync(join(ROOT, "node_modules", library), join(modules, library), "dir");
  }
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", private: true }));
  for (const [place, { code }] of examples.entries()) writeFileSync(join(folder, fileOf(place)), code);
}

/** Compiles all examples at once, with the project's own strictness. Returns the diagnostics, one per line. */
async function compile(): Promise<string[]> {
  const compilerOptions = {
    noEmit: true,
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: false,
    declaration: false,
    isolatedDeclarations: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    types: ["node"],
    typeRoots: [join(ROOT, "node_modules/@types")],
    rootDir: "/",
  };
  const files = examples.map((_, place) => fileOf(place));
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: join(ROOT, "tsconfig.json"), compilerOptions, files, include: [] }),
  );
  const tsc = installedCommand("tsc");
  assert.ok(tsc !== undefined, "tsc is not installed: npm ci");
  const ended = await run(tsc, ["-p", folder, "--pretty", "false"], { cwd: folder });
  const lines = ended.output.split("\n").filter((line) => line.includes("error TS"));
  if (ended.trouble !== undefined && lines.length === 0) throw new Error(ended.trouble);
  return lines;
}

function readJson(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(ROOT, file), "utf8"));
}
