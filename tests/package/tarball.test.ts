/** What npm and JSR publish. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { publint } from "publint";
import { installedCommand, ROOT } from "../runtimes/project.ts";
import { installPacked, output } from "./packed.ts";

const consumer = await installPacked();
const { files, installed, manifest } = consumer;

/** What each module that can be imported is: its declarations and its JavaScript. */
const entries = Object.values(manifest.exports).filter((entry) => typeof entry === "object");

test("the tarball holds one file of JavaScript per entry, the declarations, the documents, and nothing else", () => {
  const documents = ["CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "package.json"];
  const scripts = entries.map((entry) => normalize(entry.default));
  const declarations = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
    .map((path) => `src/${path.replaceAll("\\", "/")}`).concat("mod.ts")
    .filter((path) => path.endsWith(".ts")).map((path) => `dist/${path.slice(0, -".ts".length)}.d.ts`);
  assert.deepEqual([...files].sort(), [...documents, ...scripts, ...declarations].sort());
});

test("the tarball holds each declaration that an entry's declarations lead to", () => {
  const reached = new Set(entries.map((entry) => normalize(entry.types)));
  // A set also goes through what is added on the way.
  for (const file of reached) {
    assert.ok(files.includes(file), file);
    const text = readFileSync(join(installed, file), "utf8");
    for (const [, path] of text.matchAll(/\b(?:from|import\()\s*"(\.[^"]+)\.ts"/g)) {
      reached.add(normalize(join(dirname(file), `${path}.d.ts`)));
    }
  }
  assert.ok(reached.size > entries.length);
});

test("no published file points to a source map", () => {
  for (const file of files) {
    assert.doesNotMatch(readFileSync(join(installed, file), "utf8"), /sourceMappingURL=/, file);
  }
});

test("the package has no dependency and runs no script when it is installed", () => {
  const kinds = ["dependencies", "peerDependencies", "optionalDependencies", "bundleDependencies"];
  assert.deepEqual(kinds.filter((kind) => kind in manifest), []);
  const hooks = ["preinstall", "install", "postinstall", "prepare"];
  assert.deepEqual(hooks.filter((hook) => hook in (manifest.scripts ?? {})), []);
  const scopes = readdirSync(join(consumer.folder, "node_modules")).filter((name) => !name.startsWith("."));
  assert.deepEqual(scopes, ["@unseal"]);
});

test("package.json and deno.json agree on name, version, license and modules", () => {
  const deno = JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8"));
  for (const field of ["name", "version", "license"]) assert.equal(manifest[field], deno[field], field);
  const built = Object.entries(deno.exports as Record<string, string>).map(
    ([subpath, source]) => {
      const path = `./dist/${source.slice("./".length, -".ts".length)}`;
      return [subpath, { types: `${path}.d.ts`, default: `${path}.js` }];
    },
  );
  assert.deepEqual(manifest.exports, {
    ...Object.fromEntries(built),
    "./package.json": "./package.json",
  });
});

test("CHANGELOG.md has an entry for this version", () => {
  const changelog = readFileSync(join(ROOT, "CHANGELOG.md"), "utf8");
  assert.ok(changelog.split("\n").some((line) => line.startsWith(`## ${manifest.version}`)));
});

test("no published module imports anything, but the Node cipher node:crypto", async () => {
  const { metafile } = await build({
    entryPoints: files.filter((file) => file.endsWith(".js")).map((file) => join(installed, file)),
    absWorkingDir: installed,
    outdir: "unwritten",
    bundle: true,
    write: false,
    metafile: true,
    platform: "neutral",
    packages: "external",
    logLevel: "silent",
  });
  const imports = Object.entries(metafile.inputs)
    .flatMap(([file, { imports }]) => imports.map(({ path }) => ({ file, path })));
  assert.deepEqual(imports, [{ file: "dist/src/node-cipher.js", path: "node:crypto" }]);
});

test("publint, in strict mode, has nothing to say", async () => {
  const { messages } = await publint({
    pkgDir: installed,
    strict: true,
    pack: false,
  });
  assert.deepEqual(messages, []);
});

test("attw finds types for every module", async () => {
  const attw = installedCommand("attw");
  assert.ok(attw !== undefined, "attw is not installed: npm ci");
  await output(attw, [consumer.tarball, "--profile", "esm-only"], ROOT);
});
