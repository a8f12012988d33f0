/** Checks the files that npm and JSR publish. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { publint } from "publint";
import { installedCommand, ROOT } from "../runtimes/project.ts";
import { installPacked, output, PACKAGE_NAME, type Target } from "./packed.ts";

const consumer = await installPacked();
const { files, installed, manifest } = consumer;

/** npm's page of the package shows this size, and each installation downloads and keeps it. */
const MAX_UNPACKED_BYTES = 1_200_000;

const entries = Object.values(manifest.exports).filter((entry) => typeof entry === "object");

/** Declarations and JavaScript of each entry, for `import` and for `require`. */
const targets = entries.flatMap((entry) =>
  entry.require === undefined ? [entry.import] : [entry.import, entry.require]
);
const scripts = targets.map((target) => normalize(target.default));

test("the tarball contains only scripts, declarations, manifests and documents", async () => {
  const { metafile } = await bundle(scripts);
  const loaded = Object.keys(metafile.inputs);
  const declarations = files.filter((file) => /^dist\/.*\.d\.ts$/.test(file));
  const folders = consumer.modules.map((name) => name.slice(PACKAGE_NAME.length + 1)).filter((name) => name !== "");
  const manifests = ["package.json", "dist/cjs/package.json"].concat(folders.map((folder) => `${folder}/package.json`));
  const documents = ["CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md"];
  assert.deepEqual([...files].sort(), [...loaded, ...declarations, ...manifests, ...documents].sort());
});

test(`the tarball has at most ${MAX_UNPACKED_BYTES} bytes unpacked`, () => {
  const bytes = files.reduce((sum, file) => sum + statSync(join(installed, file)).size, 0);
  assert.ok(bytes <= MAX_UNPACKED_BYTES, `got ${bytes}`);
});

test("the tarball contains each declaration that an entry's declarations import", () => {
  const reached = new Set(targets.map(({ types }) => normalize(types)));
  // Iterating over a set includes the elements that are added meanwhile.
  for (const file of reached) {
    assert.ok(files.includes(file), file);
    const text = readFileSync(join(installed, file), "utf8");
    for (const [, path] of text.matchAll(/\b(?:from|import\()\s*"(\.[^"]+)\.ts"/g)) {
      reached.add(normalize(join(dirname(file), `${path}.d.ts`)));
    }
  }
  assert.ok(reached.size > targets.length);
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
  for (const field of ["name", "version", "license"]) {
    assert.equal(manifest[field], deno[field], field);
  }
  const expected = Object.entries(deno.exports as Record<string, string>).map(([subpath, source]) => {
    const path = source.slice("./".length, -".ts".length);
    const target = (folder: string): Target => ({ types: `${folder}/${path}.d.ts`, default: `${folder}/${path}.js` });
    return [subpath, { import: target("./dist"), ...subpath !== "./cli" && { require: target("./dist/cjs") } }];
  });
  assert.deepEqual(manifest.exports, { ...Object.fromEntries(expected), "./package.json": "./package.json" });
  const folders = Object.keys(deno.exports).filter((subpath) => !/^\.(?:\/cli)?$/.test(subpath)).map((path) =>
    path.slice(2)
  );
  const listed = manifest.files.filter((file) => !/^dist$|\.\w+$/.test(file));
  assert.deepEqual(listed, folders, "`files` lists the folder of each subpath");
});

test("CHANGELOG.md has an entry for this version", () => {
  const changelog = readFileSync(join(ROOT, "CHANGELOG.md"), "utf8");
  assert.ok(changelog.split("\n").some((line) => line.startsWith(`## ${manifest.version}`)));
});

/** Bundles scripts of the package. The output is not written. */
function bundle(entryPoints: readonly string[]) {
  return build({
    entryPoints: entryPoints.map((file) => join(installed, file)),
    absWorkingDir: installed,
    outdir: "unwritten",
    bundle: true,
    write: false,
    metafile: true,
    platform: "neutral",
    packages: "external",
    logLevel: "silent",
  });
}

test("published scripts import no module, except that those for Node import Node's", async () => {
  for (const script of scripts) {
    const { metafile } = await bundle([script]);
    const foreign = Object.values(metafile.inputs).flatMap(({ imports }) => imports).filter(({ path, external }) =>
      external === true && !(isForNode(script) && path.startsWith("node:"))
    );
    assert.deepEqual(foreign, [], script);
  }
});

function isForNode(script: string): boolean {
  return /\/src\/(?:cli|node-\w+)\//.test(script);
}

test("publint, in strict mode, reports no problem", async () => {
  const { messages } = await publint({ pkgDir: installed, strict: true, pack: false });
  assert.deepEqual(messages, []);
});

test("attw finds types for every module and every module resolution", async () => {
  const attw = installedCommand("attw");
  assert.ok(attw !== undefined, "attw is not installed: npm ci");
  // The command is an ES module only.
  await output(attw, [consumer.tarball, "--exclude-entrypoints", "cli"], ROOT);
});
